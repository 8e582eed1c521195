import type { Acknowledgement, Authored, PluginFacts, Reach, ResolvedSetup } from "../manifest/format.ts";
import type { ExperimentConfig } from "../spec/experiment-config.ts";
import { fieldOf, type PlacedPair } from "../spec/placed-pairs.ts";
import { groupsOf } from "../spec/scheduling.ts";
import { WORKER_KINDS } from "../spec/worker.ts";
import { everyPair } from "./every-pair.ts";
import { knowsKind, typeFacts } from "./facts.ts";
import { memoryReach } from "./memory-reach.ts";

/** What a proof of one setup can say about itself. */
export interface SetupReach {
  readonly resolved: ResolvedSetup;
  /** Whether all keys that the datasets yield are known. */
  readonly keysKnown: boolean;
  /** Whether it is known how long sequences can get. */
  readonly lengthsKnown: boolean;
  /** Calls whose tokens nothing bounds that is known. */
  readonly unbounded: readonly string[];
}

/** Kinds of pairs, and what is proved of them. A kind that no setup has is not told of, but for those that every setup has. */
const KINDS = [
  ["dataset", "dataset arguments", true],
  ["model", "model arguments", true],
  ["wrapper", "wrapper arguments", false],
  ["backend", "backend arguments", true],
  ["interface", "interface arguments and keys", true],
  ["agent", "agent arguments", false],
  ["environment", "environment arguments", false],
  ["modelFamily", "model families", true],
] as const;

/**
 * How far the proof of an experiment goes: what was proved, what was taken for granted, and what was not looked at, and why.
 * @param accepted the acknowledgements that matched a warning.
 */
export function reachOf(
  authored: Authored,
  facts: PluginFacts,
  setups: readonly SetupReach[],
  accepted: ReadonlySet<Acknowledgement>,
): Reach {
  const proved = [
    "dataflow graph",
    "replica ids",
    "topologies: every rank on exactly one worker",
    "data transfer and parameter sync pairs",
    "scheduling: counts, amounts and times",
  ];
  const notChecked: string[] = [];
  const assumed: string[] = [];
  const pairs = authored.setups.flatMap((config, index) => [...everyPair(config, `/setups/${index}`, facts)]);

  const unknown = unknownKeys(authored, facts, pairs);
  if (setups.every(({ keysKnown }) => keysKnown)) proved.push("data keys");
  else notChecked.push(`data keys: ${unknown}`);
  for (const [kind, what, always] of KINDS) {
    const types = [...new Set(pairs.flatMap((placed) => (placed.kind === kind ? [placed.pair.type] : [])))];
    if (types.length === 0 && !always) continue;
    if (!knowsKind(facts, kind)) {
      notChecked.push(`${what}: no plugin facts`);
      continue;
    }
    const bare = types.filter((type) => typeFacts(facts, kind, type)?.args === null);
    if (bare.length === 0 || bare.length < types.length) proved.push(what);
    if (bare.length > 0) notChecked.push(`arguments of ${kind} ${bare.join(", ")}: its plugin has no schema for them`);
  }
  const sampled = Object.values(authored.samples ?? {});
  if (sampled.length > 0) {
    proved.push(`rows of ${sampled.map(({ file }) => file).join(", ")}: columns, types, values and lengths`);
    if (sampled.some(({ isWhole, isCut }) => !isWhole || isCut)) {
      assumed.push("rows of datasets that their samples don't have are like those that they have");
    }
  }
  const servers = serverTypes(authored.setups);
  if (servers.length > 0) {
    const bare = servers.filter((type) => (typeFacts(facts, "backend", type)?.args ?? null) === null);
    if (bare.length < servers.length) proved.push("engine arguments of generation servers");
    if (bare.length > 0) {
      const why = knowsKind(facts, "backend") ? "its plugin has no schema for them" : "no plugin facts";
      notChecked.push(`engine arguments of ${bare.join(", ")} servers: ${why}`);
    }
  }
  proved.push("batches against layouts");
  if (setups.every(({ lengthsKnown }) => lengthsKnown)) proved.push("lengths of sequences");
  else notChecked.push("lengths of sequences: no dataset says how long its rows get");
  const hosts = hostsReach(authored);
  proved.push(...hosts.proved);
  notChecked.push(...hosts.notChecked);
  const models = setups.flatMap(({ resolved }) => Object.entries(resolved.models));
  const known = models.some(([, { card }]) => card !== null);
  const weights = models.filter(([name, { card }]) => card === null && isSplit(name, setups));
  if (known) {
    proved.push("heads, layers, experts and widths of models against layouts");
    assumed.push("checkpoints on the cluster are the models that their paths say");
    if (weights.length > 0) {
      const all = models.filter(([name]) => isSplit(name, setups)).length;
      notChecked.push(`heads and widths of ${weights.length} of ${all} models with a tensor size: no model card`);
    }
  } else notChecked.push("heads, layers, experts and widths of models against layouts: no model card");
  if (hasImages(authored)) notChecked.push("container images: what is in them is known where they run only");
  if (servers.length > 0) notChecked.push("rates: whether servers and rollouts keep up with training");
  notChecked.push("files: whether datasets and checkpoints are there is known on the cluster only");
  for (const acknowledgement of authored.acknowledgements) {
    if (accepted.has(acknowledgement)) assumed.push(`${acknowledgement.code}: ${acknowledgement.reason}`);
  }
  const memory = memoryReach(authored, setups);
  return { proved, assumed: [...assumed, ...memory.assumed], notChecked: [...notChecked, ...memory.notChecked] };
}

