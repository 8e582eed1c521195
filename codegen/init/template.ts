import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { LIBRARY_ROOT } from "../library-root.ts";
import { className } from "./name.ts";
import type { PackageManager } from "./package-manager.ts";

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

/** What a project is made in. */
export interface Surroundings {
  readonly manager: PackageManager;
  /** Path of the project below the top of its repository; empty at the top, or without one. */
  readonly inRepository: string;
  /** The same of the folder that has the lock file: in a workspace, one around the project's. */
  readonly lockInRepository: string;
}

/** Where a repository's workflow stands, below its top. */
const WORKFLOW = ".github/workflows/assay.yml";

/** All files of a project but its `package.json`; the experiment last. */
export function templateFiles(name: string, from: string, surroundings: Surroundings): readonly TemplateFile[] {
  const files = { ...FILES, [experimentFile(name)]: `experiments/${from}.ts` };
  return Object.entries(files).map(([file, source]) => {
    const text = readFileSync(join(TEMPLATE, source), "utf8")
      .replaceAll("my-experiment", name)
      .replaceAll("MyExperiment", className(name));
    if (file === WORKFLOW) return { file, text: workflow(text, surroundings) };
    return { file, text: file === "README.md" ? inWordsOf(text, surroundings.manager) : text };
  });
}

/** The commands of a text as a package manager has them; it is written for npm. */
export function inWordsOf(text: string, { name, install, installLocked, execute }: PackageManager): string {
  return text
    .replaceAll(/\bnpx(?= )/g, execute)
    .replaceAll(/\bnpm ci\b/g, installLocked)
    .replaceAll(/\bnpm install\b/g, install)
    .replaceAll(/\bnpm run\b/g, `${name} run`);
}

function workflow(text: string, { manager, inRepository, lockInRepository }: Surroundings): string {
  const { name, setUp } = manager;
  const indent = "      ";
  // Node's own action keeps no packages of Bun.
  const cache = name === "bun" ? "" : `          cache: ${name}\n`;
  // At the top of the repository the action finds it.
  const lockFile = `${lockInRepository}/${LOCK_FILES[name]}`;
  const inFolder =
    lockInRepository === "" || cache === "" ? "" : `          cache-dependency-path: ${quoted(lockFile)}\n`;
  const defaults = inRepository === "" ? "" : `defaults:\n  run:\n    working-directory: ${quoted(inRepository)}\n\n`;
  return inWordsOf(text, manager)
    .replace("jobs:\n", () => `${defaults}jobs:\n`)
    .replace("          cache: npm\n", () => cache + inFolder)
    .replace(
      `${indent}- uses: actions/setup-node`,
      (step) => setUp.map((line) => `${indent}${line}\n`).join("") + step,
    );
}

const LOCK_FILES: Readonly<Record<PackageManager["name"], string>> = {
  npm: "package-lock.json",
  pnpm: "pnpm-lock.yaml",
  yarn: "yarn.lock",
  bun: "bun.lock",
};

/** A string of YAML. */
function quoted(text: string): string {
  return /^[\w./-]+$/.test(text) ? text : JSON.stringify(text);
}
