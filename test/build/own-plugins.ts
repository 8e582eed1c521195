import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Diagnostic } from "../../src/diagnostics/finding.ts";
import { CHECKOUT } from "../compiled-build.ts";

const CLUSTERS = `clusters: [clusterSpec({ name: "one", nodes: 1, gpusPerNode: 8 })]`;

/** A config that names plugins. */
export function configWith(...plugins: readonly string[]): string {
  return `import { clusterSpec, defineConfig } from "assay";

export default defineConfig({
  plugins: ${JSON.stringify(plugins)},
  ${CLUSTERS},
});
`;
}

/** An experiment with one dataset. */
export function experimentWith(name: string, imports: string, dataset: string, before = ""): string {
  return `import { CommonExperiment, Experiment, flow, model, Option, Preset, trainStep } from "assay";
import { sft } from "assay/plugins";
${imports}
${before}
/** Tunes. */
@Experiment("${name}")
@Preset("small", { cluster: "one", allocationMode: "d8p1m1" })
export class Tune extends CommonExperiment {
  /** The model. */
  @Option() model = model("qwen2.5-1.5b", { type: { family: "qwen2" } });

  override flow() {
    return flow({
      datasets: [${dataset}],
      models: { default: this.model },
      calls: { train: trainStep("default", sft(), { nSeqs: 64 }) },
    });
  }
}
`;
}

/** A module of plugins with one dataset whose arguments are a type. */
export const CHAT = `import { defineDataset, typed } from "assay/plugin";
import type { ChatArgs } from "./args.ts";

/** Conversations, one JSON object a line. */
export const chat = defineDataset({
  type: "chat",
  args: typed<ChatArgs>(),
  yields: ["packed_input_ids", "prompt_mask"],
});
`;

/** Its type. */
export const CHAT_ARGS = `export interface ChatArgs {
  /** File of the conversations. */
  readonly path: string;
  /** Longest conversation, in tokens. @range integer >= 1 */
  readonly maxLength?: number;
  /** How answers are cut. */
  readonly mode?: "head" | "tail";
  readonly parts?: readonly { readonly share: number }[];
}
`;

/** Code, message and the text at the place of each diagnostic. */
export function told(diagnostics: readonly Diagnostic[], textOf: (file: string) => string): readonly string[] {
  return diagnostics.map(({ code, message, primary }) => {
    if (primary === null) return `${code}: ${message}`;
    const line = textOf(primary.file).split("\n")[primary.line - 1] ?? "";
    return `${code}: ${message} @ ${line.slice(primary.column - 1, primary.column - 1 + primary.length)}`;
  });
}

/** Installs a package in a project. */
export function install(root: string, name: string, files: Readonly<Record<string, string>>): void {
  const manifest = JSON.stringify({ name, version: "1.0.0", type: "module", exports: "./index.js" });
  for (const [file, text] of Object.entries({ "package.json": manifest, ...files })) {
    const path = join(root, "node_modules", name, file);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
  }
}

/** The checkout's packages, for types. */
export const PACKAGES = join(CHECKOUT, "node_modules");
