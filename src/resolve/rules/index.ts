import type { Finding } from "../../diagnostics/finding.ts";
import type { Authored } from "../../manifest/format.ts";
import { axesOfBackends } from "./axes.ts";
import { rolesOfBackends } from "./backend-roles.ts";
import { batchOverRanks } from "./batch-over-ranks.ts";
import { soundCards } from "./cards.ts";
import { contextLengths } from "./context-length.ts";
import type { Rule, RuleContext } from "./context.ts";
import { degreeProducts } from "./degree-product.ts";
import { headsOfEngines } from "./engine-heads.ts";
import { expertsOfRanks } from "./experts.ts";
import { familiesOfBackends } from "./families.ts";
import { groupSizes } from "./groups.ts";
import { hostPacking } from "./host-packing.ts";
import { layersOfStages } from "./layers.ts";
import { evenMicroBatches } from "./micro-batches.ts";
import { tokensOfMicroBatches } from "./micro-batch-tokens.ts";
import { evenMinibatches } from "./minibatches.ts";
import { answerLengths } from "./new-tokens.ts";
import { overlongBuffers } from "./overlong-buffer.ts";
import { paddedLengths } from "./padded-lengths.ts";
import { references } from "./references.ts";
import { headsOfSequences } from "./sequence-heads.ts";
import { sharedFolder } from "./shared-folder.ts";
import { sharedGpus } from "./shared-gpus.ts";
import { staleSamples } from "./stale-samples.ts";
import { enginesOnNodes } from "./engine-nodes.ts";
import { rolloutCapacity } from "./rollout-capacity.ts";
import { tensorOnNodes } from "./tensor-nodes.ts";
import { trainBatches } from "./train-batch.ts";
import { unusedCalls } from "./unused-calls.ts";
import { widthsOfRanks } from "./widths.ts";

/** Rules over a setup, in the order of `docs/rules-catalogue.md`. */
const RULES: readonly Rule[] = [
  degreeProducts,
  tensorOnNodes,
  enginesOnNodes,
  sharedGpus,
  headsOfEngines,
  headsOfSequences,
  layersOfStages,
  expertsOfRanks,
  widthsOfRanks,
  axesOfBackends,
  familiesOfBackends,
  batchOverRanks,
  evenMicroBatches,
  evenMinibatches,
  groupSizes,
  contextLengths,
  tokensOfMicroBatches,
  paddedLengths,
  answerLengths,
  overlongBuffers,
  rolesOfBackends,
  unusedCalls,
  trainBatches,
  rolloutCapacity,
  staleSamples,
  references,
  soundCards,
];

/** What breaks a rule in a setup. */
export function setupRules(context: RuleContext): readonly Finding[] {
  return RULES.flatMap((rule) => rule(context));
}

/** What breaks a rule of an experiment as a whole: its workers on the nodes of its cluster. */
export function experimentRules(authored: Authored): readonly Finding[] {
  return [...hostPacking(authored), ...sharedFolder(authored)];
}
