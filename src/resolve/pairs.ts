import { at, type Finding } from "../diagnostics/finding.ts";
import { callModelName, type ModelFunctionCall, type ParamReallocHook } from "../spec/call.ts";
import { type ModelName, modelNameText } from "../spec/model-name.ts";
import { graphDiagnostics } from "./diagnostics.ts";
import type { Graph } from "./graph.ts";
import type { Shards } from "./shards.ts";

/** An ordered pair of model names in text form. */
export type NamePair = readonly [string, string];

/**
 * Pairs between which data moves: one for every edge, in edge order; then the first source call's model with that of
 * each source call, once. Duplicates of edges stay: workers set up one channel for each.
 */
export function transferPairs(calls: readonly ModelFunctionCall[], graph: Graph): readonly NamePair[] {
  const modelOf = (index: number) => modelNameText(callModelName(calls[index] as ModelFunctionCall));
  const pairs: NamePair[] = graph.edges.map(([from, to]) => [modelOf(from), modelOf(to)]);
  const [first] = graph.sources;
  if (first === undefined) return pairs;
  for (const source of graph.sources) {
    const pair: NamePair = [modelOf(first), modelOf(source)];
    if (!pairs.some(([a, b]) => a === pair[0] && b === pair[1])) pairs.push(pair);
  }
  return pairs;
}

/** Pairs between which parameters move, and what keeps them from moving. */
export interface SyncPairs {
  readonly pairs: readonly NamePair[];
  readonly findings: readonly Finding[];
}

/** Collects reallocation hooks in the order of the calls, before a call ahead of after it. */
export function syncPairs(calls: readonly ModelFunctionCall[], shards: Shards | null, base: string): SyncPairs {
  const pairs: NamePair[] = [];
  const findings: Finding[] = [];
  const refused = new Set<string>();
  for (const { call, hook, other, pointer } of reallocations(calls, base)) {
    const own = modelNameText(callModelName(call));
    const name = modelNameText(other);
    // The pre and the post hook of one call name the same two models: one mistake.
    const mistake = own < name ? `${own} ${name}` : `${name} ${own}`;
    if (own === name) {
      if (!refused.has(mistake))
        findings.push(graphDiagnostics["sync-self"]({ call: call.name, model: own }, { at: at(pointer) }));
      refused.add(mistake);
      continue;
    }
    const ownSize = shards?.models.get(own)?.topo.tensor;
    const otherSize = shards?.models.get(name)?.topo.tensor;
    if (ownSize !== undefined && otherSize !== undefined && !divides(ownSize, otherSize)) {
      if (!refused.has(mistake)) {
        findings.push(
          graphDiagnostics["tensor-sizes"](
            { call: call.name, own, ownSize, other: name, otherSize },
            {
              at: at(pointer),
              related: [
                { model: own, factor: "own" },
                { model: name, factor: "other" },
              ].flatMap(({ model, factor }) => {
                const found = shards?.models.get(model);
                if (found === undefined) return [];
                const message = `tensor size ${found.topo.tensor} of \`${model}\``;
                return [{ at: at(`${found.pointer}/topo`), message, gives: [factor] }];
              }),
            },
          ),
        );
      }
      refused.add(mistake);
    }
    const pair: NamePair = hook.target === null ? [name, own] : [own, name];
    if (!pairs.some(([a, b]) => a === pair[0] && b === pair[1])) pairs.push(pair);
  }
  return { pairs, findings };
}

/** Every model that a call or a hook needs, with the place that names it first. */
export function neededModels(
  calls: readonly ModelFunctionCall[],
  base: string,
): ReadonlyMap<string, { readonly by: string; readonly pointer: string }> {
  const needed = new Map<string, { by: string; pointer: string }>();
  for (const [index, call] of calls.entries()) {
    const name = modelNameText(callModelName(call));
    if (!needed.has(name))
      needed.set(name, { by: `call \`${call.name}\``, pointer: `${base}/modelRpcs/${index}/modelName` });
  }
  for (const { call, other, hook, pointer } of reallocations(calls, base)) {
    const name = modelNameText(other);
    if (!needed.has(name)) {
      const side = hook.target === null ? "source" : "target";
      needed.set(name, { by: `a reallocation hook of call \`${call.name}\``, pointer: `${pointer}/${side}` });
    }
  }
  return needed;
}

interface Reallocation {
  readonly call: ModelFunctionCall;
  readonly hook: ParamReallocHook;
  readonly other: ModelName;
  readonly pointer: string;
}

/** Hooks that name exactly one other side; the rest have a finding of their own. */
function* reallocations(calls: readonly ModelFunctionCall[], base: string): Generator<Reallocation> {
  for (const [index, call] of calls.entries()) {
    for (const side of ["preHooks", "postHooks"] as const) {
      for (const [position, hook] of call[side].entries()) {
        if (hook.kind !== "paramRealloc") continue;
        const other = hook.target ?? hook.source;
        if (other === null || (hook.target !== null && hook.source !== null)) continue;
        yield { call, hook, other, pointer: `${base}/modelRpcs/${index}/${side}/${position}` };
      }
    }
  }
}

/** A size that is none has a finding of its own. */
function divides(a: number, b: number): boolean {
  const whole = [a, b].every((size) => Number.isSafeInteger(size) && size >= 1);
  return !whole || a % b === 0 || b % a === 0;
}
