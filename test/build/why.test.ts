import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { describe, expect, it } from "vitest";
import type { Tools } from "../../src/cli/tools.ts";
import type { BuildOptions } from "../../codegen/report.ts";
import {
  askable,
  derivationSource,
  derive,
  type Fact,
  nearestQuestions,
  type DerivationSource,
} from "../../src/resolve/derivation.ts";
import { CHECKOUT } from "../compiled-build.ts";
import { compiledFolder } from "../crash/compiled.ts";

const { TOOLS } = (await import(pathToFileURL(join(compiledFolder(), "src/cli/tools.js")).href)) as {
  readonly TOOLS: Tools;
};

const cwd = CHECKOUT;

async function sourceOf(
  name: string,
  values: Readonly<Record<string, number | string | boolean>> = {},
): Promise<DerivationSource> {
  const overrides = Object.entries(values).map(([path, value]) => {
    const span = { file: "<command line>", line: 1, column: 1, length: path.length };
    return { path, value, span };
  });
  const options: BuildOptions = {
    cwd,
    config: null,
    write: false,
    keepGoing: false,
    only: [],
    overrides,
    cache: false,
  };
  const { manifest, spans, diagnostics } = await TOOLS.buildOne(options, name);
  if (manifest === null || spans === null) throw new Error(JSON.stringify(diagnostics));
  return { ...derivationSource(manifest, spans), places: await TOOLS.places({ cwd, config: null }, spans) };
}

function textOf({ text, places, because }: Fact, indent = ""): string {
  const files = places.map(({ file, line }) => ` [${file}:${line}]`).join("");
  return `${indent}${text}${files}\n${because.map((inner) => textOf(inner, `${indent}  `)).join("")}`;
}

function hasPlace({ places, because }: Fact): boolean {
  return places.length > 0 || because.some(hasPlace);
}

/** Pointers to all single values. */
function pointersIn(value: object, pointer = ""): readonly string[] {
  return Object.entries(value).flatMap(([key, inner]: [string, unknown]) => {
    const own = `${pointer}/${key.replaceAll("~", "~0").replaceAll("/", "~1")}`;
    return typeof inner === "object" && inner !== null ? pointersIn(inner, own) : [own];
  });
}

/** What no line of the source says, with the reason that is told. */
const REASONS: Readonly<Record<string, string>> = {
  "count masterWorker": "a setup has one master worker",
  "masterWorker.shuffleDataset": "what rollouts give has no order of its own: it is shuffled",
  cluster: "no preset and no override names one: it is the project's default, else its first",
};

