import type { JsonObject, JsonValue, ReadonlyDeep } from "type-fest";
import { AssayError } from "../diagnostics/assay-error.ts";
import { hasErrors } from "../diagnostics/finding.ts";
import type { OptionSchema } from "../realm/option-schema.ts";
import { currentRealm, lookUp } from "../realm/realm.ts";
import { type ClusterSpec, clusterSpec } from "../spec/cluster.ts";
import { type Column, numbersOf } from "../spec/column.ts";
import type { Override } from "./author-protocol.ts";
import { makeInstance } from "./author.ts";
import type { TypeArgs } from "../spec/pair.ts";
import { dslDiagnostics } from "./diagnostics.ts";
import type { CheckedFor, ClassOf, Experiment, KnownName, OptionsOf, SettingsOf } from "./experiment.ts";
import { withMutators } from "./mutate.ts";
import type { ExperimentMap } from "./experiment-map.ts";

/** A registered experiment as it is made: what its class has, whose options are set once and for all. */
export type ExperimentOf<N> = {
  readonly [Key in keyof MadeFor<N>]: Key extends OptionsOf<N> ? ReadonlyDeep<MadeFor<N>[Key]> : MadeFor<N>[Key];
};

type MadeFor<N> = N extends keyof ExperimentMap ? ClassOf<N> : Experiment;

/** Option values for an experiment; nested as they are, or by dotted path. */
export type OverridesOf<N> = N extends keyof ExperimentMap ? SettingsOf<N> : JsonObject;

/** Which preset to stand on. */
export interface MakeOptions {
  readonly preset?: string;
}

/**
 * Makes a registered experiment with its options set: constructed with the current cluster injected, then its preset, then
 * overrides. Mutators of the project change what its methods return, as they do in a build. Its class must have been imported; {@link loadExperiment} imports it first.
 * @throws {AssayError} for an unknown name or option, or a value that does not fit; it carries all findings.
 */
export function makeExperiment<const N extends string, const S = OverridesOf<N>>(
  name: KnownName<N>,
  overrides: CheckedFor<S, N> = {} as never,
  options: MakeOptions = {},
): ExperimentOf<N> {
  const made = makeInstance({
    name,
    preset: options.preset ?? null,
    overrides: overrideList(overrides as never),
  });
  if (made.instance === null || hasErrors(made.findings)) throw new AssayError(made.findings);
  withMutators(made, { name, preset: options.preset ?? null });
  return made.instance as ExperimentOf<N>;
}

/** As {@link makeExperiment}, after importing the one module that registers the experiment. */
export async function loadExperiment<const N extends string, const S = OverridesOf<N>>(
  name: KnownName<N>,
  overrides: CheckedFor<S, N> = {} as never,
  options: MakeOptions = {},
): Promise<ExperimentOf<N>> {
  if (lookUp((realm) => realm.experiments, name) === undefined) {
    const load = lookUp((realm) => realm.loaders, name);
    if (load === undefined) {
      throw new AssayError([
        dslDiagnostics["unknown-experiment"](
          { name },
          { at: { kind: "nowhere", reason: "the name was given by the program" } },
        ),
      ]);
    }
    await load();
  }
  return makeExperiment(name as never, overrides as never, options) as ExperimentOf<N>;
}

/** What the generated file tells the library of a project. */
export interface GeneratedProject {
  /** Every option that any of the experiments has, once. */
  readonly options: OptionSchema;
  readonly experiments: Readonly<Record<string, GeneratedExperiment>>;
  readonly clusters?: readonly ClusterSpec[];
  readonly defaultCluster?: string | null;
  readonly models?: Readonly<Record<string, string>>;
  /** Mutators of the project's config; the generated file imports what defines them. */
  readonly mutators?: readonly TypeArgs[];
  /** The library's own experiments: their clusters stand behind those of the project. */
  readonly shipped?: boolean;
}

/** One experiment of a generated file. */
export interface GeneratedExperiment {
  /** Imports the one module that registers it. */
  readonly load: () => Promise<unknown>;
  /** Which of the options it has, by their numbers. */
  readonly options: Column;
}

/** Takes in what the generated file holds; called by that file. */
export function registerProject(project: GeneratedProject): void {
  const realm = currentRealm();
  for (const [name, { load, options }] of Object.entries(project.experiments)) {
    realm.loaders.set(name, load);
    let schema: OptionSchema | undefined;
    realm.schemas.set(name, () => (schema ??= optionsOf(project.options, options)));
  }
  for (const cluster of project.clusters ?? []) {
    if (project.shipped !== true || !realm.clusters.has(cluster.name))
      realm.clusters.set(cluster.name, clusterSpec(cluster));
  }
  for (const [path, id] of Object.entries(project.models ?? {})) realm.models.set(path, id);
  realm.mutators.push(...(project.mutators ?? []));
  if (project.shipped !== true) realm.defaultCluster = project.defaultCluster ?? realm.defaultCluster;
}

function optionsOf(all: OptionSchema, numbers: Column): OptionSchema {
  return [...numbersOf(numbers)].flatMap((number) => all[number] ?? []);
}

/** Makes a cluster known by its name: presets and command lines may then ask for it. The same cluster comes back. */
export function registerCluster(cluster: ClusterSpec): ClusterSpec {
  currentRealm().clusters.set(cluster.name, cluster);
  return cluster;
}

/** Overrides as a flat list; groups are set value by value. */
export function overrideList(overrides: JsonObject): readonly Override[] {
  return Object.entries(overrides).flatMap(([path, value]) =>
    value === undefined ? [] : [{ path, value: value as JsonValue }],
  );
}
