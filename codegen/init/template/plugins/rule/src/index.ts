import { defineRule, type Rule, type RuleRequest, typed } from "assay/plugin";

/** Arguments of {@link myPlugin}. */
export interface MyPluginArgs {
  /** GPUs that an experiment may take. @range integer >= 1 */
  readonly gpus: number;
}

/** An experiment takes no more GPUs than its user has. */
class MyPlugin implements Rule<MyPluginArgs, "my-plugin/too-many-gpus"> {
  *check({ args, build }: RuleRequest<MyPluginArgs>) {
    const gpus = build.resolved.setups[0]?.counts.modelWorker ?? 0;
    if (gpus <= args.gpus) return;
    yield {
      code: "my-plugin/too-many-gpus",
      message: `${build.name} takes ${gpus} GPUs, and a user may have ${args.gpus}`,
      at: "allocationMode" in build.options ? { option: "allocationMode" } : "experiment",
      help: "take a smaller allocation, or ask for more GPUs",
    } as const;
  }
}

/** No experiment takes more GPUs than a user may have. */
export const myPlugin = defineRule({
  type: "my-plugin",
  args: typed<MyPluginArgs>(),
  codes: {
    "my-plugin/too-many-gpus": { severity: "error", meaning: "An experiment takes more GPUs than a user may have." },
  },
  rule: MyPlugin,
});
