import type { PluginFacts } from "../manifest/format.ts";
import { toPointer } from "../origin/pointer.ts";
import type { ExperimentConfig } from "../spec/experiment-config.ts";
import { isObject, own } from "../spec/own.ts";
import { isPair, type PlacedPair, pairsOf } from "../spec/placed-pairs.ts";
import { typeFacts } from "./facts.ts";

/** Every pair of a setup, and after each one those that stand in its arguments, as far as the facts of its type say so. */
export function* everyPair(config: ExperimentConfig, base: string, facts: PluginFacts): Generator<PlacedPair> {
  for (const placed of pairsOf(config, base)) yield* withInner(placed, facts);
}

function* withInner(placed: PlacedPair, facts: PluginFacts): Generator<PlacedPair> {
  yield placed;
  const { kind, pair, pointer } = placed;
  const kinds = typeFacts(facts, kind, pair.type)?.facts["pairs"];
  if (!isObject(kinds)) return;
  for (const [argument, inner] of Object.entries(kinds)) {
    for (const [value, path] of valuesIn(own(pair.args, argument))) {
      const place = `${pointer}/args${toPointer([argument, ...path])}`;
      if (isPair(value)) yield* withInner({ kind: String(inner), pair: value, pointer: place }, facts);
    }
  }
}

/** One pair, a list or a map of them. Entries of a list have their index as the key. */
function valuesIn(value: unknown): readonly (readonly [unknown, readonly string[]])[] {
  if (isPair(value)) return [[value, []]];
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).map(([key, held]) => [held, [key]]);
}
