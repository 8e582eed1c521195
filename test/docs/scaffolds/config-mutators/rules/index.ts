import { defineMutator, type Mutator, type MutatorRequest, typed } from "assay/plugin";

interface PartitionArgs {
  readonly name: string;
}

class Partition implements Mutator<PartitionArgs> {
  *mutate({ args, authored }: MutatorRequest<PartitionArgs>) {
    const at = "/scheduling/modelWorker/scheduling/partition";
    if (authored.launch["partition"] !== args.name) yield { at, value: args.name, because: "the site says so" };
  }
}

export const partition = defineMutator({ type: "partition", args: typed<PartitionArgs>(), mutator: Partition });
