import type { JsonObject } from "type-fest";
import type {
  BackendDefinition,
  EnvironmentDefinition,
  InterfaceDefinition,
  LauncherDefinition,
  ModelDefinition,
  ModelFamilyDefinition,
  MutatorDefinition,
  PluginDefinition,
  RuleDefinition,
  TrackerDefinition,
} from "../../plugin/definition.ts";
import { argumentCases } from "./arguments.ts";
import type { ContractCase } from "./case.ts";
import { descriptorCases } from "./descriptor.ts";
import { datasetCases, streamCases } from "./kinds/dataset.ts";
import { environmentCases } from "./kinds/environment.ts";
import { interfaceCases } from "./kinds/interface.ts";
import { modelFamilyCases } from "./kinds/model-family.ts";
import { type MutatorSample, mutatorCases } from "./kinds/mutator.ts";
import { type RuleSample, ruleCases } from "./kinds/rule.ts";
import { shardCases } from "./kinds/shards.ts";
import { trackerCases } from "./kinds/tracker.ts";
import { type LauncherSetup, launcherCases } from "./launcher/cases.ts";
import { type DescriptorSource, type Subject, subjectOf } from "./subject.ts";

/** A factory with the definition it stands on, or what `defineModelFamily` gives. */
export interface Defined {
  readonly definition: PluginDefinition;
}

/** Arguments of a factory. */
type ArgsFor<F> = F extends (args: infer A, ...further: never[]) => unknown
  ? NonNullable<A>
  : F extends (args?: infer A, ...further: never[]) => unknown
    ? NonNullable<A>
    : never;

/** Codes of a rule. */
type Codes<F> = F extends { readonly definition: { readonly codes: Readonly<Record<infer C, unknown>> } }
  ? C & string
  : string;

/** What a suite needs besides the factory. */
export interface AnyContract<F> {
  /** The package's `assay-plugin.json`: where it is, or what is in it. */
  readonly descriptor: DescriptorSource;
  /** Arguments that are meant to fit, at least one. */
  readonly args: readonly [ArgsFor<F>, ...ArgsFor<F>[]];
}

/** What the suite of a kind needs: samples of what the plugin is given. */
export type ContractInput<F extends Defined> = F["definition"] extends ModelFamilyDefinition
  ? Pick<AnyContract<F>, "descriptor"> & {
      /** `config.json` files of checkpoints of the family, by catalogue id or any other name. */
      readonly configs?: Readonly<Record<string, JsonObject>>;
    }
  : F["definition"] extends BackendDefinition | ModelDefinition
    ? AnyContract<F> & {
        /** Options of models as authors set them, beside the defaults. */
        readonly models?: readonly JsonObject[];
      }
    : F["definition"] extends RuleDefinition
      ? AnyContract<F> & {
          /** Builds with what the rule is to give for them: each of its codes, and one build that is fine. */
          readonly builds: readonly RuleSample<ArgsFor<F>, Codes<F>>[];
        }
      : F["definition"] extends MutatorDefinition
        ? AnyContract<F> & {
            /** Builds with what the mutator is to change of them. */
            readonly builds: readonly MutatorSample<ArgsFor<F>>[];
          }
        : F["definition"] extends LauncherDefinition
          ? AnyContract<F> & LauncherSetup
          : AnyContract<F>;

/** All inputs together, as the suites look at them. */
interface WholeInput extends Partial<LauncherSetup> {
  readonly descriptor: DescriptorSource;
  readonly args?: readonly JsonObject[];
  readonly configs?: Readonly<Record<string, JsonObject>>;
  readonly models?: readonly JsonObject[];
  readonly builds?: readonly unknown[];
}

/**
 * The promises of a plugin as named cases, for any test runner: those of all plugins, and those of its kind.
 * @example for (const { name, run } of contractOf(chatMessages, { descriptor, args: [{ path: "a.jsonl", maxLength: 512 }] })) test(name, run);
 */
export function contractOf<F extends Defined>(factory: F, input: ContractInput<F>): readonly ContractCase[] {
  const whole = input as WholeInput;
  const subject = subjectOf(factory, whole.descriptor, whole.args ?? []);
  const pairs = subject.definition.kind === "modelFamily" ? [] : argumentCases(subject);
  return [...descriptorCases(subject), ...pairs, ...kindCases(subject, whole)];
}

function kindCases(subject: Subject, input: WholeInput): readonly ContractCase[] {
  const { definition } = subject;
  switch (definition.kind) {
    case "dataset":
      return definition.stream === null ? datasetCases(subject as never) : streamCases(subject as never);
    case "interface":
      return interfaceCases(subject as Subject<InterfaceDefinition>);
    case "environment":
      return environmentCases(subject as Subject<EnvironmentDefinition>);
    case "backend":
    case "model":
      return shardCases(subject as Subject<BackendDefinition>, input.models ?? []);
    case "modelFamily":
      return modelFamilyCases(subject as Subject<ModelFamilyDefinition>, input.configs ?? {});
    case "tracker":
      return trackerCases(subject as Subject<TrackerDefinition>);
    case "rule":
      return ruleCases(subject as Subject<RuleDefinition>, (input.builds ?? []) as readonly RuleSample[]);
    case "mutator":
      return mutatorCases(subject as Subject<MutatorDefinition>, (input.builds ?? []) as readonly MutatorSample[]);
    case "launcher":
      return launcherCases(subject as Subject<LauncherDefinition>, input as LauncherSetup);
    case "agent":
    case "wrapper":
      return [];
  }
}
