import { noun } from "../spec/noun.ts";
import type { LauncherUse } from "../plugin/define-hooks.ts";
import type { ClusterSpec } from "../spec/cluster.ts";
import type { RuntimeConfig } from "../spec/runtime.ts";
import type { MutatorUse, RuleUse } from "../plugin/define-hooks.ts";

/** Limits of running one experiment during a build. */
export interface LimitsConfig {
  /** Wall time. Default 10,000. */
  readonly timeoutMs?: number;
  /** Heap. Default 512. */
  readonly heapMiB?: number;
  /** Array buffers, all that are ever allocated. Default 256. */
  readonly buffersMiB?: number;
  /** Console output; what comes after it is cut off. Default 64. */
  readonly outputKiB?: number;
}

/** A file with rows of a dataset. */
export interface SampleConfig {
  /** Declared input; relative to the project's folder. */
  readonly file: string;
  /** True if these are all rows that the dataset has: they must fill a batch. Default false. */
  readonly whole?: boolean;
}

/** A project: what `assay.config.ts` exports as its default. Paths and patterns are relative to the project's folder. */
export interface AssayConfig {
  /** Patterns of the modules that register experiments. Default `["experiments/**\/*.ts"]`. */
  readonly experiments?: readonly string[];
  /** Packages with plugins, besides those that Assay ships. */
  readonly plugins?: readonly string[];
  /** Clusters that presets and command lines may name. */
  readonly clusters?: readonly ClusterSpec[];
  /** Name of the cluster for experiments that name none. Default: the first one. */
  readonly cluster?: string;
  /** Checkpoint path -> catalogue id of the model it holds. */
  readonly models?: Readonly<Record<string, string>>;
  /**
   * Dataset path on the cluster -> declared input with some of its rows, one JSON object a line. A dataset whose own path is a
   * declared input is its own sample.
   */
  readonly samples?: Readonly<Record<string, string | SampleConfig>>;
  /** What starts runs, by a name of the project's own (letters, digits, `-`): each made by the factory of a launcher plugin. */
  readonly launchers?: Readonly<Record<string, LauncherUse>>;
  /** Which command a worker runs, by a name of the project's own (letters, digits, `-`), besides `realhf` and `rehearsal`. */
  readonly runtimes?: Readonly<Record<string, RuntimeConfig>>;
  /** Folder for manifests. Default `.assay`. */
  readonly out?: string;
  /** File for generated types and loaders; its name ends in `.gen.ts`. Default `assay.gen.ts`. */
  readonly gen?: string;
  /** Patterns of data files that experiments may read while they are built. */
  readonly inputs?: readonly string[];
  readonly limits?: LimitsConfig;
  /** Checks of the project's own, run over everything that is proved; each comes from a package in `plugins`. */
  readonly rules?: readonly RuleUse[];
  /** What changes experiments before they are proved, one after another; each comes from a package in `plugins`. */
  readonly mutators?: readonly MutatorUse[];
  /** How much codes of rules weigh here, by code; `off` leaves a code out. Warnings of Assay itself may be `error`, nothing else. */
  readonly severities?: Readonly<Record<string, "error" | "warning" | "off">>;
}

/** Describes a project; the default export of `assay.config.ts`. */
export function defineConfig(config: AssayConfig): AssayConfig {
  return noun(defineConfig, { ...config });
}
