import { join } from "node:path";
import { writeCorpus } from "./corpus.ts";
import { computedByProcess, sideBySide } from "./measure.ts";
import type { Section } from "./report.ts";

const ROUNDS = 9;

/** What the compiler computes for the corpus, beside the same corpus without anything that types prove while editing. */
export function measureEditTime(corpus: string, folder: string, checkout: string): Section {
  writeCorpus(folder, { checkout, plainStrings: true });
  const tsc = (project: string) => () =>
    computedByProcess([join(checkout, "node_modules", ".bin", "tsc"), "-p", ".", "--noEmit"], project);
  const { typed, plain } = sideBySide(ROUNDS, { typed: tsc(corpus), plain: tsc(folder) });
  return {
    title: "Types that prove while editing (time of processors)",
    rows: [
      { what: "tsc with plain strings", value: plain.median, unit: "ms", bound: null, spread: plain },
      { what: "tsc with checked strings", value: typed.median, unit: "ms", bound: null, spread: typed },
      { what: "checked / plain", value: typed.median / plain.median, unit: "x", bound: 1.2 },
    ],
  };
}
