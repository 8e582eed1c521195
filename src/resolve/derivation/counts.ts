import type { JsonValue } from "type-fest";
import { gpusOf, parseAllocationMode } from "../../spec/allocation-mode.ts";
import { groupsOf } from "../../spec/scheduling.ts";
import { WORKER_KINDS, type WorkerKind } from "../../spec/worker.ts";
import { workerAt } from "../../spec/worker-set.ts";
import { type DerivationSource, type Fact, fact, firstOf, type Setup, valueText } from "./fact.ts";
import { layoutOf } from "./models.ts";
import { optionBehindFact } from "./options.ts";
import { madeFacts, unsaidFact } from "./pointers.ts";

/** The number of workers of a kind, as the setup and the scheduling have it. */
export function countFact(source: DerivationSource, kind: WorkerKind): Fact | null {
  return firstOf(source, (setup) => {
    const count = setup.resolved.counts[kind];
    const scheduled = groupsOf(source.manifest.authored.scheduling[kind]).reduce((sum, group) => sum + group.count, 0);
    const holders = kind === "modelWorker" ? holderFacts(setup) : [];
    return fact(`there ${count === 1 ? "is 1 worker" : `are ${count} workers`} of kind \`${kind}\``, [
      ...reasons(source, setup, kind),
      fact(`the scheduling asks for ${scheduled}`, madeFacts(source, `/scheduling/${kind}`)),
      ...holders,
    ]);
  });
}

/** Questions about single values of workers that are no model workers. */
export function workerFields(setup: Setup): readonly string[] {
  return WORKER_KINDS.flatMap((kind) => {
    const worker = kind === "modelWorker" ? undefined : firstWorker(setup, kind);
    if (worker === undefined) return [];
    return Object.keys(worker).flatMap((field) =>
      typeof worker[field] === "object" && field !== "modelName" ? [] : [`${kind}.${field}`],
    );
  });
}

/** A value of a worker, such as `gserverManager.maxConcurrentRollouts`: the option or the number that it follows from. */
export function workerFieldFact(source: DerivationSource, question: string): Fact | null {
  const [kind = "", field = "", ...rest] = question.split(".");
  if (!isKind(kind) || field === "" || rest.length > 0) return null;
  return firstOf(source, (setup) => {
    const worker = firstWorker(setup, kind);
    if (worker === undefined || !Object.hasOwn(worker, field)) return null;
    const { index } = setup;
    const own = madeFacts(source, `/setups/${index}/${kind}/shared/${field}`);
    const value = worker[field];
    const derived = derivedField(source, setup, kind, field, value);
    const because = [...derived, ...own];
    return fact(
      `\`${field}\` of kind \`${kind}\` is ${valueText(value)}`,
      because.length > 0 ? because : [unsaidFact(source)],
    );
  });
}

/** True for a kind of workers. */
export function isKind(text: string): text is WorkerKind {
  return (WORKER_KINDS as readonly string[]).includes(text);
}

function firstWorker({ config, resolved }: Setup, kind: WorkerKind) {
  const set = kind === "masterWorker" ? resolved.masterWorker : config[kind];
  return set === null ? undefined : workerAt(set, 0);
}

/** What follows from other numbers of the same setup. */
function derivedField(
  source: DerivationSource,
  setup: Setup,
  kind: WorkerKind,
  field: string,
  value: JsonValue | undefined,
): readonly Fact[] {
  const { config, index } = setup;
  switch (field) {
    case "baseSeed":
    case "shuffleDataset": {
      if (kind !== "masterWorker" || config.masterWorker !== null) return [];
      const made = madeFacts(source, `/setups/${index}/modelWorker/shared/${field}`);
      const isShuffled = field === "shuffleDataset" && config.generationServer.count > 0;
      const why = isShuffled ? fact("what rollouts give has no order of its own: it is shuffled") : unsaidFact(source);
      return [fact("the model workers have it", made.length > 0 ? made : [why])];
    }
    case "nServers":
      return countReasons(source, setup, "generationServer");
    case "tpSize":
      return engineFacts(source);
    case "modelName":
      return [
        fact(
          "it is the model of the generate call, which servers answer: the graph is without that call",
          engineFacts(source),
        ),
      ];
    case "nModelWorkers":
      return countReasons(source, setup, "modelWorker");
    case "trainBatchSize":
    case "maxConcurrentRollouts": {
      const trains = config.modelRpcs.findIndex(({ interfaceType }) => interfaceType === "trainStep");
      const call = config.modelRpcs[Math.max(0, trains)];
      if (call === undefined || call.nSeqs !== value) return [];
      const pointer = `/setups/${index}/modelRpcs/${Math.max(0, trains)}/nSeqs`;
      return [fact(`call \`${call.name}\` takes ${call.nSeqs} sequences a step`, madeFacts(source, pointer))];
    }
    default:
      return [];
  }
}

