import "reflect-metadata";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { AssayError } from "../../../src/diagnostics/assay-error.ts";
import { inject, provide } from "../../../src/dsl/container.ts";
import { Experiment, preset, Preset, registerExperiment } from "../../../src/dsl/experiment.ts";
import { loadExperiment, makeExperiment, registerCluster, registerProject } from "../../../src/dsl/make.ts";
import { Option } from "../../../src/dsl/option.ts";
import { proveExperiment } from "../../../src/testing/prove.ts";
import { enterRealm, leaveRealm, type Realm } from "../../../src/realm/realm.ts";
import type { OptionDescription } from "../../../src/realm/option-schema.ts";
import { ClusterSpec, clusterSpec } from "../../../src/spec/cluster.ts";
import { experimentConfig } from "../../../src/spec/experiment-config.ts";
import {
  experimentScheduling,
  masterWorkerDefault,
  modelWorkerDefault,
  tasksGroup,
} from "../../../src/spec/scheduling.ts";
import { modelWorker } from "../../../src/spec/worker.ts";
import { call, lines, shard, topo } from "../resolve/configs.ts";

let realm: Realm;
beforeEach(() => void (realm = enterRealm()));
afterEach(() => leaveRealm(realm));

class Inner {
  rate = 1;
  note: string | null = "n";
}

/** An experiment by hand: one call on one worker. */
class Base {
  @Option() size = 1;
  @Option() inner = new Inner();
  @Option() vars: Readonly<Record<string, unknown>> = {};
  @Option() clear: number | null = 10;
  /** Copies of the model, one a worker. */
  workers = 1;
  schedulingSetup() {
    const cluster = clusterSpec();
    return experimentScheduling({
      modelWorker: tasksGroup(1, modelWorkerDefault(cluster)),
      masterWorker: tasksGroup(1, masterWorkerDefault(cluster)),
    });
  }
  initialSetup() {
    const modelWorkers = [modelWorker({ baseSeed: this.size, shards: [shard("x@0", topo(1, this.workers, 1), 0)] })];
    return experimentConfig({ modelRpcs: [call("a", "x@0")], modelWorker: modelWorkers });
  }
}

const make = (name: string, overrides: object = {}, presetName?: string) =>
  makeExperiment(
    name as never,
    overrides as never,
    presetName === undefined ? {} : { preset: presetName },
  ) as unknown as Base;
const refused = (run: () => unknown) => {
  try {
    run();
  } catch (error) {
    if (error instanceof AssayError) return error.codes;
    throw error;
  }
  return [];
};
const option = (path: string, more: Partial<OptionDescription> = {}): OptionDescription => ({
  path,
  help: "",
  range: null,
  choices: null,
  type: null,
  nullable: false,
  required: false,
  launch: false,
  ...more,
});

describe("options", () => {
  it("are set in order: construction, preset, overrides; groups value by value", () => {
    @Experiment("a")
    @Preset("p", { size: 2, inner: { rate: 2, note: "p" } })
    class A extends Base {}
    expect(make("a")).toBeInstanceOf(A);
    expect(make("a").inner).toMatchObject({ rate: 1, note: "n" });
    const made = make("a", { inner: { rate: 3 }, "inner.note": "o" }, "p");
    expect([made.size, made.inner.rate, made.inner.note]).toEqual([2, 3, "o"]);
    expect(make("a").size).toBe(1);
  });

  it("are an instance's own", () => {
    registerExperiment("a", class extends Base {});
    const [first, second] = [make("a"), make("a")];
    (first.inner as { rate: number }).rate = 99;
    expect(second.inner.rate).toBe(1);
    expect(make("a").inner.rate).toBe(1);
  });

  it("refuse unknown paths, wrong types and whatever is no option", () => {
    registerExperiment("a", class extends Base {});
    expect(refused(() => make("a", { sise: 1, "inner.rat": 1, size: "x", "size.x": 1, workers: 2 }))).toEqual([
      "option/unknown",
      "option/unknown",
      "option/type",
      "option/unknown",
      "option/unknown",
    ]);
  });

  it("can't reach a prototype", () => {
    registerExperiment("a", class extends Base {});
    const evil = JSON.parse('{"__proto__": {"polluted": 1}}') as object;
    const paths = [
      "__proto__.polluted",
      "constructor.prototype.polluted",
      "inner.__proto__.polluted",
      "vars.__proto__.polluted",
    ];
    for (const path of paths)
      expect(
        refused(() => make("a", { [path]: 1 })),
        path,
      ).toEqual(["option/unknown"]);
    expect(refused(() => make("a", evil))).toEqual(["option/unknown"]);
    expect(refused(() => make("a", { inner: evil }))).toEqual(["option/unknown"]);
    make("a", { vars: evil });
    expect(({} as { polluted?: number }).polluted).toBeUndefined();
    expect((make("a", { vars: evil }).vars as { polluted?: number }).polluted).toBeUndefined();
  });

  it("that are maps take any key, whatever the order", () => {
    registerExperiment("a", class extends Base {});
    expect(make("a", { "vars.A": 1, "vars.B": null }).vars).toMatchObject({ A: 1, B: null });
  });

  it("may be null where nothing says otherwise, and only where their description says so if there is one", () => {
    registerExperiment("a", class extends Base {});
    expect(make("a", { clear: null, "inner.note": null }).clear).toBeNull();
    registerProject({
      options: [option("clear", { nullable: true }), option("size")],
      experiments: { a: { load: async () => {}, options: "0-1" } },
    });
    expect(make("a", { clear: null }).clear).toBeNull();
    expect(refused(() => make("a", { size: null }))).toEqual(["option/type"]);
  });

  it("are held to range and choices of their description, a wrong value being left out", () => {
    registerExperiment("a", class extends Base {});
    registerProject({
      options: [option("inner.rate", { range: "[0, 1]" }), option("inner.note", { choices: ["n", "m"] })],
      experiments: { a: { load: async () => {}, options: "0-1" } },
    });
    expect(refused(() => make("a", { "inner.rate": 1.5, "inner.note": "x" }))).toEqual([
      "option/range",
      "option/choice",
    ]);
    const { findings, value } = proveExperiment("a", { overrides: { "inner.rate": 2, size: 7 } });
    expect(findings.map(({ code }) => code)).toEqual(["option/range"]);
    expect(value.authored?.setups[0]?.modelWorker?.shared["baseSeed"]).toBe(7);
  });
});

