import type { JsonObject, JsonValue } from "type-fest";
import type { Authored } from "../manifest/format.ts";
import type { JsonPointer } from "../origin/pointer.ts";
import type { ClusterSpec } from "../spec/cluster.ts";

/** What a mutator is asked. */
export interface MutatorRequest<A = JsonObject> {
  /** Arguments from the project's config. */
  readonly args: A;
  readonly name: string;
  readonly preset: string | null;
  readonly tags: readonly string[];
  /** What the experiment's methods returned, and what earlier mutators made of it; frozen. */
  readonly authored: Authored;
  readonly cluster: ClusterSpec;
}

/** One change of what was authored. */
export interface Change {
  /** Value of the authored part; below `/scheduling`, `/setups` or `/launch`. */
  readonly at: JsonPointer;
  /** The new value; `undefined` takes the value out. */
  readonly value: JsonValue | undefined;
  /** Why, in a few words: `assay why` shows them. */
  readonly because: string;
}

/** Changes what experiments authored, before it is proved. */
export interface Mutator<A = JsonObject> {
  mutate(request: MutatorRequest<A>): Iterable<Change>;
}

/** A mutator's class: its constructor's parameters are injected, a {@link ClusterSpec} for one. */
export type MutatorClass<A> = new (...injected: never[]) => Mutator<A>;
