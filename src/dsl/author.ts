import type { JsonObject } from "type-fest";
import type { Finding, Place } from "../diagnostics/finding.ts";
import { nearest, suggestion } from "../diagnostics/nearest.ts";
import type { Acknowledgement, Authored, ModelCard } from "../manifest/format.ts";
import { type CallSite, originOf, withOrigin } from "../origin/call-site.ts";
import { loadedPlugins } from "../plugin/registry.ts";
import { allOf, allRealms, lookUp, type Registration } from "../realm/realm.ts";
import type { OptionSchema } from "../realm/option-schema.ts";
import { type ClusterSpec, clusterSpec } from "../spec/cluster.ts";
import type { ExperimentConfig } from "../spec/experiment-config.ts";
import { pairFactsOf, type TypeArgs } from "../spec/pair.ts";
import { isPair, pairsOf } from "../spec/placed-pairs.ts";
import type { ExperimentScheduling } from "../spec/scheduling.ts";
import { InstanceOptions } from "./apply-options.ts";
import type { AuthorResult, OptionOrigin, OptionValue, Override } from "./author-protocol.ts";
import { needPaths } from "./assemble.ts";
import { CommonExperiment } from "./common-experiment.ts";
import { construct, injectionProblem } from "./container.ts";
import { type BuildContext, contextOf, setContext } from "./context.ts";
import { dslDiagnostics, optionDiagnostics, projectDiagnostics } from "./diagnostics.ts";
import { type Experiment, type NamedPreset, presetsOf } from "./experiment.ts";

/** What to make: an experiment or one of its presets, with overrides on top. */
export interface AuthorRequest {
  readonly name: string;
  readonly preset: string | null;
  readonly overrides: readonly Override[];
  /** Options as syntax shows them; what the realm knows unless given. */
  readonly schema?: OptionSchema;
  /** Whether required options may lack a value; only for a bare experiment that has presets, without overrides, unless given. */
  readonly optional?: boolean;
}

/** An instance with its options set, before its methods run. */
export interface MadeInstance {
  readonly instance: Experiment | null;
  readonly options: InstanceOptions | null;
  readonly cluster: ClusterSpec;
  /** Which cluster was chosen, and by whom. */
  readonly chosen: OptionValue;
  readonly needs: Set<string>;
  readonly findings: Finding[];
  readonly acknowledgements: readonly Acknowledgement[];
}

/** Constructs an experiment: injection, then the preset, then overrides. Nothing is thrown for what an author wrote. */
export function makeInstance(request: AuthorRequest): MadeInstance {
  const findings: Finding[] = [];
  const needs = new Set<string>();
  const failed = (): MadeInstance => ({
    instance: null,
    options: null,
    cluster,
    chosen,
    needs,
    findings,
    acknowledgements: [],
  });
  const chain = registrationChain(request.name, findings);
  const [root] = chain;
  const preset = presetOf(request, root, findings);
  const layers: readonly NamedPreset[] = [...chain.flatMap(presetLayer), ...(preset === null ? [] : [preset])];
  const { cluster, origin: clusterOrigin } = clusterOf(layers, request.overrides, findings);
  const chosen: OptionValue = { path: "cluster", value: cluster.name, origin: clusterOrigin };
  if (root === undefined || root.target.kind === "preset") return failed();

  const problem = root.target.kind === "class" ? injectionProblem(root.target.type) : null;
  if (problem !== null && root.target.kind === "class") {
    const { kind: _kind, ...told } = problem;
    const data = { type: root.target.type.name, ...told };
    const at: Place = { kind: "class" };
    findings.push(
      "token" in data
        ? dslDiagnostics["not-provided"](data, { at })
        : dslDiagnostics["parameter-types-missing"](data, { at }),
    );
    return failed();
  }
  const made = root.target.kind === "class" ? construct(root.target.type, cluster) : root.target.make();
  const missing = (["schedulingSetup", "initialSetup"] as const).filter(
    (method) => typeof (made as Partial<Experiment>)[method] !== "function",
  );
  if (missing.length > 0) {
    findings.push(
      dslDiagnostics["not-an-experiment"]({ name: request.name, missing }, { at: siteOf(root.frames, [0]) }),
    );
    return failed();
  }
  const instance = made as Experiment;
  let options: InstanceOptions | null = null;
  const context: BuildContext = {
    cluster,
    cardOf: (path) => cardOf(path, cluster),
    report: (found) => findings.push(...found),
    need: (path) => needs.add(path),
    useModels: (used) => {
      const unused = options?.modelKeys().filter((key) => !used.includes(key)) ?? [];
      findings.splice(0, findings.length, ...findings.map((finding) => ofUnused(finding, unused)));
    },
  };
  setContext(instance, context);
  const schema = request.schema ?? lookUp((realm) => realm.schemas, root.name)?.() ?? [];
  options = new InstanceOptions(instance, request.name, schema);
  for (const layer of layers) applyPreset(options, layer);
  for (const override of request.overrides) applyOverride(options, override);
  findings.push(...options.findings);
  for (const need of options.needs()) needs.add(need);
  const acknowledgements = acknowledgementsOf(instance);
  return { instance, options, cluster, chosen, needs, findings, acknowledgements };
}

