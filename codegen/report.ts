import type { JsonObject } from "type-fest";
import type { AcknowledgedDiagnostic, Diagnostic } from "../src/diagnostics/finding.ts";
import type { Reach } from "../src/manifest/format.ts";
import type { ManifestSummary } from "../src/manifest/summary.ts";
import type { OptionSchema } from "../src/realm/option-schema.ts";
import type { OverrideArgument } from "./evaluate/protocol.ts";

/** What to build, and how. */
export interface BuildOptions {
  /** Folder that the project is looked for from. */
  readonly cwd: string;
  /** Path of the config as typed; `null`: the nearest one upward. */
  readonly config: string | null;
  /** `false`: proves only, and leaves the outputs alone. */
  readonly write: boolean;
  /** Writes the sound experiments even if others have errors; those keep their last good outputs. */
  readonly keepGoing: boolean;
  /** Experiments (`sft`) or single presets (`sft.one-node`); empty: all of the project. */
  readonly only: readonly string[];
  readonly overrides: readonly OverrideArgument[];
  /** Builds each of what was asked for in many points, instead of once; `overrides` are then those of the points. */
  readonly sweep?: Sweep;
  /** `false` neither reads nor writes the cache. */
  readonly cache: boolean;
  readonly onProgress?: (progress: BuildProgress) => void;
  /** Is told what a build found when all is proved, before anything is written. Not called for what the cache answers. */
  readonly onProved?: (report: BuildReport) => void;
}

/** Many points: combinations of overrides. */
export interface Sweep {
  /** Overrides of each point; no path is inside of another one of the same point. */
  readonly points: readonly (readonly OverrideArgument[])[];
  /** Values as they would be if their commas did not separate them; only of arguments with several values. */
  readonly unsplit: readonly OverrideArgument[];
  /** Points of all experiments together that are built; if there are more, none is. */
  readonly mostPoints: number;
}

/** How far a build is. */
export interface BuildProgress {
  readonly stage: "config" | "read" | "evaluate" | "write";
  readonly done: number;
  /** 0 while it is not known. */
  readonly total: number;
}

/** What a build found, and what it made. Plain data. */
export interface BuildReport {
  /** Absolute folder of the project; `null` if there is none. */
  readonly root: string | null;
  /** Project-relative path of the config; not there if there is no project. */
  readonly configFile?: string;
  /** Absolute folder of the outputs. */
  readonly outDir: string | null;
  readonly experiments: readonly ExperimentReport[];
  /** All of them, in the order of files and lines; those without a place first. */
  readonly diagnostics: readonly Diagnostic[];
  /** Warnings that are not told, because their experiments accept them. */
  readonly acknowledged: readonly AcknowledgedDiagnostic[];
  /** SHA-256 (hex) of the files that fixes go into, as this build read them. */
  readonly sourceHashes?: Readonly<Record<string, string>>;
  /** What experiments printed, by name; only those that did. */
  readonly output: Readonly<Record<string, string>>;
  /** Pages (Markdown) of those codes among the diagnostics that plugins bring; only if there are any. */
  readonly pages?: Readonly<Record<string, string>>;
  /** True if nothing had changed since an earlier build, whose result this is. */
  readonly cached: boolean;
  /** True if outputs were switched (or were the right ones already). */
  readonly written: boolean;
  /** Number of points, if there are more than the sweep admits: then nothing was built. */
  readonly refusedPoints?: number;
}

/** One registered experiment. */
export interface ExperimentReport {
  readonly name: string;
  /** Project-relative path and line of its registration. */
  readonly file: string;
  readonly line: number;
  readonly className: string | null;
  readonly doc: string;
  readonly tags: readonly string[];
  readonly builds: readonly PresetReport[];
  /** Points of a sweep; only if it has any. */
  readonly points?: readonly PointReport[];
}

/** An experiment as lists show it, by its syntax. */
export interface ListedExperiment extends ExperimentReport {
  readonly options: OptionSchema;
}

/** The bare experiment (`preset: null`) or one of its presets. */
export interface PresetReport {
  readonly preset: string | null;
  /**
   * `proved`: no errors. `failed`: errors. `needs`: required options have no value, so it is built in its presets only.
   * `skipped`: not asked for.
   */
  readonly status: "proved" | "failed" | "needs" | "skipped";
  readonly needs: readonly string[];
  readonly summary: ManifestSummary | null;
  readonly reach: Reach | null;
  readonly hashes: { readonly authored: string; readonly resolved: string } | null;
  readonly manifestBytes: number;
}

/** One point of a sweep over the bare experiment or one of its presets. */
export interface PointReport extends PresetReport {
  /** Its name behind `@`, see `pointName`. */
  readonly point: string;
  /** The values that it sets, by path. */
  readonly overrides: JsonObject;
  /** What keeps it from running: distinct errors. */
  readonly errors: readonly { readonly code: string; readonly message: string }[];
}

/** Version of the index. */
export const INDEX_VERSION = 1;
/** Name of the index among the outputs. */
export const INDEX_NAME = "index.json";

/** `index.json` of the output folder: what is there. */
export interface BuildIndex {
  readonly assayIndex: typeof INDEX_VERSION;
  readonly experiments: readonly IndexedExperiment[];
}

/** One experiment in the index. */
export interface IndexedExperiment extends Omit<ExperimentReport, "builds" | "points"> {
  readonly builds: readonly IndexedBuild[];
  /** Points of the last sweep; only if there are any. */
  readonly points?: readonly IndexedPoint[];
}

/** One build in the index. */
export interface IndexedBuild extends Omit<PresetReport, "status"> {
  /** `stale`: the sources have errors, the files are the last good ones. `failed`: there never was a good one. */
  readonly status: "fresh" | "stale" | "failed" | "needs";
  /** File names in the output folder. */
  readonly manifest: string | null;
  readonly spans: string | null;
}

/** One point of a sweep in the index. */
export interface IndexedPoint extends IndexedBuild, Pick<PointReport, "point" | "overrides"> {}

/** Name of an output without its ending: `sft`, `sft.one-node`, `sft.one-node@model.optimizer.lr=1e-5`. */
export function outputName(experiment: string, preset: string | null, point: string | null = null): string {
  const build = preset === null ? experiment : `${experiment}.${preset}`;
  return point === null ? build : `${build}@${point}`;
}
