import { existsSync, lstatSync, readdirSync, readFileSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import type { Finding, Place } from "../src/diagnostics/finding.ts";
import { didYouMean } from "../src/diagnostics/nearest.ts";
import { isInstalled, madeWith } from "./init/dependencies.ts";
import { initDiagnostics } from "./init/diagnostics.ts";
import { type FileToMake, makeFiles, systemReason } from "./init/make-files.ts";
import { nameLike, nameProblem } from "./init/name.ts";
import { mergePackage, type MergedPackage, newPackage, packageName } from "./init/package-json.ts";
import { type PackageManager, packageManagerOf } from "./init/package-manager.ts";
import { pathInRepository } from "./init/repository.ts";
import { experimentFile, FIRST_EXPERIMENT, startingPoints, templateFiles } from "./init/template.ts";

/** What is asked of {@link initProject}. */
export interface InitOptions {
  readonly cwd: string;
  /** Folder of the project, as typed. */
  readonly folder: string;
  /** `null`: that of the `package.json`, else of the folder. */
  readonly name: string | null;
  /** Shipped experiment to start from; `null`: an experiment of one's own. */
  readonly from: string | null;
  /** Version of this Assay. */
  readonly version: string;
  /** Where the arguments were typed. */
  readonly placeOf: (argument: "folder" | "name" | "from") => Place;
}

/** A file that was there, and stays as it is. */
export interface FileLeft {
  readonly file: string;
  readonly reason: string;
}

/** A project that was made, or completed. */
export interface InitReport {
  /** Absolute folder. */
  readonly root: string;
  readonly name: string;
  /** Files that were made. */
  readonly made: readonly string[];
  /** What was added to the `package.json` that was there: `scripts.check`. */
  readonly added: readonly string[];
  readonly left: readonly FileLeft[];
  /** False if packages must be installed first. */
  readonly installed: boolean;
  readonly packageManager: Pick<PackageManager, "name" | "install" | "execute">;
  /** Path below the top of the repository that the project is in, where GitHub looks for workflows; empty at the top. */
  readonly inRepository: string;
}

const PACKAGE = "package.json";

/**
 * Makes a project that builds at once, or completes one. What is there is never overwritten; of `package.json` fields are
 * added. If anything fails nothing is left behind.
 */
export function initProject(options: InitOptions): {
  readonly report: InitReport | null;
  readonly findings: readonly Finding[];
} {
  const { version, placeOf } = options;
  const root = resolve(options.cwd, options.folder);
  const needs = { library: { name: "assay", version }, compiler: madeWith("typescript") };
  const given = packageOf(root);
  if (given !== null && "problem" in given) return refused(packageFinding(given.problem, placeOf));
  const { name, finding: nameFinding } = nameOf(root, given?.text ?? null, options);
  const from = options.from ?? FIRST_EXPERIMENT;
  const fromFinding = options.from === null ? null : unknownFrom(options.from, placeOf);
  const mistakes = [nameFinding, fromFinding].flatMap((finding) => finding ?? []);
  if (mistakes.length > 0) return refused(...mistakes);

  const left: FileLeft[] = [];
  const files: FileToMake[] = [];
  let merged: MergedPackage | null = null;
  if (given === null) {
    files.push({ file: PACKAGE, text: newPackage(name, needs), replaces: false });
  } else {
    const outcome = mergePackage(given.text, needs);
    if ("problem" in outcome) return refused(packageFinding(outcome.problem, placeOf));
    merged = outcome;
    if (merged.added.length > 0) files.push({ file: PACKAGE, text: merged.text, replaces: true });
    else left.push({ file: PACKAGE, reason: "it has all fields" });
    left.push(...merged.kept.map((path) => ({ file: PACKAGE, reason: `its \`${path}\` is another one` })));
  }
  const isOwn = options.from === null && hasExperiments(root);
  const manager = packageManagerOf(root);
  const surroundings = {
    manager,
    inRepository: pathInRepository(root),
    lockInRepository: pathInRepository(manager.toldIn ?? root),
  };
  for (const { file, text } of templateFiles(name, from, surroundings)) {
    if (isThere(join(root, file))) left.push({ file, reason: "it is there" });
    else if (isOwn && file === experimentFile(name)) left.push({ file: "experiments/", reason: "it has experiments" });
    else files.push({ file, text, replaces: false });
  }

  const failed = files.length === 0 ? null : makeFiles(root, files);
  if (failed !== null) {
    const path = failed.path === "" ? options.folder : failed.path;
    return refused(initDiagnostics["init-not-writable"]({ path, reason: failed.reason }, { at: placeOf("folder") }));
  }
  return {
    report: {
      root,
      name,
      made: files.flatMap(({ file, replaces }) => (replaces ? [] : [file])),
      added: merged?.added ?? [],
      left,
      installed: [needs.library, needs.compiler].every((each) => isInstalled(root, each.name)),
      packageManager: { name: manager.name, install: manager.install, execute: manager.execute },
      inRepository: surroundings.inRepository,
    },
    findings: [],
  };
}

function refused(...findings: readonly Finding[]): { readonly report: null; readonly findings: readonly Finding[] } {
  return { report: null, findings };
}

/** The name that was given; else one like that of the package or of the folder, whatever they are called. */
function nameOf(
  root: string,
  packageText: string | null,
  { name: given, placeOf }: InitOptions,
): { readonly name: string; readonly finding: Finding | null } {
  const like = nameLike((packageText === null ? null : packageName(packageText)) ?? basename(root));
  if (given === null)
    return { name: [like, `my-${like}`].find((name) => nameProblem(name) === null) ?? OTHER_NAME, finding: null };
  const problem = nameProblem(given);
  if (problem === null) return { name: given, finding: null };
  return { name: given, finding: initDiagnostics["init-name"]({ name: given, problem }, { at: placeOf("name") }) };
}

/** What is called so, if nothing else makes a name. */
const OTHER_NAME = "my-experiment";

function unknownFrom(from: string, placeOf: InitOptions["placeOf"]): Finding | null {
  const known = startingPoints();
  if (known.includes(from)) return null;
  const help = didYouMean(from, known);
  const at = placeOf("from");
  return initDiagnostics["init-from"]({ from, known }, help === undefined ? { at } : { at, help });
}

function packageFinding(problem: string, placeOf: InitOptions["placeOf"]): Finding {
  return initDiagnostics["init-package"]({ file: PACKAGE, problem }, { at: placeOf("folder") });
}

function packageOf(root: string): { readonly text: string } | { readonly problem: string } | null {
  const path = join(root, PACKAGE);
  if (!isThere(path)) return null;
  try {
    return { text: readFileSync(path, "utf8") };
  } catch (error) {
    return { problem: `it can't be read: ${systemReason(error)}` };
  }
}

/** True for a link that leads nowhere, too: something has that name. */
function isThere(path: string): boolean {
  try {
    return lstatSync(path, { throwIfNoEntry: false }) !== undefined;
  } catch {
    // A folder on the way is a file: making the file will tell.
    return false;
  }
}

function hasExperiments(root: string): boolean {
  const folder = join(root, "experiments");
  if (!existsSync(folder)) return false;
  try {
    return readdirSync(folder, { recursive: true, encoding: "utf8" }).some((file) => /\.[cm]?tsx?$/.test(file));
  } catch {
    return false;
  }
}
