import { type CallHook, offload, paramRealloc } from "../spec/call.ts";
import { type ModelName, modelName } from "../spec/model-name.ts";
import type { LayoutInput, PlacedCall } from "./input.ts";
import type { Placement } from "./place.ts";

/**
 * Gives each call its replica. A role with one layout has replica 0. Otherwise the main call (the train step, else the
 * first inference, else the first) has it, and each call that is laid out differently gets the next id.
 */
export function withReplicas(calls: readonly Placement[], input: LayoutInput): readonly PlacedCall[] {
  const ids = new Map<Placement, number>();
  for (const role of new Set(calls.map(({ call }) => call.role))) {
    const own = calls.filter(({ call }) => call.role === role);
    const main =
      own.find(({ call }) => call.kind === "trainStep") ?? own.find(({ call }) => call.kind === "inference") ?? own[0];
    if (main === undefined) continue;
    ids.set(main, 0);
    let next = 1;
    for (const placed of own) {
      if (placed === main) continue;
      const shares = sameLayout(placed, main) && !generatesApart(placed, main, input);
      ids.set(placed, shares ? 0 : next++);
    }
  }
  const named = calls.map((placed) => ({ ...placed, replicaId: ids.get(placed) ?? 0 }));
  return named.map((placed) => ({ ...placed, ...hooksOf(placed, named, input) }));
}

type Named = Placement & { readonly replicaId: number };

/**
 * Hooks that a layout needs: parameters come from the replica that trains before a call and go back after it; a model that is
 * never trained leaves the GPU after its call if others need the room.
 */
function hooksOf(
  placed: Named,
  calls: readonly Named[],
  input: LayoutInput,
): { preHooks: CallHook[]; postHooks: CallHook[] } {
  const preHooks: CallHook[] = [];
  const postHooks: CallHook[] = [];
  const { role } = placed.call;
  const trains = calls.filter(({ call }) => call.role === role && call.kind === "trainStep");
  for (const train of trains) {
    if (train === placed) continue;
    if (sameLayout(placed, train) && !generatesApart(placed, train, input)) continue;
    preHooks.push(paramRealloc({ source: nameOf(train) }));
    postHooks.push(paramRealloc({ target: nameOf(train) }));
  }
  const shared = calls.some((other) => other !== placed && overlap(other, placed));
  if (trains.length === 0 && shared) postHooks.push(offload());
  // Parameters that others are blended into stay where they are.
  if (calls.some(({ call }) => call.blendInto?.role === role)) return { preHooks, postHooks: blends(placed, calls) };
  return { preHooks, postHooks: [...postHooks, ...blends(placed, calls)] };
}

/** The hook that blends what a call trains into another role's parameters. */
function blends({ call }: Named, calls: readonly Named[]): CallHook[] {
  const { blendInto } = call;
  const target = blendInto === null ? undefined : calls.find((other) => other.call.role === blendInto.role);
  return target === undefined || blendInto === null
    ? []
    : [paramRealloc({ target: nameOf(target), eta: blendInto.eta })];
}

/** True if an engine that shares GPUs with training keeps the call's parameters apart from those that train. */
function generatesApart(placed: Placement, main: Placement, input: LayoutInput): boolean {
  if (placed.call.kind !== "generate" || main.call.kind !== "trainStep") return false;
  return (input.models[placed.call.role]?.hybrid.length ?? 0) > 0;
}

/** Same GPUs and same sizes; sequence parallelism is no size. */
function sameLayout(a: Placement, b: Placement): boolean {
  return (
    a.gpus.first === b.gpus.first &&
    a.gpus.count === b.gpus.count &&
    a.sizes.data === b.sizes.data &&
    a.sizes.pipe === b.sizes.pipe &&
    a.sizes.tensor === b.sizes.tensor
  );
}

function overlap(a: Placement, b: Placement): boolean {
  return a.gpus.first < b.gpus.first + b.gpus.count && b.gpus.first < a.gpus.first + a.gpus.count;
}

function nameOf(placed: Named): ModelName {
  return modelName(placed.call.role, placed.replicaId);
}
