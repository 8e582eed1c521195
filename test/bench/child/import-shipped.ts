import { makeExperiment } from "assay";
import "assay/experiments";

makeExperiment("sft", {}, { preset: "one-node" });
