import { at, type Place, type TextRange } from "../diagnostics/finding.ts";
import type { CallHook, InterfaceType, MicroBatchSpec } from "../spec/call.ts";
import type { ClusterSpec } from "../spec/cluster.ts";
import type { ParallelismConfig } from "../spec/parallelism.ts";

/** All that a layout depends on: sizes, calls and models as data. */
export interface LayoutInput {
  readonly cluster: ClusterSpec;
  /** `slurm`, `ray`, `local`, ...: local runs have one node. */
  readonly launchMode: string;
  readonly nNodes: number;
  readonly gpusPerNode: number;
  /** What says how many nodes and GPUs: an option of its own, or the cluster, which is then taken whole. */
  readonly sizedBy: SizedBy;
  readonly nodelist: string | null;
  readonly allocationMode: string;
  /** Where calls go under `heuristic`; `null` if the experiment has no rule of its own. */
  readonly heuristic: Readonly<Record<string, HeuristicPlace>> | null;
  /** Generation on servers apart from the calls, as asynchronous experiments have it; `null` where calls generate by themselves. */
  readonly servers: ServerEngine | null;
  readonly calls: readonly LayoutCall[];
  /** Calls that can't be laid out, for a reason that is reported elsewhere: what the string says of them is no mistake. */
  readonly leftOut: readonly Pick<LayoutCall, "name" | "kind">[];
  readonly models: Readonly<Record<string, LayoutModel>>;
}

/** Options behind the sizes of a layout's GPUs. */
export interface SizedBy {
  readonly nNodes: "nNodes" | "cluster";
  readonly gpusPerNode: "nGpusPerNode" | "cluster";
}

/** A call before it is placed. */
export interface LayoutCall {
  readonly name: string;
  /** Where it stands in what is authored; `null` for a call that servers answer, which stands nowhere. */
  readonly pointer: string | null;
  readonly kind: InterfaceType;
  readonly role: string;
  /** `null` if nothing says it. */
  readonly nSeqs: number | null;
  /** What says them: an option, or the call from which others have them; `null` if the call does by itself. */
  readonly nSeqsFrom: string | null;
  readonly minNSeqsPerPass: number;
  readonly mbSpec: MicroBatchSpec;
  /** Read under `manual`. */
  readonly manual: ManualPlace | null;
  /** Role into whose parameters those that a train step leaves are blended, and their weight; `null` for none. */
  readonly blendInto: Blend | null;
  /** Tokens of a generated sequence; `null` if nothing says them. */
  readonly tokens: GeneratedTokens | null;
}

/** An exponential moving average: `eta` of the trained parameters, the rest of what the role has. */
export interface Blend {
  readonly role: string;
  readonly eta: number;
}

/** How long a generated sequence can get, in tokens. */
export interface GeneratedTokens {
  readonly prompt: number;
  readonly generated: number;
  /** Where the length of prompts is said; `null` if nothing says it. */
  readonly promptPlace: Place | null;
  /** Option that says how many are generated, for findings; `null` if none does. */
  readonly option: string | null;
  /** Engine whose captured graphs sequences must fit even when another one generates; `null` for the one that does. */
  readonly engine: string | null;
}

/** The engine that generation servers run. */
export interface ServerEngine {
  readonly engine: string;
}

/** Where a rule of an experiment's own puts a call: a run of GPUs, all of them unless given, and the sizes there. */
export interface HeuristicPlace {
  readonly gpus?: GpuRun;
  readonly data: number;
  readonly pipe: number;
  readonly tensor: number;
  /** Splits activations along the sequence; train steps with a tensor degree do unless said otherwise. */
  readonly sequenceParallel?: boolean;
}

/** Where a call goes by hand. */
export interface ManualPlace {
  readonly parallel: ParallelismConfig;
  readonly deviceMesh: string | null;
  /** Option that holds both, for findings; `null` if they stand in the call. */
  readonly option: string | null;
}

/** What a layout needs to know of a model. */
export interface LayoutModel {
  /** Option that the model comes from. */
  readonly option: string | null;
  readonly gradientCheckpointing: boolean;
  /** Backend that would train it; `null` if its name is unknown. */
  readonly train: { readonly type: string; readonly gradientAccumulationFusion: boolean } | null;
  readonly trainName: string;
  /** Backends whose options ask to generate on training GPUs, in registration order. */
  readonly hybrid: readonly { readonly type: string; readonly supported: boolean }[];
  /** Lengths up to which engines capture graphs, of engines that do so. */
  readonly captured: readonly CapturedLength[];
}

/** The longest sequence for which an engine captures its graphs. */
export interface CapturedLength {
  readonly engine: string;
  /** Tokens. */
  readonly limit: number;
  readonly limitOption: string;
  /** Option that does without captured graphs, and whether it is set. */
  readonly eagerOption: string;
  readonly isEager: boolean;
}

/** A contiguous run of GPUs in row-major order over the nodes. */
export interface GpuRun {
  readonly first: number;
  readonly count: number;
}

/** A call with its place. */
export interface PlacedCall {
  readonly call: LayoutCall;
  readonly gpus: GpuRun;
  readonly sizes: { readonly data: number; readonly pipe: number; readonly tensor: number };
  readonly sequenceParallel: boolean;
  /** Characters of the allocation string that give the sizes. */
  readonly range: TextRange | null;
  readonly replicaId: number;
  readonly preHooks: readonly CallHook[];
  readonly postHooks: readonly CallHook[];
}

/** Where a call, or a field of it, stands. */
export function placeOf({ pointer }: LayoutCall, field = ""): Place {
  return pointer === null ? { kind: "class" } : at(pointer + field);
}
