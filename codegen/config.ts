import { readFileSync, statSync } from "node:fs";
import { basename, dirname, join, relative, resolve, sep } from "node:path";
import { AssayError } from "../src/diagnostics/assay-error.ts";
import type { Finding, Place } from "../src/diagnostics/finding.ts";
import { buildDiagnostics, startOf } from "./config-diagnostics.ts";
import { checkConfig, type CheckedConfig, CONFIG_DEFAULTS } from "./config-shape.ts";
import { insidePath } from "./write/inside.ts";

export { CONFIG_DEFAULTS, type HookEntry, type ProjectConfig } from "./config-shape.ts";

/** Name of a project's config, in its folder. */
export const CONFIG_NAME = "assay.config.ts";

/** A project on disk. */
export interface Project {
  /** Absolute folder that all paths and patterns start from. */
  readonly root: string;
  /** Project-relative POSIX path of the config. */
  readonly configFile: string;
  /** `package.json` that names the config, project-relative; `null` if the config was found by its own name. */
  readonly namedBy: string | null;
}

/** A project, if there is one, and why not. */
export interface FoundProject {
  readonly project: Project | null;
  readonly findings: readonly Finding[];
}

/**
 * Finds the project that a folder belongs to: the nearest folder upward with an `assay.config.ts`, or with a `package.json`
 * that names a config. With `given` (a path as typed, from `from`), the project is that config's.
 */
export function findProject(from: string, given: string | null = null): FoundProject {
  if (given !== null) return projectOfConfig(from, given);
  for (const folder of upward(from)) {
    const named = namedConfig(folder);
    if (named !== null) return named;
    if (isFile(join(folder, CONFIG_NAME))) return found({ root: folder, configFile: CONFIG_NAME, namedBy: null });
  }
  const at: Place = { kind: "nowhere", reason: "there is no config" };
  return { project: null, findings: [buildDiagnostics["config-not-found"]({ from }, { at })] };
}

/**
 * Runs a project's config and checks what it exports.
 * @param evaluateModule runs a module (project-relative path) and returns its default export.
 */
export async function readConfigFile(
  { root, configFile }: Project,
  evaluateModule: (file: string) => Promise<unknown>,
): Promise<CheckedConfig> {
  const failed = (findings: readonly Finding[]): CheckedConfig => ({ config: CONFIG_DEFAULTS, uses: {}, findings });
  const at = startOf(configFile);
  let exported: unknown;
  try {
    exported = await evaluateModule(configFile);
  } catch (error) {
    if (error instanceof AssayError) return failed(error.findings.map(ofConfig));
    const reason = error instanceof Error ? error.message : String(error);
    return failed([buildDiagnostics["config-threw"]({ reason }, { at })]);
  }
  if (exported === undefined) {
    return failed([buildDiagnostics["config-no-default"]({ file: configFile }, { at })]);
  }
  return checkConfig(exported, { root, file: configFile });
}

/** What was thrown while the config ran is the config's, at the same place. */
function ofConfig(finding: Finding): Finding {
  if (finding.code !== "evaluate/threw") return finding;
  const { at, related, data } = finding;
  const details = { at, ...(related === undefined ? {} : { related }) };
  return buildDiagnostics["config-threw"]({ reason: String(data["error"]) }, details);
}

/**
 * The output folder that a config seems to set, by its text alone. Only good for looking whether a cache is there: its key
 * tells if that was right.
 */
export function guessOutFolder(configText: string): string {
  return /\bout["']?\s*:\s*(["'`])([^"'`\\$]+)\1/.exec(configText)?.[2] ?? CONFIG_DEFAULTS.out;
}

function projectOfConfig(from: string, given: string): FoundProject {
  const path = resolve(from, given);
  if (!isFile(path)) {
    const at: Place = { kind: "nowhere", reason: "it was given on the command line" };
    return { project: null, findings: [buildDiagnostics["config-missing"]({ file: given, by: "`--config`" }, { at })] };
  }
  // A config of another name (`configs/ci.ts`) lies anywhere in its project.
  const own = dirname(path);
  const root =
    basename(path) === CONFIG_NAME
      ? own
      : (upward(own).find((folder) => isFile(join(folder, "package.json")) || isFile(join(folder, CONFIG_NAME))) ??
        own);
  return found({ root, configFile: posix(relative(root, path)), namedBy: null });
}

/** The config that a folder's `package.json` names; `null` if it names none. */
function namedConfig(folder: string): FoundProject | null {
  const file = "package.json";
  const text = readOrNull(join(folder, file));
  if (text === null || !text.includes('"assay"')) return null;
  const failed = (problem: string): FoundProject => {
    const details = { at: placeInPackage(text, file) };
    return { project: null, findings: [buildDiagnostics["config-package"]({ file, problem }, details)] };
  };
  const manifest = parsed(text);
  if (manifest === undefined) return failed("it is no JSON");
  const named = propertyOf(propertyOf(manifest, "assay"), "config");
  if (named === undefined) return null;
  if (typeof named !== "string") return failed("`assay.config` is no string");
  const path = insidePath(folder, named);
  if (path === null) return failed(`\`${named}\` is not inside of its folder`);
  if (isFile(path)) return found({ root: folder, configFile: posix(relative(folder, path)), namedBy: file });
  const details = { at: placeInPackage(text, file) };
  return { project: null, findings: [buildDiagnostics["config-missing"]({ file: named, by: `\`${file}\`` }, details)] };
}

/** The value of `config` after the key `assay`. */
function placeInPackage(text: string, file: string): Place {
  const match = /"assay"\s*:\s*\{[^}]*?"config"\s*:\s*("(?:[^"\\]|\\.)*")/s.exec(text);
  const value = match?.[1];
  if (match === null || value === undefined) return startOf(file);
  const offset = match.index + match[0].length - value.length;
  const before = text.slice(0, offset).split("\n");
  const column = (before.at(-1)?.length ?? 0) + 1;
  return { kind: "span", span: { file, line: before.length, column, length: value.length } };
}

function found(project: Project): FoundProject {
  return { project, findings: [] };
}

/** A folder and all around it, nearest first. */
function upward(from: string): readonly string[] {
  const folders = [resolve(from)];
  for (let next = dirname(resolve(from)); next !== folders.at(-1); next = dirname(next)) folders.push(next);
  return folders;
}

function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() ?? false;
}

function readOrNull(path: string): string | null {
  return isFile(path) ? readFileSync(path, "utf8") : null;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function propertyOf(value: unknown, key: string): unknown {
  if (typeof value !== "object" || value === null || !Object.hasOwn(value, key)) return undefined;
  return (value as Readonly<Record<string, unknown>>)[key];
}

function posix(path: string): string {
  return path.split(sep).join("/");
}
