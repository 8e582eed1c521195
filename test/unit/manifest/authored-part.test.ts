import { describe, expect, it } from "vitest";
import { authoredPart, clusterSpec, defaultScheduling, experimentConfig, generationServer, resolve } from "assay";
import { resolveWorkerConfig, resolveWorkerConfigs, shardHolders } from "assay/manifest";
import { hasErrors } from "../../../src/diagnostics/finding.ts";
import { exampleParts } from "./example.ts";

const cluster = clusterSpec({ gpuImage: "train.sif", gpuInferImage: "serve.sif", cpuImage: "cpu.sif" });
const { authored } = exampleParts();
const [config] = authored.setups;

describe("the default scheduling", () => {
  it("has one task for each worker, with its kind's default, and no group for kinds without workers", () => {
    const made = defaultScheduling(config!, cluster);
    expect(made.modelWorker).toMatchObject({ count: 6, scheduling: { gpu: 1, containerImage: "train.sif" } });
    expect(made.generationServer).toMatchObject({ count: 3, scheduling: { gpu: 1, containerImage: "serve.sif" } });
    expect(made.masterWorker).toMatchObject({ count: 1, scheduling: { gpu: 0, containerImage: "cpu.sif" } });
    expect([made.gserverManager, made.rolloutWorker]).toEqual([null, null]);
  });
});

describe("an authored part without a class", () => {
  it("is proved as it is", () => {
    const part = authoredPart({ experiment: "imported", cluster, setups: [config!] });
    expect(part).toMatchObject({ launch: {}, models: {}, facts: {}, acknowledgements: [], findings: [] });
    const { value, findings } = resolve({ authored: part });
    expect(hasErrors(findings)).toBe(false);
    expect(value.setups[0]?.counts).toMatchObject({ modelWorker: 6, generationServer: 3, masterWorker: 1 });
  });

  it("keeps what is given, and needs no setup", () => {
    const scheduling = defaultScheduling(
      experimentConfig({
        modelRpcs: [],
        generationServer: [
          generationServer({ baseSeed: 1, backendType: "sglang", backendArgs: {}, modelPath: "/m", tpSize: 1 }),
        ],
      }),
      cluster,
    );
    const launch = { mode: "slurm" };
    expect(authoredPart({ experiment: "x", cluster, setups: [], scheduling, launch })).toMatchObject({
      scheduling,
      launch,
    });
    expect(authoredPart({ experiment: "x", cluster, setups: [] }).scheduling.modelWorker).toMatchObject({ count: 0 });
  });
});

describe("the workers of a manifest", () => {
  const part = authoredPart({ experiment: "imported", cluster, setups: [config!] });
  const source = { name: "imported", authored: part, resolved: resolve({ authored: part }).value };
  const bindings = { trial: "t", user: "u", secrets: { TRACKER_KEY: "k" } };

  it("come one by one, each as if it had been asked for alone", () => {
    const all = [...resolveWorkerConfigs(source, "modelWorker", bindings)];
    expect(all).toHaveLength(6);
    expect(all[4]).toEqual(resolveWorkerConfig(source, "modelWorker", 4, bindings));
    expect([...resolveWorkerConfigs(source, "rolloutWorker", bindings)]).toEqual([]);
    expect([...resolveWorkerConfigs(source, "modelWorker", bindings, { setup: 1 })]).toEqual([]);
  });

  it("come without what they share, on demand", () => {
    const shared = ["modelRpcs", "modelTopos", "msid2mwid", "dataTransferPairs", "syncParamPairs"];
    for (const kind of ["modelWorker", "masterWorker"] as const) {
      const whole = resolveWorkerConfig(source, kind, 0, bindings);
      const own = resolveWorkerConfig(source, kind, 0, bindings, { shared: false });
      expect(
        Object.keys(whole)
          .filter((field) => !(field in own))
          .sort(),
      ).toEqual(shared.toSorted());
      expect(whole).toMatchObject(own);
    }
  });

  it("hold the shards that `msid2mwid` says", () => {
    const holders = shardHolders(source.resolved.setups[0]!);
    expect(holders.map(({ model, dpRank, tpRank, ppRank, worker }) => [model, dpRank, tpRank, ppRank, worker])).toEqual(
      [
        ["actor@0", 0, 0, 0, 1],
        ["actor@0", 0, 1, 0, 2],
        ["actor@0", 1, 0, 0, 3],
        ["actor@0", 1, 1, 0, 0],
        ["ref@0", 0, 0, 0, 4],
        ["ref@0", 1, 0, 0, 5],
      ],
    );
  });
});
