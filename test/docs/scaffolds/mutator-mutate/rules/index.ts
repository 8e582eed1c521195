import { defineMutator, type Mutator, type MutatorRequest, typed } from "assay/plugin";

interface PartitionArgs {
  readonly name: string;
}

class Partition implements Mutator<PartitionArgs> {
  *mutate({ args, authored }: MutatorRequest<PartitionArgs>) {
    /* example */
  }
}

export const partition = defineMutator({ type: "partition", args: typed<PartitionArgs>(), mutator: Partition });
