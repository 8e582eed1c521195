import type { MemoryPart, MemoryPhase, MemoryVerdict, SetupMemory } from "../../manifest/format.ts";
import { ASSUMPTIONS } from "../../memory/assumptions.ts";
import { gibText, percentText } from "../../memory/text.ts";
import { modelNameText, parseModelName } from "../../spec/model-name.ts";
import { callIn } from "./calls.ts";
import { type DerivationSource, type Fact, fact, firstOf, type Setup } from "./fact.ts";
import { sizeFacts } from "./models.ts";
import { optionBehindFact } from "./options.ts";
import { madeFacts } from "./pointers.ts";

/** How questions name the phase of generation servers. */
const SERVERS = "generationServer";

/** What can be asked of the memory of a setup: each phase by its call. */
export function memoryQuestions({ resolved }: Setup): readonly string[] {
  return (resolved.memory?.phases ?? []).map((phase) => `memory ${nameOf(phase)}`);
}

/** The memory of all GPUs of the setups: each phase with what it adds up. */
export function memoryFact(source: DerivationSource): Fact | null {
  return firstOf(source, (setup) => {
    const { memory } = setup.resolved;
    if (memory === undefined) return null;
    return fact("memory of the GPU that needs most, estimated for each call", [
      ...memory.phases.map((phase) => phaseIn(source, setup, memory, phase)),
      ...leftOut(memory),
      fact(`taken for granted: ${ASSUMPTIONS}`),
    ]);
  });
}

/** The memory of one call, or of one model: of the calls that run it. */
export function memoryOfFact(source: DerivationSource, name: string): Fact | null {
  return firstOf(source, (setup) => {
    const { memory } = setup.resolved;
    if (memory === undefined) return null;
    const call = callIn(setup, name)?.call.name ?? name;
    const phase = memory.phases.find((one) => nameOf(one) === call);
    if (phase !== undefined) return phaseIn(source, setup, memory, phase);
    const model = modelNameText(parseModelName(name));
    const reason = memory.notEstimated[model];
    if (reason !== undefined) return fact(`the memory of \`${model}\` is not estimated: ${reason}`);
    const phases = memory.phases.filter((one) => one.model === model);
    if (phases.length === 0) return null;
    return fact(
      `\`${model}\` is used by ${phases.length} ${phases.length === 1 ? "call" : "calls"}; memory of the GPU that needs most, estimated for each`,
      phases.map((one) => phaseIn(source, setup, memory, one)),
    );
  });
}

function nameOf({ call }: MemoryPhase): string {
  return call ?? SERVERS;
}

const VERDICTS: Readonly<Record<MemoryVerdict, string>> = {
  fits: "it fits",
  "near-limit": "it is near the limit",
  "unbounded-batch": "it does not fit if all sequences are as long as their limits",
  "exceeds-gpu": "it does not fit",
  "kv-capacity": "its cache is too small for one sequence",
};

function phaseIn(source: DerivationSource, setup: Setup, { gpuBytes }: SetupMemory, phase: MemoryPhase): Fact {
  const { model, worker, stage, parts, totalBytes, verdict } = phase;
  const share =
    gpuBytes === null || verdict === null
      ? "; the memory of the GPU is not known"
      : `, ${percentText(totalBytes, gpuBytes)} of ${gibText(gpuBytes)}: ${VERDICTS[verdict]}`;
  const who =
    phase.call === null
      ? `generation server ${worker} has about ${gibText(totalBytes)} on each GPU`
      : `\`${phase.call}\` needs about ${gibText(totalBytes)} on a GPU of \`${model}\` (worker ${worker}, stage ${stage})`;
  return fact(`${who}${share}`, [
    ...[...parts].sort((a, b) => b.bytes - a.bytes).map((part) => partFact(source, setup, phase, part)),
    ...(gpuBytes === null ? [] : gpuFacts(source, gpuBytes)),
  ]);
}

function partFact(source: DerivationSource, setup: Setup, phase: MemoryPhase, part: MemoryPart): Fact {
  const { kind, model, bytes, how } = part;
  const of = model === null || phase.call === null ? "" : ` of \`${model}\``;
  return fact(`${kind}${of}: ${gibText(bytes)}, ${how}`, placesOf(source, setup, phase, part));
}

/** Parts that follow from a call's sequences come from its micro-batches, the others from the layout. */
function placesOf(
  source: DerivationSource,
  setup: Setup,
  { call, capacityTokens }: MemoryPhase,
  { kind, model }: MemoryPart,
): readonly Fact[] {
  const isOfBatch = kind === "activations" || kind === "logits" || (kind === "cache" && capacityTokens === null);
  const found = call === null || !isOfBatch ? null : callIn(setup, call);
  if (found !== null) return madeFacts(source, `${found.pointer}/mbSpec`);
  return model === null || call === null ? [] : sizeFacts(source, setup, model);
}

function gpuFacts(source: DerivationSource, gpuBytes: number): readonly Fact[] {
  const { name, gpuType, gpuMemMiB } = source.manifest.authored.cluster;
  const said = gpuMemMiB === null ? `as \`${gpuType}\` has` : "as `gpuMemMiB` says";
  const isOption = source.spans.options.some(({ path }) => path === "cluster");
  const because = isOption ? [optionBehindFact(source, "cluster")] : [];
  return [fact(`a GPU of cluster \`${name}\` has ${gibText(gpuBytes)}, ${said}`, because)];
}

function leftOut({ notEstimated }: SetupMemory): readonly Fact[] {
  return Object.entries(notEstimated).map(([model, reason]) => fact(`\`${model}\` is not estimated: ${reason}`));
}
