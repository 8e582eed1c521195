import { noun } from "./noun.ts";

/** Sizes of a 3D layout, as options write them. */
export interface ParallelismConfig {
  readonly tensorParallelSize: number;
  readonly pipelineParallelSize: number;
  readonly dataParallelSize: number;
  readonly useSequenceParallel: boolean;
}

/** Makes a parallelism config: one GPU unless told otherwise. */
export function parallelismConfig(input: Partial<ParallelismConfig> = {}): ParallelismConfig {
  return noun(parallelismConfig, {
    tensorParallelSize: 1,
    pipelineParallelSize: 1,
    dataParallelSize: 1,
    useSequenceParallel: false,
    ...input,
  });
}

/** Number of GPUs of a layout. */
export function parallelismWorldSize(layout: ParallelismConfig): number {
  return layout.tensorParallelSize * layout.pipelineParallelSize * layout.dataParallelSize;
}

/** True if two layouts have the same sizes; sequence parallelism is no size. */
export function sameSizes(a: ParallelismConfig, b: ParallelismConfig): boolean {
  return (
    a.tensorParallelSize === b.tensorParallelSize &&
    a.pipelineParallelSize === b.pipelineParallelSize &&
    a.dataParallelSize === b.dataParallelSize
  );
}
