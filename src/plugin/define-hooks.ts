import type { TypeArgs } from "../spec/pair.ts";
import { type ArgsInput, type ArgsOf, describedArgs, type Factory, pairFactory } from "./define.ts";
import type { LauncherDefinition, MutatorDefinition, RuleDefinition, TrackerDefinition } from "./definition.ts";
import type { LauncherClass } from "./launcher.ts";
import type { MutatorClass } from "./mutator.ts";
import type { RuleClass, RuleCode } from "./rule.ts";

/** A tracker with its arguments, for `trackers` of an experiment. */
export interface TrackerUse extends TypeArgs {
  readonly " kind"?: "tracker";
}

/** A rule with its arguments, for `rules` of a config. */
export interface RuleUse extends TypeArgs {
  readonly " kind"?: "rule";
}

/** A mutator with its arguments, for `mutators` of a config. */
export interface MutatorUse extends TypeArgs {
  readonly " kind"?: "mutator";
}

/** A launcher with its arguments, for `launchers` of a config. */
export interface LauncherUse extends TypeArgs {
  readonly " kind"?: "launcher";
}

export interface TrackerInput<S, T extends string = string> {
  readonly type: T;
  readonly args: S;
}

/** Defines a tracker and gives its factory. */
export function defineTracker<const S extends ArgsInput, const T extends string = string>(
  input: TrackerInput<S, T>,
): Factory<ArgsOf<S>, TrackerUse, TrackerDefinition, "tracker", T> {
  return pairFactory({ kind: "tracker", type: input.type, ...describedArgs(input.args), facts: {} }) as never;
}

export interface RuleInput<S, C extends string, T extends string = string> {
  readonly type: T;
  readonly args: S;
  /** Its own diagnostics, by code: `area/slug`. */
  readonly codes: Readonly<Record<C, RuleCode>>;
  readonly rule: RuleClass<ArgsOf<S>, NoInfer<C>>;
}

/**
 * Defines a rule, a check over proved builds, and gives its factory.
 * @example export const gpuLimit = defineRule({ type: "gpu-limit", args: typed<GpuLimitArgs>(), codes: {...}, rule: GpuLimit });
 */
export function defineRule<const S extends ArgsInput, const C extends string, const T extends string = string>(
  input: RuleInput<S, C, T>,
): Factory<ArgsOf<S>, RuleUse, RuleDefinition, "rule", T> {
  const { type, args, codes, rule } = input;
  const definition: RuleDefinition = {
    kind: "rule",
    type,
    ...describedArgs(args),
    facts: { codes: Object.keys(codes) },
    codes,
    rule: rule as never,
  };
  return pairFactory(definition) as never;
}

export interface MutatorInput<S, T extends string = string> {
  readonly type: T;
  readonly args: S;
  readonly mutator: MutatorClass<ArgsOf<S>>;
}

/** Defines a mutator, which changes what experiments authored before it is proved, and gives its factory. */
export function defineMutator<const S extends ArgsInput, const T extends string = string>(
  input: MutatorInput<S, T>,
): Factory<ArgsOf<S>, MutatorUse, MutatorDefinition, "mutator", T> {
  const { type, args, mutator } = input;
  return pairFactory({ kind: "mutator", type, ...describedArgs(args), facts: {}, mutator: mutator as never }) as never;
}

export interface LauncherInput<S, T extends string = string> {
  readonly type: T;
  readonly args: S;
  readonly launcher: LauncherClass<ArgsOf<S>>;
}

/** Defines a launcher, an engine that starts workers, and gives its factory. */
export function defineLauncher<const S extends ArgsInput, const T extends string = string>(
  input: LauncherInput<S, T>,
): Factory<ArgsOf<S>, LauncherUse, LauncherDefinition, "launcher", T> {
  const { type, args, launcher } = input;
  return pairFactory({
    kind: "launcher",
    type,
    ...describedArgs(args),
    facts: {},
    launcher: launcher as never,
  }) as never;
}
