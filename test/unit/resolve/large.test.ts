import { beforeAll, describe, expect, it } from "vitest";
import { AssayError } from "../../../src/diagnostics/assay-error.ts";
import { resolveWorkerConfig } from "../../../src/manifest/worker-config.ts";
import { seal, type SealedManifest } from "../../../src/manifest/seal.ts";
import { resolve } from "../../../src/resolve/resolve.ts";
import {
  modelWorker,
  parallelismRank,
  workerInformation,
  type ModelShard,
  type ModelWorker,
} from "../../../src/spec/worker.ts";
import { allNumbers } from "../../../src/spec/column.ts";
import { askPython, hasPython } from "../manifest/python-reader.ts";
import { authored, call, shard, topo } from "./configs.ts";
import { experimentConfig } from "../../../src/spec/experiment-config.ts";
import { ppoMathAuthored, ppoMathWorkers } from "./ppo-math.ts";

const BINDINGS = { experiment: "exp", trial: "trial", user: "" };

describe("a configuration of 16,384 workers, written by hand and in any order", () => {
  let workers: readonly ModelWorker[];
  let sealed: SealedManifest;
  beforeAll(() => {
    workers = ppoMathWorkers(16_384, 7);
    const part = ppoMathAuthored(workers);
    const { value, findings } = resolve({ authored: part });
    expect(findings).toEqual([]);
    sealed = seal({ name: "large", preset: null, declared: null, authored: part, resolved: value });
  });

  it("takes a megabyte at most", () => {
    expect(sealed.text.length).toBeLessThanOrEqual(1_000_000);
  });

  it("gives worker 9,999 as it was written, and each rank its worker", () => {
    const made = resolveWorkerConfig(sealed.manifest, "modelWorker", 9_999, BINDINGS);
    const ids = (list: unknown) =>
      (list as readonly ModelShard[]).map(({ id }) => JSON.parse(JSON.stringify(id)) as object);
    expect(ids(made["shards"])).toEqual(ids(workers[9_999]?.shards));
    const { msid2mwid } = sealed.manifest.resolved.setups[0] as NonNullable<
      (typeof sealed.manifest.resolved.setups)[0]
    >;
    for (const [slot, column] of Object.values(msid2mwid).entries()) {
      const holders = allNumbers(column);
      const rank = parallelismRank((workers[9_999] as ModelWorker).shards[slot]?.id as ModelShard["id"]);
      expect(holders[rank]).toBe(9_999);
    }
  });

  it.skipIf(!hasPython)("gives the Python reader the same worker (needs python3)", () => {
    const question = { manifest: 0, kind: "modelWorker", index: 9_999, setup: 0, bindings: BINDINGS };
    const [answer] = askPython([sealed.text], [question]);
    const made = resolveWorkerConfig(sealed.manifest, "modelWorker", 9_999, BINDINGS);
    expect(answer).toEqual({ count: 16_384, value: JSON.parse(JSON.stringify(made)) });
  });
});

describe("a worker's configuration", () => {
  const info = workerInformation({ workerTag: "training", hostKey: "host", watchKeys: ["a", "b"], workerIndex: 5 });
  const one = topo(1, 1, 1);
  const setup = (workerInfo: typeof info | null) =>
    experimentConfig({
      modelRpcs: [call("a", "x@0")],
      modelWorker: [modelWorker({ baseSeed: 1, shards: [shard("x@0", one, 0)], workerInfo, datasets: ["prompts"] })],
    });
  const part = authored([setup(info), setup(null)]);
  const source = { name: "t", authored: part, resolved: resolve({ authored: part }).value };

  it("keeps tag, host key and watch keys through set-up, and names of datasets", () => {
    const made = resolveWorkerConfig(source, "modelWorker", 0, BINDINGS);
    expect(made["workerInfo"]).toEqual({
      experimentName: "exp",
      trialName: "trial",
      workerType: "model_worker",
      workerIndex: 0,
      workerCount: 1,
      workerTag: "training",
      hostKey: "host",
      watchKeys: ["a", "b"],
    });
    expect(made["datasets"]).toEqual(["prompts"]);
  });

  it("is that of its setup, where there are several", () => {
    const made = resolveWorkerConfig(source, "modelWorker", 0, BINDINGS, { setup: 1 });
    expect(made["workerInfo"]).toMatchObject({ workerTag: null, hostKey: null, watchKeys: null });
  });

  it.each([
    ["modelWorker", 1, 0],
    ["modelWorker", -1, 0],
    ["modelWorker", 0.5, 0],
    ["rolloutWorker", 0, 0],
    ["masterWorker", 1, 0],
    ["modelWorker", 0, 2],
  ] as const)("of %s %d in setup %d is `manifest/no-such-worker`", (kind, index, number) => {
    const make = () => resolveWorkerConfig(source, kind, index, BINDINGS, { setup: number });
    expect(make).toThrow(AssayError);
    expect(make).toThrow(
      expect.objectContaining({ findings: [expect.objectContaining({ code: "manifest/no-such-worker" })] }),
    );
  });
});