describe("every option and every fact is derived", () => {
  it("of each shipped experiment and preset, down to a place or a reason", async () => {
    const { experiments } = await TOOLS.list({ cwd, config: null });
    const names = experiments.flatMap(({ name, builds }) =>
      builds.map(({ preset }) => (preset === null ? name : `${name}.${preset}`)),
    );
    expect(names).toContain("async-ppo-math.sixteen-nodes");
    let asked = 0;
    const failed: string[] = [];
    for (const name of names) {
      const source = await sourceOf(name);
      const { options, facts } = askable(source);
      for (const question of [...options, ...facts]) {
        asked += 1;
        const found = derive(source, question);
        const text = found === null ? "nothing" : textOf(found);
        const reason = REASONS[question];
        const sound = found !== null && (hasPlace(found) || (reason !== undefined && text.includes(reason)));
        if (!sound || text.includes("by itself")) failed.push(`${name} ${question}\n${text}`);
      }
    }
    expect(failed).toEqual([]);
    expect(asked).toBeGreaterThan(4000);
  }, 60_000);

  it("of servers, rollouts and their manager, from the options that count them", async () => {
    const source = await sourceOf("async-ppo-math.one-node", { nRolloutWorkers: 3 });
    const ask = (question: string) => textOf(derive(source, question) as Fact).replaceAll(/:\d+\]/g, "]");
    const set = "set by preset `one-node` [experiments/async-ppo-math/experiment.ts]";
    const engine = [
      'it comes from the characters `d4p1m1` of option `allocationMode`, which is "sglang.d4p1m1+d4p1m1"',
      set,
    ];
    for (const line of ["generation has 4 GPUs, 1 for each of 4 servers", ...engine]) {
      expect(ask("count generationServer")).toContain(line);
      expect(ask("count gserverManager")).toContain(line);
      expect(ask("count modelWorker")).toContain(line);
      expect(ask("gserverManager.nServers")).toContain(line);
    }
    expect(ask("count modelWorker")).toContain("it comes from option `nGpusPerNode`, which is 8");
    expect(ask("count rolloutWorker")).toContain("it comes from option `nRolloutWorkers`, which is 3");
    expect(ask("count rolloutWorker")).not.toContain("as many as");
    expect(ask("gserverManager.maxHeadOffpolicyness")).toContain(
      "it comes from option `maxHeadOffpolicyness`, which is 4",
    );
    const rollouts = ask("gserverManager.maxConcurrentRollouts");
    expect(rollouts).toContain("call `actor_train` takes 256 sequences a step");
    expect(rollouts).toContain("it comes from option `dataset.trainBsNSeqs`, which is 256");
    expect(rollouts).toContain("it comes from option `maxConcurrentRollouts`, which is null");
  });

  it("of what servers answer, which no call of the graph yields", async () => {
    const source = await sourceOf("async-ppo-math.one-node");
    const ask = (question: string) => textOf(derive(source, question) as Fact);
    expect(ask("key rewards")).toMatch(/^`rewards` comes from the stream of rollouts\n/);
    expect(ask("gserverManager.modelName")).toContain("the graph is without that call\n    generation has 4 GPUs");
  });

  it("of each setup, where they differ", async () => {
    const source = await sourceOf("sft-two-phases.four-nodes");
    const ask = (question: string) => textOf(derive(source, question) as Fact);
    const both = ask("trainDefault.nSeqs").replaceAll(/ \[.*\]/g, "");
    expect(both).toContain("2 setups answer differently\n  setup 0: `/setups/0/modelRpcs/0/nSeqs` is 256\n");
    expect(both).toContain("  setup 1: `/setups/1/modelRpcs/0/nSeqs` is 512\n");
    expect(ask("setup 1 trainDefault")).toMatch(/^call `trainDefault` runs .* with 512 sequences a step\n/);
    // The same words, from another call of the same method.
    expect(ask("count modelWorker")).toContain("setup 1 has the same, from other places: ask for `setup 1 ...`");
    expect(derive(source, "setup 2 trainDefault")).toBeNull();
    expect(derive(source, "setup 1")).toBeNull();
  });

  it("at every place in a manifest that was worked out", async () => {
    for (const name of ["ppo-math.1.5b-distill-gpus-8", "async-ppo-math.one-node", "sft-two-phases.one-node"]) {
      const source = await sourceOf(name);
      const { manifest } = source;
      const unsaid = pointersIn({ resolved: { setups: manifest.resolved.setups } }).filter((pointer) => {
        const answer = derive(source, pointer);
        return answer === null || textOf(answer).includes("worked out from the authored part");
      });
      expect(unsaid).toEqual([]);
      expect(textOf(derive(source, "/resolved/setups/0/modelTopos") as Fact)).toContain("`topology ");
    }
  });

  it("of parts by the names that authors give them", async () => {
    const source = await sourceOf("ppo-math.1.5b-distill-gpus-8");
    const ask = (question: string) => textOf(derive(source, question) as Fact);
    const same = (...questions: readonly string[]) => expect(new Set(questions.map(ask)).size, questions[0]).toBe(1);
    same("actor_train.layout", "calls.actor_train.layout", "actorTrain.topology", "topology actor@0", "actor.layout");
    same(
      "hook actor_gen",
      "hook actorGen",
      "hooks actor_gen",
      "actor_gen.hooks",
      "/setups/0/modelRpcs/0/preHooks/0/eta",
    );
    same(
      "count modelWorker",
      "modelWorker",
      "modelWorker.count",
      "workers.modelWorker.count",
      "/scheduling/modelWorker/count",
    );
    same("scheduling.modelWorker.memMiB", "scheduling.modelWorker.mem", "modelWorker.memory");
    same("replica actor@1", "actor_gen.replicaId", "/setups/0/modelRpcs/0/modelName/replicaId", "models.actor@1");
    expect(ask("actor_train.nSeqs")).toContain("it comes from option `dataset.trainBsNSeqs`, which is 512");
    expect(ask("scheduling.modelWorker.mem")).toContain("it comes from option `memPerModelWorker`, which is 90000");
    expect(ask("scheduling.modelWorker")).toContain("`cpu` 4\n    it comes from option `cpusPerModelWorker`");
    // Ranks run with the last axis first: data inside of pipe where a model is trained, pipe inside of data elsewhere.
    expect(ask("modelWorker[5]")).toMatch(
      /holds pipe 0, data 1, tensor 0 of `actor@0`.*\n.*pipe 1, data 0, tensor 0 of `reward@0`/,
    );
    expect(ask("hooks")).toContain("before `actor_gen`: its parameters come from `actor@0`\n");
    expect(derive(source, "modelWorker[8]")).toBeNull();
    expect(derive(source, "hook actor_gen rew_inf")).toBeNull();
    expect(derive(source, "actor_train.gone")).toBeNull();
    expect(derive(source, "scheduling.rolloutWorker.mem")).toBeNull();
  });

  it("of large groups in a few lines: what is set in them, the rest counted", async () => {
    const source = await sourceOf("ppo-math.1.5b-distill-gpus-8");
    const answer = derive(source, "ref") as Fact;
    const text = textOf(answer);
    expect(text).toMatch(/^`ref` is a group of 101 options\n/);
    expect(text).toContain('`ref.type` is a group of 2 options, of which 1 is set\n    `ref.type.family` is "qwen2"');
    expect(text).toContain("`ref.optimizer` is a group of 15 options, all with their defaults\n");
    expect(text.split("\n").length).toBeLessThan(20);
  });

  it("of an engine that keeps parameters of its own, from the option that has it do so", async () => {
    const source = await sourceOf("ppo-math.one-node", {
      "actor.vllm.hybridTrain": true,
      "actor.vllm.enforceEager": true,
    });
    const replica = textOf(derive(source, "replica actor@1") as Fact);
    expect(replica).toContain("its engine keeps its parameters apart from those that train\n");
    expect(replica).toContain("`actor_gen` and `actor_train` are both d4p1m2 on workers 0-7\n");
    expect(replica).toContain("it comes from option `actor.vllm.hybridTrain`, which is true");
    expect(textOf(derive(source, "hook actor_gen") as Fact)).toContain(
      "option `actor.vllm.hybridTrain`, which is true",
    );
  });

  it("of a layout that each call chooses itself, from its sizes and its mesh", async () => {
    const source = await sourceOf("sft.one-node", {
      allocationMode: "manual",
      nodelist: "slurmd-01",
      "allocation.deviceMesh": "slurmd-01:0,1,2,3",
      "allocation.parallel.dataParallelSize": 4,
    });
    const topology = textOf(derive(source, "topology default") as Fact);
    expect(topology).toContain("`default@0` is laid out as d4p1m1 on workers 0-3\n");
    expect(topology).toContain("`allocation.parallel.dataParallelSize` is 4: set by an override");
    expect(topology).toContain('it comes from option `allocation.deviceMesh`, which is "slurmd-01:0,1,2,3"\n');
    expect(textOf(derive(source, "modelWorker[6]") as Fact)).toContain("it holds no part of a model");
    expect(textOf(derive(source, "pair data") as Fact)).toMatch(/^1 answer; ask for it to see why\n/);
    expect(textOf(derive(source, "pair sync") as Fact)).toBe("there is no pair sync\n");
  });

  it("of a moving average, from the option that weighs it", async () => {
    const source = await sourceOf("ppo-math.one-node", { refEmaEta: 0.25 });
    const hooks = textOf(derive(source, "hook actor_train") as Fact);
    expect(hooks).toContain("`ref@0` follows it as a moving average: 0.25 of what is trained, the rest of its own");
    expect(hooks).toContain("it comes from option `refEmaEta`, which is 0.25");
    expect(textOf(derive(source, "pair sync actor@0 ref@0") as Fact)).toContain("option `refEmaEta`");
  });

  it("of edges, keys and what is made at start", async () => {
    const source = await sourceOf("ppo-math.one-node");
    expect(textOf(derive(source, "edge actor_gen ref_inf") as Fact)).toMatch(
      /^`ref_inf` waits for `actor_gen`\n {2}`actor_gen` yields `packed_input_ids`\n.*experiments\/ppo-math\/experiment\.ts/,
    );
    expect(textOf(derive(source, "key packed_prompts") as Fact)).toMatch(
      /^`packed_prompts` comes from the dataset\n {2}the dataset gives it, as no call yields it\n.*experiments/,
    );
    expect(textOf(derive(source, "instantiation ref@0") as Fact)).toMatch(
      /made at start: no call trains the role\n {2}`ref_inf` is the main call of the role\n.*\[/,
    );
    expect(derive(source, "edge ref_inf actor_gen")).toBeNull();
    expect(nearestQuestions(source, "actor.optimiser.lr")).toEqual(["actor.optimizer.lr"]);
    expect(nearestQuestions(source, "timeLimit")).toEqual([
      "scheduling.modelWorker.timeLimit",
      "scheduling.masterWorker.timeLimit",
    ]);
    expect(nearestQuestions(source, "nSeqs")[0]).toBe("actor_gen.nSeqs");
    expect(nearestQuestions(source, "optimizer.lr")).toEqual([
      "actor.optimizer.lr",
      "critic.optimizer.lr",
      "ref.optimizer.lr",
    ]);
    expect(nearestQuestions(source, "optimiser.lr")[0]).toBe("actor.optimizer.lr");
    expect(nearestQuestions(source, "actor.optimizr")[0]).toBe("actor.optimizer");
    expect(nearestQuestions(source, "count modelWorkr")[0]).toBe("count modelWorker");
    expect(nearestQuestions(source, "zzzzzzzzzzzzzzzzzz")).toEqual([]);
    expect(derive(source, "key nothing")).toBeNull();
  });
});
