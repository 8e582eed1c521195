import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { RunRecord } from "../../src/launch/record.ts";
import { temporaryProject, type TemporaryProject } from "../compiled-build.ts";
import { compiledFolder } from "../crash/compiled.ts";

/** Many times what anything here takes. */
export const PATIENCE_MS = 120_000;

/** An experiment of two model workers and a master. */
export const EXPERIMENT = `import { Experiment, Preset } from "assay";
import { Sft } from "assay/experiments";
import "assay/plugins";

/** Supervised fine-tuning. */
@Experiment("answers")
@Preset("small", {
  cluster: "one",
  allocationMode: "d2p1m1",
  nGpusPerNode: 2,
  model: { path: "qwen2.5-1.5b", type: { family: "qwen2" } },
  dataset: { trainPath: "/data/train.jsonl", validPath: "/data/valid.jsonl" },
})
export class Answers extends Sft {}
`;

/** A project with one experiment, of two model workers and a master, and with runtimes that tests name. */
export function runProject(runtimes: Readonly<Record<string, object>>): TemporaryProject {
  return temporaryProject({
    "experiments/answers.ts": EXPERIMENT,
    "assay.config.ts": `import { clusterSpec, defineConfig } from "assay";
import { local } from "assay/plugins";

export default defineConfig({
  clusters: [clusterSpec({ name: "one", nodes: 1, gpusPerNode: 8 })],
  launchers: { here: local({ graceSeconds: 2 }), guarded: local({ graceSeconds: 2, containment: "processes" }) },
  runtimes: ${JSON.stringify(runtimes)},
});
`,
  });
}

const BIN = join(compiledFolder(), "src", "cli", "bin.js");

/** What a command printed, and how it ended. */
export interface Ran {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

function environment(more: Readonly<Record<string, string>>): Record<string, string> {
  return { PATH: process.env["PATH"] ?? "", HOME: process.env["HOME"] ?? "", NO_COLOR: "1", ...more };
}

/** Runs a command to its end. */
export function assay(
  { root }: TemporaryProject,
  line: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Ran {
  const { stdout, stderr, status } = spawnSync(process.execPath, [BIN, ...line], {
    cwd: root,
    encoding: "utf8",
    env: environment(env),
    timeout: PATIENCE_MS,
  });
  return { code: status, out: stdout, err: stderr };
}

/** A command that goes on. */
export interface Going {
  readonly child: ChildProcess;
  readonly output: () => string;
  readonly ended: Promise<number | null>;
}

/** Starts a command. */
export function start({ root }: TemporaryProject, line: readonly string[]): Going {
  const child = spawn(process.execPath, [BIN, ...line], { cwd: root, env: environment({}) });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding("utf8").on("data", (text) => (output += text));
  return { child, output: () => output, ended: new Promise((settle) => child.once("exit", settle)) };
}

/** Waits for something that has to come. */
export async function until(isTrue: () => boolean, what: () => unknown = () => ""): Promise<void> {
  for (const end = Date.now() + PATIENCE_MS; !isTrue(); await sleep(30)) {
    if (Date.now() > end) throw new Error(`it does not come: ${String(what())}`);
  }
}

/** The record of a run, as a reader of the format finds it. */
export function recordOf({ root }: TemporaryProject, trial: string): RunRecord {
  return JSON.parse(readFileSync(join(root, ".assay/runs/answers", trial, "run.json"), "utf8")) as RunRecord;
}

/** Texts of all files below a folder. */
export function textsBelow(folder: string): readonly string[] {
  return readdirSync(folder, { withFileTypes: true, recursive: true }).flatMap((entry) =>
    entry.isFile() ? [readFileSync(join(entry.parentPath, entry.name), "utf8")] : [],
  );
}

/** Numbers of processes that have a text among their arguments. */
export function withArgument(text: string): readonly number[] {
  return readdirSync("/proc").flatMap((name) => {
    if (!/^\d+$/.test(name)) return [];
    try {
      const stat = readFileSync(`/proc/${name}/stat`, "latin1");
      if (/^[ZX]/.test(stat.slice(stat.lastIndexOf(")") + 2))) return [];
      return readFileSync(`/proc/${name}/cmdline`, "utf8").split("\0").includes(text) ? [Number(name)] : [];
    } catch {
      return [];
    }
  });
}
