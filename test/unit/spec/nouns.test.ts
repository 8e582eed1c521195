import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import {
  type CallHook,
  type InterfaceType,
  modelFunctionCall,
  microBatchSpec,
  offload,
  paramRealloc,
} from "../../../src/spec/call.ts";
import { clusterSpec, clusterSpecFromJson } from "../../../src/spec/cluster.ts";
import { deviceMesh } from "../../../src/spec/device-mesh.ts";
import {
  automaticEvaluator,
  EXPERIMENT_STATUSES,
  experimentConfig,
  tensorBoardConfig,
  wandBConfig,
} from "../../../src/spec/experiment-config.ts";
import { modelName } from "../../../src/spec/model-name.ts";
import { ownFindings } from "../../../src/spec/noun.ts";
import { parallelismConfig } from "../../../src/spec/parallelism.ts";
import {
  controllerScheduling,
  experimentScheduling,
  generationServerDefault,
  groupsOf,
  gserverManagerDefault,
  masterWorkerDefault,
  modelWorkerDefault,
  rolloutWorkerDefault,
  scheduling,
  tasksGroup,
} from "../../../src/spec/scheduling.ts";
import { processTopology } from "../../../src/spec/topology.ts";
import {
  generationServer,
  gserverManager,
  masterWorker,
  modelShard,
  modelShardId,
  modelWorker,
  rolloutWorker,
  saveEvalControl,
  systemSetup,
  WORKER_KINDS,
  WORKER_TYPE_NAMES,
  workerInformation,
} from "../../../src/spec/worker.ts";
import { type WorkerSet, workerSet, workersOf } from "../../../src/spec/worker-set.ts";
import { call, lines, resolved, shard, topo, workers as workersHolding } from "../resolve/configs.ts";

/** Where a row was taken from: the seed document, the measured semantics, option tables or goldens; or it is our own. */
type Source = "seed" | "semantics" | "options" | "goldens" | "slurm" | "ours";

interface Table {
  /** The least that a maker takes. `fields` names the fields it fills where they are not properties of the arguments. */
  readonly makers: Readonly<
    Record<string, { readonly noun: string; readonly args: readonly unknown[]; readonly fields?: readonly string[] }>
  >;
  /** States of a trial, in their order. */
  readonly statuses: readonly { readonly field: string; readonly value: string }[];
  /**
   * Every field of the reference's classes, in its own spelling. `line` is that of the seed document; `as` is our name
   * where it is not the same in camelCase, `null` where we have none. A default in angle brackets stands for a value
   * that the reference works out; `<required>` for none.
   */
  readonly reference: readonly {
    readonly class: string;
    readonly maker: string;
    readonly source: Source;
    readonly field: string;
    readonly as?: string | null;
    readonly default: unknown;
  }[];
  readonly defaults: readonly {
    readonly noun: string;
    readonly maker: string;
    readonly source: Source;
    readonly field: string;
    readonly default: unknown;
  }[];
  readonly mistakes: readonly {
    readonly noun: string;
    readonly maker: string;
    readonly mistake: string;
    readonly source: Source;
    readonly input: readonly unknown[];
    readonly code: string;
    readonly pointer: string;
  }[];
  /** What the seed document raises on a whole configuration. A shard is model, sizes (pipe, data, tensor) and rank. */
  readonly unresolved: readonly {
    readonly mistake: string;
    readonly line: number;
    readonly workers: readonly (readonly (readonly [string, readonly [number, number, number], number])[])[];
    readonly calls: readonly {
      readonly name: string;
      readonly model: string;
      readonly interfaceType: InterfaceType;
      readonly preHooks?: readonly CallHook[];
      readonly postHooks?: readonly CallHook[];
    }[];
    readonly code: string;
    readonly pointer: string;
  }[];
}

const table = JSON.parse(readFileSync(new URL("./nouns.json", import.meta.url), "utf8")) as Table;

/** A maker without its types: the table is the judge of what it takes. */
type Maker = (...args: readonly unknown[]) => Readonly<Record<string, unknown>>;