/** What the two methods returned, before anything reads it. */
export interface Returned {
  readonly scheduling: unknown;
  readonly setups: readonly unknown[];
}

/**
 * Makes an experiment and runs its two methods.
 * @param admit looks at what they returned; if it refuses, there is no authored part.
 */
export function authorExperiment(
  request: AuthorRequest,
  admit: (returned: Returned) => boolean = () => true,
): AuthorResult {
  const made = makeInstance(request);
  const { instance, options, cluster, chosen, needs, findings } = made;
  const own = options?.values() ?? [];
  const values = own.some(({ path }) => path === chosen.path) ? own : [...own, chosen];
  const nothing = (): AuthorResult => ({ authored: null, needs: [...needs], options: values, findings });
  if (instance === null || options === null) return nothing();
  if (needs.size > 0) {
    needsOfFlow(instance);
    requireAll(request, needs, findings);
    return nothing();
  }
  const scheduling = instance.schedulingSetup();
  const returned = instance.initialSetup();
  // Which roles are in use is known only now.
  if (needs.size > 0) {
    requireAll(request, needs, findings);
    return nothing();
  }
  const setups = Array.isArray(returned) ? (returned as readonly ExperimentConfig[]) : [returned as ExperimentConfig];
  if (!admit({ scheduling, setups })) return nothing();
  const launch = Object.fromEntries(
    options.launchKeys().map((key) => [key, (instance as unknown as JsonObject)[key] ?? null]),
  ) as JsonObject;
  const authored: Authored = {
    experiment: request.name,
    cluster: withOrigin({ ...cluster }, { frames: [], ...originOf(cluster), option: chosen.path }),
    scheduling: scheduling as ExperimentScheduling,
    setups,
    launch,
    models: modelsInUse(setups, cluster),
    facts: factsOfPairs(setups),
    ...samplesInUse(setups),
    acknowledgements: made.acknowledgements,
    findings: [],
  };
  return { authored, needs: [], options: values, findings };
}

/** A value out of range in a model that no call uses does no harm: it is left out, and said. */
function ofUnused(finding: Finding, unused: readonly string[]): Finding {
  const path = String(finding.data["path"] ?? "");
  const key = unused.find((each) => path.startsWith(`${each}.`));
  if (finding.code !== "option/range" || key === undefined || finding.severity !== "error") return finding;
  return {
    ...finding,
    severity: "warning",
    notes: [...(finding.notes ?? []), `no call uses \`${key}\`: it is left as it was`],
  };
}

/** Presets of a base by whichever name leads to a class: `preset("sft", "my-run", ...)` names one that names one. */
function registrationChain(name: string, findings: Finding[]): readonly Registration[] {
  const chain: Registration[] = [];
  for (let next: string | null = name; next !== null;) {
    const found: Registration | undefined = lookUp((realm) => realm.experiments, next);
    if (found === undefined || chain.includes(found)) {
      const names = [...allOf((realm) => realm.experiments).keys()];
      const previous = chain[0];
      findings.push(
        dslDiagnostics["unknown-experiment"](
          { name: next },
          {
            at:
              previous === undefined
                ? { kind: "nowhere", reason: "the name was given by the program" }
                : siteOf(previous.frames, [0]),
            ...suggestion(
              next,
              names.filter((known) => known !== next),
            ),
          },
        ),
      );
      return [];
    }
    chain.unshift(found);
    const second = allTwice().find((other) => other.name === next);
    if (second !== undefined) {
      findings.push(
        dslDiagnostics["registered-twice"](
          { name: next },
          {
            at: siteOf(second.frames, [0]),
            related: [{ at: siteOf(found.frames, [0]), message: "registered here first" }],
          },
        ),
      );
    }
    next = found.target.kind === "preset" ? found.target.base : null;
  }
  return chain;
}

function allTwice(): readonly Registration[] {
  return allRealms().flatMap((realm) => realm.twice);
}

function presetLayer({ name, target, frames }: Registration): readonly NamedPreset[] {
  return target.kind === "preset" ? [{ name, settings: target.settings, frames }] : [];
}

