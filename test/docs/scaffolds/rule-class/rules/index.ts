import { ClusterSpec, Injectable } from "assay";
import { defineRule, type Rule, type RuleRequest, typed } from "assay/plugin";

interface GpusArgs {
  readonly most: number;
}

/* example */

export const gpus = defineRule({
  type: "gpus",
  args: typed<GpusArgs>(),
  codes: { "site/gpus": { severity: "error", meaning: "The cluster has more GPUs than the site lends." } },
  rule: Gpus,
});