/** What is proved of the hosts that workers run on, as far as their cluster says what they have. */
function hostsReach({ cluster }: Authored): Pick<Reach, "proved" | "notChecked"> {
  const fields = [
    { field: "cpusPerNode", what: "CPUs" },
    { field: "memMiBPerNode", what: "memory" },
  ] as const;
  const known = fields.filter(({ field }) => cluster[field] !== null);
  const missing = fields.filter(({ field }) => cluster[field] === null);
  const of = (some: typeof known) => `${some.map(({ what }) => what).join(" and ")} of nodes`;
  return {
    proved: known.length === 0 ? [] : [of(known)],
    notChecked:
      missing.length === 0
        ? []
        : [
            `${of(missing)}: cluster \`${cluster.name}\` has no ${missing.map(({ field }) => `\`${field}\``).join(", no ")}`,
          ],
  };
}

/** True for a model that is split over tensor ranks: heads of others are divided by 1. */
function isSplit(name: string, setups: readonly SetupReach[]): boolean {
  return setups.some(({ resolved }) => (resolved.modelTopos[name]?.tensor ?? 1) > 1);
}

/** Why nobody can say what the datasets yield. */
function unknownKeys(authored: Authored, facts: PluginFacts, pairs: readonly PlacedPair[]): string {
  const names = authored.setups.flatMap((config, index) =>
    [...fieldOf(config, "modelWorker", "datasets", `/setups/${index}`)].flatMap(([value]) =>
      Array.isArray(value) ? value.filter((item): item is string => typeof item === "string") : [],
    ),
  );
  const [name] = names;
  if (name !== undefined) return `dataset \`${name}\` is only a name`;
  const datasets = pairs.filter(({ kind }) => kind === "dataset").map(({ pair }) => pair.type);
  const [first] = datasets;
  if (first === undefined) return "the model workers have no dataset";
  const silent = datasets.find((type) => !("yields" in (typeFacts(facts, "dataset", type)?.facts ?? {}))) ?? first;
  return `what dataset \`${silent}\` yields is not known`;
}

/** Engines that generation servers run. */
function serverTypes(setups: readonly ExperimentConfig[]): readonly string[] {
  const types = setups.flatMap((config) =>
    [...fieldOf(config, "generationServer", "backendType", "")].flatMap(([type]) =>
      typeof type === "string" ? [type] : [],
    ),
  );
  return [...new Set(types)];
}

/** True if anything runs in a container. */
function hasImages({ scheduling }: Authored): boolean {
  const groups = WORKER_KINDS.flatMap((kind) => groupsOf(scheduling[kind]));
  return groups.some(({ scheduling: { containerImage } }) => (containerImage ?? "") !== "");
}
