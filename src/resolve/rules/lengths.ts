import { at, type Place, type RelatedPlace } from "../../diagnostics/finding.ts";
import { fieldOf, isPair } from "../../spec/placed-pairs.ts";
import { everyPair } from "../every-pair.ts";
import { typeFacts } from "../facts.ts";
import { argumentPointer, numberAt, type RuleContext, textAt } from "./context.ts";

/** How long sequences of a setup can get, in tokens. */
export interface Lengths {
  /** Longest row of a dataset: a prompt, or an example with its answer. */
  readonly row: Length;
  /** Tokens that are generated after it; `null` where nothing generates. */
  readonly generated: Length | null;
  readonly total: number;
}

/** A number of tokens, and where it is said. */
export interface Length {
  readonly tokens: number;
  readonly place: Place;
}

/** Lengths of a setup's sequences; `null` if nobody says them. */
export function lengthsOf(context: RuleContext): Lengths | null {
  const { config, base, facts } = context;
  let row: Length | null = null;
  for (const { kind, pair, pointer } of everyPair(config, base, facts)) {
    if (kind !== "dataset" || !pointer.startsWith(`${base}/modelWorker/`) || pointer.includes("/shards/")) continue;
    const path = textAt({ ...typeFacts(facts, "dataset", pair.type)?.facts }, "maxTokens");
    const tokens = path === null ? null : numberAt(pair.args, path);
    if (path === null || tokens === null) continue;
    if (row === null || tokens > row.tokens) row = { tokens, place: at(argumentPointer(`${pointer}/args`, path)) };
  }
  if (row === null) return null;
  const generated = generatedOf(context);
  return { row, generated, total: row.tokens + (generated?.tokens ?? 0) };
}

/** What calls and agents generate at most. */
function generatedOf({ calls, config, base, facts }: RuleContext): Length | null {
  const all: Length[] = [];
  for (const { call, args, pointer, interfaceFacts } of calls) {
    const path = call.interfaceType === "generate" ? textAt(interfaceFacts, "generation") : null;
    const tokens = path === null ? null : numberAt(args, `${path}.maxNewTokens`);
    if (path === null || tokens === null) continue;
    all.push({ tokens, place: at(argumentPointer(`${pointer}/interfaceImpl/args`, `${path}.maxNewTokens`)) });
  }
  for (const [agent, pointer] of fieldOf(config, "rolloutWorker", "agent", base)) {
    if (!isPair(agent)) continue;
    const path = textAt({ ...typeFacts(facts, "agent", agent.type)?.facts }, "generation");
    const tokens = path === null ? null : numberAt(agent.args, `${path}.maxNewTokens`);
    if (path === null || tokens === null) continue;
    all.push({ tokens, place: at(argumentPointer(`${pointer}/args`, `${path}.maxNewTokens`)) });
  }
  return all.reduce<Length | null>((most, one) => (most === null || one.tokens > most.tokens ? one : most), null);
}

/** Where a length stands first, for findings, and where its parts come from. */
export function lengthPlaces({ row, generated }: Lengths): {
  readonly at: Place;
  readonly gives: readonly string[];
  readonly related: readonly RelatedPlace[];
} {
  if (generated === null) return { at: row.place, gives: ["row"], related: [] };
  return {
    at: generated.place,
    gives: ["generated"],
    related: [{ at: row.place, message: `prompts of ${row.tokens} tokens`, gives: ["row"] }],
  };
}
