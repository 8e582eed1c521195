import { join } from "node:path";
import type { JsonValue } from "type-fest";
import type { FilePatterns } from "../project-files.ts";
import { fileHashes, type FileHashes, type HashRow, projectName } from "./file-hashes.ts";
import { type FileHash, keyOf } from "./key.ts";
import { type CacheOwner, readSealed, writeSealed } from "./sealed-file.ts";

/** All that a build's result depends on, besides the tool and Node. */
export interface BuildParts {
  /** What was asked for: the command, names, presets, overrides, settings that change the result. Not paths of outputs. */
  readonly selection: JsonValue;
  /** Patterns, and what they matched. */
  readonly globs: readonly Glob[];
  /** Modules of experiments, all that they import, and what was read of `node_modules` for them. */
  readonly sources: readonly FileHash[];
  /** The `tsconfig.json`, and what it extends. */
  readonly tsconfig: readonly FileHash[];
  /** The config, what it imports, and the `package.json` that names it. */
  readonly config: readonly FileHash[];
  /** Plugin descriptors, and the `package.json` of their packages. */
  readonly plugins: readonly FileHash[];
  /** Files that the config declares as inputs. */
  readonly inputs: readonly FileHash[];
}

/** Patterns, and what they matched. */
export interface Glob {
  readonly query: FilePatterns;
  readonly files: readonly string[];
}

/** The result of a build, as it was stored. */
export interface StoredBuild {
  /** Id of the set of outputs that it wrote; `null` if it wrote none. */
  readonly set: string | null;
  readonly result: JsonValue;
}

/** A stored result that still holds, with what it depends on. */
export interface FoundBuild extends StoredBuild {
  readonly globs: readonly Glob[];
  /** All files, those that are not there, too. */
  readonly files: readonly FileHash[];
}

/** Results of whole builds, by what they depend on. */
export interface WholeBuilds {
  readonly files: FileHashes;
  /** True if a file is not as the last saved run saw it. */
  isChanged(file: string): boolean;
  find(selection: JsonValue, glob: (query: FilePatterns) => readonly string[]): FoundBuild | null;
  /** Results of other selections stay, eight in all. False if a file changed during the build: then nothing is stored. */
  put(parts: BuildParts, built: StoredBuild): boolean;
  save(): void;
}

const INDEX = "builds.json";
const MAX_BUILDS = 8;

interface Build extends StoredBuild {
  readonly selection: string;
  readonly globs: readonly Glob[];
  readonly files: readonly (readonly [file: string, sha256: string | null])[];
}

interface Index {
  readonly rows: readonly (readonly [file: string, row: HashRow])[];
  readonly builds: readonly Build[];
}

/** Opens the results in `folder`. */
export function openWholeBuilds(folder: string, root: string, owner: CacheOwner, nowMs: () => number): WholeBuilds {
  const index = readSealed(join(folder, INDEX), owner) as Index | null;
  const rows = new Map(index?.rows);
  let builds = index?.builds ?? [];
  let isDirty = false;
  const files = fileHashes(root, rows, nowMs);
  const holds = (build: Build, glob: (query: FilePatterns) => readonly string[]): boolean =>
    build.files.every(([file, sha256]) => files.hash(file) === sha256) &&
    build.globs.every(({ query, files: matched }) => isSameList(glob(query), matched));
  return {
    files,
    isChanged: (file) => files.hash(file) !== (rows.get(file)?.sha256 ?? null),
    find(selection, glob) {
      const key = keyOf(selection);
      const build = builds.find((one) => one.selection === key && holds(one, glob));
      if (build === undefined) return null;
      const { set, result, globs, files: contents } = build;
      return { set, result, globs, files: contents.map(([file, sha256]) => ({ file, sha256 })) };
    },
    put(parts, built) {
      const contents = mergedFiles(root, parts);
      if (contents === null) return false;
      const selection = keyOf(parts.selection);
      const build: Build = { ...built, selection, globs: parts.globs, files: [...contents].sort(byFirst) };
      builds = [build, ...builds.filter((one) => one.selection !== selection)].slice(0, MAX_BUILDS);
      // So that the next run need not read them.
      for (const file of contents.keys()) files.hash(file);
      isDirty = true;
      return true;
    },
    save() {
      if (!isDirty && !files.isDirty) return;
      const wanted = new Set(builds.flatMap((build) => build.files.map(([file]) => file)));
      const kept = [...rows].filter(([file]) => wanted.has(file) && !files.seen.has(file));
      writeSealed(join(folder, INDEX), owner, { rows: [...kept, ...files.seen].sort(byFirst), builds } satisfies Index);
      isDirty = false;
      files.saved();
    },
  };
}

/** All files of a build; `null` if one was read with two contents. */
function mergedFiles(root: string, parts: BuildParts): ReadonlyMap<string, string | null> | null {
  const { sources, tsconfig, config, plugins, inputs } = parts;
  const contents = new Map<string, string | null>();
  for (const { file, sha256 } of [sources, tsconfig, config, plugins, inputs].flat()) {
    const name = projectName(root, file);
    const other = contents.get(name);
    if (other !== undefined && other !== sha256) return null;
    contents.set(name, sha256);
  }
  return contents;
}

function isSameList(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((item, index) => item === b[index]);
}

function byFirst(a: readonly [string, unknown], b: readonly [string, unknown]): number {
  return a[0] < b[0] ? -1 : a[0] > b[0] ? 1 : 0;
}
