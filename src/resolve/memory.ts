import type { JsonObject } from "type-fest";
import { type Finding, hasErrors } from "../diagnostics/finding.ts";
import type { Authored, MemoryPhase, MemoryVerdict, PluginFacts, SetupMemory } from "../manifest/format.ts";
import { backendMemoryOf } from "../memory/facts.ts";
import type { CallTokens, MemoryModel } from "../memory/model.ts";
import { enginePool, leastPhase, type Phase, phaseMemory, type PhaseMemory } from "../memory/phase.ts";
import type { ModelFunctionCall } from "../spec/call.ts";
import { lowestOf } from "../spec/column.ts";
import type { ExperimentConfig } from "../spec/experiment-config.ts";
import { gpuMemoryMiB } from "../spec/gpu-types.ts";
import { modelNameText } from "../spec/model-name.ts";
import { isObject } from "../spec/own.ts";
import { typeFacts } from "./facts.ts";
import { memoryFindings, NEAR_LIMIT } from "./memory-findings.ts";
import { knownCard, type MemoryModels, memoryModels } from "./memory-models.ts";
import { modelOf, type SequenceLimits, sequenceLimits, tokensOfCall } from "./memory-tokens.ts";
import type { Shards } from "./shards.ts";

/** An estimate, what was found by it, and how far it goes. */
export interface MemoryResult {
  /** `null` where nothing is known of any model. */
  readonly value: SetupMemory | null;
  readonly findings: readonly Finding[];
  /** Calls whose tokens are bounded by nothing that is known. */
  readonly unbounded: readonly string[];
}

const MIB = 1024 ** 2;

/**
 * Estimates the memory of the GPUs of a setup while each of its calls runs, and of those of its generation servers, and finds what
 * does not fit. Nothing is claimed of models without a card, and of GPUs whose memory is not known.
 * @param others what was found of the models; with an error among it, sizes mean nothing and nothing is found here.
 */
export function estimateMemory(
  shards: Shards,
  config: ExperimentConfig,
  base: string,
  { authored, facts, instantiated, others }: MemoryContext,
): MemoryResult {
  const estimate = new Estimate(shards, config, base, authored, facts, instantiated);
  const phases = [...estimate.phases(), ...estimate.servers()];
  const { unknown } = estimate.known;
  const value: SetupMemory = {
    gpuBytes: estimate.gpuBytes,
    phases: phases.map(({ phase }) => phase),
    notEstimated: Object.fromEntries(unknown),
  };
  return {
    value: phases.length === 0 && unknown.size === 0 ? null : value,
    findings: hasErrors([...shards.findings, ...others])
      ? []
      : memoryFindings(phases, { shards, config, base, cluster: authored.cluster, gpuBytes: estimate.gpuBytes }),
    unbounded: estimate.unbounded,
  };
}

/** What a setup's memory depends on besides its shards. */
export interface MemoryContext {
  readonly authored: Authored;
  readonly facts: PluginFacts;
  /** Models whose parameters are made at start. */
  readonly instantiated: readonly string[];
  readonly others: readonly Finding[];
}

/** An estimated phase with what it was worked out of. */
export interface EstimatedPhase {
  readonly phase: MemoryPhase;
  readonly source: Phase;
  /** Groups of workers that it runs on. */
  readonly groups: ReadonlySet<number>;
  readonly call: ModelFunctionCall | null;
  /** Pointer of the model's shard, or of the servers. */
  readonly pointer: string;
}

class Estimate {
  readonly known: MemoryModels;
  readonly gpuBytes: number | null;
  readonly unbounded: string[] = [];
  readonly #limits: SequenceLimits;
  readonly #shards: Shards;
  readonly #config: ExperimentConfig;
  readonly #base: string;
  readonly #authored: Authored;
  readonly #facts: PluginFacts;

  constructor(
    shards: Shards,
    config: ExperimentConfig,
    base: string,
    authored: Authored,
    facts: PluginFacts,
    instantiated: readonly string[],
  ) {
    const mib = gpuMemoryMiB(authored.cluster);
    this.gpuBytes = mib === null || !Number.isSafeInteger(mib) || mib < 1 ? null : mib * MIB;
    this.known = memoryModels(shards, config, authored, facts, instantiated);
    this.#limits = sequenceLimits(config, base, facts);
    this.#shards = shards;
    this.#config = config;
    this.#base = base;
    this.#authored = authored;
    this.#facts = facts;
  }

  *phases(): Generator<EstimatedPhase> {
    const groups = this.#groups();
    for (const call of this.#config.modelRpcs) {
      const name = modelOf(call);
      const own = this.known.models.get(name);
      if (own === undefined) continue;
      const tokens = tokensOfCall(call, this.#limits, this.#facts);
      if (tokens === null) this.unbounded.push(call.name);
      const found = this.#worst(call, own, tokens === "idle" ? null : tokens, groups);
      if (found !== null) yield found;
    }
  }

  /** Groups of workers by the models that they hold: the first worker of each, once for workers that hold the same. */
  #groups(): ReadonlyMap<string, Group> {
    const { groups = [], shards = [] } = this.#config.modelWorker ?? {};
    const found = new Map<string, Group>();
    for (const group of groups) {
      const models = group.shards.flatMap(({ shard }) => {
        const template = shards[shard];
        return template === undefined ? [] : [modelNameText(template.modelName)];
      });
      const key = models.join(" ");
      const worker = lowestOf(group.workers) ?? 0;
      const before = found.get(key);
      if (before === undefined || worker < before.worker)
        found.set(key, { models, worker, at: before?.at ?? found.size });
    }
    return found;
  }

