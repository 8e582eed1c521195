import type { Finding } from "../diagnostics/finding.ts";
import type { ModelCard } from "../manifest/format.ts";
import type { ClusterSpec } from "../spec/cluster.ts";

/** What an experiment is built in: its cluster, what is known of models, and where findings go. */
export interface BuildContext {
  readonly cluster: ClusterSpec;
  /** Card of a checkpoint path or catalogue id; `null` if nothing is known of it. */
  readonly cardOf: (path: string) => ModelCard | null;
  readonly report: (findings: readonly Finding[]) => void;
  /** Notes an option that must have a value for what is built. */
  readonly need: (path: string) => void;
  /** Notes the options whose models calls use; what others say is of no consequence. */
  readonly useModels: (options: readonly string[]) => void;
}

const CONTEXT: unique symbol = Symbol.for("assay.context") as never;

/** Gives an instance its context. */
export function setContext(instance: object, context: BuildContext): void {
  Object.defineProperty(instance, CONTEXT, { value: context, configurable: true });
}

/** The context of an instance. @throws if the instance was made by `new` rather than by `makeExperiment` or a build. */
export function contextOf(instance: object): BuildContext {
  const context = (instance as { readonly [CONTEXT]?: BuildContext })[CONTEXT];
  if (context === undefined) {
    throw new Error(`${instance.constructor.name} has no cluster: make it with makeExperiment(...), not with new`);
  }
  return context;
}
