import { defineRule, type Rule, type RuleRequest, typed } from "assay/plugin";

interface GpusArgs {
  readonly most: number;
}

class Gpus implements Rule<GpusArgs, "site/gpus"> {
  *check({ args, build }: RuleRequest<GpusArgs>) {
    const gpus = build.cluster.nodes * build.cluster.gpusPerNode;
    if (gpus > args.most) yield { code: "site/gpus", message: `${gpus} GPUs are too many`, at: "experiment" } as const;
  }
}

export const gpus = defineRule({
  type: "gpus",
  args: typed<GpusArgs>(),
  codes: { "site/gpus": { severity: "error", meaning: "The cluster has more GPUs than the site lends." } },
  rule: Gpus,
});
