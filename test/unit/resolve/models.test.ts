import { describe, expect, it } from "vitest";
import type { ModelCard } from "../../../src/manifest/format.ts";
import { clusterSpec } from "../../../src/spec/cluster.ts";
import { modelWorker } from "../../../src/spec/worker.ts";
import { call, factsOf, lines, PAIR, resolved, shard, topo } from "./configs.ts";

const card = (id: string, heads: number, kvHeads: number, family = "qwen2"): ModelCard => ({
  id,
  family,
  heads,
  kvHeads,
  hiddenSize: 1,
  layers: 1,
  headDim: 1,
  ffnSize: 1,
  vocabSize: 1,
  tiedEmbeddings: false,
  maxPositions: null,
  params: null,
});
const FACTS = factsOf(
  {
    model: {
      real: { facts: { holds: "weights", path: "file", family: "kind" } },
      words: { facts: { holds: "tokenizer", path: "file" } },
    },
    modelFamily: { qwen2: { facts: { readableAs: ["mistral"] } }, mistral: {}, llama: {} },
  },
  { small: card("small", 12, 2), odd: card("odd", 12, 8) },
);

/** One model on as many workers as its tensor size. */
function prove(args: object, tensor = 1, more: object = {}, facts = FACTS, type = "real") {
  const layout = topo(1, 1, tensor);
  const held = Array.from({ length: tensor }, (_, rank) =>
    modelWorker({ baseSeed: 1, shards: [shard("x@0", layout, rank, { model: { type, args } })] }),
  );
  const { value, findings } = resolved([call("a", "x@0")], held, more, facts);
  return { found: lines(findings), findings, model: value.setups[0]?.models["x@0"], reach: value.reach };
}

const AT = "/setups/0/modelWorker/shards/0";

describe("models", () => {
  it("are known by catalogue id, by the cluster's table, or by the manifest's own cards, which win", () => {
    expect(prove({ file: "small", kind: "qwen2" })).toMatchObject({
      found: [],
      model: { card: "small", family: "qwen2" },
    });
    const cluster = clusterSpec({ models: { "/ckpt": "small" } });
    expect(prove({ file: "/ckpt", kind: "qwen2" }, 1, { cluster }).model?.card).toBe("small");
    const models = { small: card("other", 4, 4) };
    expect(prove({ file: "small", kind: "qwen2" }, 4, { models })).toMatchObject({
      found: [],
      model: { card: "other" },
    });
  });

  it("model/not-in-catalogue at the path, without a word on a family that was to follow from it", () => {
    const { found, model } = prove({ file: "/nowhere", kind: "" });
    expect(found).toEqual([`model/not-in-catalogue ${AT}/model/args/file`]);
    expect(model).toEqual({ card: null, family: "" });
    expect(prove({ file: "constructor", kind: "qwen2" }).found).toEqual([
      `model/not-in-catalogue ${AT}/model/args/file`,
    ]);
  });

  it("model/family-unknown with the nearest name", () => {
    const { found, findings } = prove({ file: "small", kind: "quen2" });
    expect(found).toEqual([`model/family-unknown ${AT}/model/args/kind`]);
    expect(findings[0]?.help).toBe("use `qwen2`");
  });

  it("model/family-mismatch unless the card's family reads so", () => {
    expect(prove({ file: "small", kind: "mistral" }).found).toEqual([]);
    expect(prove({ file: "small", kind: "llama" }).found).toEqual([`model/family-mismatch ${AT}/model/args/kind`]);
  });

  it("model/heads-not-divisible by query heads and by key-value heads, naming the sizes that do", () => {
    expect(prove({ file: "small", kind: "qwen2" }, 2).found).toEqual([]);
    // 12 heads, 2 key-value heads: 4 divides the first only.
    expect(prove({ file: "small", kind: "qwen2" }, 4).found).toEqual([`model/heads-not-divisible ${AT}/topo/tensor`]);
    // 12 heads, 8 key-value heads: 8 divides the second only.
    const { found, findings } = prove({ file: "odd", kind: "qwen2" }, 8);
    expect(found).toEqual([`model/heads-not-divisible ${AT}/topo/tensor`]);
    expect(findings[0]?.help).toBe("use a tensor size among 1, 2, 4");
  });

  it("that hold no weights, or of which nothing is known, have no card", () => {
    expect(prove({ file: "/nowhere" }, 1, {}, FACTS, "words")).toMatchObject({
      found: [],
      model: { card: null, family: null },
    });
    const { found, reach } = prove({ file: "/nowhere" }, 1, {}, { types: {}, cards: {} });
    expect(found).toEqual([]);
    expect(reach.notChecked).toContain("heads, layers, experts and widths of models against layouts: no model card");
  });

  it("of one layout whose heads can't be divided are one finding, which names all of them", () => {
    const layout = topo(1, 1, 4);
    const model = { type: "real", args: { file: "small", kind: "qwen2" } };
    const held = Array.from({ length: 4 }, (_, rank) =>
      modelWorker({ baseSeed: 1, shards: ["x@0", "y@0"].map((name) => shard(name, layout, rank, { model })) }),
    );
    const { findings } = resolved([call("a", "x@0"), call("b", "y@0")], held, {}, FACTS);
    expect(lines(findings)).toEqual([`model/heads-not-divisible ${AT}/topo/tensor`]);
    expect(findings[0]?.message).toContain("tensor size 4 of `x@0`, `y@0` must divide");
    const second = { kind: "pointer", pointer: "/setups/0/modelWorker/shards/1/topo/tensor" };
    expect(findings[0]?.related).toEqual([
      { at: second, message: "`y@0`, too" },
      {
        at: { kind: "pointer", pointer: "/setups/0/modelWorker/shards/0/model/args/file" },
        message: "`small`: 12 attention heads, 2 key-value heads",
        gives: ["card"],
      },
    ]);
  });

  it("are reported once for all that load one checkpoint", () => {
    const one = topo(1, 1, 1);
    const model = { type: "real", args: { file: "/nowhere", kind: "" } };
    const held = modelWorker({ baseSeed: 1, shards: ["x@0", "y@0"].map((name) => shard(name, one, 0, { model })) });
    const { findings } = resolved([call("a", "x@0"), call("b", "y@0")], [held], {}, FACTS);
    expect(lines(findings)).toEqual([`model/not-in-catalogue ${AT}/model/args/file`]);
  });

  it("say in the reach what was proved", () => {
    const { reach } = prove({ file: "small", kind: "qwen2" });
    expect(reach.proved).toContain("heads, layers, experts and widths of models against layouts");
    expect(reach.assumed).toContain("checkpoints on the cluster are the models that their paths say");
    expect(reach.notChecked).toContain("backend arguments: no plugin facts");
  });

  it("are shards of anything where there are no facts", () => {
    const held = modelWorker({ baseSeed: 1, shards: [shard("x@0", topo(1, 1, 1), 0, { model: PAIR })] });
    expect(resolved([call("a", "x@0")], [held]).findings).toEqual([]);
  });
});
