import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { BuildReport } from "../../codegen/report.ts";
import type { ProjectWatcher, WatchOptions } from "../../codegen/watch.ts";
import { type Spread, spreadOf } from "./measure.ts";
import type { Row, Section } from "./report.ts";

const ROUNDS = 7;
/** Time between saves: what a watch does when nothing happens is over. */
const QUIET_MS = 1500;
const BOUND_MS = 500;

/** Times from a save to the report of a watch, over the corpus. */
export async function measureWatching(corpus: string, checkout: string): Promise<Section> {
  const experiment = editor(join(corpus, "experiments", "sft-000.ts"), /batchSize: (\d+)/);
  const shared = editor(join(corpus, "shared", "batch-math.ts"), /$/);
  const check = await opened(corpus, checkout, false);
  const valid = await check.rounds((round) => experiment.save((text) => `batchSize: ${Number(text) + 32 * round}`));
  const mistake = await check.rounds((round) => experiment.save(() => `batchSize: "${round}"`), hasMistakes);
  experiment.restore();
  await check.next();
  const ofShared = await check.rounds((round) => shared.save(() => `// ${round}\n`));
  shared.restore();
  await check.next();
  const { fresh } = check;
  await check.close();
  const build = await opened(corpus, checkout, true);
  const written = await build.rounds((round) => experiment.save((text) => `batchSize: ${Number(text) + 32 * round}`));
  experiment.restore();
  await build.next();
  await build.close();
  const row = (what: string, spread: Spread, bound: number | null, note?: string): Row => ({
    what,
    value: spread.median,
    unit: "ms",
    bound,
    spread,
    ...(note === undefined ? {} : { note }),
  });
  return {
    title: "Watch: from the write of a file to the report (200 experiments, 600 manifests)",
    rows: [
      row("check: one experiment's file, a valid edit", valid, BOUND_MS),
      row("check: one experiment's file, an edit with a mistake", mistake, BOUND_MS),
      row("check: a module that several experiments share", ofShared, null, `${fresh} experiments read it`),
      row("build: one experiment's file, a valid edit", written, BOUND_MS),
    ],
  };
}

function hasMistakes({ diagnostics }: BuildReport): boolean {
  return diagnostics.length > 0;
}

async function opened(corpus: string, checkout: string, write: boolean) {
  const module = pathToFileURL(join(checkout, "dist", "codegen", "watch.js")).href;
  const { watchProject } = (await import(module)) as { readonly watchProject: (options: WatchOptions) => ProjectWatcher };
  let told: (report: BuildReport) => void = () => undefined;
  const watcher = watchProject({
    cwd: corpus,
    config: null,
    write,
    keepGoing: false,
    only: [],
    overrides: [],
    cache: true,
    onReport: (report) => told(report),
  });
  await watcher.ready;
  const next = () =>
    new Promise<BuildReport>((resolve) => {
      told = resolve;
    });
  return {
    next,
    fresh: 0,
    close: () => watcher.close(),
    async rounds(save: (round: number) => void, holds: (report: BuildReport) => boolean = isClean): Promise<Spread> {
      const times: number[] = [];
      // The first rounds run code that is not compiled yet.
      for (let round = -1; round < ROUNDS; round += 1) {
        await new Promise((resolve) => setTimeout(resolve, QUIET_MS));
        const report = next();
        const start = performance.now();
        save(round + 2);
        const found = await report;
        const time = performance.now() - start;
        if (!holds(found)) throw new Error(`the watch reports ${JSON.stringify(found.diagnostics[0] ?? null)}`);
        if (round >= 0) times.push(time);
      }
      return spreadOf(times);
    },
  };
}
