import { execFileSync, spawnSync } from "node:child_process";
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { CHECKOUT } from "../compiled-build.ts";

let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "assay-checkout-"));
  for (const name of [
    "src",
    "plugins",
    "experiments",
    "codegen",
    "docs",
    "test/parity",
    "test/bench",
    "package.json",
    "tsconfig.json",
  ]) {
    cpSync(join(CHECKOUT, name), join(folder, name), { recursive: true });
  }
  symlinkSync(join(CHECKOUT, "node_modules"), join(folder, "node_modules"), "dir");
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Report {
  readonly diagnostics: readonly {
    readonly code: string;
    readonly experiment: string | null;
    readonly primary: {
      readonly file: string;
      readonly line: number;
      readonly column: number;
      readonly length: number;
    };
  }[];
  readonly experiments: readonly {
    readonly name: string;
    readonly builds: readonly { readonly status: string }[];
  }[];
}

function check(): Report {
  const bin = join(folder, "dist/src/cli/bin.js");
  const { stdout, status } = spawnSync(process.execPath, [bin, "check", "--json"], { cwd: folder, encoding: "utf8" });
  expect([0, 1]).toContain(status);
  return JSON.parse(stdout) as Report;
}

const experimentFile = (name: string) => join("experiments", name, "experiment.ts");

/** Where an experiment's source imports a name of the shipped plugins. */
function importOf(experiment: string, name: string) {
  const file = experimentFile(experiment);
  const lines = readFileSync(join(CHECKOUT, file), "utf8").split("\n");
  const end = lines.findIndex((line) => line.includes('from "assay/plugins"'));
  const word = new RegExp(String.raw`\b${name}\b`);
  const line = lines.findIndex((text, index) => index <= end && word.test(text));
  return { file, line: line + 1, column: (word.exec(lines[line] ?? "")?.index ?? -1) + 1, length: name.length };
}

/** Folders of plugins; of each, the experiments that import from it, and what. */
const PLUGINS: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>> = {
  "agent-math-single-step": {},
  "backend-inference": { sft: ["inferenceBackend"] },
  "backend-megatron": { sft: ["megatron"], "sft-two-phases": ["megatron", "MegatronOptions"] },
  "backend-mock-train": { sft: ["mockTrain"] },
  "backend-sglang": { sft: ["sglang"] },
  "backend-vllm": { sft: ["vllm"] },
  "dataset-math-code-prompt": {},
  "dataset-prompt-answer": { sft: ["promptAnswer"], "sft-two-phases": ["promptAnswer"] },
  "dataset-puller-stream": {},
  "environment-math-code-single-step": {},
  "interface-fused-threading": {},
  "interface-null": {},
  "interface-ppo-actor": {},
  "interface-ppo-critic": {},
  "interface-rw-math-code": {},
  "interface-sft": { sft: ["sft"], "sft-two-phases": ["sft"] },
  "model-family-open": {},
  "model-family-qwen": { sft: ["qwen2"], "sft-two-phases": ["qwen2"] },
  "model-real": { sft: ["realModel"], "sft-two-phases": ["realModel"] },
  "model-tokenizer": { sft: ["tokenizer"] },
};

describe("a plugin's folder that is gone", () => {
  it("is tried with every folder", () => {
    const folders = readdirSync(join(CHECKOUT, "plugins"), { withFileTypes: true }).filter((e) => e.isDirectory());
    expect(Object.keys(PLUGINS).sort()).toEqual(folders.map(({ name }) => name).sort());
  });

  it.each(Object.entries(PLUGINS))(
    "%s: exactly the experiments that import it are refused, at the import",
    (plugin, importers) => {
      rmSync(join(folder, "plugins", plugin), { recursive: true });
      execFileSync(process.execPath, [join(folder, "codegen/library/build.mjs"), "--no-check"], {
        cwd: folder,
        stdio: "ignore",
      });
      const { diagnostics, experiments } = check();
      cpSync(join(CHECKOUT, "plugins", plugin), join(folder, "plugins", plugin), { recursive: true });
      expect(
        diagnostics
          .map(({ code, experiment, primary }) => ({ code, experiment, primary }))
          .sort((a, b) => ((a.experiment ?? "") < (b.experiment ?? "") ? -1 : 1)),
      ).toEqual(
        Object.entries(importers).flatMap(([experiment, names]) =>
          names.map((name) => ({
            code: "evaluate/missing-export",
            experiment,
            primary: importOf(experiment, name),
          })),
        ),
      );
      expect(experiments.length).toBeGreaterThan(1);
      for (const { name: experiment, builds } of experiments) {
        const failed = builds.some(({ status }) => status === "failed");
        expect([experiment, failed]).toEqual([experiment, experiment in importers]);
      }
    },
    240_000,
  );
});
