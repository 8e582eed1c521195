import type { JsonObject } from "type-fest";
import { AssayError } from "../diagnostics/assay-error.ts";
import { hasErrors, type Result } from "../diagnostics/finding.ts";
import type { Authored, PluginFacts, Resolved } from "../manifest/format.ts";
import { sampleOf } from "../manifest/sample.ts";
import { factsOfDefinitions } from "../plugin/descriptor.ts";
import { loadedPlugins } from "../plugin/registry.ts";
import type { ProvedBuild } from "../plugin/rule.ts";
import { currentRealm, enterRealm, leaveRealm, lookUp, type SampleFinder } from "../realm/realm.ts";
import { withoutUnused } from "../resolve/acknowledge.ts";
import { listedColumns } from "../resolve/facts.ts";
import { resolve } from "../resolve/resolve.ts";
import type { ClusterSpec } from "../spec/cluster.ts";
import { own } from "../spec/own.ts";
import { authorExperiment } from "../dsl/author.ts";
import type { OptionValue } from "../dsl/author-protocol.ts";
import { overrideList } from "../dsl/make.ts";
import { mutate } from "../dsl/mutate.ts";
import { authoredProblems } from "../manifest/authored-shape.ts";
import { checkRules, type HookOptions } from "./hooks.ts";

/** What to prove in this process. */
export interface ProveOptions extends HookOptions {
  readonly preset?: string;
  readonly overrides?: JsonObject;
  /** Runs on this cluster whatever the preset names. */
  readonly cluster?: ClusterSpec;
  /** Cards of further models, on top of those of loaded plugins. */
  readonly cards?: PluginFacts["cards"];
  /** Rows of datasets, one JSON object a line, by the path that a dataset has. */
  readonly samples?: Readonly<Record<string, SampleText>>;
}

/** Text of a sample. */
export interface SampleText {
  readonly text: string;
  /** Name of the file in findings; the dataset's path unless given. */
  readonly file?: string;
  /** True if these are all rows that the dataset has. Default false. */
  readonly whole?: boolean;
}

/** An experiment as far as it was proved. */
export interface Proof {
  readonly authored: Authored | null;
  readonly resolved: Resolved | null;
}

/**
 * Makes, runs and resolves a registered experiment in this process, without isolation and without writing anything: for tests.
 * Findings of both stages come together, and those of rules if there is no error. Mutators are applied before it is proved.
 * @throws whatever the experiment, a rule or a mutator throws
 */
export function proveExperiment(name: string, options: ProveOptions = {}): Result<Proof> {
  const { value, findings } = prove(name, options);
  return { value: { authored: value.authored, resolved: value.resolved }, findings };
}

/**
 * A registered experiment as rules and mutators see it: proved like by {@link proveExperiment}, as plain data.
 * @throws {AssayError} with all that was found, if any of it is an error
 */
export function provedBuild(name: string, options: ProveOptions = {}): ProvedBuild {
  const proof = prove(name, options);
  const { authored, resolved, settings, tags } = proof.value;
  if (authored === null || resolved === null || hasErrors(proof.findings)) throw new AssayError(proof.findings);
  const made = { name, preset: options.preset ?? null, tags, authored, resolved, cluster: authored.cluster };
  const values = Object.fromEntries(settings.map(({ path, value }) => [path, value]));
  return structuredClone({ ...made, options: values }) as ProvedBuild;
}

interface WholeProof extends Proof {
  readonly settings: readonly OptionValue[];
  readonly tags: readonly string[];
}

function prove(name: string, options: ProveOptions): Result<WholeProof> {
  const realm = enterRealm();
  try {
    const { cluster } = options;
    if (cluster !== undefined) {
      currentRealm().clusters.set(cluster.name, cluster);
      currentRealm().defaultCluster = cluster.name;
    }
    for (const [id, card] of Object.entries(options.cards ?? {})) currentRealm().cards.set(id, card);
    if (options.samples !== undefined) currentRealm().samples = samplesFrom(options.samples);
    const overrides = overrideList(options.overrides ?? {});
    const result = authorExperiment({
      name,
      preset: options.preset ?? null,
      overrides: cluster === undefined ? overrides : [...overrides, { path: "cluster", value: cluster.name }],
    });
    const tags = lookUp(({ experiments }) => experiments, name)?.tags ?? [];
    const known = { settings: result.options, tags };
    if (result.authored === null)
      return { value: { ...known, authored: null, resolved: null }, findings: result.findings };
    const made = result.authored as Authored;
    const about = { name, preset: options.preset ?? null, tags, options: result.options };
    const mutated = mutate({ ...made, findings: result.findings }, about, options.mutators ?? [], authoredProblems);
    const { authored } = mutated;
    if (mutated.findings.length > 0) {
      return { value: { ...known, authored, resolved: null }, findings: [...result.findings, ...mutated.findings] };
    }
    const loaded = factsOfDefinitions(loadedPlugins());
    const facts = { types: loaded.types, cards: { ...loaded.cards, ...options.cards } };
    const { severities = {} } = options;
    const raised = new Set(Object.keys(severities).filter((code) => severities[code] === "error"));
    const resolved = resolve({ authored }, facts, raised);
    const proof = { ...known, authored, resolved: resolved.value };
    if (hasErrors(resolved.findings)) return { value: proof, findings: withoutUnused(resolved.findings) };
    const ruled = checkRules({ authored, resolved: resolved.value }, about, options, facts);
    return { value: proof, findings: withoutUnused([...resolved.findings, ...ruled]) };
  } finally {
    leaveRealm(realm);
  }
}

function samplesFrom(samples: NonNullable<ProveOptions["samples"]>): SampleFinder {
  return (path, datasets) => {
    const found = own(samples, path);
    if (found === undefined) return null;
    const { text, file = path, whole = false } = found;
    return sampleOf(text, {
      file,
      isWhole: whole,
      listed: listedColumns(factsOfDefinitions(loadedPlugins()), datasets),
    });
  };
}

/** True if nothing found is an error. */
export function isProved({ findings }: Result<Proof>): boolean {
  return !hasErrors(findings);
}
