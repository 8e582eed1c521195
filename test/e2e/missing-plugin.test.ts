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

/** Files that import from the shipped plugins, and the experiments that are built with them. */
const FILES = {
  "model-plugins.ts": [
    "async-ppo-math",
    "dpo",
    "grpo",
    "math-code-eval",
    "null-ppo",
    "null-sft",
    "ppo",
    "ppo-math",
    "reward-model",
    "sft",
  ],
  "actor-critic.ts": ["async-ppo-math", "ppo", "ppo-math"],
  "async-ppo-math/experiment.ts": ["async-ppo-math"],
  "dpo/experiment.ts": ["dpo"],
  "grpo/experiment.ts": ["grpo"],
  "math-code-eval/experiment.ts": ["math-code-eval"],
  "null-ppo/experiment.ts": ["null-ppo"],
  "null-sft/experiment.ts": ["null-sft"],
  "ppo/experiment.ts": ["ppo"],
  "ppo-math/experiment.ts": ["async-ppo-math", "ppo-math"],
  "reward-model/experiment.ts": ["reward-model"],
  "sft/experiment.ts": ["null-sft", "sft"],
  "sft-two-phases/experiment.ts": ["sft-two-phases"],
} as const;
type File = keyof typeof FILES;

/** Where a source imports a name of the shipped plugins. */
function importOf(source: string, name: string) {
  const file = join("experiments", source);
  const lines = readFileSync(join(CHECKOUT, file), "utf8").split("\n");
  const end = lines.findIndex((line) => line.includes('from "assay/plugins"'));
  const word = new RegExp(String.raw`\b${name}\b`);
  const line = lines.findIndex((text, index) => index <= end && word.test(text));
  return { file, line: line + 1, column: (word.exec(lines[line] ?? "")?.index ?? -1) + 1, length: name.length };
}

/** Folders of plugins; of each, the files that import from it, and what. */
const PLUGINS: Readonly<Record<string, Readonly<Partial<Record<File, readonly string[]>>>>> = {
  "agent-math-single-step": { "async-ppo-math/experiment.ts": ["mathSingleStep"] },
  "backend-inference": { "model-plugins.ts": ["inferenceBackend"] },
  "backend-megatron": {
    "model-plugins.ts": ["megatron"],
    "sft-two-phases/experiment.ts": ["megatron", "MegatronOptions"],
  },
  "backend-mock-train": { "model-plugins.ts": ["mockTrain"] },
  "backend-sglang": { "model-plugins.ts": ["sglang"], "async-ppo-math/experiment.ts": ["sglang"] },
  "backend-vllm": { "model-plugins.ts": ["vllm"], "math-code-eval/experiment.ts": ["vllm"] },
  "dataset-math-code-prompt": {
    "math-code-eval/experiment.ts": ["mathCodePrompt"],
    "null-ppo/experiment.ts": ["mathCodePrompt"],
    "ppo/experiment.ts": ["mathCodePrompt"],
    "ppo-math/experiment.ts": ["mathCodePrompt"],
  },
  "dataset-prompt": { "grpo/experiment.ts": ["prompt"] },
  "dataset-prompt-answer": {
    "null-sft/experiment.ts": ["promptAnswer"],
    "sft/experiment.ts": ["promptAnswer"],
    "sft-two-phases/experiment.ts": ["promptAnswer"],
  },
  "dataset-puller-stream": { "async-ppo-math/experiment.ts": ["pullerStream"] },
  "dataset-rw-pair": { "dpo/experiment.ts": ["rwPair"], "reward-model/experiment.ts": ["rwPair"] },
  "environment-math-code-single-step": { "async-ppo-math/experiment.ts": ["mathCodeSingleStep"] },
  "interface-dpo": { "dpo/experiment.ts": ["dpo"] },
  "interface-fused-threading": { "ppo-math/experiment.ts": ["fusedThreading"] },
  "interface-grpo": { "grpo/experiment.ts": ["grpo"] },
  "interface-null": {
    "async-ppo-math/experiment.ts": ["nullInterface"],
    "null-ppo/experiment.ts": ["nullInterface"],
    "null-sft/experiment.ts": ["nullInterface"],
  },
  "interface-paired-rw": {
    "grpo/experiment.ts": ["pairedRw"],
    "ppo/experiment.ts": ["pairedRw"],
    "reward-model/experiment.ts": ["pairedRw"],
  },
  "interface-ppo": {
    "actor-critic.ts": ["ppoActor", "ppoCritic"],
    "math-code-eval/experiment.ts": ["ppoActor"],
  },
  "interface-rw-math-code": {
    "math-code-eval/experiment.ts": ["rwMathCode"],
    "ppo-math/experiment.ts": ["rwMathCode"],
  },
  "interface-sft": { "sft/experiment.ts": ["sft"], "sft-two-phases/experiment.ts": ["sft"] },
  "launcher-local": {},
  "model-family-open": {
    "model-plugins.ts": ["codellama", "deepseek", "deepseekV3", "gemma", "gpt2", "llama", "mistral", "mixtral"],
  },
  "model-family-qwen": {
    "model-plugins.ts": ["qwen2", "qwen3", "qwen3Moe"],
    "sft-two-phases/experiment.ts": ["qwen2"],
  },
  "model-real": { "model-plugins.ts": ["realModel"], "sft-two-phases/experiment.ts": ["realModel"] },
  "model-tokenizer": { "model-plugins.ts": ["tokenizer"] },
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
      const key = (one: object) => JSON.stringify(one);
      const found = diagnostics.map(({ code, experiment, primary }) => key({ code, experiment, primary }));
      const places = Object.entries(importers).flatMap(([file, names]) =>
        names.flatMap((name) =>
          FILES[file as File].map((experiment) => ({ experiment, primary: importOf(file, name) })),
        ),
      );
      const wanted = places.map((place) => key({ code: "evaluate/missing-export", ...place }));
      expect(found.sort()).toEqual(wanted.sort());
      const refused = new Set<string>(places.map(({ experiment }) => experiment));
      expect(experiments).toHaveLength(11);
      for (const { name, builds } of experiments) {
        expect([name, builds.some(({ status }) => status === "failed")]).toEqual([name, refused.has(name)]);
      }
    },
    240_000,
  );
});
