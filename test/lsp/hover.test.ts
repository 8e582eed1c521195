import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type TemporaryProject, temporaryProject } from "../compiled-build.ts";
import { Editor } from "./editor.ts";
import { ASYNC, OTHER, SHARED, TUNE } from "./sources.ts";

let project: TemporaryProject;
let editor: Editor;
let tune: string;
let mine: string;
let shared: string;

beforeAll(async () => {
  project = temporaryProject({
    "experiments/tune.ts": TUNE + OTHER,
    "experiments/mine.ts": ASYNC.replace("vllm", "sglang"),
    "experiments/shared.ts": SHARED,
  });
  tune = join(project.root, "experiments/tune.ts");
  mine = join(project.root, "experiments/mine.ts");
  shared = join(project.root, "experiments/shared.ts");
  editor = new Editor(project.root);
  await editor.start([project.root]);
  await editor.open(tune);
  await editor.open(mine);
  await editor.open(shared);
  await editor.untilChecked(project.root);
});

afterAll(async () => {
  await editor.stop();
  project.remove();
});

describe("hovering over an allocation", () => {
  it("tells a call's part with its arithmetic and place", async () => {
    const { markdown, range } = await editor.hover(tune, "train:d8p2m2,*:d32p1m1", "train:".length);
    expect(range).toBe("train:d8p2m2");
    expect(markdown).toContain("`train`: d8 p2 m2 = 32 GPUs on nodes 1-4 (of 4), replica `actor@0`");
    expect(markdown).toContain("`d8`: 8 copies of the model share each batch");
  });

  it("says what each letter means", async () => {
    const pipe = await editor.hover(tune, "train:d8p2m2,*:d32p1m1", "train:d8".length);
    expect(pipe.markdown).toContain("`p2`: its layers are cut into 2 stages");
    const tensor = await editor.hover(tune, "train:d8p2m2,*:d32p1m1", "train:d8p2m".length);
    expect(tensor.markdown).toContain("`m2`: each of its tensors is cut into 2");
  });

  it("says that no call is laid out by a part", async () => {
    const { markdown, range } = await editor.hover(tune, "*:d32p1m1", 2);
    expect(range).toBe("*:d32p1m1");
    expect(markdown).toContain("- no call is laid out by it");
  });

  it("tells servers apart from the workers behind them", async () => {
    const servers = await editor.hover(mine, "sglang.d4p1m1+d4p1m1", 3);
    expect(servers.range).toBe("sglang.d4p1m1");
    expect(servers.markdown).toContain(
      "generation servers: d4 p1 m1 = 4 GPUs on node 1 (of 1), GPUs 1-4 of 8, 4 servers of 1 GPU",
    );
    const workers = await editor.hover(mine, "sglang.d4p1m1+d4p1m1", "sglang.d4p1m1+".length);
    expect(workers.range).toBe("d4p1m1");
    expect(workers.markdown).toContain(
      "`actor_train`: d4 p1 m1 = 4 GPUs on node 1 (of 1), GPUs 5-8 of 8, replica `actor@0`",
    );
    expect(workers.markdown).toContain("replica `ref@0`");
  });
});

describe("hovering over an option", () => {
  it("tells what it means, its range, and its values", async () => {
    const { markdown, range } = await editor.hover(tune, "examples = 128");
    const { line } = editor.rangeOf(tune, "examples = 128").start;
    expect(range).toBe("examples");
    expect(markdown).toContain("**`examples`** : `number`");
    expect(markdown).toContain("Examples of a training step.");
    expect(markdown).toContain(`range \`integer >= 1\` · default \`128\` (experiments/tune.ts:${line + 1})`);
    expect(markdown).toContain("| `tune.one-node` | `128` | default |");
    expect(markdown).toContain("| `tune` |  | needs allocationMode |");
    expect(markdown).not.toContain("other");
  });

  it("tells its choices", async () => {
    const { markdown } = await editor.hover(tune, 'order: "shuffled" | "sorted"');
    expect(markdown).toContain("one of `shuffled`, `sorted`");
  });

  it("in a preset tells the value there, and who set it", async () => {
    const { markdown, range } = await editor.hover(tune, '"actor.optimizer.lr": 3e-5', 3);
    expect(range).toBe('"actor.optimizer.lr"');
    expect(markdown).toContain("**`actor.optimizer.lr`** : `number`");
    expect(markdown).toMatch(
      /\| `tune.four-nodes` \| `0.00003` \| preset `four-nodes` \(experiments\/tune.ts:\d+\) \|/,
    );
    expect(markdown).not.toContain("tune.one-node");
  });

  it("in a model's settings tells the values of all builds", async () => {
    const { markdown, range } = await editor.hover(tune, "lr: 1e-5");
    expect(range).toBe("lr");
    expect(markdown).toContain("| `tune.one-node` | `0.00001` | default |");
    expect(markdown).toMatch(/`tune.four-nodes` \| `0.00003` \| preset `four-nodes`/);
  });

  it("of an experiment that stands on a shipped one tells that one's", async () => {
    const { markdown } = await editor.hover(mine, "groupSize: 8");
    expect(markdown).toContain("Answers to each prompt that are trained on.");
    expect(markdown).toMatch(/\| `mine` \| `8` \| preset `mine` \(experiments\/mine.ts:\d+\) \|/);
  });

  it("in a constant that presets spread tells the values there, and what an allocation is", async () => {
    const settings = await editor.hover(shared, "examples: 64");
    expect(settings.markdown).toMatch(/\| `shared.half` \| `64` \| preset `half`/);
    expect(settings.markdown).toMatch(/\| `shared.other-half` \| `64` \| preset `other-half`/);
    expect(settings.markdown).not.toContain("shared.whole");
    const allocation = await editor.hover(shared, '"d2p1m4"', 1);
    expect(allocation.range).toBe("d2p1m4");
    expect(allocation.markdown).toContain("`train`: d2 p1 m4 = 8 GPUs on node 1 (of 1)");
  });

  it("that is a group tells how many it holds", async () => {
    const { markdown } = await editor.hover(tune, "actor = model(");
    expect(markdown).toContain("The model that is trained.");
    expect(markdown).toMatch(/\| `tune.four-nodes` \| group of \d+ options \| 1 value by preset `four-nodes`/);
  });
});

