import { at, atOption, type Finding, type RelatedPlace } from "../diagnostics/finding.ts";
import type { MemoryPart } from "../manifest/format.ts";
import { memoryDiagnostics } from "../memory/diagnostics.ts";
import { PART_KINDS } from "../memory/model.ts";
import { layoutText, type Remedy, remediesOf } from "../memory/nearby.ts";
import { enginePool, type Phase, sequencesAtATime } from "../memory/phase.ts";
import { gibText, percentText, wholeText } from "../memory/text.ts";
import type { ModelFunctionCall } from "../spec/call.ts";
import type { ClusterSpec } from "../spec/cluster.ts";
import type { ExperimentConfig } from "../spec/experiment-config.ts";
import type { EstimatedPhase } from "./memory.ts";
import type { Shards } from "./shards.ts";

/** What findings about memory are told with. */
export interface MemoryPlaces {
  readonly shards: Shards;
  readonly config: ExperimentConfig;
  /** Pointer of the setup. */
  readonly base: string;
  readonly cluster: ClusterSpec;
  readonly gpuBytes: number | null;
}

/** From this part of a GPU on an estimate is a warning: what it takes for granted is not that exact. */
export const NEAR_LIMIT = 0.88;

/** Verdicts that are findings of GPUs, the worst first. */
const VERDICTS = ["exceeds-gpu", "unbounded-batch", "near-limit"] as const;

/** Calls that need too much on the same GPUs are one finding, with the numbers of the one that needs most. */
export function memoryFindings(all: readonly EstimatedPhase[], places: MemoryPlaces): readonly Finding[] {
  const engines = all.filter(({ phase }) => phase.verdict === "kv-capacity");
  const findings = engines.map((one) => capacityFinding(one, places));
  const told: EstimatedPhase[] = [];
  for (const verdict of VERDICTS) {
    const concerned = all
      .filter(({ phase }) => phase.verdict === verdict)
      .sort((a, b) => b.phase.totalBytes - a.phase.totalBytes);
    for (const one of concerned) {
      if (told.some((other) => meet(one, other))) continue;
      told.push(one);
      const beside = concerned.filter((other) => other !== one && meet(one, other));
      findings.push(
        verdict === "unbounded-batch" ? unboundedFinding(one, beside, places) : tooMuch(verdict, one, beside, places),
      );
    }
  }
  return findings;
}

/** True for phases that have GPUs in common. */
function meet(one: EstimatedPhase, other: EstimatedPhase): boolean {
  return [...one.groups].some((group) => other.groups.has(group));
}

function tooMuch(
  code: "exceeds-gpu" | "near-limit",
  one: EstimatedPhase,
  beside: readonly EstimatedPhase[],
  places: MemoryPlaces,
): Finding {
  const { phase, source, pointer } = one;
  const { cluster } = places;
  const gpuBytes = places.gpuBytes ?? 0;
  return memoryDiagnostics[code](
    {
      call: source.call.name,
      model: phase.model,
      layout: layoutText(source.own.layout),
      total: gibText(phase.totalBytes),
      gpu: gibText(gpuBytes),
      gpuType: cluster.gpuType,
      percent: percentText(phase.totalBytes, gpuBytes),
      sum: byKind(phase.parts)
        .map(({ kind, bytes }) => `${kind} ${gibText(bytes)}`)
        .join(" + "),
      totalBytes: phase.totalBytes,
      gpuBytes,
    },
    {
      at: at(`${pointer}${one.call === null ? "/tpSize" : "/topo"}`),
      gives: ["layout"],
      related: [
        ...contributors(one, places),
        ...beside.map((other) => ({
          at: at(`${other.pointer}/topo`),
          message: `\`${other.source.call.name}\` needs about ${gibText(other.phase.totalBytes)}, too`,
        })),
        clusterPlace(places),
      ],
      help: remedyText(remedies(one, places)),
    },
  );
}

/** Something that would make a phase fit without a warning. */
function remedies({ source, call }: EstimatedPhase, { cluster, gpuBytes }: MemoryPlaces): readonly Remedy[] {
  return remediesOf(source, NEAR_LIMIT * (gpuBytes ?? 0), {
    gpusPerNode: cluster.gpusPerNode,
    gpus: cluster.gpusPerNode * cluster.nodes,
    hasSequences: (layout) => hasSequences(call, layout),
  });
}

function clusterPlace({ cluster, gpuBytes }: MemoryPlaces): RelatedPlace {
  const message = `cluster \`${cluster.name}\` has GPUs of ${gibText(gpuBytes ?? 0)}`;
  return { at: atOption("cluster"), message, gives: ["gpu"] };
}

/** Where the micro-batches of a call are said. */
function batchPlace({ call, pointer }: EstimatedPhase, { config, base }: MemoryPlaces) {
  const index = call === null ? -1 : config.modelRpcs.indexOf(call);
  return at(index < 0 ? pointer : `${base}/modelRpcs/${index}/mbSpec`);
}

function unboundedFinding(one: EstimatedPhase, beside: readonly EstimatedPhase[], places: MemoryPlaces): Finding {
  const { phase, source } = one;
  const { tokens } = source.call;
  const gpuBytes = places.gpuBytes ?? 0;
  const found = remedies(one, places);
  const settings = found.filter(({ kind }) => kind === "setting");
  return memoryDiagnostics["unbounded-batch"](
    {
      call: source.call.name,
      sequences: sequencesAtATime(source),
      tokens: (tokens?.prompt ?? 0) + (tokens?.generated ?? 0),
      total: gibText(phase.totalBytes),
      gpu: gibText(gpuBytes),
      gpuType: places.cluster.gpuType,
      percent: percentText(phase.totalBytes, gpuBytes),
      totalBytes: phase.totalBytes,
      gpuBytes,
    },
    {
      at: batchPlace(one, places),
      related: [
        ...beside.map((other) => ({
          at: batchPlace(other, places),
          message: `\`${other.source.call.name}\` would need about ${gibText(other.phase.totalBytes)}, too`,
        })),
        clusterPlace(places),
      ],
      help: remedyText(settings.length > 0 ? settings : found),
    },
  );
}

