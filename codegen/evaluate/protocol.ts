import type { JsonValue } from "type-fest";
import type { Finding, Span } from "../../src/diagnostics/finding.ts";
import type { JsonPointer } from "../../src/origin/pointer.ts";

/** An override as it was typed: its path, its value, and where it stands. */
export interface OverrideArgument {
  readonly path: string;
  readonly value: JsonValue;
  readonly span: Span;
}

/** One manifest to be: the bare experiment (`preset: null`) or one of its presets. */
export interface BuildRequest {
  readonly preset: string | null;
  readonly overrides: readonly OverrideArgument[];
}

/** One experiment to evaluate: one fresh context, all its builds in this order. */
export interface EvaluateJob {
  readonly name: string;
  /** Module that registers it: project-relative POSIX path. */
  readonly file: string;
  readonly builds: readonly BuildRequest[];
}

/** What stays the same for all jobs of a build. */
export interface EvaluateContext {
  /** Absolute folder that project-relative paths start from. */
  readonly root: string;
  /** Clusters, models table, catalogue cards: plain data handed to `author`. */
  readonly project: JsonValue;
  readonly limits: EvaluateLimits;
  readonly transpile: TranspileFlags;
}

export interface EvaluateLimits {
  /** Wall time for one job. */
  readonly timeoutMs: number;
  /** V8 heap of one worker. */
  readonly heapMiB: number;
  /** Array buffers that one job may allocate in all. */
  readonly buffersMiB: number;
  /** Console output of one job. */
  readonly outputKiB: number;
}

/** The tsconfig flags that change what code means. */
export interface TranspileFlags {
  readonly experimentalDecorators: boolean;
  readonly emitDecoratorMetadata: boolean;
  readonly useDefineForClassFields: boolean;
  /** `compilerOptions.paths`, resolved against `root`: pattern -> project-relative candidates. */
  readonly paths: Readonly<Record<string, readonly string[]>>;
}

/** A source position, project-relative, already mapped back through the source map. */
export interface SourceSite {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

/** Origins of one build: where each noun of the authored part was made (frames, nearest first), by pointer. */
export interface RecordedOrigin {
  readonly pointer: JsonPointer;
  readonly frames: readonly SourceSite[];
  readonly fields?: Readonly<Record<string, readonly (string | number)[]>>;
  readonly option?: string;
  readonly fieldOptions?: Readonly<Record<string, string>>;
}

/** Where an option's value came from, in source positions. */
export interface RecordedOptionOrigin {
  readonly path: string;
  readonly kind: "default" | "preset" | "override" | "environment";
  readonly value: JsonValue;
  /** The call (`@Preset(...)`) that gave it, with the path inside its arguments; or an override's span. */
  readonly site?: { readonly frames: readonly SourceSite[]; readonly path: readonly (string | number)[] };
  readonly span?: Span;
}

/** What one build gave. */
export interface BuildOutcome {
  readonly preset: string | null;
  /** What the methods returned, as plain data; `null` if they did not get that far. */
  readonly authored: JsonValue | null;
  /** Required options without a value, by path. */
  readonly needs: readonly string[];
  readonly origins: readonly RecordedOrigin[];
  readonly options: readonly RecordedOptionOrigin[];
  readonly findings: readonly Finding[];
}

/** A module that took part, for the cache key. */
export interface ModuleUse {
  /** Project-relative path; files outside the project are written from the nearest `node_modules` (`node_modules/x/y.js`). */
  readonly file: string;
  readonly sha256: string;
}

export interface EvaluateOutcome {
  readonly name: string;
  readonly modules: readonly ModuleUse[];
  readonly builds: readonly BuildOutcome[];
  /** Findings about the job as a whole: it did not load, ran out of time or memory, used what is denied. */
  readonly findings: readonly Finding[];
  /** What it printed, capped. */
  readonly output: string;
}
