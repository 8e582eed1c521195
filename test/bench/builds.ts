import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Spread, sideBySide, timedProcess } from "./measure.ts";
import type { Row, Section } from "./report.ts";

const ROUNDS = 7;
const NODE = [process.execPath, "-e", "0"];

/** Times of whole builds of the corpus, beside the compiler's. */
export function measureBuilds(corpus: string, checkout: string): Section {
  const tsc = () => timedProcess([join(checkout, "node_modules", ".bin", "tsc"), "-p", ".", "--noEmit"], corpus);
  const node = () => timedProcess(NODE, corpus);
  const bin = join(checkout, "dist", "src", "cli", "bin.js");
  if (!existsSync(bin)) {
    const spread = sideBySide(ROUNDS, { node, tsc });
    return section(spread, { cold: null, unchanged: null, changed: null }, "there is no `dist/src/cli/bin.js` yet");
  }
  const build = () =>
    timedProcess([process.execPath, bin, "build", "--config", join(corpus, "assay.config.ts"), "--quiet"], corpus);
  let removed = 0;
  const edit = editor(join(corpus, "experiments", "sft-000.ts"));
  const spread = sideBySide(ROUNDS, {
    node,
    tsc,
    cold: () => {
      // Out of the way rather than deleted: ext4 is slow to give out inodes that were freed a moment ago.
      if (existsSync(join(corpus, ".assay"))) renameSync(join(corpus, ".assay"), join(corpus, `.removed-${removed++}`));
      rmSync(join(corpus, "assay.gen.ts"), { force: true });
      return build();
    },
    unchanged: () => {
      // What came before may have left a change behind.
      build();
      return build();
    },
    changed: () => {
      build();
      edit();
      return build();
    },
  });
  return section(spread, spread, null);
}

/** Changes a number in the file, another one each time. */
function editor(file: string): () => void {
  const text = readFileSync(file, "utf8");
  const number = /batchSize: (\d+)/;
  if (!number.test(text)) throw new Error(`${file} has no number to change`);
  let edits = 0;
  return () => {
    edits += 1;
    writeFileSync(
      file,
      text.replace(number, (_, batch: string) => `batchSize: ${Number(batch) + 32 * edits}`),
    );
  };
}

type Builds = Readonly<Record<"cold" | "unchanged" | "changed", Spread | null>>;

function section(
  { node, tsc }: Readonly<Record<"node" | "tsc", Spread>>,
  { cold, unchanged, changed }: Builds,
  missing: string | null,
): Section {
  const above = (what: string, spread: Spread | null, bound: number): Row => ({
    what,
    value: spread === null ? null : spread.median - node.median,
    unit: "ms",
    bound,
    ...(spread === null ? { note: missing ?? "" } : { spread, note: `${spread.median.toFixed(0)} ms in all` }),
  });
  return {
    title: "Builds of the corpus (200 experiments, 600 manifests)",
    rows: [
      { what: "node -e 0", value: node.median, unit: "ms", bound: null, spread: node },
      { what: "tsc -p . --noEmit", value: tsc.median, unit: "ms", bound: null, spread: tsc },
      {
        what: "cold build / tsc",
        value: cold === null ? null : cold.median / tsc.median,
        unit: "x",
        bound: 1.5,
        ...(cold === null
          ? { note: missing ?? "" }
          : { note: `${cold.median.toFixed(0)} ms (${cold.least.toFixed(0)}..${cold.most.toFixed(0)})` }),
      },
      above("nothing changed, above node -e 0", unchanged, 200),
      above("one file changed, above node -e 0", changed, 500),
    ],
  };
}
