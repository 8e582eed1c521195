import { callSites, type CallSite } from "../origin/call-site.ts";

/** Arguments that are described by a TypeScript type: `assay plugin build` makes their JSON Schema of it. */
export interface TypedArgs<A> {
  /** For the compiler only. */
  readonly " args"?: A;
  /** Where `typed` was called, nearest frame first: there the type stands. */
  readonly frames: readonly CallSite[];
}

/**
 * Arguments as a TypeScript type says. Their JSON Schema, with doc comments as descriptions and `@range` as bounds, is made by
 * `assay plugin build` and stands in `assay-plugin.json`.
 * @example defineAgent({ type: "solver", args: typed<{ /** Turns of a dialogue. *\/ turns?: number }>() });
 */
export function typed<A extends object>(): TypedArgs<A> {
  return Object.freeze({ frames: callSites(typed) });
}

/** True for what {@link typed} gave. */
export function isTyped(args: unknown): args is TypedArgs<object> {
  return typeof args === "object" && args !== null && Object.isFrozen(args) && "frames" in args;
}
