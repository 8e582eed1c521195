import { fileURLToPath } from "node:url";
import type { Stages } from "./child/stage.ts";
import { nodeAnswer, type Spread, spreadOf } from "./measure.ts";
import type { Row, Section } from "./report.ts";

const ROUNDS = 5;

/** Where the time of a cold build goes: each stage by itself, in fresh processes, whose code no earlier run has warmed. */
export function measureStages(corpus: string, folder: string, checkout: string): Section {
  const script = fileURLToPath(new URL("child/stage.js", import.meta.url));
  const read: Stages[] = [];
  const evaluate: Stages[] = [];
  for (let round = -1; round < ROUNDS; round += 1) {
    const first = nodeAnswer<Stages>(script, "read", corpus);
    const second = nodeAnswer<Stages>(script, "evaluate", `${folder}-${round + 1}`, checkout);
    // The first round reads files that are in no cache of the system yet.
    if (round < 0) continue;
    read.push(first);
    evaluate.push(second);
  }
  const of = (stages: readonly Stages[], name: string): Spread =>
    spreadOf(stages.map((one) => one[name] ?? Number.NaN));
  const row = (what: string, stages: readonly Stages[], name: string): Row => {
    const spread = of(stages, name);
    return { what, value: spread.median, unit: "ms", bound: null, spread };
  };
  const megabytes = of(evaluate, "bytes").median / 1e6;
  return {
    title: "Stages of a cold build, each alone (the first three on the main thread, beside the others; then writing)",
    rows: [
      row("read 221 files from disk", read, "load"),
      row("import the source reader (ts-morph)", read, "imported"),
      row("parse and read 221 files", read, "read"),
      row("transpile 221 files", evaluate, "transpiling"),
      row("import assay/plugins", evaluate, "plugins"),
      row("import 220 compiled modules", evaluate, "load"),
      row("author and resolve 600 parts", evaluate, "prove"),
      row("of which resolve", evaluate, "resolving"),
      row("of which resolve without plugin facts", evaluate, "withoutFacts"),
      row("canonical JSON and hashes of 600 manifests", evaluate, "sealing"),
      { ...row("write 1,200 new files", evaluate, "write"), note: `${megabytes.toFixed(1)} MB` },
      row("write 1,200 files that are the same", evaluate, "rewrite"),
    ],
  };
}
