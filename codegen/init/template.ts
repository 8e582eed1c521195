import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { LIBRARY_ROOT } from "../library-root.ts";
import { className } from "./name.ts";

/** Folder of the files that projects begin with. `npm run types` checks their TypeScript. */
const TEMPLATE = join(LIBRARY_ROOT, "codegen", "init", "template");

/** Files of a project, and where each stands in the template. npm gives a `.gitignore` a meaning of its own. */
const FILES: Readonly<Record<string, string>> = {
  "assay.config.ts": "assay.config.ts",
  "tsconfig.json": "tsconfig.json",
  ".gitignore": "gitignore",
  ".github/workflows/assay.yml": "github/workflows/assay.yml",
  ".vscode/extensions.json": "vscode/extensions.json",
  ".vscode/settings.json": "vscode/settings.json",
  "README.md": "README.md",
};

/** What a project starts from if nothing is said. */
export const FIRST_EXPERIMENT = "fine-tuning";

/** A file of a new project. */
export interface TemplateFile {
  /** Project-relative POSIX path. */
  readonly file: string;
  readonly text: string;
}

/** Names that a project can start from: shipped experiments that are run as they are. */
export function startingPoints(): readonly string[] {
  return readdirSync(join(TEMPLATE, "experiments"))
    .map((file) => file.replace(/\.ts$/, ""))
    .filter((name) => name !== FIRST_EXPERIMENT)
    .sort();
}

/** Path of the first experiment of a project of this name. */
export function experimentFile(name: string): string {
  return `experiments/${name}.ts`;
}

/** All files of a project but its `package.json`; the experiment last. */
export function templateFiles(name: string, from: string): readonly TemplateFile[] {
  const files = { ...FILES, [experimentFile(name)]: `experiments/${from}.ts` };
  return Object.entries(files).map(([file, source]) => ({
    file,
    text: readFileSync(join(TEMPLATE, source), "utf8")
      .replaceAll("my-experiment", name)
      .replaceAll("MyExperiment", className(name)),
  }));
}
