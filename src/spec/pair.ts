import type { JsonObject } from "type-fest";
import type { PluginKind } from "./plugin-kinds.ts";

/** A type and its arguments: what a plugin's factory makes and a worker's registry looks up. */
export interface TypeArgs {
  /** Name under which the workers know the implementation. */
  readonly type: string;
  readonly args: JsonObject;
}

/** Symbol key of the facts that a factory knows about the pair it made; never part of JSON. */
export const PAIR_FACTS: unique symbol = Symbol.for("assay.pairFacts") as never;

/** What a factory says of one pair: the plugin's kind, and facts that depend on the arguments. */
export interface PairFacts {
  readonly kind: PluginKind;
  readonly facts: JsonObject;
}

/** Facts of a pair, if a factory made it. */
export function pairFactsOf(pair: object): PairFacts | undefined {
  return (pair as { readonly [PAIR_FACTS]?: PairFacts })[PAIR_FACTS];
}