function presetOf(request: AuthorRequest, root: Registration | undefined, findings: Finding[]): NamedPreset | null {
  if (request.preset === null || root === undefined || root.target.kind !== "class") return null;
  const presets = presetsOf(root.target.type);
  const matching = presets.filter(({ name }) => name === request.preset);
  const [found, second] = matching;
  if (found === undefined) {
    const names = presets.map(({ name }) => name);
    findings.push(
      dslDiagnostics["unknown-preset"](
        { experiment: request.name, preset: request.preset },
        { at: { kind: "class" }, ...suggestion(request.preset, names) },
      ),
    );
    return null;
  }
  if (second !== undefined) {
    findings.push(
      dslDiagnostics["preset-twice"](
        { experiment: request.name, preset: request.preset },
        { at: siteOf(second.frames, [0]), related: [{ at: siteOf(found.frames, [0]), message: "the first one" }] },
      ),
    );
  }
  return found;
}

/** The cluster that the last layer names, else the project's default, else the only one. */
function clusterOf(layers: readonly NamedPreset[], overrides: readonly Override[], findings: Finding[]): ChosenCluster {
  const clusters = allOf((realm) => realm.clusters);
  const fallback = allRealms().findLast(({ defaultCluster }) => defaultCluster !== null)?.defaultCluster ?? undefined;
  const named: { readonly name: string; readonly at: Place; readonly origin: OptionOrigin }[] = [];
  const choose = (name: unknown, at: Place, origin: OptionOrigin) => {
    if (typeof name === "string") named.push({ name, at, origin });
    else if (name !== undefined) {
      const found = JSON.stringify(name);
      findings.push(optionDiagnostics.type({ path: "cluster", expected: "string", found }, { at }));
    }
  };
  for (const { name, settings, frames } of layers) {
    const path = [settingsArgument, "cluster"];
    choose(settings["cluster"], siteOf(frames, path), { kind: "preset", preset: name, frames, path });
  }
  for (const override of overrides) {
    if (override.path === "cluster") choose(override.value, placeOf(override), overrideOrigin(override));
  }
  const first = clusters.values().next().value;
  const chosen = named.at(-1);
  if (chosen === undefined) {
    const cluster = (fallback === undefined ? first : (clusters.get(fallback) ?? first)) ?? clusterSpec();
    return { cluster, origin: { kind: "default" } };
  }
  const found = clusters.get(chosen.name);
  if (found !== undefined) return { cluster: found, origin: chosen.origin };
  const known = [...clusters.keys()];
  findings.push(
    projectDiagnostics["unknown-cluster"](
      { name: chosen.name, known },
      { at: chosen.at, ...suggestion(chosen.name, known) },
    ),
  );
  return { cluster: first ?? clusterSpec(), origin: chosen.origin };
}

/** A cluster, and who chose it. */
interface ChosenCluster {
  readonly cluster: ClusterSpec;
  readonly origin: OptionOrigin;
}

/** The settings stand last in `@Preset(name, settings)` and in `preset(base, name, settings)`. */
const settingsArgument = -1;

function applyPreset(options: InstanceOptions, { name, settings, frames }: NamedPreset): void {
  for (const [key, value] of Object.entries(settings)) {
    if (key === "cluster" || value === undefined) continue;
    const path = [settingsArgument, key];
    const origin: OptionOrigin = { kind: "preset", preset: name, frames, path };
    options.set({ path: key, value, origin, at: siteOf(frames, path) });
  }
}

function applyOverride(options: InstanceOptions, override: Override): void {
  if (override.path === "cluster") return;
  const { path, value, span } = override;
  const keyAt: Place = span === undefined ? placeOf(override) : { kind: "span", span };
  options.set({ path, value, origin: overrideOrigin(override), at: placeOf(override), keyAt });
}

function overrideOrigin({ span, valueSpan }: Override): OptionOrigin {
  return {
    kind: "override",
    ...(span === undefined ? {} : { span }),
    ...(valueSpan === undefined ? {} : { valueSpan }),
  };
}

function placeOf({ path, span, valueSpan = span }: Override): Place {
  return valueSpan === undefined
    ? { kind: "nowhere", reason: `\`${path}\` was given by the program` }
    : { kind: "span", span: valueSpan };
}

/** Notes what the roles of a flow lack, as far as a flow can be had while options lack values. */
function needsOfFlow(instance: Experiment): void {
  if (!(instance instanceof CommonExperiment)) return;
  try {
    needPaths(instance.flow(), contextOf(instance));
  } catch {
    // Whatever stumbles over a missing value tells no more than that it is missing.
  }
}

