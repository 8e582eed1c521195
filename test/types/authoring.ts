// What the compiler says while an experiment is written.
import {
  ClusterSpec,
  CommonExperiment,
  Experiment,
  flow,
  generationConfig,
  GenerationOptions,
  inference,
  model,
  Option,
  Preset,
  trainStep,
  when,
} from "assay";
import { megatron, mockTrain, nullInterface, ppoActor, promptAnswer, pullerStream, sft } from "assay/plugins";
import { defineInterface } from "assay/plugin";

const scorer = defineInterface({
  type: "scorer",
  args: { type: "object", properties: { scale: { type: "number" } }, required: ["scale"], additionalProperties: false },
  calls: { inference: { reads: { required: ["packed_input_ids"] }, yields: { always: ["scores"] } } },
});
const learner = defineInterface({
  type: "learner",
  args: { type: "object" },
  calls: { trainStep: { reads: { required: ["packed_input_ids", "scores"] }, yields: { always: [] } } },
});

const data = [promptAnswer({ maxLength: 1024, datasetPath: "/data/train.jsonl" })] as const;
const models = { default: model("qwen2.5-1.5b") };
const score = inference("default", scorer({ scale: 1 }));
const renamed = inference("default", scorer({ scale: 1 }), { rename: { scores: "marks" } });
const renamedNothing = inference("default", scorer({ scale: 1 }), { rename: { score: "marks" } });
const readsMarks = trainStep("default", nullInterface(), { reads: ["marks"], nSeqs: 8 });
const learn = trainStep("default", learner(), { nSeqs: 8 });

export const flows = (isScored: boolean) => [
  flow({ datasets: data, models, calls: { score, learn } }),
  flow({ datasets: data, models, calls: { score: when(isScored, score), learn } }),
  // @ts-expect-error no model for role
  flow({ datasets: data, models, calls: { train: trainStep("critic", sft()) } }),
  // @ts-expect-error no model for role, under a condition too
  flow({ datasets: data, models, calls: { train: when(isScored, trainStep("critic", sft())) } }),
  // @ts-expect-error nothing yields `scores`
  flow({ datasets: data, models, calls: { learn } }),
  // @ts-expect-error nothing yields `scores`, under a condition too
  flow({ datasets: data, models, calls: { learn: when(isScored, learn) } }),
  // @ts-expect-error `scores` has another name
  flow({ datasets: data, models, calls: { score: renamed, learn } }),
  // @ts-expect-error a new name for a key that the interface has not yields nothing
  flow({ datasets: data, models, calls: { score: renamedNothing, marks: readsMarks } }),
  flow({ datasets: data, models, calls: { score: renamed, marks: readsMarks } }),
  flow({ datasets: data, models, calls: { score: renamedNothing, learn } }),
  // @ts-expect-error nothing yields what the call itself says it reads
  flow({ datasets: data, models, calls: { train: trainStep("default", sft(), { reads: [isScored && "scores"] }) } }),
];

const generated = pullerStream({ datasetCfgs: data }, { yields: ["scores"] });
/** A stream yields what its datasets yield, and what its pair is told of. */
export const streams = [
  flow({ datasets: [generated], models, calls: { learn } }),
  flow({ datasets: [generated], models, calls: { train: trainStep("default", sft()) } }),
  // @ts-expect-error nothing yields `scores`
  flow({ datasets: [pullerStream({ datasetCfgs: data })], models, calls: { learn } }),
  // @ts-expect-error nothing yields `packed_input_ids`
  flow({ datasets: [pullerStream({ datasetCfgs: [] }, { yields: ["scores"] })], models, calls: { learn } }),
  flow({ datasets: data, models, calls: { train: trainStep("default", nullInterface(), { reads: ["prompt_mask"] }) } }),
];
// @ts-expect-error no such argument of a stream
pullerStream({ datasetCfgs: data, datasets: data });
// @ts-expect-error not even evaluation does without a group's size
ppoActor({ generationConfig: generationConfig(new GenerationOptions()) });

