import { fileURLToPath } from "node:url";
import { sideBySide, timedProcess } from "./measure.ts";
import type { Section } from "./report.ts";

const ROUNDS = 9;

/** What a program pays for using the library. */
export function measureImporting(checkout: string): Section {
  const run = (name: string) => () =>
    timedProcess([process.execPath, fileURLToPath(new URL(`child/${name}.js`, import.meta.url))], checkout);
  const spread = sideBySide(ROUNDS, {
    node: () => timedProcess([process.execPath, "-e", "0"], checkout),
    container: run("import-container"),
    assay: run("import-assay"),
    shipped: run("import-shipped"),
  });
  const { node, container, assay, shipped } = spread;
  return {
    title: "Import",
    rows: [
      {
        what: "reflect-metadata and tsyringe, process",
        value: container.median,
        unit: "ms",
        bound: null,
        spread: container,
      },
      {
        what: 'import "assay" + makeExperiment, above that',
        value: assay.median - container.median,
        unit: "ms",
        bound: 25,
        spread: assay,
        note: `${assay.median.toFixed(0)} ms in all, of which node -e 0 takes ${node.median.toFixed(0)} ms`,
      },
      {
        what: "the same with assay/experiments, above that",
        value: shipped.median - container.median,
        unit: "ms",
        bound: null,
        spread: shipped,
      },
    ],
  };
}
