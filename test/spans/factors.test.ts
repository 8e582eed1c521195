import { afterAll, describe, expect, it } from "vitest";
import type { Diagnostic } from "../../src/diagnostics/finding.ts";
import { wovenMessage } from "../../src/diagnostics/render/weave.ts";
import { compiledBuild, temporaryProject, type TemporaryProject } from "../compiled-build.ts";
import { marked } from "../unit/codegen/read/marked.ts";

/** Parts of an experiment with two train steps on one batch. Marks: the primary span first, then the factors in their order. */
interface Parts {
  readonly preset: string;
  readonly sequences?: string;
  readonly settings?: string;
  readonly second?: string;
  readonly scheduling?: string;
}

function experiment({ preset, sequences = "64", settings = "", second = "", scheduling = "" }: Parts): string {
  return `import { clusterSpec, CommonExperiment, evaluate, Experiment, experimentScheduling, flow, masterWorkerDefault, model, modelWorkerDefault, Option, Preset, tasksGroup, trainStep } from "assay";
import { promptAnswer, sft } from "assay/plugins";
const cluster = clusterSpec();
void [cluster, evaluate, experimentScheduling, masterWorkerDefault, modelWorkerDefault, tasksGroup];

/** Tunes. */
@Experiment("tune")
@Preset("small", { ${preset} })
export class Tune extends CommonExperiment {
  /** Sequences of a step. @range >= 1 */
  @Option() sequences = ${sequences};
  /** The model. */
  @Option() model = model("qwen2.5-1.5b", { type: { family: "qwen2" } });

  override flow() {
    return flow({
      datasets: [promptAnswer({ maxLength: 1024, datasetPath: "/data/train.jsonl" })],
      models: { default: this.model },
      calls: {
        train: trainStep("default", sft(), { nSeqs: this.sequences, from: { nSeqs: "sequences" }${settings} }),
        ${second}
      },
    });
  }
  ${scheduling}
}
`;
}

const FILE = "experiments/tune.ts";
const projects: TemporaryProject[] = [];
afterAll(() => {
  for (const project of projects) project.remove();
});

/** The only diagnostic, and the texts that its spans cover with what is said of them. */
async function diagnose(parts: Parts) {
  const { text } = marked(experiment(parts), FILE);
  const project = temporaryProject({ [FILE]: text });
  projects.push(project);
  const { diagnostics } = await compiledBuild(project.root);
  expect(diagnostics.map(({ code, message }) => `${code}: ${message}`)).toHaveLength(1);
  const [one] = diagnostics as readonly [Diagnostic];
  const lines = text.split("\n");
  const textAt = ({ line, column, length }: { line: number; column: number; length: number }) =>
    (lines[line - 1] ?? "").slice(column - 1, column - 1 + length);
  return {
    code: one.code,
    message: one.message,
    help: one.help,
    primary: one.primary === null ? null : textAt(one.primary),
    factors: one.related.map(({ span, message }) => `${textAt(span)}: ${message}`),
    woven: wovenMessage(one).replaceAll(/:\d+\)/g, ":N)"),
  };
}

describe("each factor is told at its place", () => {
  it("of a layout that does not use the GPUs", async () => {
    expect(await diagnose({ preset: `cluster: "small", nNodes: 2, allocationMode: "d4p1m1"` })).toEqual({
      woven:
        "the layout of call `train` takes 4 x 1 x 1 (preset small, experiments/tune.ts:N) = 4 GPUs, but 2 nodes (preset small, experiments/tune.ts:N) x 8 (preset small, experiments/tune.ts:N) = 16 are there",
      code: "allocation/gpu-product",
      message: "the layout of call `train` takes 4 x 1 x 1 = 4 GPUs, but 2 nodes x 8 = 16 are there",
      help: "make the product 16, e.g. `d16p1m1` or `d8p2m1`",
      primary: "d4p1m1",
      factors: [
        "2: 2 nodes are asked for here (preset small)",
        `"small": cluster \`small\` has 4 nodes of 8 GPUs (preset small)`,
      ],
    });
  });

  it("of a batch that is too small, in one finding for the calls that share it", async () => {
    const found = await diagnose({
      preset: `cluster: "one", allocationMode: "d4p2m1", sequences: 12`,
      second: `test: evaluate("default", sft(), { nSeqs: this.sequences, from: { nSeqs: "sequences" }, minSeqsPerPass: 4 }),`,
    });
    expect(found).toEqual({
      woven:
        "calls `train`, `test` take 12 sequences (preset small, experiments/tune.ts:N), the layout of `test` needs dp 4 x pp 2 (preset small, experiments/tune.ts:N) x 4 per pass (experiments/tune.ts:N) x 1 micro-batches = 32",
      code: "allocation/batch-too-small",
      message:
        "calls `train`, `test` take 12 sequences, the layout of `test` needs dp 4 x pp 2 x 4 per pass x 1 micro-batches = 32",
      help: "take at least 32 sequences, or lower dp to at most 1",
      primary: "12",
      factors: [
        "d4p2m1: dp 4, pp 2, tp 1 of `test` come from here (preset small)",
        "4: 4 per pass comes from here",
        `trainStep("default", sft(), { nSeqs: this.sequences, from: { nSeqs: "sequences" } }): \`train\` needs 16`,
      ],
    });
  });

  it("of a batch that one call takes", async () => {
    const found = await diagnose({
      preset: `cluster: "one", allocationMode: "d8p1m1"`,
      sequences: "5",
    });
    expect(found).toMatchObject({
      help: "take at least 8 sequences, or lower dp to at most 5",
      primary: "5",
      factors: ["d8p1m1: dp 8, pp 1, tp 1 of `train` come from here (preset small)"],
    });
  });

  it("of more nodes than there are", async () => {
    expect(await diagnose({ preset: `cluster: "small", nNodes: 5, allocationMode: "d40p1m1"` })).toMatchObject({
      code: "allocation/too-many-nodes",
      help: "ask for at most 4, or name a larger cluster",
      primary: "5",
      factors: [`"small": cluster \`small\` has 4 nodes of 8 GPUs (preset small)`],
    });
  });

  it("of nodes that are used in part", async () => {
    const preset = `cluster: "small", nNodes: 2, nGpusPerNode: 4, allocationMode: "d8p1m1"`;
    expect(await diagnose({ preset })).toMatchObject({
      code: "allocation/partial-nodes",
      help: "take all 8 GPUs of each node, or one node only",
      primary: "4",
      factors: [
        "2: 2 nodes are asked for here (preset small)",
        `"small": cluster \`small\` has 4 nodes of 8 GPUs (preset small)`,
      ],
    });
  });

  it("of heads that can't be split", async () => {
    expect(await diagnose({ preset: `cluster: "one", allocationMode: "d1p1m8"` })).toMatchObject({
      code: "model/heads-not-divisible",
      help: "use a tensor size among 1, 2",
      primary: "d1p1m8",
      factors: [`"qwen2.5-1.5b": \`qwen2.5-1.5b\`: 12 attention heads, 2 key-value heads (default)`],
    });
  });

  it("of workers that are scheduled", async () => {
    const scheduling = `override schedulingSetup() {
    return experimentScheduling({ modelWorker: tasksGroup(7, modelWorkerDefault(cluster)), masterWorker: tasksGroup(1, masterWorkerDefault(cluster)) });
  }`;
    const found = await diagnose({ preset: `cluster: "one", allocationMode: "d8p1m1"`, scheduling });
    expect(found).toMatchObject({
      code: "scheduling/count-mismatch",
      help: "schedule 8, or configure 7",
    });
  });
});
