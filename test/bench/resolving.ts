import { fileURLToPath } from "node:url";
import { type Authored, resolve } from "assay";
import { Random } from "./corpus/random.ts";
import type { Answer } from "./child/resolve-once.ts";
import { largeAuthored, largeFacts, shuffledAuthored } from "./large.ts";
import { exponentOf, nodeAnswer, sideBySide, timedMany } from "./measure.ts";
import type { Row, Section } from "./report.ts";

const SIZES = [2048, 4096, 8192, 16_384] as const;
const ROUNDS = 9;
/** A slope from four points is not exact: what is called linear may lie this far off. */
const LINEAR = 1.15;

/** Times of the resolver on large configurations. */
export function measureResolving(): Section {
  return {
    title: "Resolver (seven calls; actor, critic, ref, reward)",
    rows: [
      ...againstStringify("16,384 GPUs, decoupled", largeAuthored(16_384, "decoupled")),
      ...againstStringify("16,384 GPUs, hybrid", largeAuthored(16_384, "hybrid")),
      ...againstStringify("16,384 workers by hand, shuffled", shuffledAuthored(16_384, new Random(1))),
      ...growth("decoupled"),
      ...growth("shuffled"),
    ],
  };
}

function againstStringify(what: string, authored: Authored): readonly Row[] {
  const facts = largeFacts();
  const { value, findings } = resolve({ authored }, facts);
  if (findings.length > 0) throw new Error(findings.map(({ code }) => code).join(", "));
  // Both are warm after this: a first call measures the compiler.
  for (let call = 0; call < 200; call += 1) {
    resolve({ authored }, facts);
    JSON.stringify(value);
  }
  const spread = sideBySide(ROUNDS, {
    resolve: () => timedMany(10, () => resolve({ authored }, facts)),
    result: () => timedMany(100, () => JSON.stringify(value)),
    both: () => timedMany(100, () => JSON.stringify({ authored, resolved: value })),
  });
  const bytes = JSON.stringify(value).length;
  return [
    {
      what: `resolve / JSON.stringify, ${what}`,
      value: spread.resolve.median / spread.result.median,
      unit: "x",
      bound: 3,
      note:
        `${spread.resolve.median.toFixed(3)} ms against ${spread.result.median.toFixed(3)} ms for ${bytes} bytes of result; ` +
        `with the authored part ${spread.both.median.toFixed(3)} ms`,
    },
  ];
}

function growth(layout: "decoupled" | "shuffled"): readonly Row[] {
  const script = fileURLToPath(new URL("child/resolve-once.js", import.meta.url));
  const base = nodeAnswer<Answer>(script, layout, "64");
  const answers = SIZES.map((gpus) => [gpus, nodeAnswer<Answer>(script, layout, String(gpus))] as const);
  const rows = (field: "resolveMs" | "makeMs" | "peakKiB") =>
    answers.map(([gpus, answer]) => [gpus, Math.max(answer[field], 0.001)] as const);
  const list = (points: readonly (readonly [number, number])[], unit: string) =>
    `${points.map(([gpus, value]) => `${gpus}: ${value.toFixed(value < 10 ? 2 : 0)}`).join(", ")} ${unit}`;
  const memory = rows("peakKiB").map(([gpus, kib]) => [gpus, Math.max(kib - base.peakKiB, 1)] as const);
  return [
    {
      what: `time of resolve by GPUs, ${layout}`,
      value: exponentOf(rows("resolveMs")),
      unit: "^n",
      bound: LINEAR,
      note: list(rows("resolveMs"), "ms"),
    },
    {
      what: `time to make and pack workers, ${layout}`,
      value: exponentOf(rows("makeMs")),
      unit: "^n",
      bound: LINEAR,
      note: list(rows("makeMs"), "ms, once, cold"),
    },
    {
      what: `peak memory above that of 64 GPUs, ${layout}`,
      value: exponentOf(memory),
      unit: "^n",
      bound: LINEAR,
      note: list(
        memory.map(([gpus, kib]) => [gpus, kib / 1024] as const),
        "MiB",
      ),
    },
  ];
}
