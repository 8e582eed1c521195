import type { JsonObject } from "type-fest";
import { callSites } from "../origin/call-site.ts";
import { currentRealm, type ExperimentTarget } from "../realm/realm.ts";
import type { ExperimentConfig } from "../spec/experiment-config.ts";
import type { ExperimentScheduling } from "../spec/scheduling.ts";
import type { CheckedForAny, CheckedSettings, DefaultProblem, ProblemsOf } from "./checked-settings.ts";
import { makeInjectable } from "./container.ts";
import type { Said } from "../spec/edit-time.ts";
import type { ExperimentMap } from "./experiment-map.ts";
import type { Settings } from "./settings.ts";

/** An experiment: what its workers ask of the scheduler, and what they are told. */
export interface Experiment {
  schedulingSetup(): ExperimentScheduling;
  /** One setup, or several that run one after another under one scheduling. */
  initialSetup(): ExperimentConfig | readonly ExperimentConfig[];
}

/** A class whose constructor's parameters are injected. */
export type ExperimentClass<T extends Experiment = Experiment> = new (...injected: never[]) => T;

/** Settings of the decorator. */
export interface ExperimentSettings {
  readonly tags?: readonly string[];
}

/**
 * Registers a class as an experiment. The name becomes part of paths and of job names: letters, digits, `-` and `.`.
 * The class must have both methods of the interface of the same name; the compiler says so at the decorator, as it does of an
 * allocation string that can't be read in `override readonly allocationMode = "..."`.
 */
export function Experiment(
  name: string,
  settings: ExperimentSettings = {},
): <T extends Experiment>(type: [DefaultProblem<T>] extends [never] ? ExperimentClass<T> : DefaultProblem<T>) => void {
  const frames = callSites(Experiment);
  return (type) => {
    makeInjectable(type as never);
    register(name, { kind: "class", type: type as never }, frames, settings.tags ?? []);
  };
}

/** Registers a class, or a function that makes an experiment, under a name. */
export function registerExperiment(name: string, target: ExperimentClass | (() => Experiment)): void {
  const frames = callSites(registerExperiment);
  if (isClass(target)) {
    makeInjectable(target as never);
    register(name, { kind: "class", type: target as never }, frames, []);
  } else {
    register(name, { kind: "factory", make: target as () => object }, frames, []);
  }
}

/** Settings of a preset: values of options, nested as they are or by dotted path, and the name of a cluster. */
export type PresetSettings = { readonly cluster?: string } & Readonly<Record<string, unknown>>;

/** Options of a registered experiment as a preset or an override may set them: nested as they are, or by dotted path. */
export type SettingsOf<N> = N extends keyof ExperimentMap
  ? ExperimentMap[N] extends { readonly class: infer T; readonly options: infer K }
    ? Settings<Pick<T, K & keyof T>>
    : PresetSettings
  : PresetSettings;

/** Names of registered experiments: those of the generated file, or any text before there is one. */
export type ExperimentName = keyof ExperimentMap extends never ? string : keyof ExperimentMap & string;

/** A name as it is if an experiment has it, else the message that none has. `string` stands for all names: editors list them. */
export type KnownName<N extends string> = string extends N
  ? ExperimentName
  : N extends ExperimentName
    ? N
    : Said<"dsl/unknown-experiment", { name: N }>;

/** Settings for a registered experiment, with a message at each value that is wrong. */
export type CheckedFor<S, N> = CheckedSettings<S, ClassOf<N>, Extract<OptionsOf<N>, keyof ClassOf<N>>>;

/** Class of a registered experiment. */
export type ClassOf<N> = N extends keyof ExperimentMap ? MemberOf<ExperimentMap[N], "class"> : UnknownClass;

/** Names of a registered experiment's options. */
export type OptionsOf<N> = N extends keyof ExperimentMap ? MemberOf<ExperimentMap[N], "options"> : string;

type MemberOf<E, Key> = Key extends keyof E ? E[Key] : never;

/** Class of an experiment that is not typed: any option may have any value. */
type UnknownClass = Readonly<Record<string, unknown>>;

/**
 * Registers a variant of a registered experiment without a class.
 * @param base name of the experiment whose options it sets.
 */
export function preset<const N extends string, const S = SettingsOf<N>>(
  base: KnownName<N>,
  name: string,
  settings: CheckedFor<S, N>,
): void {
  register(name, { kind: "preset", base, settings: settings as never }, callSites(preset), []);
}

/** Values for options under a name, and where they stand. */
export interface NamedPreset {
  readonly name: string;
  readonly settings: JsonObject;
  readonly frames: ReturnType<typeof callSites>;
}

const PRESETS: unique symbol = Symbol.for("assay.presets") as never;

/**
 * Adds a named set of option values to an experiment; the build makes a manifest of each. A class has its own presets only, not
 * those of its base: they were written for another experiment.
 */
export function Preset<const P extends Readonly<Record<string, unknown>> = PresetSettings>(
  name: string,
  settings: CheckedForAny<P>,
): <T extends Experiment>(
  type: ProblemsOf<P, T, keyof T>[keyof P] extends infer Problems
    ? [Problems] extends [never]
      ? ExperimentClass<T>
      : Problems
    : never,
) => void {
  const frames = callSites(Preset);
  return (type) => {
    const own = Object.getOwnPropertyDescriptor(type, PRESETS)?.value as NamedPreset[] | undefined;
    const presets = own ?? [];
    // Decorators run from the last to the first: presets stand in the order of the source.
    presets.unshift({ name, settings: settings as unknown as JsonObject, frames });
    if (own === undefined) Object.defineProperty(type, PRESETS, { value: presets });
  };
}

/** Presets of a class itself, in source order. */
export function presetsOf(type: object): readonly NamedPreset[] {
  return (Object.getOwnPropertyDescriptor(type, PRESETS)?.value as readonly NamedPreset[] | undefined) ?? [];
}

function register(
  name: string,
  target: ExperimentTarget,
  frames: ReturnType<typeof callSites>,
  tags: readonly string[],
): void {
  const realm = currentRealm();
  const registration = { name, target, frames, tags };
  // A second registration is reported by whoever asks for the name: it must not hide what else is wrong.
  if (realm.experiments.has(name)) realm.twice.push(registration);
  else realm.experiments.set(name, registration);
}

function isClass(target: unknown): target is ExperimentClass {
  return typeof target === "function" && /^class\b/.test(Function.prototype.toString.call(target));
}
