import { at, type Finding, hasErrors, type Result } from "../diagnostics/finding.ts";
import { raise } from "../diagnostics/raise.ts";
import type { Authored, AuthoredManifest, PluginFacts, Resolved, ResolvedSetup } from "../manifest/format.ts";
import type { ExperimentConfig } from "../spec/experiment-config.ts";
import type { WorkerSet } from "../spec/worker-set.ts";
import { acknowledge, type AcknowledgedFinding, ruleCodesOf } from "./acknowledge.ts";
import { dataKeys, unproducedKeys } from "./data-keys.ts";
import { graphDiagnostics, setupDiagnostics } from "./diagnostics.ts";
import { checkEnvironment } from "./environment.ts";
import { buildGraph } from "./graph.ts";
import { namesToInstantiate } from "./instantiate.ts";
import { estimateMemory } from "./memory.ts";
import { checkModels } from "./models.ts";
import { checkNouns } from "./nouns.ts";
import { ruleContext } from "./rules/context.ts";
import { experimentRules, setupRules } from "./rules/index.ts";
import { lengthsOf } from "./rules/lengths.ts";
import { secretFindings } from "./secrets.ts";
import { neededModels, syncPairs, transferPairs } from "./pairs.ts";
import { reachOf } from "./reach.ts";
import { gatherShards, type Shards } from "./shards.ts";
import { DataChecker } from "./samples.ts";
import { PairChecker } from "./type-args.ts";
import { withoutConsequences } from "./consequences.ts";
import { checkCounts, masterWorkerOf, workerCounts } from "./workers.ts";

const NOTHING_RAISED: ReadonlySet<string> = new Set();

/** Nothing known of plugins: types, arguments and models are then not checked, and the reach says so. */
export const NO_FACTS: PluginFacts = { types: {}, cards: {} };

/** What a configuration means, what was found, and what of it was not told because its author accepts it. */
export interface Resolution extends Result<Resolved> {
  readonly acknowledged: readonly AcknowledgedFinding[];
}

/**
 * Works out what a configuration means and proves it. Pure: the same manifest and facts give the same result anywhere.
 * The value is there whatever was found, as far as it can be worked out; findings come all at once, each mistake once.
 * @param raised codes whose warnings are errors here, so that nobody can acknowledge them
 */
export function resolve(
  manifest: AuthoredManifest,
  facts: PluginFacts = NO_FACTS,
  raised: ReadonlySet<string> = NOTHING_RAISED,
): Resolution {
  const { authored } = manifest;
  const checkers = { pairs: new PairChecker(facts), data: new DataChecker(authored, facts) };
  const setups = authored.setups.map((config, setup) => resolveSetup(authored, config, setup, facts, checkers));
  const empty =
    authored.setups.length === 0
      ? [setupDiagnostics["no-setups"]({ experiment: authored.experiment }, { at: { kind: "class" } })]
      : [];
  const findings = [
    ...authored.findings,
    ...secretFindings(authored),
    ...empty,
    ...checkNouns(authored),
    ...setups.flatMap((setup) => setup.findings),
    ...checkEnvironment(authored, facts),
    ...experimentRules(authored),
    ...authored.setups.flatMap((config, setup) => checkCounts(authored.scheduling, config, setup)),
  ];
  const reaches = setups.map(({ value, ...known }) => ({ ...known, resolved: value }));
  const told = raise(distinct(withoutConsequences(findings)), raised);
  const judged = acknowledge(told, authored.acknowledgements, ruleCodesOf(facts));
  const accepted = new Set(judged.acknowledged.map(({ acknowledgement }) => acknowledgement));
  const reach = reachOf(authored, facts, reaches, accepted);
  return { value: { setups: setups.map(({ value }) => value), reach }, ...judged };
}

interface SetupResult extends Result<ResolvedSetup> {
  readonly keysKnown: boolean;
  readonly lengthsKnown: boolean;
  readonly unbounded: readonly string[];
}

