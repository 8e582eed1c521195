import type { Dataset } from "../plugin/definition.ts";
import { noun } from "../spec/noun.ts";
import type { TypeArgs } from "../spec/pair.ts";
import type { FlowCall, YieldsOfDatasets } from "./calls.ts";
import type { Said } from "../spec/edit-time.ts";
import type { ModelSpec } from "./model-spec.ts";

/** Data, models and calls of one step: what `CommonExperiment` makes workers of. */
export interface Flow {
  readonly datasets: readonly TypeArgs[];
  readonly evalDataset: TypeArgs | null;
  readonly evalBatchSize: number;
  /** Path of the tokenizer; that of the first model unless given. */
  readonly tokenizer: string | null;
  /** Longest prompt in tokens, where a call generates. */
  readonly maxPromptLen: number | null;
  /** Checkpoint from which evaluation jobs start; that of `autoEvalConfig` if null. */
  readonly evaluateFrom: string | null;
  readonly models: Readonly<Record<string, ModelSpec>>;
  readonly calls: Readonly<Record<string, FlowCall | null>>;
}

type YieldsOfCalls<C> = C[keyof C] extends infer X ? (X extends FlowCall<string, string, infer Y> ? Y : never) : never;

/** A call as it is, or the message of what is wrong with it. */
type Check<Name, C, Roles, Available> =
  C extends FlowCall<infer R, infer In, string>
    ? [string extends R ? never : Exclude<R, Roles>] extends [never]
      ? [Exclude<In, Available>] extends [never]
        ? C
        : string extends In
          ? C
          : Said<"graph/unproduced-key", { call: Name & string; key: Exclude<In, Available> & string }>
      : Said<"dsl/unknown-role", { call: Name & string; role: Exclude<R, Roles> }>
    : C;

export interface FlowInput<D, M, C> {
  /** Datasets that the calls read from. */
  readonly datasets: D;
  /** Dataset of evaluations during training. */
  readonly evalDataset?: Dataset | null;
  /** Sequences of an evaluation batch. */
  readonly evalBatchSize?: number;
  readonly tokenizer?: string;
  readonly maxPromptLen?: number;
  /** Checkpoint that evaluation jobs look at first, in place of the option's. */
  readonly evaluateFrom?: string;
  /** Models by role. */
  readonly models: M;
  /** Calls by name; `null` (see `when`) leaves one out. */
  readonly calls: { readonly [K in keyof C]: Check<K, C[K], keyof M, YieldsOfCalls<C> | YieldsOfDatasets<D>> };
}

/** Puts data, models and calls together. Roles and keys are checked as you type. */
export function flow<
  const M extends Readonly<Record<string, ModelSpec>>,
  const D extends readonly Dataset[],
  C extends Readonly<Record<string, FlowCall | null>>,
>(input: FlowInput<D, M, C>): Flow {
  return noun(flow, {
    datasets: input.datasets,
    evalDataset: input.evalDataset ?? null,
    evalBatchSize: input.evalBatchSize ?? 128,
    tokenizer: input.tokenizer ?? null,
    maxPromptLen: input.maxPromptLen ?? null,
    evaluateFrom: input.evaluateFrom ?? null,
    models: input.models,
    calls: input.calls as Flow["calls"],
  });
}