describe("registration", () => {
  it("knows classes, factories, and presets of presets", () => {
    registerExperiment("made", () => new Base());
    registerExperiment("a", class extends Base {});
    preset("a" as never, "b", { size: 2, inner: { rate: 5 } } as never);
    preset("b" as never, "c", { size: 3 } as never);
    expect(make("made", { size: 4 }).size).toBe(4);
    expect([make("c").size, make("c").inner.rate]).toEqual([3, 5]);
  });

  it("reports unknown names, presets and clusters, and what is no experiment", () => {
    registerExperiment("alpha", class extends Base {});
    registerExperiment("not", class {} as never);
    preset("nobody" as never, "lost", {} as never);
    expect(refused(() => make("alfa"))).toEqual(["dsl/unknown-experiment"]);
    expect(refused(() => make("lost"))).toEqual(["dsl/unknown-experiment"]);
    expect(refused(() => make("alpha", {}, "p"))).toEqual(["dsl/unknown-preset"]);
    expect(refused(() => make("alpha", { cluster: "x" }))).toEqual(["config/unknown-cluster"]);
    expect(refused(() => make("alpha", { cluster: 5 }))).toEqual(["option/type"]);
    expect(refused(() => make("not"))).toEqual(["dsl/not-an-experiment"]);
  });

  it("reports a name that is registered twice, from inside a realm of its own, too", () => {
    registerExperiment("a", class extends Base {});
    registerExperiment("a", class extends Base {});
    expect(refused(() => make("a"))).toEqual(["dsl/registered-twice"]);
    expect(lines(proveExperiment("a").findings)[0]).toMatch(/^dsl\/registered-twice site:0$/);
  });

  it("loads the one module that registers an experiment", async () => {
    let loads = 0;
    const load = async () => {
      loads += 1;
      registerExperiment("late", class extends Base {});
    };
    registerProject({ options: [], experiments: { late: { load, options: "" } } });
    expect(((await loadExperiment("late" as never)) as unknown as Base).size).toBe(1);
    await loadExperiment("late" as never);
    expect(loads).toBe(1);
    await expect(loadExperiment("never" as never)).rejects.toThrow("dsl/unknown-experiment");
  });
});

describe("injection", () => {
  abstract class Clock {
    abstract now(): number;
  }
  interface Namer {
    readonly name: string;
  }

  it("gives the cluster, abstract classes and tokens, and each experiment its own", () => {
    let made = 0;
    class Fixed extends Clock {
      readonly id = (made += 1);
      now() {
        return 7;
      }
    }
    @Experiment("a")
    class A extends Base {
      constructor(
        readonly cluster: ClusterSpec,
        readonly clock: Clock,
        @inject("namer") readonly namer: Namer,
      ) {
        super();
      }
    }
    registerCluster(clusterSpec({ name: "c", nodes: 3 }));
    provide(Clock, { useClass: Fixed });
    provide("namer", { useValue: { name: "n" } });
    const [first, second] = [make("a"), make("a")] as unknown as readonly [A, A];
    expect([first.cluster.nodes, first.clock.now(), first.namer.name]).toEqual([3, 7, "n"]);
    expect(first.clock).not.toBe(second.clock);
    expect(made).toBe(2);
  });

  it("leaves nothing behind: what a realm provides is gone with it", () => {
    const inner = enterRealm();
    provide("gone", { useValue: 1 });
    leaveRealm(inner);
    @Experiment("a")
    class A extends Base {
      constructor(@inject("gone") readonly gone: number) {
        super();
      }
    }
    expect(() => make("a")).toThrow(/gone/);
    expect(A.name).toBe("A");
  });
});

describe("one proof", () => {
  it("has all mistakes at once, each once", () => {
    registerExperiment(
      "a",
      class extends Base {
        override workers = 2;
        override schedulingSetup() {
          const cluster = clusterSpec();
          return experimentScheduling({
            modelWorker: tasksGroup(1, modelWorkerDefault(cluster, { timeLimit: "soon" })),
            masterWorker: tasksGroup(1, masterWorkerDefault(cluster)),
          });
        }
        override initialSetup() {
          const config = super.initialSetup();
          return { ...config, modelRpcs: [...config.modelRpcs, ...config.modelRpcs, call("b", "y@0")] };
        }
      },
    );
    const { findings } = proveExperiment("a", { overrides: { sise: 1 } });
    expect(lines(findings)).toEqual([
      "option/unknown nowhere",
      "scheduling/time /scheduling/modelWorker/scheduling/timeLimit",
      "graph/duplicate-call /setups/0/modelRpcs/1/name",
      "topology/rank-missing /setups/0/modelWorker/shards/0",
      "graph/model-without-shards /setups/0/modelRpcs/2/modelName",
    ]);
  });
});
