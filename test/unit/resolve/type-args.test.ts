import { describe, expect, it } from "vitest";
import { resolve } from "../../../src/resolve/resolve.ts";
import { experimentConfig } from "../../../src/spec/experiment-config.ts";
import { modelWorker, rolloutWorker } from "../../../src/spec/worker.ts";
import { authored, call, factsOf, lines, PAIR, resolved, shard, topo } from "./configs.ts";

const text = (required: readonly string[]) => ({
  type: "object",
  properties: {
    path: { type: "string" },
    size: { type: "integer", minimum: 1 },
    deep: { type: "object", properties: { n: { type: "integer" } } },
  },
  required: [...required],
  additionalProperties: false,
});
const FACTS = factsOf({
  dataset: { rows: { args: text(["path"]), facts: { yields: ["ids", "mask"], paths: ["path"] } }, any: {} },
  interface: {
    sft: {
      args: text([]),
      facts: {
        calls: {
          trainStep: {
            reads: { required: ["ids", "mask"], optional: ["weights"] },
            yields: { always: [], optional: [] },
          },
          inference: { reads: { required: ["ids"] }, yields: { always: ["logps"], optional: ["values"] } },
          evaluate: { reads: "any", yields: "any" },
        },
      },
    },
    silent: {},
    test: {},
  },
});
const SFT = { type: "sft", args: {} };
const rows = (args: object) => ({ type: "rows", args }) as never;
const TRAIN = { interfaceType: "trainStep", interfaceImpl: SFT } as const;

function prove(
  calls: Parameters<typeof resolved>[0],
  datasets: readonly (string | typeof PAIR)[] | null = null,
  facts = FACTS,
) {
  const held = modelWorker({ baseSeed: 1, datasets, shards: [shard("x@0", topo(1, 1, 1), 0)] });
  return resolved(calls, [held], {}, facts).findings;
}

const CALL = "/setups/0/modelRpcs/0";
const DATA = "/setups/0/modelWorker/shared/datasets/0";

