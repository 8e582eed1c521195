import type { Finding } from "../../src/diagnostics/finding.ts";
import type { ProjectConfig } from "../config-shape.ts";
import type { Project } from "../config.ts";
import type { Tsconfig } from "../tsconfig.ts";
import type { CompilerOptions } from "./compiler-options.ts";
import type { Machine } from "./machine.ts";

/** How bad it is. */
export type Verdict = "ok" | "warning" | "error";

/** What one check says of one thing. */
export interface Row {
  /** What was looked at: `node`, `decorators`. */
  readonly check: string;
  readonly verdict: Verdict;
  /** One line: what was found. */
  readonly text: string;
  /** What mends it; `null` if nothing need be mended. */
  readonly cure: string | null;
}

/** A row before it is known which check it is of. */
export type Said = Omit<Row, "check">;

/** What checks look at. */
export interface Setup {
  /** Absolute folder of the project; without one, the folder that the command runs in. */
  readonly root: string;
  readonly project: Project | null;
  /** What the config sets; the defaults if it does not load. */
  readonly config: ProjectConfig;
  /** False if the config was not run, since a package that is needed for it does not work. */
  readonly isConfigRun: boolean;
  /** Why there is no project, or what is wrong with its config. */
  readonly configFindings: readonly Finding[];
  readonly tsconfig: Tsconfig;
  /** `null` if there are none that can be read. */
  readonly compilerOptions: CompilerOptions | null;
  /** This Assay. */
  readonly library: { readonly root: string; readonly version: string; readonly engines: string };
  /** What the generated file would be now; `null` if the sources have errors. */
  readonly generated: () => Promise<string | null>;
  readonly machine: Machine;
}

/** Looks at one part of a setup, and changes nothing that stays. */
export interface Check {
  readonly name: string;
  /** What it is about, for `docs/cli.md` and help. */
  readonly about: string;
  /** True if it is left out where there is no project. */
  readonly ofProject: boolean;
  readonly look: (setup: Setup) => readonly Said[] | Promise<readonly Said[]>;
}

/** All is well. */
export function ok(text: string): Said {
  return { verdict: "ok", text, cure: null };
}

/** Something works less well than it could, or will break later. */
export function warning(text: string, cure: string): Said {
  return { verdict: "warning", text, cure };
}

/** Something does not work. */
export function failure(text: string, cure: string): Said {
  return { verdict: "error", text, cure };
}

/** What a build would report, as a row. */
export function fromFinding({ code, severity, message, help, at }: Finding): Said {
  const cure = help ?? `see \`assay explain ${code}\``;
  const place = at.kind === "span" ? at.span : at.kind === "site" ? at.frames[0] : undefined;
  const shown = place === undefined ? "" : `${place.file}:${place.line}:${place.column}: `;
  return { verdict: severity, text: `${shown}${message} (${code})`, cure };
}