/** An interface that reads and yields any: what its calls name counts, and the others are checked as ever. */
export const ofAny = (isScored: boolean) => [
  flow({
    datasets: data,
    models,
    calls: { learn, any: inference("default", nullInterface(), { yields: ["scores"] }) },
  }),
  flow({
    datasets: data,
    models,
    calls: { any: inference("default", isScored ? scorer({ scale: 1 }) : nullInterface()), learn },
  }),
  // @ts-expect-error nothing yields `scores`
  flow({ datasets: data, models, calls: { learn, any: inference("default", nullInterface()) } }),
  // @ts-expect-error nothing yields `marks`
  flow({ datasets: data, models, calls: { any: trainStep("default", nullInterface(), { reads: ["marks"] }) } }),
  // @ts-expect-error one of the two offers no inference
  flow({ datasets: data, models, calls: { any: inference("default", isScored ? scorer({ scale: 1 }) : learner()) } }),
];
// @ts-expect-error a dataset is no interface
trainStep("default", data[0]);
// @ts-expect-error an interface is no dataset
pullerStream({ datasetCfgs: [sft()] });
sft({});
// @ts-expect-error an interface without arguments takes none
sft({ beta: 1 });

/** Data options that a class holds. */
class DataOptions {
  datasetPath = "/data/train.jsonl";
  maxLength = 1024;
}
class LongDataOptions extends DataOptions {
  batchSize = 8;
}
promptAnswer(new DataOptions());
promptAnswer({ ...new DataOptions(), fillToMaxLength: true });
// @ts-expect-error more than there are arguments, in an object that is made elsewhere
promptAnswer(new LongDataOptions());
// @ts-expect-error and in one that is spread
promptAnswer({ ...new LongDataOptions() });
const open = defineInterface({
  type: "open",
  args: { type: "object", properties: { scale: { type: "number" } }, required: ["scale"] },
  calls: {},
});
open({ scale: 1, note: "any" });
// @ts-expect-error what is required is so beside any others
open({ note: "any" });
const nested = defineInterface({
  type: "nested",
  args: {
    type: "object",
    properties: { inner: { type: "object", properties: { rate: { type: "number" } }, additionalProperties: false } },
    additionalProperties: false,
  },
  calls: {},
});
nested({ inner: { rate: 1 } });
// @ts-expect-error no such argument within
nested({ inner: { rates: 1 } });

// @ts-expect-error a required argument is missing
scorer();
// @ts-expect-error an argument of another type
scorer({ scale: "1" });
// @ts-expect-error no such argument
promptAnswer({ maxLength: 1, datasetPath: "", pad: true });
// @ts-expect-error the interface has no generate call, only a train step
inference("default", learner());
// @ts-expect-error no such setting of a call
trainStep("default", sft(), { nSeqs: 8, microbatches: { nMbs: 2 } });
// @ts-expect-error no such option of a model
model("qwen2.5-1.5b", { optimiser: { lr: 1 } });
model("qwen2.5-1.5b", { megatron: { ddp: { bucketSize: 1 } } }, [megatron, mockTrain]);
// @ts-expect-error no such option of a backend
model("qwen2.5-1.5b", { megatron: { ddp: { bucketsize: 1 } } }, [megatron]);

/** A text that is known at run time only. */
const WIDE: string = "d8p1m1";
/** A role that is known at run time only. */
export const wide = flow({ datasets: data, models, calls: { train: trainStep(WIDE, sft()) } });

model("/storage/checkpoints/mine");
model("hub/mine", {}, [megatron]);
model(WIDE);
model("${env:CHECKPOINT}");
model(null);
// @ts-expect-error neither a catalogue id nor a path
model("qwen2.5-1.6b");

/** Options that presets set. */
abstract class Base extends CommonExperiment {
  /** Sequences of a step. */
  @Option() batchSize = 8;
  /** The model. */
  @Option() model = model("qwen2.5-1.5b");
  override flow() {
    return flow({ datasets: data, models: { default: this.model }, calls: { train: trainStep("default", sft()) } });
  }
}

