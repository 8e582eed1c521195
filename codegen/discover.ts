import { existsSync, readFileSync } from "node:fs";
import { dirname, join, posix } from "node:path";
import type { Finding } from "../src/diagnostics/finding.ts";
import { maskSource } from "../src/spec/secrets.ts";
import type { BuildCache } from "./cache.ts";
import type { TranspileFlags } from "./evaluate/protocol.ts";
import type { ClassSources } from "./option-schema.ts";
import type { DeclaredFile, SourceReader } from "./source-reader.ts";
import type { SourceMemory } from "./source-memory.ts";
import { insidePath } from "./write/inside.ts";

/** Sources of a project as syntax shows them, read when they are asked for. Author code is never run here. */
export interface ProjectSources {
  /** What a file says; `null` if it is not there. */
  file(file: string): DeclaredFile | null;
  /** Text of a file as the build saw it; `null` if it is not there. */
  text(file: string): string | null;
  /** The file of the project that a module specifier leads to; `null` for packages and for what is not there. */
  resolve(from: string, specifier: string): string | null;
  /** Files for looking classes up. */
  readonly files: ClassSources["files"];
  /** Findings in all files read so far, once each. */
  readonly findings: readonly Finding[];
  /** Runs `act` and tells which files it read or asked for, and where specifiers led to. */
  tracked<T>(act: () => T): { readonly value: T } & Tracked;
  /** All files asked for so far. */
  readonly asked: ReadonlySet<string>;
}

/** What reading stood on. */
export interface Tracked {
  readonly files: readonly string[];
  readonly resolved: readonly (readonly [from: string, specifier: string, target: string | null])[];
}

/** What is known from earlier builds. */
export interface KnownSources {
  readonly cache: Pick<BuildCache, "hash" | "declared" | "putDeclared">;
  readonly memory: Pick<SourceMemory, "declared">;
}

/** Opens the sources of a project. The reader is only loaded for files that the cache does not know. */
export function openSources(
  root: string,
  flags: TranspileFlags,
  { cache, memory }: KnownSources,
  reader: () => SourceReader,
): ProjectSources {
  const texts = new Map<string, string | null>();
  const files = new Map<string, DeclaredFile | null>();
  const asked = new Set<string>();
  let track: Track | null = null;

  const textOf = (file: string): string | null => {
    const known = texts.get(file);
    if (known !== undefined) return known;
    const path = insidePath(root, file);
    const text = path === null ? null : readOrNull(path);
    texts.set(file, text);
    return text;
  };
  const fileOf = (file: string): DeclaredFile | null => {
    track?.files.add(file);
    asked.add(file);
    const known = files.get(file);
    if (known !== undefined) return known;
    const declared = readDeclared(file);
    files.set(file, declared);
    return declared;
  };
  const readDeclared = (file: string): DeclaredFile | null => {
    const sha256 = cache.hash(file);
    if (sha256 === null) return null;
    const known = memory.declared.get(file);
    if (known?.sha256 === sha256) return known.declared;
    const declared = (cache.declared(file, sha256) as DeclaredFile | null) ?? parsed(file, sha256);
    if (declared !== null) memory.declared.set(file, { sha256, declared });
    return declared;
  };
  const parsed = (file: string, sha256: string): DeclaredFile | null => {
    const text = textOf(file);
    if (text === null) return null;
    const declared = reader().read(file, text);
    // What a source shows of itself would stand in the cache, too.
    if (maskSource(text) === text) cache.putDeclared(file, sha256, declared as never);
    return declared;
  };
  const resolved = new Map<string, string | null>();
  const resolve = (from: string, specifier: string): string | null => {
    const key = specifier.startsWith(".") ? posix.join(dirname(from), specifier) : `\0${specifier}`;
    let target = resolved.get(key);
    if (target === undefined) {
      target = candidatesOf(from, specifier, flags).find((file) => isSource(root, file)) ?? null;
      resolved.set(key, target);
    }
    track?.resolved.set(`${from}\0${specifier}`, [from, specifier, target]);
    return target;
  };
  return {
    file: fileOf,
    text: textOf,
    resolve,
    files: { get: (file) => fileOf(file) ?? undefined, has: (file) => fileOf(file) !== null },
    get findings() {
      return [...files.values()].flatMap((declared) => declared?.findings ?? []);
    },
    tracked(act) {
      const outer = track;
      const own: Track = { files: new Set(), resolved: new Map() };
      track = own;
      try {
        return { value: act(), files: [...own.files], resolved: [...own.resolved.values()] };
      } finally {
        track = outer;
        for (const file of own.files) outer?.files.add(file);
        for (const [key, one] of own.resolved) outer?.resolved.set(key, one);
      }
    },
    asked,
  };
}

interface Track {
  readonly files: Set<string>;
  readonly resolved: Map<string, Tracked["resolved"][number]>;
}

/** Places where a specifier may lead to, as TypeScript looks: the written extension stands for its source. */
function candidatesOf(from: string, specifier: string, { paths }: TranspileFlags): readonly string[] {
  const targets = specifier.startsWith(".")
    ? [posix.join(dirname(from), specifier)]
    : Object.entries(paths).flatMap(([pattern, candidates]) => mapped(pattern, candidates, specifier));
  return targets.flatMap((target) => {
    const compiled = /\.(m|c)?js$/.exec(target);
    if (compiled !== null) return [target.replace(/js$/, "ts"), target.replace(/js$/, "tsx")];
    if (/\.(m|c)?tsx?$/.test(target)) return [target];
    return [`${target}.ts`, `${target}.tsx`, `${target}/index.ts`];
  });
}

function mapped(pattern: string, candidates: readonly string[], specifier: string): readonly string[] {
  const star = pattern.indexOf("*");
  if (star < 0) return pattern === specifier ? candidates : [];
  const head = pattern.slice(0, star);
  const tail = pattern.slice(star + 1);
  if (!specifier.startsWith(head) || !specifier.endsWith(tail)) return [];
  const matched = specifier.slice(head.length, specifier.length - tail.length);
  return candidates.map((candidate) => candidate.replace("*", () => matched));
}

function isSource(root: string, file: string): boolean {
  return insidePath(root, file) !== null && !file.includes("node_modules/") && existsSync(join(root, file));
}

function readOrNull(path: string): string | null {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return null;
  }
}