  #worst(
    call: ModelFunctionCall,
    own: MemoryModel,
    tokens: CallTokens | null,
    groups: ReadonlyMap<string, Group>,
  ): EstimatedPhase | null {
    let worst: Found | null = null;
    const on = new Set<number>();
    const given = call.preHooks.find((hook) => hook.kind === "paramRealloc" && hook.source !== null);
    const from = given?.kind === "paramRealloc" && given.source !== null ? modelNameText(given.source) : "";
    for (const { models, worker, at: index } of groups.values()) {
      if (!models.includes(own.name)) continue;
      on.add(index);
      const source: Phase = {
        call: { name: call.name, kind: call.interfaceType, tokens },
        own,
        others: models.flatMap((model) => (model === own.name ? [] : (this.known.models.get(model) ?? []))),
        source: this.known.models.get(from) ?? null,
        gpuBytes: this.gpuBytes,
      };
      const memory = phaseMemory(source);
      if (memory !== null && (worst === null || memory.totalBytes > worst.memory.totalBytes)) {
        worst = { memory, source, worker };
      }
    }
    if (worst === null) return null;
    const pointer = this.#shards.models.get(own.name)?.pointer ?? "";
    return { ...this.#phase(call.name, worst), groups: on, call, pointer };
  }

  #phase(call: string | null, { memory, source, worker }: Found): Pick<EstimatedPhase, "phase" | "source"> {
    const judged = this.#judge({ memory, source, worker });
    const { parts, totalBytes, stage } = judged.memory;
    const { name } = source.own;
    const capacityTokens = enginePool(source.own, this.gpuBytes)?.capacityTokens ?? null;
    const { verdict } = judged;
    return {
      phase: { call, model: name, worker, stage, parts, totalBytes, capacityTokens, verdict },
      source: judged.source,
    };
  }

  /** What an estimate means. What is too much is told with the least that it can be, if that is too much already. */
  #judge(found: Found): Found & { readonly verdict: MemoryVerdict | null } {
    const { memory, source } = found;
    if (this.gpuBytes === null) return { ...found, verdict: null };
    if (memory.totalBytes > this.gpuBytes) {
      const least = leastPhase(source);
      const leastMemory = least === null ? null : phaseMemory(least);
      if (least === null || leastMemory === null) return { ...found, verdict: "exceeds-gpu" };
      if (leastMemory.totalBytes <= this.gpuBytes) return { ...found, verdict: "unbounded-batch" };
      return { ...found, memory: leastMemory, source: least, verdict: "exceeds-gpu" };
    }
    const { own, call } = source;
    const pool = enginePool(own, this.gpuBytes);
    if (pool !== null && call.tokens !== null && pool.capacityTokens < call.tokens.prompt + call.tokens.generated) {
      return { ...found, verdict: "kv-capacity" };
    }
    // An engine that is alone takes what it is told to: that is near no limit.
    const isAlone = pool !== null && memory.parts.every(({ model }) => model === null || model === own.name);
    const isNear = !isAlone && memory.totalBytes >= NEAR_LIMIT * this.gpuBytes;
    return { ...found, verdict: isNear ? "near-limit" : "fits" };
  }

  /** Generation servers have GPUs of their own. */
  *servers(): Generator<EstimatedPhase> {
    const set = this.#config.generationServer;
    for (const group of set.groups.slice(0, 1)) {
      const fields: JsonObject = { ...set.shared, ...group.own };
      const { backendType, backendArgs, modelPath, tpSize } = fields;
      if (typeof backendType !== "string" || typeof modelPath !== "string" || !isObject(backendArgs)) continue;
      const backend = backendMemoryOf(typeFacts(this.#facts, "backend", backendType)?.facts);
      const name = "generation servers";
      const card = knownCard(modelPath, this.#authored, this.#facts);
      if (backend === null || typeof card === "string") continue;
      const tensor = typeof tpSize === "number" && Number.isSafeInteger(tpSize) && tpSize > 0 ? tpSize : 1;
      const { prompt, generated } = this.#limits;
      const own: MemoryModel = {
        name,
        card,
        isCritic: false,
        layout: { data: 1, pipe: 1, tensor, sequenceParallel: false, recompute: false },
        backend,
        args: backendArgs,
        isTrained: false,
        stays: true,
      };
      const tokens =
        prompt === null
          ? null
          : { sequences: 1, prompt, generated, minibatches: 1, nMbs: 1, maxTokensPerMb: Number.MAX_SAFE_INTEGER };
      const source: Phase = {
        call: { name, kind: "generate", tokens },
        own,
        others: [],
        source: null,
        gpuBytes: this.gpuBytes,
      };
      const memory = phaseMemory(source);
      if (memory === null) continue;
      const worker = lowestOf(group.workers) ?? 0;
      const pointer = `${this.#base}/generationServer/shared`;
      yield { ...this.#phase(null, { memory, source, worker }), groups: new Set(), call: null, pointer };
    }
  }
}

/** The memory of a phase, what it was worked out of, and the first worker that needs it. */
interface Found {
  readonly memory: PhaseMemory;
  readonly source: Phase;
  readonly worker: number;
}

/** Workers that hold the same models. */
interface Group {
  readonly models: readonly string[];
  readonly worker: number;
  readonly at: number;
}
