import type { JsonObject, JsonValue } from "type-fest";
import type { Finding } from "../diagnostics/finding.ts";
import type { JsonPointer } from "../origin/pointer.ts";
import type { ClusterSpec } from "../spec/cluster.ts";
import type { Column } from "../spec/column.ts";
import type { ExperimentConfig } from "../spec/experiment-config.ts";
import type { ProcessTopology } from "../spec/topology.ts";
import type { ExperimentScheduling } from "../spec/scheduling.ts";
import type { WorkerKind } from "../spec/worker.ts";
import type { WorkerSet } from "../spec/worker-set.ts";

/** Version of the manifest's format; `docs/manifest.md` describes it. */
export const MANIFEST_VERSION = 1;

/** One experiment (or one of its presets), from what syntax shows to what every worker gets. */
export interface Manifest {
  readonly assayManifest: typeof MANIFEST_VERSION;
  /** Registered name of the experiment. */
  readonly name: string;
  readonly preset: string | null;
  readonly declared: Declared | null;
  readonly authored: Authored;
  readonly resolved: Resolved;
  /** SHA-256 (hex) over the canonical JSON (RFC 8785) of the part. */
  readonly hashes: { readonly authored: string; readonly resolved: string };
}

/** What syntax shows; there even when evaluation fails. */
export interface Declared {
  /** Project-relative path of the module that registers the experiment. */
  readonly file: string;
  readonly line: number;
  readonly className: string | null;
  readonly doc: string;
  readonly tags: readonly string[];
  readonly presets: readonly string[];
  readonly options: readonly {
    readonly path: string;
    readonly type: string | null;
    readonly help: string;
    readonly range: string | null;
  }[];
}

/** What the experiment's two methods returned, and what they stand on. */
export interface Authored {
  readonly experiment: string;
  readonly cluster: ClusterSpec;
  readonly scheduling: ExperimentScheduling;
  /** Setups run one after another under one scheduling. */
  readonly setups: readonly ExperimentConfig[];
  /** Settings that only a launcher reads. */
  readonly launch: JsonObject;
  /** Cards of the models in use, by checkpoint path. */
  readonly models: Readonly<Record<string, ModelCard>>;
  /** Facts of type+args pairs that depend on their arguments, by pointer of the pair. */
  readonly facts: Readonly<Record<string, JsonObject>>;
  /** What samples of the datasets in use hold, by the path that a dataset has; only if there is any. */
  readonly samples?: Readonly<Record<string, DataSample>>;
  readonly acknowledgements: readonly Acknowledgement[];
  /** What mutators of the project changed after the methods had returned; only if any did. */
  readonly mutations?: readonly Mutation[];
  /** What was found while the parts above were made: warnings, in a manifest that is on disk. */
  readonly findings: readonly Finding[];
}

/** A warning that the author knows of and accepts. */
export interface Acknowledgement {
  readonly code: string;
  readonly reason: string;
}

/** One value that a mutator of the project set. */
export interface Mutation {
  readonly type: string;
  /** Package that brings the mutator. */
  readonly package: string;
  /** Place in the authored part. */
  readonly at: JsonPointer;
  /** Why, in the mutator's words. */
  readonly because: string;
}

/** Architecture of a model, as far as placement and memory depend on it. */
export interface ModelCard {
  /** Catalogue id, or the path it was read from. */
  readonly id: string;
  /** Family by its own configuration (`model_type`). */
  readonly family: string;
  readonly hiddenSize: number;
  readonly layers: number;
  readonly heads: number;
  readonly kvHeads: number;
  readonly headDim: number;
  /** Size of dense feed-forward layers; `null` if there are none, or if it is unknown. */
  readonly ffnSize: number | null;
  readonly vocabSize: number;
  readonly tiedEmbeddings: boolean;
  /** Longest sequence in tokens; `null` if unknown. */
  readonly maxPositions: number | null;
  /** Number of parameters; `null` if nobody wrote it down. */
  readonly params: number | null;
  /** Biases on the projections to queries, keys and values; none unless given. */
  readonly qkvBias?: boolean;
  /** Norms on queries and keys; none unless given. */
  readonly qkNorm?: boolean;
  /** Experts in the place of dense feed-forward layers; a dense model has none. */
  readonly experts?: ExpertsCard;
  /** Multi-head latent attention in the place of plain projections. */
  readonly latentAttention?: LatentAttentionCard;
}

