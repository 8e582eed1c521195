import {
  CallOptions,
  Experiment,
  flow,
  fromOptions,
  frozen,
  generate,
  generationConfig,
  GenerationOptions,
  inference,
  model,
  Option,
  Preset,
} from "assay";
import { mathCodePrompt, ppoActor, rwMathCode, vllm } from "assay/plugins";
import { generationOrigins } from "../argument-options.ts";
import { MODEL_PLUGINS } from "../model-plugins.ts";
import { OneNodeExperiment } from "../one-node.ts";
import { PROMPT_OPTIONS, PromptDatasetOptions } from "../prompt-dataset.ts";

/** Generates answers to math and code problems and scores them; trains nothing. */
@Experiment("math-code-eval", { tags: ["evaluation"] })
@Preset("one-node", {
  cluster: "h800x256",
  allocationMode: "sglang.d4p1m1+d4p1m1",
  actor: { path: "qwen2.5-1.5b", type: { family: "qwen2" } },
  rew: { path: "qwen2.5-1.5b", type: { family: "qwen2" } },
  dataset: { path: "/storage/datasets/boba_106k_0319.jsonl", maxPromptLen: 1024 },
  groupSize: 8,
})
export class MathCodeEval extends OneNodeExperiment {
  /** How answers are generated. */
  @Option() genConfig = new GenerationOptions();
  /** The model that answers. */
  @Option() actor = model(null, { type: { family: "llama" } }, MODEL_PLUGINS);
  /** The model that stands for the reward, which is computed from the text. */
  @Option() rew = model(null, { type: { family: "llama" } }, MODEL_PLUGINS);
  /** Micro-batches of generation, and its place under `allocationMode: "manual"`. */
  @Option() actorGen = new CallOptions();
  /** Micro-batches of the reward, and its place under `allocationMode: "manual"`. */
  @Option() rewInf = new CallOptions();
  /** Problems. */
  @Option() dataset = new PromptDatasetOptions();
  /** Answers to each problem. @range integer >= 1 */
  @Option() groupSize = 1;
  /** How an answer is scored: `sparse` is right or wrong. */
  @Option() rwType: "sparse" | null = "sparse";
  /** Wants answers in XML tags. */
  @Option() checkXmlFormat = false;
  /** Asks the verifier whether it is up before it is used. */
  @Option() checkVerifierStatus = false;

  override flow() {
    const { dataset, groupSize } = this;
    const actor = fromOptions(ppoActor({ generationConfig: generationConfig(this.genConfig), groupSize }), {
      ...generationOrigins("generationConfig", "genConfig"),
      groupSize: "groupSize",
    });
    return flow({
      datasets: [
        fromOptions(mathCodePrompt({ datasetPath: dataset.path, maxLength: dataset.maxPromptLen }), PROMPT_OPTIONS),
      ],
      maxPromptLen: dataset.maxPromptLen,
      models: { actor: this.actor, reward: frozen(this.rew) },
      calls: {
        actor_gen: generate("actor", actor, {
          nSeqs: dataset.trainBsNSeqs,
          from: { nSeqs: "dataset.trainBsNSeqs" },
          allocation: this.actorGen,
          generation: this.genConfig,
          capturedBy: vllm,
          yields: ["packed_input_ids"],
        }),
        rew_inf: inference(
          "reward",
          rwMathCode({
            datasetPath: dataset.path,
            tokenizerPath: this.actor.path,
            rwType: this.rwType,
            checkXmlFormat: this.checkXmlFormat,
            groupSize,
            checkVerifierStatus: this.checkVerifierStatus,
          }),
          {
            allocation: this.rewInf,
            minSeqsPerPass: 1 / groupSize,
            from: { minSeqsPerPass: "groupSize", nSeqs: "dataset.trainBsNSeqs" },
          },
        ),
      },
    });
  }
}

export { PromptDatasetOptions } from "../prompt-dataset.ts";
