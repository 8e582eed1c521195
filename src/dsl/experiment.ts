import type { JsonObject, PartialDeep } from "type-fest";
import { callSites } from "../origin/call-site.ts";
import { currentRealm, type ExperimentTarget } from "../realm/realm.ts";
import type { ExperimentConfig } from "../spec/experiment-config.ts";
import type { ExperimentScheduling } from "../spec/scheduling.ts";
import { makeInjectable } from "./container.ts";
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
 * The class must have both methods of the interface of the same name; the compiler says so at the decorator.
 */
export function Experiment(name: string, settings: ExperimentSettings = {}): (type: ExperimentClass) => void {
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

/** Settings of a preset: values of options, nested as they are, and the name of a cluster. */
export type PresetSettings = { readonly cluster?: string } & Readonly<Record<string, unknown>>;

/** Options of a registered experiment as a preset or an override may set them: nested as they are, or by dotted path. */
export type SettingsOf<N extends keyof ExperimentMap> = ExperimentMap[N] extends {
  readonly class: infer T;
  readonly options: infer K;
}
  ? Settings<Pick<T, K & keyof T>>
  : PresetSettings;

/** Names of experiments that are typed; any text where none is, because nothing of the project was built yet. */
type BaseName = keyof ExperimentMap extends never ? string : keyof ExperimentMap & string;

/**
 * Registers a variant of a registered experiment without a class.
 * @param base name of the experiment whose options it sets.
 */
export function preset<N extends BaseName>(
  base: N,
  name: string,
  settings: N extends keyof ExperimentMap ? SettingsOf<N> : PresetSettings,
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

type Bad<P, T> = [Exclude<keyof P, keyof T | "cluster">] extends [never]
  ? P extends PartialDeep<Omit<T, "cluster">> & { readonly cluster?: string }
    ? never
    : "✗ a value has another type than its option"
  : `✗ no option ${Exclude<keyof P, keyof T | "cluster"> & string}`;

/**
 * Adds a named set of option values to an experiment; the build makes a manifest of each. A class has its own presets only, not
 * those of its base: they were written for another experiment.
 */
export function Preset<const P extends PresetSettings>(
  name: string,
  settings: P,
): <T extends Experiment>(type: [Bad<P, T>] extends [never] ? ExperimentClass<T> : Bad<P, T>) => void {
  const frames = callSites(Preset);
  return (type) => {
    const own = Object.getOwnPropertyDescriptor(type, PRESETS)?.value as NamedPreset[] | undefined;
    const presets = own ?? [];
    // Decorators run from the last to the first: presets stand in the order of the source.
    presets.unshift({ name, settings: settings as JsonObject, frames });
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