const MAKERS = {
  automaticEvaluator,
  clusterSpec,
  controllerScheduling,
  deviceMesh,
  experimentConfig,
  experimentScheduling,
  generationServer,
  generationServerDefault,
  gserverManager,
  gserverManagerDefault,
  masterWorker,
  masterWorkerDefault,
  microBatchSpec,
  modelFunctionCall,
  modelName,
  modelShard,
  modelShardId,
  modelWorker,
  modelWorkerDefault,
  offload,
  parallelismConfig,
  paramRealloc,
  processTopology,
  rolloutWorker,
  rolloutWorkerDefault,
  saveEvalControl,
  scheduling,
  tasksGroup,
  tensorBoardConfig,
  wandBConfig,
  workerInformation,
} as unknown as Readonly<Record<string, Maker>>;

function make(maker: string, args: readonly unknown[]) {
  return (MAKERS[maker] as Maker)(...args);
}

function least(maker: string) {
  return make(maker, table.makers[maker]?.args ?? []);
}

/** Fields that the least of a maker's arguments gives. */
function given(maker: string): readonly string[] {
  const { args, fields } = table.makers[maker] as Table["makers"][string];
  const takesImages = maker in SCHEDULING_DEFAULTS || maker === "controllerScheduling";
  return fields ?? (takesImages ? [] : Object.keys(args[0] as object));
}

function defaultsOf(maker: string) {
  return table.defaults.filter((row) => row.maker === maker);
}

function camelCase(field: string): string {
  return field.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
}

/** A noun as its manifest has it: without call sites and findings. */
function plain<T>(value: T): T {
  return JSON.parse(JSON.stringify(value)) as T;
}

const SCHEDULING_DEFAULTS = {
  masterWorkerDefault,
  modelWorkerDefault,
  generationServerDefault,
  gserverManagerDefault,
  rolloutWorkerDefault,
};

const CLUSTER = clusterSpec({ cpuImage: "cpu.sif", gpuImage: "gpu.sif", gpuInferImage: "infer.sif" });

describe("the table", () => {
  it("names every maker, and no other", () => {
    expect(Object.keys(table.makers).sort()).toEqual(Object.keys(MAKERS).sort());
    for (const { maker } of [...table.defaults, ...table.mistakes]) expect(Object.keys(MAKERS)).toContain(maker);
  });

  it.each(Object.keys(table.makers))("holds every field of %s", (maker) => {
    const byDefault = defaultsOf(maker).map(({ field }) => field);
    expect(Object.keys(least(maker)).sort()).toEqual([...given(maker), ...byDefault].sort());
  });
});

/** What stands in our nouns for a default that the reference works out. */
const WORKED_OUT: Readonly<Record<string, unknown>> = {
  "<cpu_image>": CLUSTER.cpuImage,
  "<gpu_image>": CLUSTER.gpuImage,
  "<gpu_infer_image>": CLUSTER.gpuInferImage,
  "<no workers>": plain(workerSet([])),
  "<AutomaticEvaluator>": plain(automaticEvaluator()),
  "<MicroBatchSpec>": plain(microBatchSpec()),
};

/** Fields that have a default of our own: the reference wants them given, or takes them from the machine it runs on. */
const OUR_OWN = [
  "clusterSpec fileroot",
  "experimentConfig expCtrl",
  "experimentConfig tensorboard",
  "experimentConfig wandb",
];

describe("the reference", () => {
  const rows = table.reference.map((row) => ({ ...row, ours: row.as === undefined ? camelCase(row.field) : row.as }));

  it.each(rows.filter(({ ours }) => ours !== null).map((row) => [row.class, row.field, row] as const))(
    "%s.%s has its row",
    (_, __, { maker, ours, default: value }) => {
      if (OUR_OWN.includes(`${maker} ${ours}`)) {
        expect(defaultsOf(maker)).toContainEqual(expect.objectContaining({ field: ours, source: "ours" }));
      } else if (value === "<required>") {
        expect(given(maker)).toContain(ours);
      } else {
        const expected = typeof value === "string" && Object.hasOwn(WORKED_OUT, value) ? WORKED_OUT[value] : value;
        expect(defaultsOf(maker).filter(({ field }) => field === ours)).toMatchObject([{ default: expected }]);
      }
    },
  );

  it.each([...new Set(rows.filter(({ source }) => source === "seed" || source === "options").map((row) => row.maker))])(
    "has every field of %s that is not ours alone",
    (maker) => {
      const whole = maker in SCHEDULING_DEFAULTS ? ["scheduling", maker] : [maker];
      const known = rows.filter((row) => whole.includes(row.maker) && row.ours !== null).map(({ ours }) => ours);
      const own = defaultsOf(maker).filter(({ source }) => source === "ours");
      const all = new Set([...known, ...own.map(({ field }) => field)]);
      expect([...all].sort()).toEqual(Object.keys(least(maker)).sort());
    },
  );

  it.each(Object.keys(SCHEDULING_DEFAULTS))("has the amounts and the image of %s", (maker) => {
    const own = rows.filter((row) => row.maker === maker).map(({ ours }) => ours);
    expect(own.sort()).toEqual(["containerImage", "cpu", "gpu", "memMiB"]);
  });

  it("leaves out nothing but the path of a cluster's file, which has a reader of its own", () => {
    expect(rows.filter(({ ours }) => ours === null).map((row) => `${row.class}.${row.field}`)).toEqual([
      "ClusterSpecConfig.config_path",
    ]);
  });

  it("has a trial in one of three states", () => {
    expect(EXPERIMENT_STATUSES).toEqual(table.statuses.map(({ value }) => value));
  });
});

