import { execFileSync, spawnSync } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from "node:fs";
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

/** Folder of a plugin, the name that it exports, and the experiments that import it. */
const PLUGINS: readonly (readonly [folder: string, name: string, importers: readonly string[]])[] = [
  ["backend-vllm", "vllm", ["sft"]],
  ["interface-sft", "sft", ["sft", "sft-two-phases"]],
  ["model-family-open", "llama", []],
];

describe("a plugin's folder that is gone", () => {
  it.each(PLUGINS)(
    "%s: exactly the experiments that import it are refused, at the import",
    (plugin, name, importers) => {
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
        importers.map((experiment) => ({
          code: "evaluate/missing-export",
          experiment,
          primary: importOf(experiment, name),
        })),
      );
      expect(experiments.length).toBeGreaterThan(1);
      for (const { name: experiment, builds } of experiments) {
        const failed = builds.some(({ status }) => status === "failed");
        expect([experiment, failed]).toEqual([experiment, importers.includes(experiment)]);
      }
    },
    240_000,
  );
});
