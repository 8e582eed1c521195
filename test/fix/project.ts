import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { compiledFolder } from "../crash/compiled.ts";
import { CONFIG } from "../compiled-build.ts";

/** What a command of the compiled program did. */
export interface Ran {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/** Runs the compiled program in a folder. */
export function assay(folder: string, ...line: readonly string[]): Ran {
  const bin = join(compiledFolder(), "src/cli/bin.js");
  const env = { ...process.env, NO_COLOR: "1" };
  const { status, stdout, stderr } = spawnSync(process.execPath, [bin, ...line], {
    cwd: folder,
    encoding: "utf8",
    env,
  });
  return { code: status, out: stdout, err: stderr };
}

export const FILE = "experiments/tune.ts";

/** A sound experiment in a sound project; mistakes are made by replacing parts of it. */
export const SOUND: Readonly<Record<string, string>> = {
  "assay.config.ts": CONFIG.replace(
    "export default defineConfig({",
    'export default defineConfig({\n  cluster: "small",',
  ),
  "experiments/service.ts": `import { Injectable } from "assay";

export interface Sizes {
  readonly sequences: number;
}

/** Counts. */
@Injectable()
export class Counter {
  count(): number {
    return 64;
  }
}
`,
  [FILE]: `import { CommonExperiment, Experiment, flow, inference, model, Option, Preset, trainStep } from "assay";
import { nullInterface, promptAnswer, sft } from "assay/plugins";
import { Counter, type Sizes } from "./service.ts";

/** Tunes. */
@Experiment("tune")
@Preset("small", { cluster: "one", allocationMode: "train:d8p1m1,*:d8p1m1", sequences: 64, mode: "online", model: { optimizer: { lr: 1e-5 } } })
export class Tune extends CommonExperiment {
  /** Sequences of a step. */
  @Option() sequences = 64;
  /** How it writes. */
  @Option() mode: "online" | "offline" | "disabled" = "online";
  /** The model. */
  @Option() model = model("qwen2.5-1.5b", { type: { family: "qwen2" } });

  constructor(readonly counter: Counter) {
    super();
  }

  override flow() {
    const sizes: Sizes = { sequences: this.sequences };
    return flow({
      datasets: [promptAnswer({ maxLength: 1024, datasetPath: "/data/train.jsonl" })],
      models: { default: this.model },
      calls: {
        look: inference("default", nullInterface(), { nSeqs: 64, reads: ["packed_input_ids"], yields: ["scores"] }),
        train: trainStep("default", sft(), { nSeqs: sizes.sequences, reads: ["packed_input_ids", "prompt_mask"] }),
      },
    });
  }
}
`,
  "experiments/async.ts": `import { Experiment, Preset } from "assay";
import { AsyncPpoMath } from "assay/experiments";

/** Generates on servers of their own. */
@Experiment("apart")
@Preset("small", {
  cluster: "one",
  allocationMode: "sglang.d4p1m1+d4p1m1",
  "actor.path": "llama-3.1-8b",
  "critic.path": "llama-3.1-8b",
  "ref.path": "llama-3.1-8b",
  "dataset.path": "/data/math.jsonl",
} as never)
export class Apart extends AsyncPpoMath {}
`,
  "experiments/more.ts": `import { preset } from "assay";

preset("tune", "more", { cluster: "one", allocationMode: "train:d8p1m1,*:d8p1m1" });
`,
};
