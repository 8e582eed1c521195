import "assay/experiments";
import { clusterSpec } from "assay";
import { proveExperiment } from "assay/testing";
import { sideBySide, timed } from "./measure.ts";
import type { Row, Section } from "./report.ts";

/** Seconds that the reference takes to make its configuration and to resolve it (Python 3.11, two shared cores). */
const TIMES = [
  ["ppo-math", 64, 0.058, 0.002],
  ["ppo-math", 1024, 4.123, 0.065],
  ["ppo-math", 4096, 54.881, 0.296],
  ["ppo-math", 16_384, null, null],
  ["async-ppo-math", 4096, 41.672, 0.137],
  ["sft", 4096, 65.899, 0.195],
] as const;

const ROUNDS = 5;

/** Shipped experiments, from options to what is resolved, beside the reference's own times for the same (measured elsewhere). */
export function measureShipped(): Section {
  return {
    title: "Shipped experiments: construct, author and resolve, beside the reference (measured elsewhere)",
    rows: TIMES.map(([experiment, gpus, setup, resolve]) => rowOf(experiment, gpus, setup, resolve)),
  };
}

function rowOf(experiment: string, gpus: number, setup: number | null, resolve: number | null): Row {
  const prove = proving(experiment, gpus);
  prove();
  const { own } = sideBySide(ROUNDS, { own: () => timed(prove) });
  const theirs = setup === null || resolve === null ? null : (setup + resolve) * 1000;
  return {
    what: `${experiment}, ${gpus} GPUs`,
    value: own.median,
    unit: "ms",
    bound: null,
    spread: own,
    ...(theirs === null
      ? {}
      : { note: `the reference takes ${theirs.toFixed(0)} ms, ${(theirs / own.median).toFixed(0)} times as long` }),
  };
}

/** Proves an experiment on so many GPUs, half of which generate where anything does. @throws if that has findings. */
function proving(experiment: string, gpus: number): () => void {
  const nodes = gpus / 8;
  const cluster = clusterSpec({ name: "large", nodes, gpusPerNode: 8 });
  const type = { family: "qwen2" };
  const path = "qwen2.5-7b";
  const half = gpus / 2;
  const dataset = { trainBsNSeqs: gpus * 8 };
  const common = { nNodes: nodes, nGpusPerNode: 8 };
  const overrides =
    experiment === "sft"
      ? {
          ...common,
          model: { path, type },
          dataset: { ...dataset, trainPath: "/a", validPath: "/b" },
          allocationMode: `d${gpus / 2}p1m2`,
        }
      : {
          ...common,
          actor: { path, type },
          critic: { path, type },
          ref: { path, type },
          dataset: { ...dataset, path: "/a" },
          allocationMode: `sglang.d${half}p1m1+d${half / 2}p2m1`,
        };
  return () => {
    const { findings } = proveExperiment(experiment, { cluster, overrides: overrides as never });
    if (findings.length > 0) throw new Error(findings.map(({ code, message }) => `${code}: ${message}`).join("; "));
  };
}
