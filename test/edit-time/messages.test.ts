import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { BuildReport } from "../../codegen/report.ts";
import { compiledBuild, temporaryProject, TSCONFIG } from "../compiled-build.ts";
import { compileProject, type Said } from "./compiler.ts";

/** What differs from a sound experiment. */
interface Parts {
  /** As the source has it. */
  readonly cluster?: string;
  readonly allocation?: string;
  /** Further settings of the preset. */
  readonly settings?: string;
  readonly calls?: string;
  readonly model?: string;
  /** Further members of the class. */
  readonly members?: string;
}

const SOUND = `train: trainStep("default", sft(), { nSeqs: 64 })`;

function experiment(
  name: string,
  {
    cluster = '"one"',
    allocation = "d8p1m1",
    settings = "",
    calls = SOUND,
    model = "qwen2.5-1.5b",
    members = "",
  }: Parts,
) {
  return `import { ClusterSpec, CommonExperiment, Experiment, flow, generationConfig, GenerationOptions, inference, model, Option, Preset, trainStep, when } from "assay";
import { nullInterface, ppoActor, promptAnswer, sft } from "assay/plugins";

@Experiment("${name}")
@Preset("small", { cluster: ${cluster}, allocationMode: "${allocation}", ${settings} })
export class Tune extends CommonExperiment {
  /** Sequences of a batch. */
  @Option() batchSize = 8;
  /** Shape of the learning rate. */
  @Option() schedule: "linear" | "cosine" = "linear";
  /** Names of the run. */
  @Option() names: readonly string[] | null = null;
  /** A text or a number. */
  @Option() mixed: number | string = 1;
  /** The model. */
  @Option() model = model("${model}");
  /** A number, though its type is its default. */
  @Option() readonly rate = 1;
  ${members}
  get isLarge() {
    return this.batchSize > 64;
  }
  override flow() {
    return flow({
      datasets: [promptAnswer({ maxLength: 1024, datasetPath: "/data/train.jsonl" })],
      models: { default: this.model },
      calls: { ${calls} },
    });
  }
}
`;
}

const reads = (keys: string) =>
  `train: trainStep("default", nullInterface(), { nSeqs: 64, reads: [${keys}], yields: [] })`;
const variant = (settings: string, base = "sft") =>
  `import { preset } from "assay";\nimport "assay/experiments";\npreset("${base}", "NAME", { ${settings} });\n`;
const SFT = `cluster: "one", nNodes: 1, model: { path: "qwen2.5-1.5b", type: { family: "qwen2" } }, dataset: { trainPath: "/data/a.jsonl" }`;

