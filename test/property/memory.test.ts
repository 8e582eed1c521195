import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { keyValueBytesPerToken } from "../../src/memory/cache.ts";
import type { BackendMemory, SplitAxis } from "../../src/memory/facts.ts";
import { bytesOf, type CallTokens, type MemoryModel } from "../../src/memory/model.ts";
import { type LayoutBounds, remediesOf } from "../../src/memory/nearby.ts";
import { countParameters, stageParameters } from "../../src/memory/parameters.ts";
import { leastPhase, type Phase, phaseMemory } from "../../src/memory/phase.ts";
import { stateParts } from "../../src/memory/state.ts";
import { DEEPSPEED, FSDP_FP32, MEGATRON_PLAIN, zero } from "../unit/memory/backends.ts";
import { CARDS, layout, phase, trained } from "../unit/memory/models.ts";

const card = fc.constantFrom(...CARDS);
const backend = fc.constantFrom<readonly BackendMemory[]>(
  zero(0),
  zero(1),
  zero(2),
  zero(3),
  FSDP_FP32,
  MEGATRON_PLAIN,
  DEEPSPEED,
);
const degree = fc.constantFrom(1, 2, 4, 8);
const tokens: fc.Arbitrary<CallTokens> = fc.record({
  sequences: fc.integer({ min: 1, max: 4096 }),
  prompt: fc.integer({ min: 1, max: 32_768 }),
  generated: fc.integer({ min: 0, max: 32_768 }),
  minibatches: fc.constantFrom(1, 2, 4),
  nMbs: fc.constantFrom(1, 2, 8),
  maxTokensPerMb: fc.constantFrom(8192, 65_536, 1_000_000_000_000),
});
const kind = fc.constantFrom("trainStep", "inference", "evaluate", "generate" as const);

const phases: fc.Arbitrary<Phase> = fc
  .record({
    card,
    backend,
    tokens,
    kind,
    data: degree,
    pipe: degree,
    tensor: degree,
    recompute: fc.boolean(),
    sequenceParallel: fc.boolean(),
    isCritic: fc.boolean(),
    zeroStage: fc.constantFrom(0, 1, 2, 3),
  })
  .map((one) => {
    const { data, pipe, tensor, recompute, sequenceParallel } = one;
    const own = trained(one.card, one.backend, {
      layout: layout(data, pipe, tensor, { recompute, sequenceParallel }),
      isCritic: one.isCritic,
      args: { zeroStage: one.zeroStage },
      isTrained: one.kind === "trainStep",
    });
    return phase(own, { kind: one.kind as Phase["call"]["kind"], tokens: one.tokens });
  });

function totalOf(one: Phase): number {
  const memory = phaseMemory(one);
  if (memory === null) throw new Error("every card of the catalogue can be worked out");
  return memory.totalBytes;
}

function withTokens(one: Phase, change: Partial<CallTokens>): Phase {
  const { tokens: own } = one.call;
  return own === null ? one : { ...one, call: { ...one.call, tokens: { ...own, ...change } } };
}

function withModel(one: Phase, change: Partial<MemoryModel>): Phase {
  return { ...one, own: { ...one.own, ...change } };
}

const RUNS = { numRuns: 300 };

describe("the memory of a phase", () => {
  it("is the whole number that its parts add up to", () => {
    fc.assert(
      fc.property(phases, (one) => {
        const memory = phaseMemory(one);
        const parts = memory?.parts ?? [];
        expect(memory?.totalBytes).toBe(bytesOf(parts));
        for (const { bytes } of parts) expect(Number.isSafeInteger(bytes) && bytes >= 0).toBe(true);
      }),
      RUNS,
    );
  });

  it("never shrinks with more sequences, or longer ones", () => {
    fc.assert(
      fc.property(phases, fc.integer({ min: 1, max: 4096 }), (one, more) => {
        const { sequences = 1, prompt = 1, generated = 0 } = one.call.tokens ?? {};
        const before = totalOf(one);
        expect(totalOf(withTokens(one, { sequences: sequences + more }))).toBeGreaterThanOrEqual(before);
        expect(totalOf(withTokens(one, { generated: generated + more }))).toBeGreaterThanOrEqual(before);
        if (one.call.kind === "generate") return;
        expect(totalOf(withTokens(one, { prompt: prompt + more }))).toBeGreaterThanOrEqual(before);
      }),
      RUNS,
    );
  });

  it("never grows with more micro-batches, or smaller ones", () => {
    fc.assert(
      fc.property(phases, (one) => {
        const { nMbs = 1, maxTokensPerMb = 1 } = one.call.tokens ?? {};
        const before = totalOf(one);
        // More micro-batches may be under way at a time, but not more tokens.
        if (one.own.layout.pipe > 1 && one.call.kind === "trainStep") return;
        expect(totalOf(withTokens(one, { nMbs: 2 * nMbs }))).toBeLessThanOrEqual(before);
        expect(totalOf(withTokens(one, { maxTokensPerMb: Math.ceil(maxTokensPerMb / 2) }))).toBeLessThanOrEqual(before);
      }),
      RUNS,
    );
  });

  it.each(["tensor", "pipe", "data"] as const)("is never less on fewer %s ranks", (axis) => {
    fc.assert(
      fc.property(phases, (one) => {
        const size = one.own.layout[axis];
        if (size === 1) return;
        const fewer = withModel(one, { layout: { ...one.own.layout, [axis]: size / 2 } });
        expect(totalOf(fewer)).toBeGreaterThanOrEqual(totalOf(one));
      }),
      RUNS,
    );
  });

  it("is never less without sequence parallelism", () => {
    fc.assert(
      fc.property(phases, (one) => {
        const { layout: own } = one.own;
        const plain = withModel(one, { layout: { ...own, sequenceParallel: false } });
        expect(totalOf(plain)).toBeGreaterThanOrEqual(
          totalOf(withModel(one, { layout: { ...own, sequenceParallel: true } })),
        );
      }),
      RUNS,
    );
  });

  it("is never less with models beside", () => {
    fc.assert(
      fc.property(phases, card, backend, fc.boolean(), (one, other, memory, isTrained) => {
        const beside = trained(other, memory, { name: "ref@0", isTrained });
        const both = totalOf({ ...one, others: [beside] });
        expect(both).toBeGreaterThan(totalOf(one));
        expect(totalOf({ ...one, others: [{ ...beside, stays: false }] })).toBe(totalOf(one));
      }),
      RUNS,
    );
  });

  it("is the least with one sequence a micro-batch", () => {
    fc.assert(
      fc.property(phases, (one) => {
        const least = leastPhase(one);
        if (least !== null) expect(totalOf(least)).toBeLessThanOrEqual(totalOf(one));
      }),
      RUNS,
    );
  });
});

