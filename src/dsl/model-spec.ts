import type { PartialDeep } from "type-fest";
import type { PluginDefinition } from "../plugin/definition.ts";
import { loadedPlugins } from "../plugin/registry.ts";
import { ModelTypeOptions, OptimizerOptions } from "./option-groups.ts";
import type { IsLiteral, Said } from "../spec/edit-time.ts";
import { isGroup, plainGroup } from "./plain-group.ts";

/** Options of a model, whatever backend it runs on. */
export class ModelOptions {
  /** Architecture. */
  type = new ModelTypeOptions();
  /** Catalogue id, or path of the checkpoint on the cluster. */
  path!: string;
  /** Starts from random parameters instead of the checkpoint's. */
  initFromScratch = false;
  /** Makes a critic from an actor's checkpoint. */
  initCriticFromActor = false;
  /** Backend that trains the model: a plugin's type, `megatron` or `mock_train` among the shipped ones. */
  backend = "megatron";
  /** Recomputes activations in the backward pass instead of keeping them. */
  gradientCheckpointing = true;
  /** Trains in bfloat16 instead of float16. */
  bf16 = false;
  /** Optimizer; null for models that are never trained. */
  optimizer: OptimizerOptions | null = new OptimizerOptions();
}

/**
 * Options of the backends, each under its own name. A backend's package extends this interface, so that
 * `model("...", { megatron: { ... } })` is typed.
 */
// oxlint-disable-next-line typescript/no-empty-interface, typescript/no-empty-object-type -- extended by plugins
export interface BackendGroups {}

/** Catalogue ids; model families extend this interface, so that editors offer them. */
// oxlint-disable-next-line typescript/no-empty-interface, typescript/no-empty-object-type -- extended by plugins
export interface Catalogue {}

/** A model: a checkpoint and how it is trained and served. */
export interface ModelSpec extends ModelOptions, BackendGroups {
  /** Never trained in this flow. */
  frozen?: true;
}

/** What an author may say of a model beside its path. */
export type ModelSettings = PartialDeep<Omit<ModelSpec, "path" | "frozen">>;

/** A definition, or the factory that stands on one. */
export type Used = { readonly definition: PluginDefinition };

/** Symbol key of the plugins that a model was made with. */
export const USED: unique symbol = Symbol.for("assay.usedPlugins") as never;

/** A catalogue id or a path. */
export type ModelPath = (keyof Catalogue & string) | `/${string}` | `${string}/${string}` | (string & {});

/**
 * A model's path as it is, or the message that nothing is known of it. What has a `/` is a path, and what has a `${...}` is known at
 * run time only; `string` stands for all, so that editors offer the ids.
 */
export type KnownModel<P extends string> = string extends P
  ? ModelPath
  : IsLiteral<P> extends false
    ? P
    : [keyof Catalogue] extends [never]
      ? P
      : P extends keyof Catalogue | "" | `${string}/${string}` | `${string}\${${string}`
        ? P
        : Said<"model/not-in-catalogue", { path: P }>;

/**
 * Makes a model.
 * @param path catalogue id or path; `null` if an option is to give it.
 * @param use plugins that it may run on; all that are loaded unless given.
 */
export function model<const P extends string>(
  path: KnownModel<P> | null,
  settings: ModelSettings = {},
  use?: readonly Used[],
): ModelSpec {
  const definitions = use?.map(({ definition }) => definition) ?? loadedPlugins();
  const spec: Record<string, unknown> = { ...plainGroup(new ModelOptions()), path: path ?? "" };
  for (const definition of definitions) {
    if (definition.kind === "backend" && definition.options !== null && definition.group !== null) {
      spec[definition.group] = plainGroup(definition.options());
    }
  }
  merge(spec, settings as Record<string, unknown>);
  if (use !== undefined) Object.defineProperty(spec, USED, { value: definitions, enumerable: true });
  return spec as unknown as ModelSpec;
}

/** The same model, never trained in this flow: a reference or a reward model. */
export function frozen(spec: ModelSpec): ModelSpec {
  return { ...spec, frozen: true };
}

/** True for what {@link model} makes. */
export function isModelSpec(value: unknown): value is ModelSpec {
  return isGroup(value) && ["path", "backend", "optimizer"].every((key) => Object.hasOwn(value, key));
}

/** Plugins that a model may run on. */
export function pluginsOf(spec: ModelSpec): readonly PluginDefinition[] {
  return (spec as { readonly [USED]?: readonly PluginDefinition[] })[USED] ?? loadedPlugins();
}

/** Writes given settings over defaults, group by group. */
function merge(target: Record<string, unknown>, settings: Readonly<Record<string, unknown>>): void {
  for (const [key, value] of Object.entries(settings)) {
    if (value === undefined || key === "__proto__") continue;
    const known = target[key];
    if (isGroup(known) && isGroup(value)) {
      const group = { ...known };
      merge(group, value);
      target[key] = group;
    } else {
      target[key] = value;
    }
  }
}
