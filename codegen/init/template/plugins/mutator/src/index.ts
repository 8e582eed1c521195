import { defineMutator, type Mutator, type MutatorRequest, typed } from "assay/plugin";

/** Arguments of {@link myPlugin}. */
export interface MyPluginArgs {
  /** Partition for workers that name none. */
  readonly partition: string;
}

class MyPlugin implements Mutator<MyPluginArgs> {
  *mutate({ args, authored }: MutatorRequest<MyPluginArgs>) {
    const { modelWorker } = authored.scheduling;
    if (!("scheduling" in modelWorker) || modelWorker.scheduling.partition !== null) return;
    yield {
      at: "/scheduling/modelWorker/scheduling/partition",
      value: args.partition,
      because: "the site runs training there",
    };
  }
}

/** Sends training to the partition of the site, where an experiment names none. */
export const myPlugin = defineMutator({ type: "my-plugin", args: typed<MyPluginArgs>(), mutator: MyPlugin });
