import type { Finding, Span } from "../../src/diagnostics/finding.ts";
import type { ManifestSummary } from "../../src/manifest/summary.ts";
import type { ModelCard, PluginFacts, Reach } from "../../src/manifest/format.ts";
import type { CallSite } from "../../src/origin/call-site.ts";
import type { PluginCode, PluginTypeDescriptor } from "../../src/plugin/descriptor.ts";
import type { OptionSchema } from "../../src/realm/option-schema.ts";
import type { AcknowledgedFinding } from "../../src/resolve/acknowledge.ts";
import type { PluginKind } from "../../src/spec/plugin-kinds.ts";
import type { ClusterSpec } from "../../src/spec/cluster.ts";
import type { JsonValue } from "type-fest";
import type { MutatorHook, RuleHook } from "../../src/plugin/hook-use.ts";
import type { ProjectConfig, SampleFile, UseFrames } from "../config-shape.ts";

/** An override as it was typed: its path, its value, and where it stands. */
export interface OverrideArgument {
  readonly path: string;
  readonly value: JsonValue;
  readonly span: Span;
  /** Characters of the value, where the argument holds several. */
  readonly valueSpan?: Span;
}

/** One manifest to be: the bare experiment (`preset: null`) or one of its presets. */
export interface BuildRequest {
  readonly preset: string | null;
  /** True if a required option without a value is no mistake: the experiment is built in its presets then. */
  readonly optional: boolean;
  readonly overrides: readonly OverrideArgument[];
}

/** One experiment to evaluate: one fresh context, all its builds in this order. */
export interface EvaluateJob {
  readonly name: string;
  /** Module that registers it: project-relative POSIX path. */
  readonly file: string;
  /** Further modules that register what it stands on: files of the project, or `assay/experiments`. */
  readonly bases: readonly string[];
  /** Options as syntax shows them. */
  readonly schema: OptionSchema;
  readonly builds: readonly BuildRequest[];
}

/** What is known when a pool starts. */
export interface PoolSettings {
  /** Absolute folder that project-relative paths start from. */
  readonly root: string;
  readonly transpile: TranspileFlags;
  readonly limits: EvaluateLimits;
}

/** What all experiments of a project are evaluated with; known once its config is. */
export interface EvaluateContext {
  readonly clusters: readonly ClusterSpec[];
  readonly defaultCluster: string | null;
  /** Checkpoint path -> catalogue id. */
  readonly models: Readonly<Record<string, string>>;
  /** Cards of checkpoints whose own configuration is a declared input. */
  readonly cards: Readonly<Record<string, ModelCard>>;
  /** Declared inputs with rows of datasets, by the dataset's path. */
  readonly samples: Readonly<Record<string, SampleFile>>;
  /** What the descriptors of all plugins in use say. */
  readonly facts: PluginFacts;
  /** Declared inputs that are there: project-relative paths. */
  readonly inputs: readonly string[];
  readonly limits: EvaluateLimits;
  /** Mutators and rules of the project, each in the order of the config. */
  readonly hooks: readonly HookModule[];
  /** Codes whose warnings are errors in the project. */
  readonly raised: readonly string[];
}

/** A rule or a mutator, and the module that exports its definition. */
export interface HookModule {
  readonly hook: RuleHook | MutatorHook;
  readonly module: HookAddress;
}

/** What to import: a subpath of a package, of a folder in the project (absolute), or a file (absolute). */
export type HookAddress =
  | { readonly kind: "package"; readonly specifier: string }
  | { readonly kind: "folder"; readonly folder: string; readonly subpath: string }
  | { readonly kind: "file"; readonly path: string };

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

/** The two hashed parts of a manifest as canonical JSON, and their SHA-256 in hex. */
export interface SealedParts {
  readonly authored: string;
  readonly resolved: string;
  readonly hashes: { readonly authored: string; readonly resolved: string };
}

