import { currentRealm } from "../../../src/realm/realm.ts";
import type { BuildIndex, BuildReport, ListedExperiment } from "../../../codegen/report.ts";
import type { Host } from "../../../src/cli/host.ts";
import { main } from "../../../src/cli/main.ts";
import type { Tools } from "../../../src/cli/tools.ts";
import { factsOfDefinitions } from "../../../src/plugin/descriptor.ts";
import { loadedPlugins } from "../../../src/plugin/registry.ts";
import { type SealedManifest, seal } from "../../../src/manifest/seal.ts";
import { summarize } from "../../../src/manifest/summary.ts";
import type { SpansFile } from "../../../src/origin/spans-file.ts";
import { proveExperiment } from "../../../src/testing/index.ts";
import "assay/experiments";

export interface Ran {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** Runs a command line in this process, with tools that a test gives. */
export async function assay(
  line: readonly string[],
  tools: Partial<Tools> = {},
  host: Partial<Host> = {},
): Promise<Ran> {
  let out = "";
  let err = "";
  const refuse = (name: string) => () => Promise.reject(new Error(`the test gives no ${name}`));
  const all: Tools = {
    build: refuse("build"),
    watch: refuse("watch"),
    buildOne: refuse("buildOne"),
    list: refuse("list"),
    outputs: refuse("outputs"),
    facts: refuse("facts"),
    pluginPages: () => Promise.resolve([]),
    places: refuse("places"),
    launch: refuse("launch"),
    folders: refuse("folders"),
    loadPlugin: refuse("loadPlugin"),
    ...tools,
  };
  const code = await main(
    {
      arguments: line,
      cwd: "/project",
      env: {},
      stdout: { write: (text) => void (out += text), isTerminal: false, columns: null },
      stderr: { write: (text) => void (err += text), isTerminal: false, columns: null },
      version: "1.2.3",
      elapsedMs: () => 310,
      now: () => new Date(2026, 10, 25, 12, 34, 56),
      interrupted: () => Promise.resolve(),
      ...host,
    },
    all,
  );
  return { code, out, err };
}

/** The shipped `sft`, preset `one-node`, proved and sealed. */
export function sftManifest(): SealedManifest {
  if (!currentRealm().experiments.has("sft")) throw new Error("sft is not registered");
  const { value, findings } = proveExperiment("sft", { preset: "one-node" });
  const { authored, resolved } = value;
  if (authored === null || resolved === null) throw new Error(JSON.stringify(findings));
  const declared = {
    file: "experiments/sft/experiment.ts",
    line: 33,
    className: "Sft",
    doc: "Supervised fine-tuning on prompts and answers.",
    tags: ["sft"],
    presets: ["one-node"],
    options: [{ path: "model.optimizer.lr", type: "number", help: "Learning rate.", range: "> 0" }],
  };
  return seal({ name: "sft", preset: "one-node", declared, authored, resolved });
}

export const SPANS: SpansFile = {
  assaySpans: 1,
  experiment: "sft",
  preset: "one-node",
  nouns: {
    "/setups/0/modelRpcs/0": {
      frames: [{ file: "experiments/sft/experiment.ts", line: 112, column: 23 }],
      fields: { nSeqs: [2, "nSeqs"] },
      fieldOptions: { nSeqs: "dataset.trainBsNSeqs" },
    },
    "/setups/0/modelWorker/shards/0/topo": {
      frames: [],
      option: "allocationMode",
      range: { offset: 0, length: 6 },
    },
  },
  options: [
    { path: "dataset.trainBsNSeqs", value: 256, origin: { kind: "default" } },
    { path: "model.optimizer.lr", value: 2e-5, origin: { kind: "default" } },
    {
      path: "allocationMode",
      value: "d4p1m2",
      origin: {
        kind: "preset",
        preset: "one-node",
        frames: [{ file: "experiments/sft/experiment.ts", line: 34, column: 2 }],
        path: [1, "allocationMode"],
      },
    },
  ],
};

/** A report over the real manifest: the bare experiment lacks values, one preset is proved, one has errors. */
export function sftReport(): ListedExperiment {
  const { manifest, text } = sftManifest();
  const nothing = { summary: null, reach: null, hashes: null, manifestBytes: 0, needs: [] };
  return {
    name: "sft",
    file: "experiments/sft/experiment.ts",
    line: 33,
    className: "Sft",
    doc: "Supervised fine-tuning on prompts and answers.\n\nMore.",
    tags: ["sft"],
    options: [],
    builds: [
      { ...nothing, preset: null, status: "needs", needs: ["allocationMode", "model.path"] },
      {
        preset: "one-node",
        status: "proved",
        needs: [],
        summary: summarize(manifest.authored, manifest.resolved),
        reach: { proved: ["dataflow graph", "replica ids"], assumed: [], notChecked: ["memory: no memory model"] },
        hashes: { authored: "a".repeat(64), resolved: "b".repeat(64) },
        manifestBytes: Buffer.byteLength(text),
      },
      { ...nothing, preset: "eight-nodes", status: "failed" },
      { ...nothing, preset: "other", status: "skipped" },
    ],
  };
}

export function reportOf(input: Partial<BuildReport> = {}): BuildReport {
  return {
    root: "/project",
    outDir: "/project/.assay",
    experiments: [sftReport()],
    diagnostics: [],
    acknowledged: [],
    output: {},
    cached: false,
    written: false,
    ...input,
  };
}

/** Tools that have the outputs of a build of `sft.one-node`. */
export function withOutputs(): Pick<Tools, "outputs" | "facts" | "places"> {
  const { text } = sftManifest();
  const { builds, points: _points, ...declared } = sftReport();
  const index: BuildIndex = {
    assayIndex: 1,
    experiments: [
      {
        ...declared,
        builds: builds.flatMap((build) => {
          if (build.status === "skipped") return [];
          const name = `sft.${build.preset}`;
          const made = build.status === "proved";
          return [
            {
              ...build,
              status: made ? ("fresh" as const) : (build.status as "needs" | "failed"),
              manifest: made ? `${name}.manifest.json` : null,
              spans: made ? `${name}.spans.json` : null,
            },
          ];
        }),
      },
    ],
  };
  const all = { "sft.one-node.manifest.json": text, "sft.one-node.spans.json": JSON.stringify(SPANS) };
  return {
    outputs: (_options, wanted) =>
      Promise.resolve({
        root: "/project",
        outDir: "/project/.assay",
        index,
        files: new Map(Object.entries(all).filter(([name]) => wanted(name))),
        diagnostics: [],
      }),
    places: () =>
      Promise.resolve({
        defaults: { "model.optimizer": { file: "experiments/sft/experiment.ts", line: 40, column: 5 } },
        presets: { allocationMode: { file: "experiments/sft/experiment.ts", line: 36, column: 19 } },
      }),
    facts: () => Promise.resolve({ root: null, facts: factsOfDefinitions(loadedPlugins()), diagnostics: [] }),
  };
}
