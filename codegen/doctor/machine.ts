import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { loadSourceReader } from "../ts-morph-reader.ts";

/** The machine as far as checks ask about it; tests hand in others. */
export interface Machine {
  /** Such as `20.19.0`. */
  readonly nodeVersion: string;
  readonly platform: NodeJS.Platform;
  readonly arch: string;
  /** Runs a program to its end; `null` if it is not there. */
  readonly run: (program: string, args: readonly string[], cwd: string) => Ran | null;
  /** Text of a file of the system; `null` if it can't be read. */
  readonly systemFile: (path: string) => string | null;
  /** Loads and tries a package that has parts for each machine. @throws what loading throws. */
  readonly tries: Readonly<Record<"ts-morph" | "oxc-transform", () => Promise<void>>>;
}

/** How a program ended. */
export interface Ran {
  readonly status: number;
  readonly stdout: string;
}

const MOST_MS = 10_000;

/** The real machine. */
export const MACHINE: Machine = {
  nodeVersion: process.versions.node,
  platform: process.platform,
  arch: process.arch,
  run: (program, args, cwd) => {
    const { status, stdout, error } = spawnSync(program, args, { cwd, encoding: "utf8", timeout: MOST_MS });
    return error !== undefined || status === null ? null : { status, stdout };
  },
  systemFile: (path) => {
    try {
      return readFileSync(path, "utf8");
    } catch {
      return null;
    }
  },
  tries: {
    "ts-morph": async () => {
      const reader = await loadSourceReader();
      reader.read("probe.ts", "export class Probe { value = 1; }\n");
    },
    "oxc-transform": async () => {
      const { transformSync } = await import("oxc-transform");
      const { code } = transformSync("probe.ts", "export const probe: number = 1;\n");
      if (!code.includes("probe = 1")) throw new Error("it transpiles wrongly");
    },
  },
};
