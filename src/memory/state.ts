import { bytesPerParameter, fittingFact, type StateFact } from "./facts.ts";
import type { MemoryPart, MemoryPartKind } from "../manifest/format.ts";
import type { MemoryModel } from "./model.ts";
import { largestBlock, stageParameters } from "./parameters.ts";
import { wholeText } from "./text.ts";

const STATE = ["weights", "gradients", "optimizer"] as const;

/**
 * What a model keeps on a GPU of a pipeline stage between calls: weights, and gradients and optimizer state if it is trained, at the
 * bytes a parameter that its backend says and shared out over the axes that it says: stages 1 to 3 of ZeRO (Rajbhandari et al.,
 * arXiv:1910.02054), the distributed optimizer of Megatron-LM (`megatron/training/theoretical_memory_usage.py`: 18 bytes without,
 * 6 + 12/dp with it). `null` if the card or the facts don't say enough.
 */
export function stateParts(model: MemoryModel, stage: number): readonly MemoryPart[] | null {
  const stages = worked.get(model) ?? [];
  worked.set(model, stages);
  return (stages[stage] ??= { parts: workOut(model, stage) }).parts;
}

/** Every call that meets a model asks for its state again. */
const worked = new WeakMap<MemoryModel, { readonly parts: readonly MemoryPart[] | null }[]>();

function workOut(model: MemoryModel, stage: number): readonly MemoryPart[] | null {
  const parts: MemoryPart[] = [];
  for (const kind of STATE) {
    if (kind !== "weights" && !model.isTrained) continue;
    const fact = fittingFact(model.backend[kind], model.args);
    const part = fact === null ? undefined : statePart(model, kind, fact, stage);
    if (part === null || (kind === "weights" && part === undefined)) return null;
    if (part !== undefined) parts.push(part);
  }
  return parts;
}

/** `undefined` for what is not on the GPU, or takes nothing. */
function statePart(
  model: MemoryModel,
  kind: MemoryPartKind,
  fact: StateFact,
  stage: number,
): MemoryPart | null | undefined {
  const { card, isCritic, layout, args, name } = model;
  const bytes = bytesPerParameter(fact, args);
  if (bytes === null) return null;
  const axes = (axis: "tensor" | "pipe" | "data") => (fact.over.includes(axis) ? layout[axis] : 1);
  const split = { tensor: axes("tensor"), pipe: axes("pipe") };
  const parameters = stageParameters(card, split, split.pipe === 1 ? 0 : stage, isCritic);
  if (parameters === null) return null;
  if (bytes === 0) return kind === "weights" ? { kind, model: name, bytes: 0, how: "none" } : undefined;
  if (fact.on === "host") return { kind, model: name, bytes: 0, how: "in the memory of the host" };
  const data = axes("data");
  const shared = data === 1 ? "" : ` / dp ${data}`;
  return {
    kind,
    model: name,
    bytes: Math.ceil((parameters * bytes) / data),
    how: `${wholeText(parameters)} parameters x ${bytes} bytes${shared}`,
  };
}

/** What the largest layer or embedding takes while a model that is sharded whole has it gathered; `null` where nothing is gathered. */
export function gatheredPart({ name, card, layout, backend, args }: MemoryModel): MemoryPart | null {
  const fact = fittingFact(backend.gathered, args);
  const bytes = fact === null ? null : bytesPerParameter(fact, args);
  if (fact === null || bytes === null || bytes === 0) return null;
  const block = largestBlock(card, fact.over.includes("tensor") ? layout.tensor : 1);
  if (block === null) return null;
  const how = `${wholeText(block)} parameters of the largest block x ${bytes} bytes`;
  return { kind: "buffers", model: name, bytes: Math.ceil(block * bytes), how };
}