describe("hovering over a call", () => {
  it("tells interface, replica, place, keys and readers", async () => {
    const { markdown, range } = await editor.hover(tune, 'train: trainStep("actor"');
    expect(range).toBe("train");
    expect(markdown).toContain("In `tune.one-node`:");
    expect(markdown).toContain("trainStep with interface `sft`, role `actor`, replica `actor@0`, 128 sequences a step");
    expect(markdown).toContain("d4 p1 m2 = 8 GPUs on node 1 (of 1)");
    expect(markdown).toMatch(/reads .*`packed_input_ids`.* from the dataset/);
    expect(markdown).toContain("In `tune.four-nodes`:");
    // The other class's call of the same name is not meant.
    expect(markdown).not.toContain("base@0");
  });

  it("finds its place behind unsaved edits", async () => {
    await editor.replace(tune, "/** Supervised fine-tuning. */", "/**\n * Supervised fine-tuning.\n */");
    const { markdown, range } = await editor.hover(tune, 'train: trainStep("actor"');
    expect(range).toBe("train");
    expect(markdown).toContain("replica `actor@0`");
    expect(markdown).not.toContain("base@0");
    const option = await editor.hover(tune, "examples = 128");
    expect(option.markdown).toContain("Examples of a training step.");
  });
});

describe("hovering over a name that no option has", () => {
  it("tells nothing, and nothing of the group around it", async () => {
    await editor.replace(mine, "groupSize: 8", "groupSize: 8, groupSiez: 9, ppo2: { klCtl: 1 }");
    await editor.replace(mine, "disableValue: true", "disableValue: true, disableValeu: true");
    for (const text of ["groupSiez", "ppo2", "disableValeu"]) {
      expect((await editor.hover(mine, text)).markdown).toBe("");
    }
    expect((await editor.hover(mine, "disableValue:")).markdown).toContain("**`ppo.disableValue`** : `boolean`");
    await editor.replace(mine, ", groupSiez: 9, ppo2: { klCtl: 1 }", "");
    await editor.replace(mine, ", disableValeu: true", "");
  });
});

describe("hovering over anything else", () => {
  it("tells nothing", async () => {
    for (const text of [
      "class Tune",
      'promptAnswer({ maxLength: 1024, datasetPath: "/data/train.jsonl" })],\n      models: { actor',
    ]) {
      expect((await editor.hover(tune, text)).markdown).toBe("");
    }
  });
});

describe("hovering over what failed", () => {
  it("still tells the arithmetic, and why there is no more", async () => {
    await editor.replace(mine, "sglang.d4p1m1+d4p1m1", "sglang.d4p1m1+d2p1m1");
    await editor.save(mine);
    await editor.until(mine, (all) => all.length > 0);
    const { markdown } = await editor.hover(mine, "sglang.d4p1m1+d2p1m1", "sglang.d4p1m1+".length);
    expect(markdown).toContain("`*`: d2 p1 m1 = 2 GPUs");
    expect(markdown).toContain("- `actor_train`: not laid out");
    expect(markdown).toContain("- `mine` has 1 error");
    const option = await editor.hover(mine, "groupSize: 8");
    expect(option.markdown).toContain("| `mine` | `8` | preset `mine`");
  });
});
