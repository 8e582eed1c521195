import { posix } from "node:path";
import type { DataSample } from "../../src/manifest/format.ts";
import { sampleOf } from "../../src/manifest/sample.ts";
import type { InputReader, SampleFinder } from "../../src/realm/realm.ts";
import { listedColumns } from "../../src/resolve/facts.ts";
import type { EvaluateContext } from "./protocol.ts";

/** Endings of files with one JSON object a line. */
const LINES = new Set([".jsonl", ".ndjson"]);

/**
 * Finds samples among the declared inputs: what the config names for a dataset's path, else the dataset itself, if its path is one.
 */
export function sampleFinder(
  { samples, inputs, facts }: Pick<EvaluateContext, "samples" | "inputs" | "facts">,
  read: InputReader,
): SampleFinder {
  const declared = new Set(inputs);
  // The builds of an experiment mostly read the same rows.
  const known = new Map<string, DataSample>();
  return (path, datasets) => {
    const own = posix.normalize(path);
    const named = Object.hasOwn(samples, path) ? samples[path] : undefined;
    const { file, isWhole } = named ?? { file: own, isWhole: true };
    const isSample = declared.has(file) && (named !== undefined || LINES.has(posix.extname(file)));
    if (!isSample) return null;
    const listed = listedColumns(facts, datasets);
    const key = JSON.stringify([file, isWhole, [...listed]]);
    const sample = known.get(key) ?? sampleOf(read(file, []), { file, isWhole, listed });
    known.set(key, sample);
    return sample;
  };
}
