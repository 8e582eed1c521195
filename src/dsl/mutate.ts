import type { JsonObject } from "type-fest";
import { AssayError } from "../diagnostics/assay-error.ts";
import type { Finding, Place } from "../diagnostics/finding.ts";
import type { Authored } from "../manifest/format.ts";
import type { MutatorHook } from "../plugin/hook-use.ts";
import { Mutations } from "../plugin/mutations.ts";
import type { Mutator } from "../plugin/mutator.ts";
import { findPlugin } from "../plugin/registry.ts";
import { allRealms } from "../realm/realm.ts";
import type { ExperimentConfig } from "../spec/experiment-config.ts";
import type { TypeArgs } from "../spec/pair.ts";
import { type AuthorRequest, type MadeInstance, modelsInUse, withInputs } from "./author.ts";
import { construct } from "./container.ts";
import { frozenCopy } from "./frozen-copy.ts";

/** What mutators are told of an experiment, beside its parts. */
export interface MutatedAbout {
  readonly name: string;
  readonly preset: string | null;
  readonly tags: readonly string[];
}

const AT: Place = { kind: "nowhere", reason: "it was given by the program" };

/**
 * Applies mutators that are loaded in this program to an authored part; the part itself stays as it is.
 * @param problemsOf what keeps an authored part from having its shape
 * @throws whatever a mutator throws, and for one that is not loaded
 */
export function mutate(
  before: Authored,
  { name, preset, tags }: MutatedAbout,
  mutators: readonly TypeArgs[],
  problemsOf: (authored: Authored) => Parameters<Mutations["refuseShapes"]>[0] = () => [],
): { readonly authored: Authored; readonly findings: readonly Finding[] } {
  if (mutators.length === 0) return { authored: before, findings: [] };
  const mutations = new Mutations(frozenCopy(before));
  for (const [entry, { type, args }] of mutators.entries()) {
    const definition = findPlugin("mutator", type);
    if (definition === undefined) throw new Error(`no mutator \`${type}\` is defined in what this program imports`);
    const hook: MutatorHook = { kind: "mutator", type, package: "loaded", at: AT, args };
    const { authored } = mutations;
    const mutator = construct(definition.mutator as never, before.cluster) as Mutator<JsonObject>;
    const request = { args, name, preset, tags, authored, cluster: authored.cluster };
    mutations.apply(mutator.mutate(frozenCopy(request)), hook, entry);
  }
  if (mutations.changes.length === 0) return { authored: before, findings: mutations.findings };
  mutations.refuseShapes(problemsOf(mutations.authored));
  return { authored: withInputs(mutations.sealed()), findings: mutations.findings };
}

/**
 * Has an instance say what its manifest says: where the project has mutators, its methods and the options that only a launcher reads
 * give what those make of them. Worked out once, when it is first asked for.
 */
export function withMutators(made: MadeInstance, { name, preset }: Pick<AuthorRequest, "name" | "preset">): void {
  const mutators = allRealms().flatMap((realm) => realm.mutators);
  const { instance, options, cluster, acknowledgements } = made;
  if (mutators.length === 0 || instance === null || options === null) return;
  const own = instance as unknown as Record<string, unknown>;
  const schedulingSetup = instance.schedulingSetup.bind(instance);
  const initialSetup = instance.initialSetup.bind(instance);
  const launch = Object.fromEntries(options.launchKeys().map((key) => [key, own[key] ?? null])) as JsonObject;
  let known: { readonly authored: Authored; readonly isList: boolean } | null = null;
  // While the methods of the experiment itself run, they see what it set.
  let isMaking = false;
  const mutated = () => {
    if (known !== null) return known;
    isMaking = true;
    try {
      const returned = initialSetup();
      const isList = Array.isArray(returned);
      const setups = (isList ? returned : [returned]) as readonly ExperimentConfig[];
      const models = modelsInUse(setups, cluster);
      const parts = { experiment: name, cluster, scheduling: schedulingSetup(), setups, launch, models };
      const before: Authored = { ...parts, facts: {}, acknowledgements, findings: [] };
      const { authored, findings } = mutate(before, { name, preset, tags: tagsOf(name) }, mutators);
      if (findings.length > 0) throw new AssayError(findings);
      known = { authored, isList };
      return known;
    } finally {
      isMaking = false;
    }
  };
  Object.defineProperties(instance, {
    schedulingSetup: method(() => (isMaking ? schedulingSetup() : mutated().authored.scheduling)),
    initialSetup: method(() => {
      if (isMaking) return initialSetup();
      const { authored, isList } = mutated();
      return isList ? authored.setups : authored.setups[0];
    }),
  });
  for (const [key, value] of Object.entries(launch)) {
    const get = () => (isMaking ? value : mutated().authored.launch[key]);
    Object.defineProperty(instance, key, { get, enumerable: true, configurable: true });
  }
}

function method(value: () => unknown): PropertyDescriptor {
  return { value, configurable: true, writable: true, enumerable: false };
}

function tagsOf(name: string): readonly string[] {
  return allRealms().flatMap(({ experiments }) => experiments.get(name)?.tags ?? []);
}
