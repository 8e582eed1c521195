import { at, type Finding } from "../diagnostics/finding.ts";
import { modelDiagnostics } from "../spec/diagnostics.ts";
import { allNumbers, type Column, lowestOf, toColumn } from "../spec/column.ts";
import { modelNameFindings, modelNameText } from "../spec/model-name.ts";
import { type ProcessTopology, topologyFindings, worldSize } from "../spec/topology.ts";
import type { ShardHolding, WorkerSet } from "../spec/worker-set.ts";
import { holdingsOf } from "../spec/worker-set.ts";
import { layoutDiagnostics, shardDiagnostics } from "./diagnostics.ts";

/** All shards of one model. */
export interface ModelShards {
  readonly name: string;
  readonly role: string;
  readonly replicaId: number;
  readonly topo: ProcessTopology;
  readonly holdings: readonly ShardHolding[];
  /** Workers by rank. */
  readonly workers: Column;
  readonly pointer: string;
}

/** Models by name in name order, with what is wrong about their shards. */
export interface Shards {
  readonly models: ReadonlyMap<string, ModelShards>;
  readonly findings: readonly Finding[];
}

/** Gathers the shards of each model over all workers and proves that each rank is held exactly once. */
export function gatherShards(workers: WorkerSet, base: string): Shards {
  const findings: Finding[] = [];
  const pointerOf = (shard: number) => `${base}/modelWorker/shards/${shard}`;
  const broken = new Set<string>();
  const report = (model: string, found: readonly Finding[]) => {
    if (found.length > 0) broken.add(model);
    findings.push(...found);
  };
  for (const [index, template] of workers.shards.entries()) {
    const name = modelNameText(template.modelName);
    const pointer = pointerOf(index);
    report(
      name,
      rooted(modelNameFindings(template.modelName.role, template.modelName.replicaId), `${pointer}/modelName`),
    );
    report(name, rooted(topologyFindings(template.topo), `${pointer}/topo`));
  }
  for (const [model, found] of twiceOnAWorker(workers, pointerOf)) report(model, [found]);
  const holdings = holdingsOf(workers);
  // Ranks of a topology whose sizes are wrong are neither inside nor outside.
  const sized = holdings.filter(({ template }) => topologyFindings(template.topo).length === 0);
  for (const [model, found] of outOfRange(sized, pointerOf)) report(model, [found]);

  const byModel = new Map<string, ShardHolding[]>();
  for (const holding of holdings) {
    const name = modelNameText(holding.template.modelName);
    const list = byModel.get(name);
    if (list === undefined) byModel.set(name, [holding]);
    else list.push(holding);
  }
  const models = new Map<string, ModelShards>();
  const names = [...byModel.keys()].sort((a, b) => compareNames(byModel.get(a)?.[0], byModel.get(b)?.[0]));
  for (const name of names) {
    const held = firstWorkerFirst(byModel.get(name) as ShardHolding[]);
    const first = held[0] as ShardHolding;
    const { topo, modelName } = first.template;
    const pointer = pointerOf(first.shard);
    if (!broken.has(name)) report(name, disagreements(name, held, pointerOf));
    const ranks = broken.has(name) ? { workers: "", findings: [] } : ranksOf(name, topo, held, pointer);
    report(name, ranks.findings);
    findings.push(...differences(name, held, pointerOf));
    models.set(name, {
      name,
      role: modelName.role,
      replicaId: modelName.replicaId,
      topo,
      holdings: held,
      workers: ranks.workers,
      pointer,
    });
  }
  return { models, findings: [...findings, ...replicaGaps([...models.values()])] };
}

/** Re-roots findings of a noun at the noun's pointer. */
export function rooted(findings: readonly Finding[], pointer: string): readonly Finding[] {
  if (findings.length === 0) return findings;
  return findings.map((finding) =>
    finding.at.kind === "pointer"
      ? { ...finding, at: { ...finding.at, pointer: `${pointer}${finding.at.pointer}` } }
      : finding,
  );
}

function* twiceOnAWorker(
  workers: WorkerSet,
  pointerOf: (shard: number) => string,
): Generator<readonly [string, Finding]> {
  const reported = new Set<string>();
  for (const group of workers.groups) {
    const seen = new Map<string, number>();
    for (const { shard } of group.shards) {
      const model = modelNameText(
        (workers.shards[shard] as { modelName: { role: string; replicaId: number } }).modelName,
      );
      if (seen.has(model) && !reported.has(model)) {
        reported.add(model);
        const worker = lowestOf(group.workers) ?? 0;
        yield [model, modelDiagnostics["shard-twice"]({ model, worker }, { at: at(pointerOf(shard)) })];
      }
      seen.set(model, shard);
    }
  }
}

function* outOfRange(
  holdings: readonly ShardHolding[],
  pointerOf: (shard: number) => string,
): Generator<readonly [string, Finding]> {
  const reported = new Set<string>();
  for (const { template, placement, shard } of holdings) {
    const model = modelNameText(template.modelName);
    for (const [pipe, data, tensor] of placement.coordinates ?? []) {
      for (const [axis, field, rank] of [
        ["data", "dpRank", data],
        ["tensor", "tpRank", tensor],
        ["pipe", "ppRank", pipe],
      ] as const) {
        const size = template.topo[axis];
        const key = `${model} ${axis}`;
        // A loop that runs too far makes the same mistake in many workers.
        if ((Number.isSafeInteger(rank) && rank >= 0 && rank < size) || reported.has(key)) continue;
        reported.add(key);
        yield [
          model,
          modelDiagnostics["shard-rank"](
            { model, axis, rank, size },
            {
              at: at(`${pointerOf(shard)}/id/${field}`),
              gives: ["rank"],
              related: [
                {
                  at: at(`${pointerOf(shard)}/topo/${axis}`),
                  message: `size ${size} of the ${axis} axis`,
                  gives: ["size"],
                },
              ],
            },
          ),
        ];
      }
    }
  }
}

