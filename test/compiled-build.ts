import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import type { BuildOptions, BuildReport } from "../codegen/report.ts";
import { compiledFolder } from "./crash/compiled.ts";

/** The checkout. */
export const CHECKOUT = fileURLToPath(new URL("..", import.meta.url)).replace(/\/$/, "");

/** Runs a build of the compiled library: workers run compiled code only. Proves without cache unless told otherwise. */
export async function compiledBuild(cwd: string, options: Partial<BuildOptions> = {}): Promise<BuildReport> {
  const { build } = (await import(pathToFileURL(join(compiledFolder(), "codegen/build.js")).href)) as {
    readonly build: (options: BuildOptions) => Promise<BuildReport>;
  };
  return build({
    cwd,
    config: null,
    write: false,
    keepGoing: false,
    only: [],
    overrides: [],
    cache: false,
    ...options,
  });
}

/** Compiler settings that an author's project has at least. */
export const TSCONFIG = {
  compilerOptions: {
    target: "es2022",
    module: "nodenext",
    strict: true,
    experimentalDecorators: true,
    emitDecoratorMetadata: true,
    allowImportingTsExtensions: true,
    noEmit: true,
    skipLibCheck: true,
    types: ["node"],
  },
};

/** A cluster of 4 nodes with 8 GPUs each, as the text of a config. */
export const CONFIG = `import { clusterSpec, defineConfig } from "assay";

export default defineConfig({
  clusters: [clusterSpec({ name: "small", nodes: 4, gpusPerNode: 8 }), clusterSpec({ name: "one", nodes: 1, gpusPerNode: 8 })],
});
`;

/** A project in a temporary folder. */
export interface TemporaryProject {
  readonly root: string;
  write(files: Readonly<Record<string, string>>): void;
  remove(): void;
}

/** Writes a project of the given files, with a config, compiler settings and the checkout as its `assay`. */
export function temporaryProject(files: Readonly<Record<string, string>>): TemporaryProject {
  const root = mkdtempSync(join(tmpdir(), "assay-project-"));
  const write = (more: Readonly<Record<string, string>>): void => {
    for (const [file, text] of Object.entries(more)) {
      const path = join(root, file);
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, text);
    }
  };
  write({
    "package.json": JSON.stringify({ name: "my-project", private: true, type: "module" }),
    "tsconfig.json": JSON.stringify(TSCONFIG),
    "assay.config.ts": CONFIG,
    ...files,
  });
  mkdirSync(join(root, "node_modules"), { recursive: true });
  symlinkSync(CHECKOUT, join(root, "node_modules", "assay"), "dir");
  // A server that was told to end may still be putting its cache away.
  const remove = () => rmSync(root, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
  return { root, write, remove };
}