/** A preset that lacks a value is a mistake; a bare experiment that does is built in its presets only, if it has any. */
function requireAll(request: AuthorRequest, needs: ReadonlySet<string>, findings: Finding[]): void {
  const target = lookUp((realm) => realm.experiments, request.name)?.target;
  const presets = target?.kind === "class" ? presetsOf(target.type) : [];
  const bare = request.preset === null && request.overrides.length === 0;
  if (request.optional ?? (bare && presets.length > 0)) return;
  for (const option of needs) {
    if (findings.some((finding) => isRefused(option, finding))) continue;
    findings.push(
      dslDiagnostics["option-required"](
        { option, experiment: request.preset === null ? request.name : `${request.name}.${request.preset}` },
        { at: { kind: "class" } },
      ),
    );
  }
}

/** A value that was given and refused, or given under a misspelt name, is no missing one. */
function isRefused(option: string, { code, data }: Finding): boolean {
  if (!code.startsWith("option/")) return false;
  const path = String(data["path"]);
  const isMeant = code === "option/unknown" && nearest(path, [option]).length > 0;
  return isMeant || option === path || option.startsWith(`${path}.`);
}

function acknowledgementsOf(instance: object): readonly Acknowledgement[] {
  const accepted = (instance as { readonly acknowledge?: Readonly<Record<string, string>> }).acknowledge;
  return Object.entries(accepted ?? {}).map(([code, reason]) =>
    withOrigin(
      { code, reason: typeof reason === "string" ? reason : "" },
      { frames: [], option: `acknowledge.${code}` },
    ),
  );
}

/** Card of a checkpoint path: through the cluster's table, then the project's, then the catalogue. */
function cardOf(path: string, cluster: ClusterSpec): ModelCard | null {
  const id =
    (Object.hasOwn(cluster.models, path) ? cluster.models[path] : undefined) ??
    lookUp((realm) => realm.models, path) ??
    path;
  return (
    lookUp((realm) => realm.cards, id) ??
    loadedPlugins()
      .flatMap((definition) => (definition.kind === "modelFamily" ? definition.cards : []))
      .find((card) => card.id === id) ??
    null
  );
}

/** Cards of all checkpoints that a model names, by path: they travel with the manifest. */
export function modelsInUse(
  setups: readonly ExperimentConfig[],
  cluster: ClusterSpec,
): Readonly<Record<string, ModelCard>> {
  const paths = setups.flatMap((setup) =>
    [...pairsOf(setup, "")].flatMap(({ kind, pair }) =>
      kind === "model" ? Object.values(pair.args).filter((value): value is string => typeof value === "string") : [],
    ),
  );
  return Object.fromEntries(
    [...new Set(paths)].sort().flatMap((path) => {
      const card = cardOf(path, cluster);
      return card === null ? [] : [[path, card]];
    }),
  );
}

/** An authored part with the cards and the samples of what it names: after a change of paths they are others. */
export function withInputs({ samples: _before, ...authored }: Authored): Authored {
  const models = modelsInUse(authored.setups, authored.cluster);
  return { ...authored, models, ...samplesInUse(authored.setups) };
}

/** Samples of all datasets, by the path that names each: they travel with the manifest. */
function samplesInUse(setups: readonly ExperimentConfig[]): Pick<Authored, "samples"> {
  const find = allRealms().findLast(({ samples }) => samples !== null)?.samples ?? null;
  if (find === null) return {};
  const datasets = setups.flatMap((setup) =>
    [...pairsOf(setup, "")].flatMap(({ kind, pair }) => (kind === "dataset" ? pairsIn(pair) : [])),
  );
  const naming = new Map<string, TypeArgs[]>();
  for (const dataset of datasets) {
    for (const value of Object.values(dataset.args)) {
      if (typeof value === "string") naming.set(value, [...(naming.get(value) ?? []), dataset]);
    }
  }
  const found = [...naming]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .flatMap(([path, by]) => {
      const sample = find(path, by);
      return sample === null ? [] : [[path, sample] as const];
    });
  return found.length === 0 ? {} : { samples: Object.fromEntries(found) };
}

/** A pair, and all that stand in its arguments: a dataset may hold others. */
function pairsIn(value: unknown): readonly TypeArgs[] {
  if (typeof value !== "object" || value === null) return [];
  return [...(isPair(value) ? [value] : []), ...Object.values(value).flatMap(pairsIn)];
}

/** Facts that depend on a pair's arguments, as its factory noted them. */
function factsOfPairs(setups: readonly ExperimentConfig[]): Readonly<Record<string, JsonObject>> {
  const facts = setups.flatMap((setup, index) =>
    [...pairsOf(setup, `/setups/${index}`)].flatMap(({ pair, pointer }) => {
      const own = pairFactsOf(pair)?.facts;
      return own === undefined || Object.keys(own).length === 0 ? [] : [[pointer, own] as const];
    }),
  );
  return Object.fromEntries(facts);
}

function siteOf(frames: readonly CallSite[], path: readonly (string | number)[]): Place {
  return frames.length === 0 ? { kind: "class" } : { kind: "site", frames, path };
}
