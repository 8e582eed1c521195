import { describe, expect, it } from "vitest";
import type { SpansFile } from "../../../src/origin/spans-file.ts";
import { seal } from "../../../src/manifest/seal.ts";
import { askable, derive, type DerivationSource, type Fact } from "../../../src/resolve/derivation.ts";
import { resolve } from "../../../src/resolve/resolve.ts";
import { modelFunctionCall, offload, paramRealloc } from "../../../src/spec/call.ts";
import { experimentConfig } from "../../../src/spec/experiment-config.ts";
import { modelName } from "../../../src/spec/model-name.ts";
import { coordinatesOf, processTopology } from "../../../src/spec/topology.ts";
import { modelShard, modelShardId, modelWorker } from "../../../src/spec/worker.ts";
import { authoredOf } from "../manifest/random-manifest.ts";

/** `actor` generates on workers 0-1 and trains on 2-3; `ref` shares the latter. */
function source(): DerivationSource {
  const gen = processTopology({ layout: "data-pipe-tensor", pipe: 1, data: 2, tensor: 1 });
  const train = processTopology({ layout: "pipe-data-tensor", pipe: 1, data: 1, tensor: 2 });
  const ref = processTopology({ layout: "data-pipe-tensor", pipe: 1, data: 2, tensor: 1 });
  const shard = (name: ReturnType<typeof modelName>, topo: typeof gen, rank: number) => {
    const at = coordinatesOf(topo, rank);
    const id = { modelName: name, topo, dpRank: at.data, tpRank: at.tensor, ppRank: at.pipe };
    return modelShard({
      id: modelShardId(id),
      model: { type: "real_model", args: {} },
      backend: { type: "mock_train", args: {} },
    });
  };
  const workers = [0, 1, 2, 3].map((index) =>
    modelWorker({
      baseSeed: 1,
      shards:
        index < 2
          ? [shard(modelName("actor", 1), gen, index)]
          : [shard(modelName("actor", 0), train, index - 2), shard(modelName("ref", 0), ref, index - 2)],
    }),
  );
  const call = { nSeqs: 8, interfaceImpl: { type: "x", args: {} } } as const;
  const config = experimentConfig({
    modelWorker: workers,
    modelRpcs: [
      modelFunctionCall({
        ...call,
        name: "gen",
        interfaceType: "generate",
        modelName: modelName("actor", 1),
        outputKeys: ["texts"],
        preHooks: [paramRealloc({ source: modelName("actor", 0) })],
        postHooks: [paramRealloc({ target: modelName("actor", 0), eta: 0.5 })],
      }),
      modelFunctionCall({
        ...call,
        name: "score",
        interfaceType: "inference",
        modelName: "ref",
        inputKeys: ["texts"],
        outputKeys: ["logprobs"],
        postHooks: [offload()],
      }),
      modelFunctionCall({
        ...call,
        name: "train",
        interfaceType: "trainStep",
        modelName: "actor",
        inputKeys: ["texts", "logprobs"],
      }),
    ],
  });
  const authored = authoredOf("ppo", "/storage", [config]);
  const resolved = resolve({ authored }).value;
  const { manifest } = seal({ name: "ppo", preset: null, declared: null, authored, resolved });
  const spans: SpansFile = { assaySpans: 1, experiment: "ppo", preset: null, nouns: {}, options: [] };
  return { manifest, spans, bare: null, places: { defaults: {}, presets: {} } };
}

function textOf(fact: Fact | null, indent = ""): string {
  if (fact === null) return "nothing";
  return `${indent}${fact.text}\n${fact.because.map((inner) => textOf(inner, `${indent}  `)).join("")}`;
}

describe("derivations", () => {
  const ask = (question: string) => `\n${textOf(derive(source(), question))}`;

  it("say why there is a second replica", () => {
    expect(ask("replica actor@1")).toMatchInlineSnapshot(`
      "
      model \`actor@1\` is used by \`gen\`
        \`gen\` is laid out otherwise than \`train\`, and a replica has one layout
          \`gen\` is d2p1m1 on workers 0-1
          \`train\` is d1p1m2 on workers 2-3, with replica 0
        \`actor@1\` is laid out as d2p1m1 on workers 0-1
          data 2 x pipe 1 x tensor 1 is 2 ranks, each on one worker; the axes run in this order as no call trains it
        its parameters are not made at start: they come from the replica that trains
      "
    `);
  });

  it("say why a call has its hooks", () => {
    expect(ask("hook gen")).toMatchInlineSnapshot(`
      "
      call \`gen\` has 2 hooks
        before \`gen\`: its parameters come from \`actor@0\`
          \`actor@0\` is the replica that \`train\` trains, and \`gen\` has \`actor@1\`
            \`actor@0\` is d1p1m2 on workers 2-3
            \`actor@1\` is d2p1m1 on workers 0-1
        after \`gen\`: its parameters go to \`actor@0\`, mixed in with eta 0.5
          \`actor@0\` is the replica that \`train\` trains, and \`gen\` has \`actor@1\`
            \`actor@0\` is d1p1m2 on workers 2-3
            \`actor@1\` is d2p1m1 on workers 0-1
      "
    `);
    expect(ask("hook score")).toMatchInlineSnapshot(`
      "
      call \`score\` has 1 hook
        after \`score\`: its model leaves the GPUs
          no call trains its role, and \`train\` runs on the same GPUs
            \`ref@0\` is d2p1m1 on workers 2-3
      "
    `);
    expect(ask("hook train")).toContain("has no hooks");
  });

  it("say why there are pairs, in their direction", () => {
    expect(ask("pair data actor@1 ref")).toMatchInlineSnapshot(`
      "
      data moves from \`actor@1\` to \`ref@0\`
        \`score\` reads \`texts\`, which \`gen\` yields
      "
    `);
    expect(ask("pair sync actor@0 actor@1")).toMatchInlineSnapshot(`
      "
      parameters move from \`actor@0\` to \`actor@1\`
        a hook before \`gen\` moves them
          \`actor@0\` is the replica that \`train\` trains, and \`gen\` has \`actor@1\`
            \`actor@0\` is d1p1m2 on workers 2-3
            \`actor@1\` is d2p1m1 on workers 0-1
      "
    `);
    expect(ask("pair sync actor@1 actor@0")).toContain("after `gen`");
    expect(derive(source(), "pair sync ref actor")).toBeNull();
  });

  it("answer all that they offer, and are pure", () => {
    const from = source();
    const { facts } = askable(from);
    expect(facts.length).toBeGreaterThan(12);
    for (const question of facts)
      expect([question, derive(from, question)]).toEqual([question, derive(source(), question)]);
    for (const question of facts) expect(derive(from, question), question).not.toBeNull();
  });

  it("know nothing of what is not there", () => {
    for (const question of ["", "replica actor@7", "hook gone", "count nobody", "pair data a b", "/setups/9", "gone"])
      expect(derive(source(), question), question).toBeNull();
  });
});