describe("types and arguments", () => {
  it("plugin/unknown-type with the nearest, once for a type", () => {
    const findings = prove(
      [
        call("a", "x@0", [], [], { interfaceImpl: { type: "sftt", args: {} } }),
        call("b", "x@0", [], [], { interfaceImpl: { type: "sftt", args: {} } }),
      ],
      [{ type: "raws", args: {} } as never],
    );
    expect(lines(findings)).toEqual([
      `plugin/unknown-type ${CALL}/interfaceImpl/type`,
      `plugin/unknown-type ${DATA}/type`,
    ]);
    expect(findings.map(({ help }) => help)).toEqual(["use `sft`", "use `rows`"]);
  });

  it("says nothing of kinds without facts, and of types called like Object's own", () => {
    expect(lines(prove([call("a", "x@0", [], [], { interfaceImpl: { type: "constructor", args: {} } })]))).toEqual([
      `plugin/unknown-type ${CALL}/interfaceImpl/type`,
    ]);
    expect(prove([call("a", "x@0")], [PAIR], { types: {}, cards: {} })).toEqual([]);
  });

  it("plugin/args for each argument that is wrong, missing or none, at the innermost place", () => {
    const args = { path: 3, size: 0, deep: { n: "x" }, sise: 1 };
    const findings = prove([call("a", "x@0", ["ids"])], [rows(args)]);
    expect(lines(findings).sort()).toEqual(
      ["deep/n", "path", "sise#key", "size"].map((name) => `plugin/args ${DATA}/args/${name}`),
    );
    const missing = prove([call("a", "x@0", ["ids"])], [rows({ size: 0 })]);
    expect(lines(missing)).toEqual([`plugin/args ${DATA}/args`, `plugin/args ${DATA}/args/size`]);
    expect(missing[0]?.message).toBe("dataset `rows`: `path` is missing");
  });

  it("plugin/args once for a pair that thousands of shards share", () => {
    const wrong = { type: "rows", args: { path: 1 } };
    const layout = topo(1, 4, 1);
    const held = [0, 1, 2, 3].map((rank) =>
      modelWorker({
        baseSeed: rank,
        shards: [shard("x@0", layout, rank, { evalDataset: { ...wrong, args: { ...wrong.args } } })],
      }),
    );
    const { findings } = resolved([call("a", "x@0")], held, {}, FACTS);
    expect(lines(findings).filter((line) => line.startsWith("plugin/"))).toEqual([
      "plugin/args /setups/0/modelWorker/shards/0/evalDataset/args/path",
    ]);
  });

  it("plugin/empty-path, a warning, for each different dataset", () => {
    const eval1 = { evalDataset: { type: "rows", args: { path: "", size: 2 } } };
    const held = modelWorker({
      baseSeed: 1,
      datasets: [rows({ path: "" }), rows({ path: "" }), rows({ path: "a" })],
      shards: [shard("x@0", topo(1, 1, 1), 0, eval1)],
    });
    const { findings } = resolved([call("a", "x@0")], [held], {}, FACTS);
    expect(lines(findings)).toEqual([
      "plugin/empty-path /setups/0/modelWorker/shards/0/evalDataset/args/path",
      `plugin/empty-path ${DATA}/args/path`,
    ]);
    expect(findings.every(({ severity }) => severity === "warning")).toBe(true);
  });

  it("look at the pairs of rollout workers, too", () => {
    const rollout = rolloutWorker({
      baseSeed: 1,
      modelName: { role: "x", replicaId: 0 },
      tokenizerPath: "t",
      newTokensPerChunk: 1,
      rolloutRequestTimeout: 1,
      env: { type: "e", args: {} },
      agent: { type: "a", args: {} },
      datasets: ["named", rows({ path: 1 })],
    });
    const config = experimentConfig({ modelRpcs: [call("a", "x@0")], modelWorker: [], rolloutWorker: [rollout] });
    const facts = { ...FACTS, types: { ...FACTS.types, agent: {}, environment: {} } };
    const found = lines(resolve({ authored: authored([config]) }, facts).findings);
    expect(found.filter((line) => line.startsWith("plugin/") && !line.includes("interface"))).toEqual([
      "plugin/args /setups/0/rolloutWorker/shared/datasets/1/args/path",
      "plugin/unknown-type /setups/0/rolloutWorker/shared/env/type",
      "plugin/unknown-type /setups/0/rolloutWorker/shared/agent/type",
    ]);
  });
});

