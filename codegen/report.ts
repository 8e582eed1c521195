import type { Diagnostic } from "../src/diagnostics/finding.ts";
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
  /** `false` neither reads nor writes the cache. */
  readonly cache: boolean;
  readonly onProgress?: (progress: BuildProgress) => void;
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
  /** Absolute folder of the outputs. */
  readonly outDir: string | null;
  readonly experiments: readonly ExperimentReport[];
  /** All of them, in the order of files and lines; those without a place first. */
  readonly diagnostics: readonly Diagnostic[];
  /** What experiments printed, by name; only those that did. */
  readonly output: Readonly<Record<string, string>>;
  /** True if nothing had changed since an earlier build, whose result this is. */
  readonly cached: boolean;
  /** True if outputs were switched (or were the right ones already). */
  readonly written: boolean;
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
export interface IndexedExperiment extends Omit<ExperimentReport, "builds"> {
  readonly builds: readonly IndexedBuild[];
}

/** One build in the index. */
export interface IndexedBuild extends Omit<PresetReport, "status"> {
  /** `stale`: the sources have errors, the files are the last good ones. `failed`: there never was a good one. */
  readonly status: "fresh" | "stale" | "failed" | "needs";
  /** File names in the output folder. */
  readonly manifest: string | null;
  readonly spans: string | null;
}

/** Name of an output without its ending: `sft`, `sft.one-node`. */
export function outputName(experiment: string, preset: string | null): string {
  return preset === null ? experiment : `${experiment}.${preset}`;
}