/** The experts of a mixture of experts. */
export interface ExpertsCard {
  /** Routed experts of a layer. */
  readonly count: number;
  /** Routed experts that each token goes through. */
  readonly active: number;
  /** Experts of a layer that every token goes through, besides. */
  readonly shared: number;
  /** Feed-forward size of one expert. */
  readonly ffnSize: number;
  /** First layers that are dense. */
  readonly denseLayers: number;
  /** The router has a bias for each expert; none unless given. */
  readonly routerBias?: boolean;
}

/** Sizes of multi-head latent attention (DeepSeek-V2, arXiv:2405.04434). */
export interface LatentAttentionCard {
  /** Rank of the compressed queries; `null` if queries are not compressed. */
  readonly queryRank: number | null;
  /** Rank of the compressed keys and values. */
  readonly keyValueRank: number;
  /** Part of a head's keys without a position. */
  readonly nopeHeadDim: number;
  /** Part of a head's keys with a rotated position. */
  readonly ropeHeadDim: number;
  readonly valueHeadDim: number;
}

/** Types of values in JSON; a number that is whole is an `integer`. */
export type JsonTypeName = "array" | "boolean" | "integer" | "null" | "number" | "object" | "string";

/** A stretch of one line of a file, both from 1, in UTF-16 units. */
export interface LineStretch {
  readonly line: number;
  readonly column: number;
  readonly length: number;
}

/** What the rows of a sample hold: no row itself, but what checks need of all of them. */
export interface DataSample {
  /** Project-relative path of the file: one JSON object a line. */
  readonly file: string;
  /** Whether its rows are all that the dataset has. */
  readonly isWhole: boolean;
  readonly rows: number;
  /** Whether the file has more rows than were looked at. */
  readonly isCut: boolean;
  readonly columns: Readonly<Record<string, SampleColumn>>;
  /** Where the first row stands; `null` if there is none. */
  readonly firstRow: LineStretch | null;
  /** The first line that is no JSON object. */
  readonly fault: (LineStretch & { readonly problem: string }) | null;
}

/** What the rows of a sample have in one column. */
export interface SampleColumn {
  /** Rows that have it. */
  readonly rows: number;
  /** The first row that lacks it. */
  readonly lacking: LineStretch | null;
  /** By type: how many of its values are of it, and the first one. */
  readonly types: Readonly<Partial<Record<JsonTypeName, SampleCount>>>;
  /** The same of what its lists hold. */
  readonly items: Readonly<Partial<Record<JsonTypeName, SampleCount>>>;
  /** By column: rows whose lists in it are of another length than those here; only if there are any. */
  readonly uneven?: Readonly<Record<string, SampleCount>>;
  /** Texts that it holds, where a plugin says which there may be; the first few if there are many. */
  readonly values: Readonly<Record<string, SampleValue>> | null;
  /** The largest of its values: tokens that a text has at least, length of a list, or a number itself. */
  readonly largest: SampleSize | null;
}

/** How many values there are of a sort, and where the first one stands. */
export interface SampleCount {
  readonly count: number;
  readonly first: LineStretch;
}

/** Rows that have a text in a column. */
export interface SampleValue extends SampleCount {
  /** By column: how many of these rows lack it, and the first one. */
  readonly lacking: Readonly<Record<string, SampleCount>>;
}

/** A size, and what has it. */
export interface SampleSize {
  readonly size: number;
  /** What it was counted by: `words` and `characters` of a text are bounds. */
  readonly of: "words" | "characters" | "items" | "number";
  readonly at: LineStretch;
}

/** What the resolver made of the authored part. */
export interface Resolved {
  readonly setups: readonly ResolvedSetup[];
  readonly reach: Reach;
}

/** One setup, resolved. Model names are in text form, `role@replica`. */
export interface ResolvedSetup {
  readonly modelNames: readonly string[];
  readonly graph: ResolvedGraph;
  readonly modelTopos: Readonly<Record<string, ProcessTopology>>;
  /** For each model the workers that hold its shards, in the order of ranks. */
  readonly msid2mwid: Readonly<Record<string, Column>>;
  readonly dataTransferPairs: readonly (readonly [string, string])[];
  readonly syncParamPairs: readonly (readonly [string, string])[];
  readonly modelNamesToInstantiate: readonly string[];
  readonly masterWorker: WorkerSet;
  readonly counts: Readonly<Record<WorkerKind, number>>;
  /** The card that each model was checked against; `null` where none is known. */
  readonly models: Readonly<Record<string, { readonly card: string | null; readonly family: string | null }>>;
  /** Estimated memory of GPUs; absent where nothing is known of any model. */
  readonly memory?: SetupMemory;
}