/** The largest parts of a phase, each where its size comes from. */
function contributors(one: EstimatedPhase, places: MemoryPlaces): readonly RelatedPlace[] {
  const placeOf = ({ kind, model }: MemoryPart) => {
    if (OF_BATCH.has(kind) && one.call !== null) return batchPlace(one, places);
    const shard = model === null ? undefined : places.shards.models.get(model)?.pointer;
    return shard === undefined ? at(one.pointer) : at(`${shard}/backend`);
  };
  return one.phase.parts
    .filter(({ kind }) => kind !== "runtime")
    .sort((a, b) => b.bytes - a.bytes)
    .slice(0, LARGEST)
    .map((part) => ({
      at: placeOf(part),
      message: `${part.kind} of \`${part.model ?? ""}\`: ${gibText(part.bytes)}, ${part.how}`,
    }));
}

function capacityFinding({ source, call, pointer }: EstimatedPhase, places: MemoryPlaces): Finding {
  const { own } = source;
  const { cluster } = places;
  const gpuBytes = places.gpuBytes ?? 0;
  const pool = enginePool(own, gpuBytes);
  const { tokens } = source.call;
  if (pool === null || tokens === null) throw new Error("only an engine with a length has this verdict");
  const argument = own.backend.pool?.fraction ?? "";
  return memoryDiagnostics["kv-capacity"](
    {
      who: call === null ? "each generation server" : `call \`${call.name}\``,
      model: own.card.id,
      pool: gibText(pool.poolBytes),
      weights: gibText(pool.weightBytes),
      fraction: pool.fraction,
      gpu: gibText(gpuBytes),
      bytesPerToken: wholeText(pool.bytesPerToken),
      capacity: pool.capacityTokens,
      prompt: tokens.prompt,
      generated: tokens.generated,
    },
    {
      at: at(`${pointer}/${call === null ? "backendArgs" : "backend/args"}/${argument}`),
      gives: ["fraction"],
      related: [clusterPlace(places)],
      help: capacityHelp(source, argument, tokens.prompt + tokens.generated, gpuBytes, cluster.gpusPerNode),
    },
  );
}

/** Parts that are told of with their places. */
const LARGEST = 3;
/** Parts whose size follows from a call's sequences. */
const OF_BATCH: ReadonlySet<string> = new Set(["activations", "logits", "cache"]);

/** Sums by kind, in the order in which they are shown. */
function byKind(parts: readonly MemoryPart[]): readonly { readonly kind: string; readonly bytes: number }[] {
  return PART_KINDS.flatMap((kind) => {
    const bytes = parts.reduce((sum, part) => (part.kind === kind ? sum + part.bytes : sum), 0);
    return bytes === 0 ? [] : [{ kind, bytes }];
  });
}

/** Whether a layout leaves each data rank and stage its sequences, as layouts are checked. */
function hasSequences(
  call: ModelFunctionCall | null,
  { data, pipe }: { readonly data: number; readonly pipe: number },
): boolean {
  if (call === null) return true;
  const factor = call.interfaceType === "trainStep" && pipe > 1 ? 2 : 1;
  return call.nSeqs >= factor * data * pipe * call.minNSeqsPerPass * call.mbSpec.nMbs;
}

function remedyText(remedies: readonly Remedy[]): string {
  if (remedies.length === 0) return "use more GPUs, shorter sequences or a smaller model: no layout near this one fits";
  const text = ({ change, totalBytes }: Remedy) => `${change} (${gibText(totalBytes)})`;
  const of = (kind: Remedy["kind"]) => remedies.filter((one) => one.kind === kind).map(text);
  const [layouts, settings, both, gpus] = [of("layout"), of("setting"), of("both"), of("gpus")];
  const parts = [
    ...(layouts.length > 0 ? [`lay it out as ${layouts.join(" or ")}`] : []),
    ...(settings.length > 0 ? [`set ${settings.join(" or ")}`] : []),
    ...(both.length > 0 ? [`take ${both.join(" or ")}`] : []),
    ...(gpus.length > 0 ? [`no layout of as many GPUs fits: take ${gpus.join(" or ")}`] : []),
  ];
  return parts.join(", or ");
}

/** What gives an engine room for one sequence: more of the GPU, or more tensor ranks. */
function capacityHelp(source: Phase, argument: string, length: number, gpuBytes: number, gpusPerNode: number): string {
  const { own } = source;
  const { card, layout } = own;
  const ways: string[] = [];
  for (const percent of [90, 95]) {
    const pool = enginePool({ ...own, args: { ...own.args, [argument]: percent / 100 } }, gpuBytes);
    if (pool !== null && pool.fraction > (enginePool(own, gpuBytes)?.fraction ?? 1) && pool.capacityTokens >= length) {
      ways.push(`set \`${argument}: ${percent / 100}\``);
      break;
    }
  }
  for (let tensor = 2 * layout.tensor; tensor <= gpusPerNode; tensor *= 2) {
    if (card.heads % tensor !== 0) break;
    const pool = enginePool({ ...own, layout: { ...layout, tensor } }, gpuBytes);
    if (pool !== null && pool.capacityTokens >= length) {
      ways.push(`give it a tensor size of ${tensor}`);
      break;
    }
  }
  return ways.length === 0 ? "generate shorter sequences, or use larger GPUs" : ways.join(", or ");
}
