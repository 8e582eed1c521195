import { callModelName, type ParamReallocHook } from "../../spec/call.ts";
import { modelNameText } from "../../spec/model-name.ts";
import { type DerivationSource, type Fact, fact, firstOf, listText, type Setup } from "./fact.ts";
import { hookReasons } from "./calls.ts";
import { keyPlaces } from "./graph.ts";
import { modelIn } from "./models.ts";
import { madeFacts } from "./pointers.ts";

/** A pair between which data moves: the edges of the graph that need it. */
export function dataPairFact(source: DerivationSource, from: string, to: string): Fact | null {
  return firstOf(source, (setup) => {
    const pair = pairIn(setup, setup.resolved.dataTransferPairs, from, to);
    if (pair === null) return null;
    const [first, second] = pair;
    const modelOf = modelsByCall(setup);
    const { edges, nodes } = setup.resolved.graph;
    const because = edges
      .filter((edge) => modelOf.get(edge.from) === first && modelOf.get(edge.to) === second)
      .map((edge) => {
        const [key = ""] = edge.keys;
        const places = keyPlaces(source, setup, edge.to, "inputKeys", key);
        return fact(`\`${edge.to}\` reads ${listText(edge.keys)}, which \`${edge.from}\` yields`, places);
      });
    const sources = nodes.filter(({ isSrc }) => isSrc).map(({ name }) => name);
    const [lead] = sources;
    const reading = sources.filter((name) => modelOf.get(name) === second);
    if (lead !== undefined && modelOf.get(lead) === first && reading.length > 0) {
      because.push(
        fact(
          `the dataset is loaded on the workers of \`${lead}\`, the first source call, and ${listText(reading)} reads it`,
          madeFacts(source, `/setups/${setup.index}/modelRpcs/${callIndex(setup, lead)}`),
        ),
      );
    }
    return fact(`data moves from \`${first}\` to \`${second}\``, because);
  });
}

/** A pair between which parameters move: the hooks that need it. */
export function syncPairFact(source: DerivationSource, from: string, to: string): Fact | null {
  return firstOf(source, (setup) => {
    const pair = pairIn(setup, setup.resolved.syncParamPairs, from, to);
    if (pair === null) return null;
    const [first, second] = pair;
    const because: Fact[] = [];
    for (const [at, call] of setup.config.modelRpcs.entries()) {
      const own = modelNameText(callModelName(call));
      for (const side of ["preHooks", "postHooks"] as const) {
        for (const [position, hook] of call[side].entries()) {
          if (hook.kind !== "paramRealloc" || !moves(hook, own, first, second)) continue;
          const pointer = `/setups/${setup.index}/modelRpcs/${at}`;
          const when = side === "preHooks" ? "before" : "after";
          const reasons = [
            ...hookReasons(source, setup, { call, pointer }, hook),
            ...madeFacts(source, `${pointer}/${side}/${position}`),
          ];
          because.push(fact(`a hook ${when} \`${call.name}\` moves them`, reasons));
        }
      }
    }
    return fact(`parameters move from \`${first}\` to \`${second}\``, because);
  });
}

function moves({ source, target }: ParamReallocHook, own: string, from: string, to: string): boolean {
  if (target !== null) return own === from && modelNameText(target) === to;
  return source !== null && modelNameText(source) === from && own === to;
}

function pairIn(
  setup: Setup,
  pairs: readonly (readonly [string, string])[],
  from: string,
  to: string,
): readonly [string, string] | null {
  if (from === "" || to === "") return null;
  const wanted = [modelIn(setup, from), modelIn(setup, to)] as const;
  return pairs.find(([first, second]) => first === wanted[0] && second === wanted[1]) ?? null;
}

function callIndex({ config }: Setup, name: string): number {
  return config.modelRpcs.findIndex((call) => call.name === name);
}

function modelsByCall({ config }: Setup): ReadonlyMap<string, string> {
  return new Map(config.modelRpcs.map((call) => [call.name, modelNameText(callModelName(call))]));
}
