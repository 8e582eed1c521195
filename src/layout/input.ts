import type { JsonObject } from "type-fest";
import type { TextRange } from "../diagnostics/finding.ts";
import type { CallHook, InterfaceType, MicroBatchSpec } from "../spec/call.ts";
import type { ClusterSpec } from "../spec/cluster.ts";
import type { ParallelismConfig } from "../spec/parallelism.ts";
import type { TypeArgs } from "../spec/pair.ts";

/** All that a layout depends on: sizes, calls and models as data. */
export interface LayoutInput {
  readonly cluster: ClusterSpec;
  /** `slurm`, `ray`, `local`, ...: local runs have one node. */
  readonly launchMode: string;
  readonly nNodes: number;
  readonly gpusPerNode: number;
  readonly nodelist: string | null;
  readonly allocationMode: string;
  readonly calls: readonly LayoutCall[];
  /** Calls that can't be laid out, for a reason that is reported elsewhere: what the string says of them is no mistake. */
  readonly leftOut: readonly Pick<LayoutCall, "name" | "kind">[];
  readonly models: Readonly<Record<string, LayoutModel>>;
}

/** A call before it is placed. */
export interface LayoutCall {
  readonly name: string;
  /** Where it stands in what is authored. */
  readonly pointer: string;
  readonly kind: InterfaceType;
  readonly role: string;
  /** `null` if nothing says it. */
  readonly nSeqs: number | null;
  readonly minNSeqsPerPass: number;
  readonly mbSpec: MicroBatchSpec;
  /** Read under `manual`. */
  readonly manual: ManualPlace | null;
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

/** Backend of a shard: the plugin's type, or a pair whose arguments are made later. */
export interface ShardBackend {
  readonly type: string;
  readonly args?: JsonObject;
}

/** Pairs of a model's shards. */
export interface ShardPairs {
  readonly model: TypeArgs;
  readonly backend: TypeArgs;
}