function reasons(source: DerivationSource, setup: Setup, kind: WorkerKind): readonly Fact[] {
  if (kind === "masterWorker") return [fact("a setup has one master worker")];
  const set = setup.config[kind];
  if (set === null) return [fact("the setup has none")];
  const made = madeFacts(source, `/setups/${setup.index}/${kind}/count`);
  return [fact(`the setup has ${set.count}`, [...countReasons(source, setup, kind), ...made])];
}

/** How the library counts workers of a flow; nothing where the author made them. */
function countReasons(source: DerivationSource, setup: Setup, kind: WorkerKind): readonly Fact[] {
  const { config } = setup;
  if (!source.spans.options.some(({ path }) => path === "allocationMode")) return [];
  const servers = config.generationServer.count > 0;
  switch (kind) {
    case "modelWorker": {
      const engine = servers ? engineFacts(source) : [];
      const first = fact("each GPU that servers leave has one model worker", [...gpuFacts(source), ...engine]);
      return servers ? [first] : gpuFacts(source);
    }
    case "generationServer":
      return servers ? engineFacts(source) : [];
    case "gserverManager":
      return servers ? [fact("one manager spreads requests over all servers", engineFacts(source))] : [];
    case "rolloutWorker":
      if (config.rolloutWorker.count === 0 || config.rolloutWorker.count !== config.modelWorker?.count) return [];
      return [fact("as many as there are model workers", countReasons(source, setup, "modelWorker"))];
    case "masterWorker":
      return [];
  }
}

/** Nodes and GPUs a node that are in use. */
function gpuFacts(source: DerivationSource): readonly Fact[] {
  const { cluster } = source.manifest.authored;
  const part = (path: string, all: number, what: string): readonly [number, Fact] => {
    const value = optionValue(source, path);
    return typeof value === "number"
      ? [value, optionBehindFact(source, path)]
      : [
          all,
          fact(`\`${path}\` is null: all ${all} ${what} of cluster \`${cluster.name}\``, [
            optionBehindFact(source, "cluster"),
          ]),
        ];
  };
  const [nodes, nodesFact] = part("nNodes", cluster.nodes, "nodes");
  const [gpus, gpusFact] = part("nGpusPerNode", cluster.gpusPerNode, "GPUs a node");
  return [
    fact(`${nodes} ${nodes === 1 ? "node" : "nodes"} x ${gpus} GPUs = ${nodes * gpus} GPUs`, [nodesFact, gpusFact]),
  ];
}

/** The part of the allocation that gives servers their GPUs. */
function engineFacts(source: DerivationSource): readonly Fact[] {
  const text = optionValue(source, "allocationMode");
  const mode = typeof text === "string" ? parseAllocationMode(text).value : null;
  if (mode?.kind !== "decoupled") return [];
  const { layout, range } = mode.gen;
  const gpus = gpusOf(layout);
  return [
    fact(`generation has ${gpus} GPUs, ${layout.tensor} for each of ${gpus / layout.tensor} servers`, [
      optionBehindFact(source, "allocationMode", range),
    ]),
  ];
}

function optionValue({ spans }: DerivationSource, path: string): JsonValue | undefined {
  return spans.options.find((option) => option.path === path)?.value;
}

function holderFacts(setup: Setup): readonly Fact[] {
  return setup.resolved.modelNames.map((model) => fact(`\`${model}\` is ${layoutOf(setup, model)}`));
}
