import { preset } from "assay";
import "assay/experiments";

const oneNode = {
  cluster: "h100x8",
  allocationMode: "d8p1m1",
  model: { path: "qwen2.5-1.5b", type: { family: "qwen2" } },
  dataset: { trainPath: "/data/train.jsonl", validPath: "/data/valid.jsonl" },
};

/* example */
