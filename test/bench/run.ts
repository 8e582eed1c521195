// Measures what DESIGN.md promises, side by side in one run. Ends with 0 whatever the numbers are.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { measureBuilds } from "./builds.ts";
import { writeCorpus } from "./corpus.ts";
import { measureEditTime } from "./edit-time.ts";
import { measureImporting } from "./importing.ts";
import { renderMachine, thisMachine } from "./machine.ts";
import { measureManifests } from "./manifests.ts";
import { measureShipped } from "./reference.ts";
import { isMet, renderSections, type Section } from "./report.ts";
import { measureResolving } from "./resolving.ts";
import { measureStages } from "./stages.ts";
import { measureWatching } from "./watching.ts";

const checkout = fileURLToPath(new URL("../../..", import.meta.url));
const asJson = process.argv.includes("--json");
const say = (text: string) => {
  if (!asJson) console.log(text);
};

const folder = mkdtempSync(join(tmpdir(), "assay-bench-"));
try {
  const machine = thisMachine(checkout);
  say(`${renderMachine(machine)}\n`);
  const corpus = join(folder, "corpus");
  const files = writeCorpus(corpus, { checkout });
  const lines = [...files].reduce((sum, [path, text]) => sum + (path.endsWith(".ts") ? text.split("\n").length : 0), 0);
  say(`Corpus: ${files.size} files, ${lines} lines of TypeScript\n`);
  const sections: Section[] = [];
  const measurements: readonly (() => Section | Promise<Section>)[] = [
    () => measureBuilds(corpus, checkout),
    () => measureEditTime(corpus, join(folder, "plain"), checkout),
    () => measureWatching(corpus, checkout),
    () => measureStages(corpus, join(folder, "stages"), checkout),
    measureResolving,
    () => measureManifests(checkout),
    () => measureImporting(checkout),
    measureShipped,
  ];
  for (const measure of measurements) {
    const section = await measure();
    sections.push(section);
    say(`${renderSections([section])}\n`);
  }
  const bounds = sections.flatMap(({ rows }) => rows.map(isMet)).filter((met) => met !== null);
  const met = bounds.filter(Boolean).length;
  if (asJson) console.log(JSON.stringify({ machine, sections, met, bounds: bounds.length }, null, 2));
  say(`${met} of ${bounds.length} bounds met`);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