@Experiment("right")
@Preset("small", { cluster: "one", batchSize: 2, model: { optimizer: { lr: 1 } }, allocationMode: "d1p1m1" })
@Preset("by-path", { "model.optimizer.lr": 1, "model.optimizer": { lr: 1 }, "wandb.config.note": 1, "envVars.A": "1" })
@Preset("nothing", {
  model: { optimizer: null },
  experimentName: null,
  wandb: { tags: ["a"], config: { deep: { er: [1] } } },
})
@Preset("computed", { batchSize: WIDE.length, allocationMode: WIDE, [WIDE]: 1, model: { path: WIDE } })
export class Right extends Base {}

@Experiment("own-fields")
@Preset("small", { cluster: "one", allocationMode: "d2p1m1", rate: 2, kind: "b", isShort: true })
export class OwnFields extends Base {
  /** Its type is its default: presets may give others. */
  @Option() readonly rate = 1;
  /** A text. */
  @Option() readonly kind = "a";
  /** A switch. */
  @Option() readonly isShort = false;
  override readonly allocationMode = "d1p1m1";
  constructor(readonly cluster: ClusterSpec) {
    super();
  }
}

// @ts-expect-error an axis is missing in the class's own default
@Experiment("wrong-default")
export class WrongDefault extends Base {
  override readonly allocationMode = "d1p1";
}

// @ts-expect-error an axis is missing in the default of its base
@Experiment("wrong-default-of-base")
export class WrongDefaultOfBase extends WrongDefault {}

@Experiment("default-not-known")
export class DefaultNotKnown extends Base {
  override allocationMode = "d1p1";
}

@Experiment("wrong-cluster-beside-field")
// @ts-expect-error a cluster is named by a text, whatever the class holds
@Preset("small", { cluster: { nodes: 1 } })
export class WrongClusterBesideField extends OwnFields {}

@Experiment("wrong-option")
// @ts-expect-error no option of this name
@Preset("small", { batchSizes: 2 })
export class WrongOption extends Base {}

@Experiment("wrong-value")
// @ts-expect-error another type
@Preset("small", { batchSize: "2" })
export class WrongValue extends Base {}

@Experiment("wrong-group")
// @ts-expect-error another type in a group
@Preset("small", { model: { optimizer: { lr: "1" } } })
export class WrongGroup extends Base {}

@Experiment("wrong-path")
// @ts-expect-error no option of this path
@Preset("small", { "model.optimizer.lrr": 1 })
export class WrongPath extends Base {}

@Experiment("wrong-value-of-path")
// @ts-expect-error another type behind a path
@Preset("small", { "model.optimizer.lr": "1" })
export class WrongValueOfPath extends Base {}

@Experiment("wrong-path-into-value")
// @ts-expect-error a number is no group
@Preset("small", { "batchSize.half": 1 })
export class WrongPathIntoValue extends Base {}

@Experiment("wrong-choice")
// @ts-expect-error none of the choices
@Preset("small", { model: { optimizer: { lrSchedulerType: "steep" } } })
export class WrongChoice extends Base {}

@Experiment("wrong-method")
// @ts-expect-error a method is no option
@Preset("small", { flow: null })
export class WrongMethod extends Base {}

@Experiment("wrong-cluster")
// @ts-expect-error a cluster is named by a text
@Preset("small", { cluster: 1 })
export class WrongCluster extends Base {}

@Experiment("wrong-elements")
// @ts-expect-error a list of other values
@Preset("small", { wandb: { tags: [1] } })
export class WrongElements extends Base {}

@Experiment("wrong-model")
// @ts-expect-error neither a catalogue id nor a path
@Preset("small", { "model.path": "qwen2.5-1.6b" })
export class WrongModel extends Base {}

@Experiment("wrong-allocation")
// @ts-expect-error no letter of an axis
@Preset("small", { allocationMode: "d2p2n1" })
export class WrongAllocation extends Base {}

// @ts-expect-error neither of the two methods
@Experiment("no-methods")
export class NoMethods {}

// @ts-expect-error one of the two methods only
@Experiment("one-method")
export class OneMethod {
  schedulingSetup() {
    return new Right().schedulingSetup();
  }
}