/** A file of an experiment `NAME`, or what differs from a sound one; and the codes that it is wrong by. */
const CASES: Readonly<Record<string, readonly [source: Parts | string, ...codes: string[]]>> = {
  "a letter of no axis": [{ allocation: "d2p2n1" }, "allocation/syntax"],
  "an axis that is missing": [{ allocation: "d8p1" }, "allocation/syntax"],
  "an axis that is there twice": [{ allocation: "d8d1m1" }, "allocation/syntax"],
  "an axis without a number": [{ allocation: "dp1m8" }, "allocation/syntax"],
  "a number that is too large": [{ allocation: "d9007199254740992p1m1" }, "allocation/syntax"],
  "text behind a layout": [{ allocation: "d8p1m1 " }, "allocation/syntax"],
  "an engine that is none": [{ allocation: "sglan.d4p1m1+d4p1m1" }, "allocation/syntax"],
  "an engine with a colon": [{ allocation: "sglang:d4p1m1+d4p1m1" }, "allocation/syntax"],
  "an engine alone": [{ allocation: "vllm.d8p1m1" }, "allocation/syntax"],
  "two engines": [{ allocation: "vllm.d4p1m1+sglang.d4p1m1" }, "allocation/syntax"],
  "three parts": [{ allocation: "vllm.d4p1m1+d4p1m1+d1p1m1" }, "allocation/syntax"],
  "no name of a call": [{ allocation: "tr ain:d8p1m1" }, "allocation/syntax"],
  "an end after a comma": [{ allocation: "train:d8p1m1," }, "allocation/syntax"],
  "a degree of zero": [{ allocation: "d8p1m00" }, "allocation/zero-degree"],
  "a name that comes twice": [{ allocation: "train:d8p1m1,train:d4p2m1" }, "allocation/repeated-name"],
  "a default of the class": [
    experiment("NAME", { members: `override readonly allocationMode = "d8p1";` }).replace(/@Preset.*/, ""),
    "allocation/syntax",
  ],
  "a default of the class, as a constant": [
    experiment("NAME", { members: `override allocationMode = "d8p0m1" as const;` }).replace(/@Preset.*/, ""),
    "allocation/zero-degree",
  ],
  "no such option": [{ settings: "batchSizes: 8" }, "option/unknown"],
  "no such option in a group": [{ settings: "model: { optimizer: { lrr: 1 } }" }, "option/unknown"],
  "no such path": [{ settings: `"model.optimizer.lrr": 1` }, "option/unknown"],
  "a path into a number": [{ settings: `"batchSize.deep": 1` }, "option/unknown"],
  "a path into a list": [{ settings: `"wandb.tags.0": "a"` }, "option/unknown"],
  "a method for an option": [{ settings: "flow: 1" }, "option/unknown"],
  "two that are wrong": [{ settings: `batchSizes: 8, schedule: "steep"` }, "option/unknown", "option/choice"],
  "a text for a number": [{ settings: `batchSize: "8"` }, "option/type"],
  "a text for a number whose type is its default": [{ settings: `rate: "2"` }, "option/type"],
  "null for a cluster, beside a field of that name": [
    experiment("NAME", {
      allocation: "d32p1m1",
      cluster: "null",
      members: "constructor(readonly cluster: ClusterSpec) { super(); }",
    }),
    "option/type",
  ],
  "a number for a text": [{ settings: "partition: 1e-7" }, "option/type"],
  "null for a number": [{ settings: "batchSize: null" }, "option/type"],
  "a text for a list": [{ settings: `names: "a"` }, "option/type"],
  "a boolean for a text or a number": [{ settings: "mixed: true" }, "option/type"],
  "a number for a group": [{ settings: "model: 7" }, "option/type"],
  "a text for a number behind a path": [{ settings: `"model.optimizer.lr": "1"` }, "option/type"],
  "no such choice": [{ settings: `schedule: "steep"` }, "option/choice"],
  "a number for a cluster": [experiment("NAME", { allocation: "d32p1m1", cluster: "1" }), "option/type"],
  "no such role": [{ calls: `train: trainStep("critic", sft(), { nSeqs: 64 })` }, "dsl/unknown-role"],
  "no such role, under a condition": [
    { calls: `${SOUND}, more: when(true, trainStep("critic", sft(), { nSeqs: 64 }))` },
    "dsl/unknown-role",
  ],
  "no such key": [{ calls: reads(`"packed_input_ids", "scores"`) }, "graph/unproduced-key"],
  "two keys that nothing yields": [
    { calls: reads(`"scores", "packed_input_ids", "marks"`) },
    "graph/unproduced-key",
    "graph/unproduced-key",
  ],
  "no such key, beside an interface that reads and yields any": [
    { calls: `${SOUND}, more: inference("default", nullInterface(), { reads: ["scores"] })` },
    "graph/unproduced-key",
  ],
  "no such key, as a name was given to one that is not there": [
    {
      calls: `more: inference("default", ppoActor({ groupSize: 1, generationConfig: generationConfig(new GenerationOptions()) }), { nSeqs: 64, rename: { logprob: "marks" } }), ${reads('"marks"')}`,
    },
    "graph/unproduced-key",
  ],
  "no such argument of a dataset": [
    experiment("NAME", {}).replace("maxLength: 1024", "maxLength: 1024, padding: true"),
    "plugin/args",
  ],
  "no such argument of a dataset, in an object that is written elsewhere": [
    experiment("NAME", {}).replace("promptAnswer({", "promptAnswer({ ...{ padding: true },"),
    "plugin/args",
  ],
  "no such argument of an interface that has none": [
    { calls: `train: trainStep("default", sft({ beta: 1 }), { nSeqs: 64 })` },
    "plugin/args",
  ],
  "no such model": [{ model: "qwen2.5-1.6b" }, "model/not-in-catalogue"],
  "no such model, in a preset": [{ settings: `"model.path": "qwen2.5-1.6b"` }, "model/not-in-catalogue"],
  "no such experiment": [variant("", "stf"), "dsl/unknown-experiment"],
  "an allocation of a variant": [variant(`${SFT}, allocationMode: "d8q1m1"`), "allocation/syntax"],
  "an option of a variant": [variant(`${SFT}, allocationMode: "d8p1m1", nNode: 1`), "option/unknown"],
  "a path of a variant": [variant(`${SFT}, allocationMode: "d8p1m1", "model.optimizer.lrr": 1`), "option/unknown"],
  "a value of a variant": [variant(`${SFT}, allocationMode: "d8p1m1", "dataset.maxSeqlen": "1"`), "option/type"],
};

const names = Object.keys(CASES);
const fileOf = (title: string) => `experiments/case-${names.indexOf(title)}.ts`;

describe("what types say while an experiment is written", () => {
  const project = temporaryProject({
    "tsconfig.json": JSON.stringify({
      compilerOptions: { ...TSCONFIG.compilerOptions, types: [] },
      include: ["experiments"],
    }),
    "experiments/sound.ts": experiment("sound", {
      allocation: "d4p2m1",
      settings: `"model.optimizer.lr": 1, names: ["a"], model: { bf16: true }, rate: 2`,
      calls: `more: inference("default", nullInterface(), { reads: ["prompt_mask"], yields: ["scores"] }), ${reads('"scores"')}`,
      members: `override readonly allocationMode = "d32p1m1";
  constructor(readonly cluster: ClusterSpec) {
    super();
  }`,
    }),
    ...Object.fromEntries(
      Object.entries(CASES).map(([title, [source]], index) => [
        fileOf(title),
        typeof source === "string" ? source.replaceAll("NAME", `case-${index}`) : experiment(`case-${index}`, source),
      ]),
    ),
  });
  afterAll(() => project.remove());

  let said: ReadonlyMap<string, Said>;
  let report: BuildReport;
  beforeAll(async () => {
    said = compileProject(project.root);
    report = await compiledBuild(project.root);
  });
  /** Errors of the build by file, those of presets and of bare experiments once. */
  const built = (file: string) => {
    const own = report.diagnostics.filter(({ primary, severity }) => primary?.file === file && severity === "error");
    return [...new Map(own.map(({ code, message }) => [message, code]))];
  };

  it("is nothing where nothing is wrong", () => {
    expect(said.get("experiments/sound.ts")).toBeUndefined();
    expect(built("experiments/sound.ts")).toEqual([]);
  });

  it.each(Object.entries(CASES))("is the build's message: %s", (title, [, ...codes]) => {
    const found = built(fileOf(title));
    expect(found.map(([, code]) => code).sort()).toEqual(codes.toSorted());
    expect(said.get(fileOf(title))?.others ?? []).toEqual([]);
    expect([...(said.get(fileOf(title))?.messages ?? [])].sort()).toEqual(found.map(([message]) => message).sort());
  });
});