describe("the state of a model", () => {
  it("is never less on fewer stages", () => {
    fc.assert(
      fc.property(card, backend, degree, fc.constantFrom(2, 4, 8), (one, memory, tensor, pipe) => {
        const most = (stages: number) =>
          Math.max(
            ...Array.from({ length: stages }, (_, stage) =>
              bytesOf(stateParts(trained(one, memory, { layout: layout(1, stages, tensor) }), stage) ?? []),
            ),
          );
        expect(most(pipe / 2)).toBeGreaterThanOrEqual(most(pipe));
      }),
      RUNS,
    );
  });

  it("is shared out without loss: ranks hold together what one GPU would", () => {
    fc.assert(
      fc.property(card, degree, degree, fc.constantFrom<SplitAxis[]>("data", "pipe"), (one, data, pipe) => {
        const memory: BackendMemory = {
          weights: [{ bytes: [2], over: ["pipe", "data"] }],
          gradients: [{ bytes: [4], over: ["pipe", "data"] }],
          optimizer: [{ bytes: [12], over: ["pipe", "data"] }],
        };
        let sum = 0;
        for (let stage = 0; stage < pipe; stage += 1) {
          sum += data * bytesOf(stateParts(trained(one, memory, { layout: layout(data, pipe, 1) }), stage) ?? []);
        }
        const copies = one.tiedEmbeddings && pipe > 1 ? one.vocabSize * one.hiddenSize : 0;
        const whole = 18 * ((countParameters(one)?.total ?? 0) + copies);
        expect(sum).toBeGreaterThanOrEqual(whole);
        // Each of three parts is rounded up to whole bytes on every rank.
        expect(sum - whole).toBeLessThanOrEqual(3 * data * pipe);
      }),
      RUNS,
    );
  });

  it("is on tensor ranks together what one has, and what each of them has a copy of", () => {
    fc.assert(
      fc.property(card, (one) => {
        const tensor = 2;
        if (one.kvHeads % tensor !== 0) return;
        const whole = countParameters(one)?.total ?? 0;
        const both = tensor * (stageParameters(one, { tensor, pipe: 1 }, 0) ?? 0);
        expect(both).toBeGreaterThan(whole);
        // Norms, routers and compressions are a small part of every model.
        expect(both / whole).toBeLessThan(1.01);
        expect(tensor * keyValueBytesPerToken(one, tensor, 2)).toBeGreaterThanOrEqual(keyValueBytesPerToken(one, 1, 2));
      }),
      RUNS,
    );
  });
});

describe("remedies", () => {
  const bounds: LayoutBounds = { gpusPerNode: 8, gpus: 256, hasSequences: () => true };

  it("fit, and keep the number of GPUs unless none of as many fits", () => {
    fc.assert(
      fc.property(phases, fc.integer({ min: 20, max: 80 }), (one, gib) => {
        const most = gib * 1024 ** 3;
        fc.pre(totalOf(one) > most);
        const found = remediesOf(one, most, bounds);
        const { data, pipe, tensor } = one.own.layout;
        for (const { totalBytes, kind: how, change } of found) {
          expect(totalBytes).toBeLessThanOrEqual(most);
          const [, d, p, m] = /^d(\d+)p(\d+)m(\d+)/.exec(change) ?? [];
          if (how !== "layout") continue;
          expect(Number(d) * Number(p) * Number(m)).toBe(data * pipe * tensor);
          expect(one.own.card.kvHeads % Number(m)).toBe(0);
        }
      }),
      { numRuns: 60 },
    );
  });
});