describe("keys of interfaces", () => {
  it("take what is required and optional", () => {
    expect(prove([call("a", "x@0", ["ids", "mask", "weights"], [], TRAIN)])).toEqual([]);
    expect(prove([call("a", "x@0", ["z"], ["y"], { interfaceImpl: SFT, interfaceType: "evaluate" })])).toEqual([]);
    expect(prove([call("a", "x@0", ["z"], ["y"], { interfaceImpl: { type: "silent", args: {} } })])).toEqual([]);
  });

  it("plugin/interface-type where the interface offers no such call", () => {
    const findings = prove([call("a", "x@0", ["ids"], [], { interfaceImpl: SFT, interfaceType: "generate" })]);
    expect(lines(findings)).toEqual([`plugin/interface-type ${CALL}/interfaceType`]);
    expect(findings[0]?.data["offered"]).toEqual(["trainStep", "inference", "evaluate"]);
  });

  it("call/interface-type alone where no interface could offer such a call", () => {
    const interfaceType = "train_step" as "trainStep";
    const findings = prove([call("a", "x@0", ["ids"], [], { interfaceImpl: SFT, interfaceType })]);
    expect(lines(findings)).toEqual([`call/interface-type ${CALL}/interfaceType`]);
  });

  it("plugin/missing-key and plugin/interface-key", () => {
    expect(lines(prove([call("a", "x@0", ["ids"], ["more"], TRAIN)]))).toEqual([
      `plugin/missing-key ${CALL}/inputKeys`,
      `plugin/interface-key ${CALL}/outputKeys/0`,
    ]);
  });

  it("one finding for one misspelt key that is read", () => {
    const findings = prove([call("a", "x@0", ["ids", "masks"], [], TRAIN)], [rows({ path: "p" })]);
    expect(lines(findings)).toEqual([`plugin/interface-key ${CALL}/inputKeys/1`]);
    expect(findings[0]?.help).toBe("use `mask`");
  });

  it("one finding for one misspelt key that is yielded and that others read", () => {
    const calls = [call("a", "x@0", ["ids"], ["logp"], { interfaceImpl: SFT }), call("b", "x@0", ["logps"], [], {})];
    expect(lines(prove(calls, [rows({ path: "p" })]).filter(({ data }) => data["type"] !== "test"))).toEqual([
      `plugin/interface-key ${CALL}/outputKeys/0`,
    ]);
  });

  it("follow renames: of keys that are read by the graph's name, of yielded ones by the interface's", () => {
    const renamed = call("a", "x@0", ["tokens"], ["ref_logps"], {
      interfaceImpl: SFT,
      inputKeyRemap: { tokens: "ids" },
      outputKeyRemap: { logps: "ref_logps" },
    });
    expect(prove([renamed])).toEqual([]);
    const wrong = { ...renamed, inputKeyRemap: { tokens: "idx" }, outputKeyRemap: { lops: "ref_logps" } };
    expect(lines(prove([wrong]))).toEqual([
      `plugin/interface-key ${CALL}/inputKeys/0`,
      `plugin/interface-key ${CALL}/outputKeys/0`,
    ]);
  });
});

describe("data keys", () => {
  const reads = (...keys: readonly string[]) => [call("a", "x@0", keys, ["made"]), call("b", "x@0", ["made"])];
  const found = (calls: Parameters<typeof resolved>[0], datasets: readonly (string | typeof PAIR)[]) =>
    lines(prove(calls, datasets)).filter((line) => line.startsWith("graph/"));

  it("graph/unproduced-key where neither a call nor a dataset gives one", () => {
    expect(found(reads("ids", "mask"), [rows({ path: "p" })])).toEqual([]);
    expect(found(reads("idz", "other"), [rows({ path: "p" })])).toEqual([
      `graph/unproduced-key ${CALL}/inputKeys/0`,
      `graph/unproduced-key ${CALL}/inputKeys/1`,
    ]);
    expect(prove(reads("idz"), [rows({ path: "p" })]).find(({ code }) => code.startsWith("graph/"))?.help).toBe(
      "use `ids`",
    );
  });

  it("can't be told where a dataset is only a name, is of no known kind, or there is none", () => {
    for (const datasets of [["named"], [rows({ path: "p" }), "named"], [{ type: "any", args: {} } as never], []]) {
      expect(found(reads("idz"), datasets)).toEqual([]);
    }
  });

  it("come from facts of a pair before those of its type", () => {
    const held = modelWorker({
      baseSeed: 1,
      datasets: [rows({ path: "p" })],
      shards: [shard("x@0", topo(1, 1, 1), 0)],
    });
    const facts = { [DATA]: { yields: ["idz"] } };
    const { findings, value } = resolved(reads("idz"), [held], { facts }, FACTS);
    expect(lines(findings).filter((line) => line.startsWith("graph/"))).toEqual([]);
    expect(value.reach.proved).toContain("data keys");
  });

  it("lack what a copied call lacks once", () => {
    const copied = [call("a", "x@0", ["idz"]), call("a", "x@0", ["idz"])];
    expect(found(copied, [rows({ path: "p" })])).toEqual([
      "graph/duplicate-call /setups/0/modelRpcs/1/name",
      `graph/unproduced-key ${CALL}/inputKeys/0`,
    ]);
  });
});