function resolveSetup(
  authored: Authored,
  config: ExperimentConfig,
  setup: number,
  facts: PluginFacts,
  checkers: { readonly pairs: PairChecker; readonly data: DataChecker },
): SetupResult {
  const base = `/setups/${setup}`;
  const calls = config.modelRpcs;
  const graph = buildGraph(calls, base, setup);
  const shards =
    config.modelWorker === null || notLaidOut(config.modelWorker, authored)
      ? null
      : gatherShards(config.modelWorker, base);
  const sync = syncPairs(calls, shards, base);
  const instantiation = namesToInstantiate(calls, shards, base);
  const keys = dataKeys(config, base, authored, facts);
  const master = masterWorkerOf(config, base, setup);
  const models = shards === null ? { models: {}, findings: [] } : checkModels(shards, authored, facts);
  const memory =
    shards === null
      ? null
      : estimateMemory(shards, config, base, {
          authored,
          facts,
          instantiated: instantiation.names,
          others: models.findings,
        });
  const list = [...(shards?.models.values() ?? [])];
  const context = ruleContext(authored, config, setup, shards, facts);
  return {
    value: {
      modelNames: list.map(({ name }) => name),
      graph: graph.resolved,
      modelTopos: Object.fromEntries(list.map(({ name, topo }) => [name, topo])),
      msid2mwid: Object.fromEntries(list.map(({ name, workers }) => [name, workers])),
      dataTransferPairs: transferPairs(calls, graph),
      syncParamPairs: sync.pairs,
      modelNamesToInstantiate: instantiation.names,
      masterWorker: master.set,
      counts: workerCounts(config),
      models: models.models,
      ...(memory === null || memory.value === null ? {} : { memory: memory.value }),
    },
    findings: [
      ...workerFindings(config, setup, base),
      ...graph.findings,
      ...unproducedKeys(config, base, keys),
      ...(shards?.findings ?? []),
      ...(shards === null || config.modelWorker?.count === 0 ? [] : withoutShards(config, shards, base)),
      ...sync.findings,
      ...instantiation.findings,
      ...models.findings,
      ...(memory?.findings ?? []),
      ...master.findings,
      ...checkers.pairs.check(config, base, authored.facts),
      ...checkers.data.check(config, base),
      ...setupRules(context),
    ],
    keysKnown: keys.yields !== null,
    lengthsKnown: lengthsOf(context) !== null,
    unbounded: memory?.unbounded ?? [],
  };
}

/** True for workers whose layout could not be made, for reasons that are among the findings already. */
function notLaidOut({ count, groups }: WorkerSet, { findings }: Authored): boolean {
  return count > 0 && groups.length === 0 && hasErrors(findings);
}

function workerFindings(config: ExperimentConfig, setup: number, base: string): readonly Finding[] {
  if (config.modelWorker === null || config.modelWorker.count > 0) return [];
  return [setupDiagnostics["no-model-workers"]({ setup }, { at: at(`${base}/modelWorker`) })];
}

function withoutShards(config: ExperimentConfig, shards: Shards, base: string): readonly Finding[] {
  return [...neededModels(config.modelRpcs, base)].flatMap(([model, { by, pointer }]) =>
    shards.models.has(model) ? [] : [graphDiagnostics["model-without-shards"]({ by, model }, { at: at(pointer) })],
  );
}

/** The same mistake seen from two sides (a role in a call and in a shard, one count in two setups) is one finding. */
function distinct(findings: readonly Finding[]): readonly Finding[] {
  const seen = new Set<string>();
  return findings.filter(({ code, data, at: place }) => {
    const { setup: _setup, ...rest } = data;
    // Names and counts are the same mistake wherever they show; everything else only at the same place.
    const anywhere = ANYWHERE.has(code);
    const key = JSON.stringify([code, rest, anywhere ? null : place]);
    if (seen.has(key)) return false;
    seen.add(key);
    return true;
  });
}

const ANYWHERE: ReadonlySet<string> = new Set([
  "model/at-in-role",
  "model/replica-id",
  "scheduling/count-mismatch",
  "scheduling/environment-value",
]);
