import { LaunchError, type LaunchGroup } from "assay/plugin";

/** Devices of each worker of a group, by its index, as `CUDA_VISIBLE_DEVICES` lists them. */
export type Devices = readonly string[];

/**
 * Gives workers their GPUs: whole ones to one worker alone; a fraction shares a GPU with as many of its own group as fit into it.
 * @param free devices that may be given, in order.
 * @returns by group, in the order of the groups.
 * @throws {LaunchError} `request` if there are too few, or an amount means nothing
 */
export function assignDevices(groups: readonly LaunchGroup[], free: readonly string[]): readonly Devices[] {
  const needed = groups.map(neededBy).reduce((all, count) => all + count, 0);
  if (needed > free.length) {
    const parts = groups
      .filter(({ resources }) => resources.gpu > 0)
      .map(({ name, count, resources }) => `${name} ${count} x ${resources.gpu}`);
    throw new LaunchError(
      "request",
      `the workers need ${needed} GPUs (${parts.join(", ")}), and ${free.length} ${free.length === 1 ? "is" : "are"} free`,
    );
  }
  let next = 0;
  return groups.map(({ count, resources: { gpu } }) => {
    if (gpu === 0) return Array.from({ length: count }, () => "");
    const sharing = gpu < 1 ? Math.floor(1 / gpu) : 1;
    const each = Math.max(1, gpu);
    const first = next;
    next += Math.ceil(count / sharing) * each;
    return Array.from({ length: count }, (_, index) => {
      const from = first + Math.floor(index / sharing) * each;
      return free.slice(from, from + each).join();
    });
  });
}

function neededBy({ name, count, resources: { gpu } }: LaunchGroup): number {
  if (gpu > 0 && gpu < 1) return Math.ceil(count / Math.floor(1 / gpu));
  if (Number.isSafeInteger(gpu) && gpu >= 0) return count * gpu;
  throw new LaunchError(
    "request",
    `group \`${name}\` asks for ${gpu} GPUs a worker: a whole number, or a fraction below 1`,
  );
}
