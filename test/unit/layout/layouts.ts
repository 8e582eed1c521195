import type { LayoutCall, LayoutInput, LayoutModel, ManualPlace } from "../../../src/layout/input.ts";
import { layOut } from "../../../src/layout/layout.ts";
import type { ShardMaker } from "../../../src/layout/shards.ts";
import type { InterfaceType } from "../../../src/spec/call.ts";
import { clusterSpec } from "../../../src/spec/cluster.ts";
import { modelNameText } from "../../../src/spec/model-name.ts";
import { MODEL_WORKER_DEFAULTS } from "../../../src/spec/worker.ts";

/** A call of a role, before it is placed. */
export function call(name: string, kind: InterfaceType, role = "actor", more: Partial<LayoutCall> = {}): LayoutCall {
  return {
    name,
    pointer: `/calls/${name}`,
    kind,
    role,
    nSeqs: 1024,
    nSeqsFrom: null,
    minNSeqsPerPass: 1,
    mbSpec: { nMbs: 1, maxTokensPerMb: 1 },
    manual: null,
    blendInto: null,
    tokens: null,
    ...more,
  };
}

/** A place by hand, from sizes `[data, pipe, tensor]`. */
export function byHand(
  [data, pipe, tensor]: readonly [number, number, number],
  deviceMesh: string | null = null,
  option: string | null = "gen",
): ManualPlace {
  const parallel = {
    dataParallelSize: data,
    pipelineParallelSize: pipe,
    tensorParallelSize: tensor,
    useSequenceParallel: true,
  };
  return { parallel, deviceMesh, option };
}

export const MODEL: LayoutModel = {
  option: "actor",
  gradientCheckpointing: true,
  train: { type: "megatron", gradientAccumulationFusion: true },
  trainName: "megatron",
  hybrid: [],
  captured: [],
};

/** One node of eight GPUs on a cluster of four, on which `actor` generates and trains. */
export function input(more: Partial<LayoutInput> = {}): LayoutInput {
  return {
    cluster: clusterSpec({ nodes: 4, gpusPerNode: 8 }),
    launchMode: "slurm",
    nNodes: 1,
    gpusPerNode: 8,
    sizedBy: { nNodes: "nNodes", gpusPerNode: "nGpusPerNode" },
    nodelist: null,
    allocationMode: "d8p1m1",
    heuristic: null,
    servers: null,
    calls: [call("gen", "generate"), call("train", "trainStep")],
    leftOut: [],
    models: { actor: MODEL, ref: { ...MODEL, option: "ref" } },
    ...more,
  };
}

const MAKER: ShardMaker = {
  pairs: (role, backend, holds) => ({ model: { type: holds, args: { role } }, backend: { type: backend, args: {} } }),
  evalDataset: { type: "prompt_answer", args: {} },
  evalBs: 7,
  maxPromptLen: 256,
};

/** Lays out, with plain pairs. */
export function laidOut(more: Partial<LayoutInput> = {}, make: Partial<ShardMaker> = {}) {
  return layOut(input(more), { ...MODEL_WORKER_DEFAULTS, baseSeed: 1 }, { ...MAKER, ...make });
}

/** `call: role@replica pre... | post...`, a line each. */
export function callLines(layout: ReturnType<typeof laidOut>): readonly string[] {
  return (layout.calls ?? []).map(({ call: { name, role }, replicaId, preHooks, postHooks }) => {
    const hooks = (list: typeof preHooks) =>
      list.map((hook) => {
        if (hook.kind === "offload") return "offload";
        const [side, other] = hook.source === null ? ["to", hook.target] : ["from", hook.source];
        return `${side} ${other === null ? "" : modelNameText(other)}`;
      });
    return [`${name} ${role}@${replicaId}`, ...hooks(preHooks), "|", ...hooks(postHooks)].join(" ").replace(/ \|$/, "");
  });
}