describe("a noun", () => {
  it.each(table.defaults.map((row) => [row.maker, row.field, row.default] as const))(
    "%s has %s = %j where nothing is said",
    (maker, field, value) => {
      expect(plain(least(maker)[field])).toEqual(value);
    },
  );

  it.each(Object.keys(table.makers))("%s is sound, frozen and plain", (maker) => {
    const made = least(maker);
    expect(ownFindings(made)).toEqual([]);
    expect(Object.isFrozen(made)).toBe(true);
    expect(Object.keys(plain(made))).toEqual(Object.keys(made));
    expect(Object.getPrototypeOf(made)).toBe(Object.prototype);
  });

  it.each(table.mistakes.map((row) => [row.maker, row.mistake, row] as const))(
    "%s finds %s",
    (maker, _, { input, code, pointer }) => {
      const findings = ownFindings(make(maker, input));
      expect(findings.map((finding) => [finding.code, finding.severity])).toEqual([[code, "error"]]);
      expect(findings[0]?.at).toMatchObject({ kind: "pointer", pointer });
    },
  );
});

/** A value for every field, none of them a default. */
const EVERY_FIELD = {
  cpu: 3,
  gpu: 0.5,
  memMiB: 777,
  nodelist: "slurmd-[01-02]",
  exclude: "slurmd-03",
  containerImage: "own.sif",
  envVars: { NCCL_DEBUG: "INFO" },
  timeLimit: "1-12:30",
  begin: "2027-01-01T08:00",
  deadline: "2027-02-01",
  partition: "gpu",
};

describe("scheduling", () => {
  it("keeps every field", () => {
    const made = scheduling(EVERY_FIELD);
    expect(made).toMatchObject(EVERY_FIELD);
    expect(ownFindings(made)).toEqual([]);
  });

  it.each(Object.entries(SCHEDULING_DEFAULTS))("%s takes an override of every field", (_, maker) => {
    expect(maker(CLUSTER, EVERY_FIELD)).toMatchObject(EVERY_FIELD);
    for (const [field, value] of Object.entries(EVERY_FIELD)) {
      expect(plain(maker(CLUSTER, { [field]: value }))).toEqual(plain({ ...maker(CLUSTER), [field]: value }));
    }
  });

  it("of a controller has its own image before the cluster's", () => {
    expect(controllerScheduling({ controllerImage: "ctl.sif" }, CLUSTER).containerImage).toBe("ctl.sif");
    expect(controllerScheduling({ controllerImage: null }, CLUSTER).containerImage).toBe("cpu.sif");
  });

  it("of a kind is one group, several, or none", () => {
    const group = tasksGroup(2, scheduling({ cpu: 1, gpu: 0, memMiB: 1 }));
    const setup = experimentScheduling({
      modelWorker: [group, group],
      masterWorker: group,
      controllerImage: "ctl.sif",
    });
    expect(groupsOf(setup.modelWorker)).toEqual([group, group]);
    expect(groupsOf(setup.masterWorker)).toEqual([group]);
    expect(groupsOf(setup.rolloutWorker)).toEqual([]);
    expect(setup.controllerImage).toBe("ctl.sif");
  });

  it("reports every mistake at once", () => {
    const wrong = scheduling({ cpu: 0, gpu: -1, memMiB: 0, timeLimit: "x", begin: "y", deadline: "z" });
    expect(ownFindings(wrong).map(({ at }) => (at.kind === "pointer" ? at.pointer : null))).toEqual([
      "/cpu",
      "/gpu",
      "/memMiB",
      "/timeLimit",
      "/begin",
      "/deadline",
    ]);
  });
});

