import type {
  ConfigOutcome,
  EvaluateContext,
  EvaluateJob,
  EvaluateOutcome,
  PluginsOutcome,
  PoolSettings,
} from "./protocol.ts";

/** What a worker is started with. */
export interface WorkerSettings extends PoolSettings {
  /** One `Int32`: 0 while no hook runs, else the number of the hook of the context, from 1. Whoever ends the worker reads it. */
  readonly running: SharedArrayBuffer;
}

/** What the pool asks of a worker. Work is done in the order in which it comes. */
export type Request =
  | { readonly kind: "config"; readonly id: number; readonly file: string; readonly namedBy: string | null }
  | { readonly kind: "plugins"; readonly id: number; readonly modules: readonly string[] }
  /** Files may have changed since the last work. */
  | { readonly kind: "renew" }
  | { readonly kind: "use"; readonly context: EvaluateContext }
  | { readonly kind: "job"; readonly id: number; readonly job: EvaluateJob };

/** What a worker answers. */
export type Answer =
  /** The worker has begun; when, in milliseconds since the epoch. The thread that asks may have been busy. */
  | { readonly kind: "started"; readonly id: number; readonly atMs: number }
  | { readonly kind: "config"; readonly id: number; readonly outcome: ConfigOutcome }
  | { readonly kind: "plugins"; readonly id: number; readonly outcome: PluginsOutcome }
  | { readonly kind: "job"; readonly id: number; readonly outcome: EvaluateOutcome }
  /** A bug of Assay's own. */
  | { readonly kind: "bug"; readonly id: number; readonly error: Error };