/** What one build gave. */
export interface BuildOutcome {
  readonly preset: string | null;
  /** Required options without a value, by path; if there are any, nothing was built, and that is no error by itself. */
  readonly needs: readonly string[];
  /** `null` if the methods did not get far enough for a manifest. Also there if findings are errors. */
  readonly parts: SealedParts | null;
  readonly summary: ManifestSummary | null;
  readonly reach: Reach | null;
  /** Canonical JSON of the spans file (`SpansFile`); places are those of the source. */
  readonly spans: string;
  /** Findings of evaluation and resolution together. Frames in places are those of the source, project-relative. */
  readonly findings: readonly Finding[];
  /** Warnings that the author accepts. */
  readonly acknowledged: readonly AcknowledgedFinding[];
}

/** A module that took part, for the cache key. */
export interface ModuleUse {
  /** Project-relative path; files outside the project are written from the nearest `node_modules` (`node_modules/x/y.js`). */
  readonly file: string;
  /** Of the bytes that were read; `null` for a file that was looked for and is not there. */
  readonly sha256: string | null;
}

export interface EvaluateOutcome {
  readonly name: string;
  /** Empty if nobody knows: the worker had to be ended. */
  readonly modules: readonly ModuleUse[];
  readonly builds: readonly BuildOutcome[];
  /** Findings about the job as a whole: it did not load, ran out of time or memory, used what is denied. */
  readonly findings: readonly Finding[];
  /** What it printed, capped. */
  readonly output: string;
}

/** An evaluated config. */
export interface ConfigOutcome {
  readonly config: ProjectConfig;
  readonly modules: readonly ModuleUse[];
  /** Definitions of plugins that pairs in it were made by. */
  readonly used: readonly UsedDefinition[];
  /** The call of `defineConfig`, for findings that come later; empty if the export is a mere object. */
  readonly frames: readonly CallSite[];
  /** The calls of factories that made its pairs. */
  readonly uses: UseFrames;
  readonly findings: readonly Finding[];
}

/** A definition that modules of plugins make. Places are those of the source, project-relative. */
export interface FoundDefinition {
  /** What it says of its type by itself; `args` is `true` where a TypeScript type says it. */
  readonly entry: PluginTypeDescriptor;
  readonly codes: readonly PluginCode[];
  /** Where it is exported: the module that was asked for, and the name. */
  readonly exports: readonly { readonly module: string; readonly name: string }[];
  /** The call that made it. */
  readonly frames: readonly CallSite[];
  /** The call of `typed`; `null` where the arguments have a JSON Schema. */
  readonly typedAt: readonly CallSite[] | null;
  /** Name of the class of a backend's options. */
  readonly optionsClass: string | null;
  /** Methods that the class of a hook must have and does not. */
  readonly lacks: readonly string[];
}

/** A definition that pairs were made by, as the code has it. */
export interface UsedDefinition {
  readonly kind: PluginKind;
  readonly type: string;
  /** `true` where a TypeScript type says it. */
  readonly args: JsonValue;
  readonly isTyped: boolean;
  readonly facts: JsonValue;
  /** Package, or file of the project (`./...`), that exports it; `null` if none does. */
  readonly owner: string | null;
  /** The call that made its first pair. */
  readonly frames: readonly CallSite[];
}

/** What modules of plugins hold. */
export interface PluginsOutcome {
  readonly modules: readonly ModuleUse[];
  readonly definitions: readonly FoundDefinition[];
  readonly findings: readonly Finding[];
}

/** Thrown to who waits for a pool that is closed. */
export class Abandoned extends Error {}

/** Evaluates author code in worker threads; the only way in which a build runs any. */
export interface EvaluationPool {
  /** Runs the project's config (project-relative path) and checks what it exports. */
  config(file: string, namedBy: string | null): Promise<ConfigOutcome>;
  /** Runs modules of plugins (project-relative paths) in one context, and tells their definitions. */
  plugins(modules: readonly string[]): Promise<PluginsOutcome>;
  /** Says what experiments are evaluated with. Before the first `evaluate`. */
  use(context: EvaluateContext): void;
  /** Has every file looked at anew by what is evaluated from now on. */
  renew(): void;
  /** Evaluates one experiment; jobs run in the order in which they come. Never rejects for what an author wrote. */
  evaluate(job: EvaluateJob): Promise<EvaluateOutcome>;
  /** Ends all workers; what was still to be done is rejected with {@link Abandoned}. */
  close(): Promise<void>;
}
