// What the compiler knows of experiments by their names. `assay/experiments` brings the generated names.
import "assay/experiments";
import { type ExperimentName, loadExperiment, makeExperiment, type OverridesOf, preset } from "assay";

const text: string = "d8p1m1";

const nested = makeExperiment("sft", { model: { optimizer: { lr: 1e-5 } }, nNodes: 2, cluster: "h800x256" });
makeExperiment("sft", { "model.optimizer.lr": 1e-5, "expCtrl.saveFreqSteps": null, "model.type.family": "qwen2" });
makeExperiment("sft", { "model.optimizer": { lr: 1e-5 }, "model.megatron.ddp.bucketSize": 1, seed: 7 });
makeExperiment("sft", { "envVars.NCCL_DEBUG": "INFO", "wandb.config.note": 1, "wandb.tags": ["a"] });
preset("sft", "mine", { "model.path": "qwen2.5-7b", dataset: { maxSeqlen: 2048 }, allocationMode: "d8p1m1" });
const loaded: Promise<{ readonly nNodes: number }> = loadExperiment("sft", { "dataset.maxSeqlen": 2048 });
const rate: number | undefined = nested.model.optimizer?.lr;
const values: OverridesOf<"sft"> = { seed: 1, "model.optimizer.lr": 1 };
makeExperiment("sft", values);
const shared = { seed: 1, model: { optimizer: { lr: 1 } } };
makeExperiment("sft", shared);
makeExperiment("sft", { ...shared, allocationMode: text });
export const made = (name: ExperimentName) => makeExperiment(name);
const setups = nested.initialSetup();

// @ts-expect-error no experiment of this name
makeExperiment("stf");
// @ts-expect-error no option of this name
makeExperiment("sft", { nNode: 2 });
// @ts-expect-error no option of this path
makeExperiment("sft", { "model.optimizer.lrr": 1e-5 });
// @ts-expect-error elements of a list are no options
makeExperiment("sft", { "wandb.tags.0": "a" });
// @ts-expect-error no such option in the group
makeExperiment("sft", { model: { optimizer: { lrr: 1e-5 } } });
// @ts-expect-error another type
makeExperiment("sft", { nNodes: "2" });
// @ts-expect-error another type behind a path
makeExperiment("sft", { "model.optimizer.lr": "1e-5" });
// @ts-expect-error none of the choices
makeExperiment("sft", { "model.optimizer.lrSchedulerType": "steep" });
// @ts-expect-error a getter of the class is no option
makeExperiment("sft-two-phases", { topology: null });
// @ts-expect-error no experiment of this name
preset("stf", "mine", {});
// @ts-expect-error another type
preset("sft", "mine", { "dataset.maxSeqlen": true });
// @ts-expect-error no option of this path
void loadExperiment("sft", { "dataset.maxSeqLen": 2048 });
// @ts-expect-error no allocation
makeExperiment("sft", { allocationMode: "d8p1" });
// @ts-expect-error a degree of zero
preset("sft", "mine", { allocationMode: "d8p1m0" });
// @ts-expect-error one of two is none
void loadExperiment("sft", { allocationMode: text.length > 6 ? "d8p1m1" : "d8p1" });
// @ts-expect-error no option in a group that is written elsewhere
makeExperiment("sft", { model: { optimizer: { ...shared, lr: 1 } } });
// @ts-expect-error neither a catalogue id nor a path
makeExperiment("sft", { model: { path: "qwen2.5-1.6b" } });
// @ts-expect-error a text may be any name
makeExperiment(text);
// @ts-expect-error options are set once
nested.nNodes = 3;
// @ts-expect-error and so are those in groups
nested.model.path = "qwen2.5-7b";

export { loaded, rate, setups };
