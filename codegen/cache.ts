import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { JsonObject, JsonValue } from "type-fest";
import { openEntries } from "./cache/entries.ts";
import { projectName } from "./cache/file-hashes.ts";
import { type FileHash, keyOf } from "./cache/key.ts";
import type { CacheOwner } from "./cache/sealed-file.ts";
import { type BuildParts, type FoundBuild, openWholeBuilds, type StoredBuild } from "./cache/whole-builds.ts";
import type { FilePatterns } from "./project-files.ts";
import { currentId, RECORD, setFolder } from "./write/layout.ts";
import { fileOperations, systemCode } from "./write/operations.ts";

export { type ContextParts, contextKey, type FileHash } from "./cache/key.ts";
export type { BuildParts, FoundBuild, Glob, StoredBuild } from "./cache/whole-builds.ts";

/** Settings of {@link openCache}. */
export interface CacheOptions {
  /** Absolute folder of the project. */
  readonly root: string;
  /** Identity of this build of Assay, see {@link readToolId}. */
  readonly tool: string;
  /** Default: that of the running Node. */
  readonly nodeMajor?: number;
  /** Clock, in milliseconds since 1970. */
  readonly nowMs?: () => number;
}

/** What an experiment's result depends on, besides its modules. */
export interface ExperimentKey {
  readonly name: string;
  /** Module that registers it, project-relative. */
  readonly file: string;
  /** Presets and overrides asked for. */
  readonly builds: JsonValue;
  /** From `contextKey`. */
  readonly context: string;
}

/** Stored result of one experiment. */
export interface StoredExperiment {
  /** Small data that is at hand. */
  readonly head: JsonValue;
  /** The rest; `null` if it is damaged or gone, which is as good as not stored. */
  readonly text: () => string | null;
  /** All modules that took part. */
  readonly modules: readonly FileHash[];
}

/**
 * What earlier builds left for this one: `docs/cache.md`. One cache serves one build, which sees every file in the state that
 * it had when it was first asked for. Anything damaged, or of another tool or Node, is as if it were not there.
 */
export interface BuildCache {
  /** SHA-256 (hex) of a file's bytes, `null` if it is not there. Ask before the file is read for the build. */
  hash(file: string): string | null;
  /** Begins another build: it sees every file as it is then. */
  renew(): void;
  /** Hashes of many files, and which of them are not as the last saved run saw them. */
  fingerprint(files: Iterable<string>): {
    readonly hashes: ReadonlyMap<string, string | null>;
    readonly changed: readonly string[];
  };
  /**
   * The result of the same build, if nothing that it depends on has changed and its outputs are the current ones.
   * @param glob says what patterns match now.
   */
  wholeBuild(selection: JsonValue, glob: (query: FilePatterns) => readonly string[]): FoundBuild | null;
  /** Stores a build's result, unless a file changed while it ran: then it returns false. */
  putWholeBuild(parts: BuildParts, built: StoredBuild): boolean;
  /** What syntax said of a file with this content. */
  declared(file: string, sha256: string): JsonValue | null;
  putDeclared(file: string, sha256: string, value: JsonValue): void;
  /** An experiment's result, if all modules are as they were. */
  experiment(key: ExperimentKey): StoredExperiment | null;
  putExperiment(
    key: ExperimentKey,
    stored: { readonly modules: readonly FileHash[]; readonly head: JsonValue; readonly text: string },
  ): void;
  /** Writes what is new. A folder that can't be written costs time later, nothing else. */
  save(): void;
  /** Number of files read so far. */
  readonly reads: number;
}

/** Folder of the cache, inside the out folder. */
export const CACHE_FOLDER = ".cache";

/** Opens the cache of an out folder. */
export function openCache(outDir: string, options: CacheOptions): BuildCache {
  const { root, tool, nodeMajor = Number(process.versions.node.split(".")[0]), nowMs = Date.now } = options;
  const folder = join(outDir, CACHE_FOLDER);
  const owner: CacheOwner = { tool, nodeMajor };
  const builds = openWholeBuilds(folder, root, owner, nowMs);
  let opened: ReturnType<typeof openEntries> | null = null;
  // A build with nothing to do needs none of these.
  const entries = () => (opened ??= openEntries(folder, owner, nowMs));
  const hash = (file: string) => builds.files.hash(projectName(root, file));
  return {
    hash,
    renew: () => builds.files.renew(),
    fingerprint(files) {
      const hashes = new Map([...files].map((file) => [file, hash(file)]));
      return { hashes, changed: [...hashes.keys()].filter((file) => builds.isChanged(projectName(root, file))) };
    },
    wholeBuild(selection, glob) {
      const build = builds.find(selection, glob);
      return build === null || (build.set !== null && !isCurrent(outDir, build.set)) ? null : build;
    },
    putWholeBuild: builds.put,
    declared(file, sha256) {
      const entry = entries().find(declaredKey(file));
      if (entry === null || entry.head !== sha256) return null;
      const text = entry.text();
      return text === null ? null : (JSON.parse(text) as JsonValue);
    },
    putDeclared: (file, sha256, value) => entries().put(declaredKey(file), sha256, JSON.stringify(value)),
    experiment(key) {
      const entry = entries().find(entryKey(key));
      if (entry === null) return null;
      const { modules, head } = entry.head as unknown as ExperimentHead;
      if (!modules.every(([file, sha256]) => hash(file) === sha256)) return null;
      return { head, text: entry.text, modules: modules.map(([file, sha256]) => ({ file, sha256 })) };
    },
    putExperiment(key, { modules, head, text }) {
      const pairs = modules.map(({ file, sha256 }) => [file, sha256] as const);
      entries().put(entryKey(key), { modules: pairs, head } as unknown as JsonObject, text);
    },
    save() {
      try {
        builds.save();
        opened?.save();
      } catch (error) {
        if (systemCode(error) === null) throw error;
      }
    },
    get reads() {
      return builds.files.reads;
    },
  };
}

/** Identity of a build of Assay: the id in its `dist` folder, else its version. `library` is the package's folder. */
export function readToolId(library: string): string {
  for (const [file, property] of [
    ["dist/build-id.json", "buildId"],
    ["package.json", "version"],
  ] as const) {
    try {
      const data = JSON.parse(readFileSync(join(library, file), "utf8")) as JsonObject;
      const id = data[property];
      if (typeof id === "string") return `${property} ${id}`;
    } catch {
      // Then the next one.
    }
  }
  throw new Error(`${library} is not the folder of the package`);
}

interface ExperimentHead {
  readonly modules: readonly (readonly [file: string, sha256: string | null])[];
  readonly head: JsonValue;
}

/** One entry for each file, whatever its content: a group of its own. */
function declaredKey(file: string): string {
  return `declared ${file} `;
}

function entryKey({ name, file, builds, context }: ExperimentKey): string {
  return `experiment ${name} ${keyOf([file, builds, context])}`;
}

function isCurrent(outDir: string, set: string): boolean {
  return (
    currentId(outDir, fileOperations) === set &&
    fileOperations.factsOrNull(join(setFolder(outDir, set), RECORD)) !== null
  );
}