describe("set-up of a worker", () => {
  const system = {
    experimentName: "exp",
    trialName: "trial",
    workerType: "model_worker",
    workerIndex: 3,
    workerCount: 8,
  };

  it("leaves tag, host key and watch keys as they were", () => {
    const own = { workerTag: "training", hostKey: "host", watchKeys: ["a", "b"] };
    expect(plain(systemSetup(workerInformation({ ...own, experimentName: "old", workerIndex: 7 }), system))).toEqual({
      ...own,
      ...system,
    });
    expect(systemSetup(workerInformation({ watchKeys: "a" }), system).watchKeys).toBe("a");
  });

  it("starts from nothing where there is no information", () => {
    expect(systemSetup(null, system)).toEqual({ ...system, workerTag: null, hostKey: null, watchKeys: null });
  });

  it("knows the five kinds by the workers' own names", () => {
    expect(WORKER_KINDS.map((kind) => WORKER_TYPE_NAMES[kind])).toEqual([
      "model_worker",
      "master_worker",
      "gserver_manager",
      "rollout_worker",
      "generation_server",
    ]);
  });
});

describe("datasets of a worker", () => {
  it("may be names that the workers know", () => {
    const datasets = ["prompts", { type: "math_code_prompt", args: {} }];
    expect(modelWorker({ baseSeed: 1, shards: [], datasets }).datasets).toEqual(datasets);
    const [first] = table.makers["rolloutWorker"]?.args ?? [];
    expect(make("rolloutWorker", [{ ...(first as object), datasets }])["datasets"]).toEqual(datasets);
  });
});

describe("a configuration", () => {
  it.each(table.unresolved.map((row) => [row.mistake, row] as const))(
    "finds %s, and nothing else",
    (_, { workers, calls, code, pointer }) => {
      const held = workers.map((each) => each.map(([model, sizes, rank]) => shard(model, topo(...sizes), rank)));
      const made = calls.map(({ name, model, ...more }) => call(name, model, [], [], more));
      expect(lines(resolved(made, workersHolding(...held)).findings)).toEqual([`${code} ${pointer}`]);
    },
  );

  it("packs its workers in their order", () => {
    const workers = [1, 2].map((baseSeed) => modelWorker({ baseSeed, shards: [] }));
    const config = experimentConfig({ modelRpcs: [], modelWorker: workers });
    expect(plain([...workersOf(config.modelWorker as WorkerSet)])).toEqual(plain(workers));
  });
});

describe("a hook", () => {
  it("that sends parameters has no source", () => {
    expect(plain(paramRealloc({ target: modelName("ref") }))).toEqual({
      kind: "paramRealloc",
      source: null,
      target: { role: "ref", replicaId: 0 },
      eta: 1,
    });
  });
});

describe("a shard's model", () => {
  it("has no wrappers where none are given", () => {
    const [shard] = table.makers["modelShard"]?.args ?? [];
    const made = make("modelShard", [{ ...(shard as object), model: { type: "real_model", args: {} } }]);
    expect(made["model"]).toEqual({ type: "real_model", args: {}, wrappers: [] });
  });
});

describe("a cluster file", () => {
  it("is read in both spellings; what it leaves out has its default", () => {
    const text = JSON.stringify({ cluster_name: "lab", default_mount: "/a:/a", n_nodes: 4, gpusPerNode: 4 });
    const cluster = clusterSpecFromJson(text, "lab.json");
    expect(ownFindings(cluster)).toEqual([]);
    expect(plain(cluster)).toEqual({ ...plain(clusterSpec()), name: "lab", mount: "/a:/a", nodes: 4, gpusPerNode: 4 });
  });

  it.each([
    ["{", ["it is no JSON"]],
    ["[]", ["it holds no JSON object"]],
    ['{"n_node": 4}', ["unknown property `n_node`"]],
    ['{"n_nodes": "4", "x": 1}', ['`n_nodes` must be a number, found "4"', "unknown property `x`"]],
  ])("%s says what is wrong", (text, problems) => {
    const findings = ownFindings(clusterSpecFromJson(text, "lab.json"));
    expect(findings.map(({ code }) => code)).toEqual(problems.map(() => "config/cluster-file"));
    for (const [index, problem] of problems.entries()) expect(findings[index]?.message).toContain(problem);
  });
});
