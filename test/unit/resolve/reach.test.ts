import { describe, expect, it } from "vitest";
import type { JsonObject } from "type-fest";
import type { PluginFacts, TypeFacts } from "../../../src/manifest/format.ts";
import { resolve } from "../../../src/resolve/resolve.ts";
import { clusterSpec } from "../../../src/spec/cluster.ts";
import { experimentConfig } from "../../../src/spec/experiment-config.ts";
import { modelName } from "../../../src/spec/model-name.ts";
import { generationServer, gserverManager, modelWorker, rolloutWorker } from "../../../src/spec/worker.ts";
import { authored, call, lines, ranksOf, shard, topo } from "./configs.ts";

const SCHEMA: JsonObject = {
  type: "object",
  properties: { modelPath: { type: "string" }, dtype: { type: "string" }, maxBs: { type: "integer" } },
  required: ["modelPath", "dtype"],
  additionalProperties: false,
};

function typeOf(args: JsonObject | null, facts: JsonObject = {}): TypeFacts {
  return { args, facts } as TypeFacts;
}

const FACTS: PluginFacts = {
  types: { backend: { engine: typeOf(SCHEMA), bare: typeOf(null), b: typeOf(SCHEMA) }, agent: { act: typeOf(null) } },
  cards: {},
};

function servers(backendType: string, backendArgs: JsonObject) {
  const one = topo(1, 1, 1);
  return experimentConfig({
    modelRpcs: [call("a", "x@0")],
    modelWorker: ranksOf({ "x@0": one }),
    generationServer: [generationServer({ baseSeed: 1, backendType, backendArgs, modelPath: "/m", tpSize: 1 })],
    gserverManager: [
      gserverManager({
        modelName: modelName("x", 0),
        nServers: 1,
        schedulePolicy: "round_robin",
        maxHeadOffpolicyness: 0,
        trainBatchSize: 8,
        flushRequestTimeout: 1,
        maxConcurrentRollouts: 8,
      }),
    ],
    rolloutWorker: [
      rolloutWorker({
        baseSeed: 1,
        modelName: modelName("x", 0),
        tokenizerPath: "/m",
        env: { type: "act", args: {} },
        agent: { type: "act", args: {} },
        datasets: [],
      }),
    ],
  });
}

function prove(config: ReturnType<typeof servers>, facts = FACTS) {
  const { value, findings } = resolve({ authored: authored([config]) }, facts);
  const own = lines(findings.filter(({ at }) => JSON.stringify(at).includes("generationServer")));
  return { own, reach: value.reach };
}

describe("arguments of generation servers", () => {
  it("are those of the engine, without the checkpoint", () => {
    const { own, reach } = prove(servers("engine", { dtype: "float16" }));
    expect(own).toEqual([]);
    expect(reach.proved).toContain("engine arguments of generation servers");
  });

  it("are checked one by one", () => {
    const at = "/setups/0/generationServer/shared/backendArgs";
    expect(prove(servers("engine", { dtype: "float16", maxBs: "many" })).own).toEqual([`plugin/args ${at}/maxBs`]);
    expect(prove(servers("engine", {})).own).toEqual([`plugin/args ${at}`]);
    expect(prove(servers("engin", {})).own).toEqual([
      "plugin/unknown-type /setups/0/generationServer/shared/backendType",
    ]);
  });

  it("that nobody can check are said", () => {
    expect(prove(servers("bare", { any: 1 })).reach.notChecked).toContain(
      "engine arguments of bare servers: its plugin has no schema for them",
    );
    expect(prove(servers("engine", {}), { types: {}, cards: {} }).reach.notChecked).toContain(
      "engine arguments of engine servers: no plugin facts",
    );
  });
});

describe("the reach says", () => {
  it("which kinds have no facts, and which types no schema", () => {
    const { reach } = prove(servers("engine", { dtype: "float16" }));
    expect(reach.notChecked).toContain("arguments of agent act: its plugin has no schema for them");
    expect(reach.notChecked).toContain("environment arguments: no plugin facts");
    expect(reach.notChecked).toContain("interface arguments and keys: no plugin facts");
  });

  it("that a dataset is only a name, and which", () => {
    const layout = topo(1, 1, 1);
    const workers = [modelWorker({ baseSeed: 1, shards: [shard("x@0", layout, 0)], datasets: ["mine"] as never })];
    const config = experimentConfig({ modelRpcs: [call("a", "x@0")], modelWorker: workers });
    const { value } = resolve({ authored: authored([config]) }, FACTS);
    expect(value.reach.notChecked).toContain("data keys: dataset `mine` is only a name");
  });

  it("what is known on the cluster only", () => {
    const { reach } = prove(servers("engine", { dtype: "float16" }));
    expect(reach.notChecked).toContain(
      "files: whether datasets and checkpoints are there is known on the cluster only",
    );
    expect(reach.notChecked).toContain("rates: whether servers and rollouts keep up with training");
    expect(reach.notChecked).toContain("heads, layers, experts and widths of models against layouts: no model card");
    expect(reach.notChecked).toContain("memory: no model card");
  });

  it.each([
    [{}, [], "CPUs and memory of nodes: cluster `site` has no `cpusPerNode`, no `memMiBPerNode`"],
    [{ cpusPerNode: 64 }, ["CPUs of nodes"], "memory of nodes: cluster `site` has no `memMiBPerNode`"],
    [{ cpusPerNode: 64, memMiBPerNode: 524_288 }, ["CPUs and memory of nodes"], null],
  ])("what a cluster lets it prove of nodes: %j", (host, proved, open) => {
    const base = authored([servers("engine", { dtype: "float16" })]);
    const cluster = clusterSpec({ name: "site", nodes: 1, ...host });
    const { reach } = resolve({ authored: { ...base, cluster } }, FACTS).value;
    expect(reach.proved.filter((line) => line.endsWith("of nodes"))).toEqual(proved);
    expect(reach.notChecked.filter((line) => line.includes("of nodes:"))).toEqual(open === null ? [] : [open]);
  });

  it("that nobody bounds sequences", () => {
    const { reach } = prove(servers("engine", { dtype: "float16" }));
    expect(reach.notChecked).toContain("lengths of sequences: no dataset says how long its rows get");
    expect(reach.proved).not.toContain("lengths of sequences");
  });
});