/** Estimated memory of a setup's GPUs. `docs/memory.md` has the formulas and what they take for granted. */
export interface SetupMemory {
  /** Memory of one GPU; `null` if it is not known, and so nothing is said of what fits. */
  readonly gpuBytes: number | null;
  /** One for each call, in their order, then one for generation servers. */
  readonly phases: readonly MemoryPhase[];
  /** Models that are not in the estimate, and why. */
  readonly notEstimated: Readonly<Record<string, string>>;
}

/** Memory of the GPU that needs most while a call runs. */
export interface MemoryPhase {
  /** Name of the call; `null` for generation servers. */
  readonly call: string | null;
  /** Its model, `role@replica`. */
  readonly model: string;
  /** First worker (of generation servers: first server) that needs so much. */
  readonly worker: number;
  /** Pipeline stage of the model there, from 0. */
  readonly stage: number;
  /** All that is on the GPU. */
  readonly parts: readonly MemoryPart[];
  /** Sum of the parts. */
  readonly totalBytes: number;
  /** Tokens that the cache of an engine holds; `null` for what is no engine, or if the memory of the GPU is not known. */
  readonly capacityTokens: number | null;
  /** `null` where the memory of the GPU is not known. */
  readonly verdict: MemoryVerdict | null;
}

/** What an estimate means: from 88 % of a GPU it is near the limit. */
export type MemoryVerdict = "fits" | "near-limit" | "unbounded-batch" | "exceeds-gpu" | "kv-capacity";

/** What a GPU's memory goes to. */
export type MemoryPartKind =
  | "weights"
  | "gradients"
  | "optimizer"
  | "activations"
  | "logits"
  | "cache"
  | "buffers"
  | "runtime";

/** One part of a GPU's memory. */
export interface MemoryPart {
  readonly kind: MemoryPartKind;
  /** Model that it is of; `null` for none. */
  readonly model: string | null;
  readonly bytes: number;
  /** The arithmetic, in one line. */
  readonly how: string;
}

/** The dataflow graph. */
export interface ResolvedGraph {
  readonly nodes: readonly GraphNode[];
  /** In the order of producers, then of consumers. */
  readonly edges: readonly GraphEdge[];
  readonly dataProducers: Readonly<Record<string, string>>;
  readonly dataConsumers: Readonly<Record<string, readonly string[]>>;
}

export interface GraphNode {
  readonly name: string;
  readonly parents: readonly string[];
  readonly children: readonly string[];
  readonly isSrc: boolean;
  readonly isDst: boolean;
  readonly isDstOfModelRole: boolean;
}

export interface GraphEdge {
  readonly from: string;
  readonly to: string;
  readonly keys: readonly string[];
}

/** How far the proof goes. */
export interface Reach {
  readonly proved: readonly string[];
  readonly assumed: readonly string[];
  readonly notChecked: readonly string[];
}

/** A manifest whose resolved part is not there yet. */
export type AuthoredManifest = Pick<Manifest, "authored"> & Partial<Manifest>;

/** Facts about plugin types, read from descriptors: data, by kind and type. */
export interface PluginFacts {
  readonly types: Readonly<Record<string, Readonly<Record<string, TypeFacts>>>>;
  readonly cards: Readonly<Record<string, ModelCard>>;
  /** Models whose own configuration is there but gives no card, by path. */
  readonly incompleteCards?: Readonly<Record<string, IncompleteCard>>;
}

/** A model's configuration that gives no card. */
export interface IncompleteCard {
  /** Project-relative path. */
  readonly file: string;
  /** What is wrong, each after "it". */
  readonly problems: readonly string[];
}

/** What a descriptor says of one type. */
export interface TypeFacts {
  /** Package that owns the type. */
  readonly owner: string;
  /** JSON Schema of the arguments; `null` if anything goes. */
  readonly args: JsonObject | boolean | null;
  readonly facts: Readonly<Record<string, JsonValue>>;
}
