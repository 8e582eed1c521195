import type { Section } from "./report.ts";

/** Seconds that the reference takes to make its configuration and to resolve it (Python 3.11, two shared cores). */
const TIMES = [
  ["ppo-math", 64, 0.058, 0.002],
  ["ppo-math", 1024, 4.123, 0.065],
  ["ppo-math", 4096, 54.881, 0.296],
  ["async-ppo-math", 4096, 41.672, 0.137],
  ["sft", 4096, 65.899, 0.195],
] as const;

/** The reference's own times, for comparison only: measured elsewhere. */
export function referenceTimes(): Section {
  return {
    title: "The reference, for comparison (measured elsewhere)",
    rows: TIMES.map(([experiment, gpus, setup, resolve]) => ({
      what: `${experiment}, ${gpus} GPUs: initial_setup`,
      value: setup * 1000,
      unit: "ms",
      bound: null,
      note: `and ${(resolve * 1000).toFixed(0)} ms for lazy_init`,
    })),
  };
}
