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

async function sourceOf(name: string, values: Readonly<Record<string, number>> = {}): Promise<DerivationSource> {
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
      /made at start: no call trains the role\n.*\[/,
    );
    expect(derive(source, "edge ref_inf actor_gen")).toBeNull();
    expect(nearestQuestions(source, "actor.optimiser.lr")[0]).toBe("actor.optimizer.lr");
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
