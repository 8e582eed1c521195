import { defineRule, type Rule, type RuleRequest, typed } from "assay/plugin";

interface GpusArgs {
  readonly most: number;
}

class Gpus implements Rule<GpusArgs, "site/gpus"> {
  *check({ args, build }: RuleRequest<GpusArgs>) {
    /* example */
  }
}

export const gpus = defineRule({
  type: "gpus",
  args: typed<GpusArgs>(),
  codes: { "site/gpus": { severity: "error", meaning: "The cluster has more GPUs than the site lends." } },
  rule: Gpus,
});
