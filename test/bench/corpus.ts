// Writes the project that the build is measured on: 200 experiments in three shapes, and what they share.
import { mkdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { handWrittenExperiment } from "./corpus/hand-written.ts";
import { PLUGIN_PACKAGE, pluginPackage } from "./corpus/plugin-package.ts";
import { ppoExperiment } from "./corpus/ppo.ts";
import { Random } from "./corpus/random.ts";
import { sftExperiment } from "./corpus/sft.ts";
import { DEFAULT_CLUSTER, sharedModules } from "./corpus/shared-modules.ts";

/** What to write. */
export interface CorpusOptions {
  /** Folder of the checkout, whose `assay` and compiler the project uses. */
  readonly checkout: string;
  readonly experiments?: number;
  /**
   * Leaves out what is only proved while editing (presets of any values, roles and keys as plain `string`s): for measuring what
   * these types cost. `false` unless given.
   */
  readonly plainStrings?: boolean;
}

const SEED = 20_261_124;
const SHAPES = [
  { name: "sft", make: sftExperiment },
  { name: "ppo", make: ppoExperiment },
  { name: "pref", make: handWrittenExperiment },
] as const;

/** Files of the corpus by project-relative path; the same on every machine. */
export function corpusFiles({ experiments = 200, plainStrings = false }: Omit<CorpusOptions, "checkout"> = {}) {
  const files = new Map<string, string>(sharedModules());
  for (let index = 0; index < experiments; index += 1) {
    const shape = SHAPES[index % SHAPES.length] as (typeof SHAPES)[number];
    const text = shape.make(index, new Random(SEED + index * 7919));
    const path = `experiments/${shape.name}-${String(index).padStart(3, "0")}.ts`;
    files.set(path, plainStrings ? withPlainStrings(text) : text);
  }
  files.set("assay.config.ts", CONFIG);
  files.set("package.json", `${JSON.stringify({ name: "bench-corpus", private: true, type: "module" }, null, 2)}\n`);
  files.set("tsconfig.json", `${JSON.stringify(TSCONFIG, null, 2)}\n`);
  for (const [path, text] of pluginPackage()) files.set(`node_modules/${PLUGIN_PACKAGE}/${path}`, text);
  return files as ReadonlyMap<string, string>;
}

/** Writes the corpus into a folder, which is emptied first. */
export function writeCorpus(folder: string, { checkout, ...options }: CorpusOptions): ReadonlyMap<string, string> {
  rmSync(folder, { recursive: true, force: true });
  const files = corpusFiles(options);
  for (const [path, text] of files) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  mkdirSync(join(folder, "node_modules", "@types"), { recursive: true });
  symlinkSync(checkout, join(folder, "node_modules", "assay"), "dir");
  symlinkSync(join(checkout, "node_modules", "@types", "node"), join(folder, "node_modules", "@types", "node"), "dir");
  return files;
}

const CONFIG = `import { defineConfig } from "assay";
import { farm512, lab8 } from "./shared/clusters.ts";

export default defineConfig({
  experiments: ["experiments/**/*.ts"],
  plugins: ["${PLUGIN_PACKAGE}"],
  clusters: [lab8, farm512],
  cluster: "${DEFAULT_CLUSTER}",
});
`;

const TSCONFIG = {
  compilerOptions: {
    target: "es2022",
    lib: ["es2023"],
    module: "nodenext",
    moduleResolution: "nodenext",
    types: ["node"],
    strict: true,
    noUncheckedIndexedAccess: true,
    noImplicitOverride: true,
    skipLibCheck: true,
    experimentalDecorators: true,
    emitDecoratorMetadata: true,
    allowImportingTsExtensions: true,
    noEmit: true,
  },
  include: ["assay.config.ts", "experiments", "shared"],
};

/** Widens what edit-time types look into. */
function withPlainStrings(text: string): string {
  return text
    .replaceAll(/^(@Preset\("[^"]*", )(\{.*?\})\)$(?=\n@Preset|\nexport class)/gms, "$1$2 as Record<string, unknown>)")
    .replaceAll(/(\b(?:generate|inference|trainStep)\()("[^"]*")/g, "$1$2 as string")
    .replaceAll(/\b(reads|yields): (\[[^\]]*\]|withKeys\([^\]]*\]\))/g, (_, name: string, keys: string) => {
      return `${name}: ${keys.replaceAll(/"[^"]*"/g, "$& as string")}`;
    });
}
