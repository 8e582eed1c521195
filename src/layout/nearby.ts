import type { Layout3D } from "../spec/allocation-mode.ts";

/** Layouts that are told of at most. */
const MOST_LAYOUTS = 2;

/**
 * Layouts whose degrees multiply to `gpus`, those that change the given one least first: at most two. A degree that is doubled
 * changes as much as one that is halved; of equal ones, that which keeps the tensor and then the pipeline degree.
 */
export function nearestLayouts({ data, pipe, tensor }: Layout3D, gpus: number): readonly Layout3D[] {
  if (!Number.isSafeInteger(gpus) || gpus < 1) return [];
  const steps = (from: number, to: number) => Math.abs(Math.log2(to / Math.max(1, from)));
  const changeOf = (other: Layout3D) =>
    steps(data, other.data) + 1.01 * steps(pipe, other.pipe) + 1.02 * steps(tensor, other.tensor);
  return divisorsOf(gpus)
    .flatMap((otherTensor) =>
      divisorsOf(gpus / otherTensor).map((otherPipe) => ({
        data: gpus / otherTensor / otherPipe,
        pipe: otherPipe,
        tensor: otherTensor,
      })),
    )
    .sort((a, b) => changeOf(a) - changeOf(b))
    .slice(0, MOST_LAYOUTS);
}

/** Layouts as an allocation string writes them, as a choice: "`d8p1m1` or `d4p1m2`". */
export function layoutsText(layouts: readonly Layout3D[]): string {
  return layouts.map(({ data, pipe, tensor }) => `\`d${data}p${pipe}m${tensor}\``).join(" or ");
}

/** Sizes of a first part of `all` GPUs that leave a mesh on both sides, nearest to `size`: the next smaller and the next larger. */
export function nearestSplits(size: number, all: number, gpusPerNode: number): readonly number[] {
  const isMesh = (gpus: number) => gpus >= 1 && (gpus < gpusPerNode || gpus % gpusPerNode === 0);
  const isSplit = (gpus: number) => isMesh(gpus) && isMesh(all - gpus);
  const found: number[] = [];
  for (let smaller = Math.min(size, all) - 1; smaller >= 1 && found.length === 0; smaller -= 1) {
    if (isSplit(smaller)) found.push(smaller);
  }
  for (let larger = size + 1; larger < all; larger += 1) {
    if (!isSplit(larger)) continue;
    found.push(larger);
    break;
  }
  return found;
}

function divisorsOf(number: number): readonly number[] {
  const small: number[] = [];
  const large: number[] = [];
  for (let divisor = 1; divisor * divisor <= number; divisor += 1) {
    if (number % divisor !== 0) continue;
    small.push(divisor);
    if (divisor * divisor !== number) large.unshift(number / divisor);
  }
  return [...small, ...large];
}