/** Holdings in the order of the first worker that has them. */
function firstWorkerFirst(holdings: readonly ShardHolding[]): readonly ShardHolding[] {
  if (holdings.length < 2) return holdings;
  return holdings
    .map((holding) => ({ holding, first: lowestOf(holding.workers) ?? 0 }))
    .sort((a, b) => a.first - b.first)
    .map(({ holding }) => holding);
}

function compareNames(a: ShardHolding | undefined, b: ShardHolding | undefined): number {
  const left = a?.template.modelName;
  const right = b?.template.modelName;
  if (left === undefined || right === undefined) return 0;
  if (left.role !== right.role) return left.role < right.role ? -1 : 1;
  return left.replicaId - right.replicaId;
}

function disagreements(
  name: string,
  held: readonly ShardHolding[],
  pointerOf: (shard: number) => string,
): readonly Finding[] {
  const first = held[0] as ShardHolding;
  const other = held.find(({ template }) => sizesText(template.topo) !== sizesText(first.template.topo));
  if (other === undefined) return [];
  return [
    layoutDiagnostics.disagree(
      { model: name, first: sizesText(first.template.topo), second: sizesText(other.template.topo) },
      {
        at: at(`${pointerOf(other.shard)}/topo`),
        related: [{ at: at(`${pointerOf(first.shard)}/topo`), message: "the first one" }],
      },
    ),
  ];
}

/** What decides how ranks are numbered. */
function sizesText(topo: ProcessTopology): string {
  return `${topo.layout} p${topo.pipe} d${topo.data} m${topo.tensor}`;
}

function topologies(held: readonly ShardHolding[]): ReadonlySet<string> {
  return new Set(held.map(({ template }) => sizesText(template.topo)));
}

function ranksOf(
  name: string,
  topo: ProcessTopology,
  held: readonly ShardHolding[],
  pointer: string,
): { readonly workers: Column; readonly findings: readonly Finding[] } {
  const world = worldSize(topo);
  const only = held[0];
  // The common case, one run of workers holding all ranks in order, needs no table.
  if (held.length === 1 && only !== undefined && only.placement.ranks === (world === 1 ? "0" : `0-${world - 1}`)) {
    return { workers: only.workers, findings: [] };
  }
  const workerOf: (number | undefined)[] = [];
  const findings: Finding[] = [];
  let count = 0;
  let twice = 0;
  for (const { workers, placement } of held) {
    const ranks = allNumbers(placement.ranks ?? "");
    for (const [position, worker] of allNumbers(workers).entries()) {
      const rank = ranks[position] as number;
      const earlier = workerOf[rank];
      if (earlier === undefined) {
        workerOf[rank] = worker;
        count += 1;
        continue;
      }
      twice += 1;
      if (twice > 1) continue;
      findings.push(
        layoutDiagnostics["rank-twice"]({ model: name, rank, first: earlier, second: worker }, { at: at(pointer) }),
      );
    }
  }
  // A rank that is held twice leaves another one out, which is the same mistake; more that are left out are one of their own.
  if (count + twice < world) {
    const missing: number[] = [];
    for (let rank = 0; rank < world; rank += 1) if (workerOf[rank] === undefined) missing.push(rank);
    findings.push(
      layoutDiagnostics["rank-missing"](
        { model: name, missing: toColumn(missing), world, held: count },
        { at: at(pointer), related: [{ at: at(`${pointer}/topo`), message: `${world} ranks`, gives: ["world"] }] },
      ),
    );
  }
  return { workers: findings.length === 0 ? toColumn(workerOf as number[]) : "", findings };
}

function differences(
  name: string,
  held: readonly ShardHolding[],
  pointerOf: (shard: number) => string,
): readonly Finding[] {
  const first = held[0] as ShardHolding;
  const parts = ["model", "backend", ...(topologies(held).size === 1 ? (["topo"] as const) : [])] as const;
  return parts.flatMap((part) => {
    const other = held.find(
      ({ template }) =>
        template[part] !== first.template[part] &&
        JSON.stringify(template[part]) !== JSON.stringify(first.template[part]),
    );
    return other === undefined
      ? []
      : [
          shardDiagnostics["shards-differ"](
            { model: name, part: part === "topo" ? "topology's switches" : part },
            { at: at(`${pointerOf(other.shard)}/${part}`) },
          ),
        ];
  });
}

function replicaGaps(models: readonly ModelShards[]): readonly Finding[] {
  const byRole = new Map<string, ModelShards[]>();
  for (const model of models) byRole.set(model.role, [...(byRole.get(model.role) ?? []), model]);
  return [...byRole].flatMap(([role, replicas]) => {
    const found = replicas.map(({ replicaId }) => replicaId);
    const wrong = replicas.find(({ replicaId }, index) => replicaId !== index);
    // A replica id that is no whole number is its own finding.
    if (wrong === undefined || found.some((id) => !Number.isSafeInteger(id) || id < 0)) return [];
    return [
      shardDiagnostics["replica-gap"]({ role, found }, { at: at(`${wrong.pointer}/modelName`), gives: ["found"] }),
    ];
  });
}
