import { spawn } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { pathToFileURL } from "node:url";
import type { BuildReport } from "../../codegen/report.ts";
import type { ProjectWatcher, WatchOptions } from "../../codegen/watch.ts";
import { type Spread, spreadOf } from "./measure.ts";
import type { Row, Section } from "./report.ts";

const ROUNDS = 7;
/** Time between saves: what a watch does when nothing happens is over. */
const QUIET_MS = 1200;
const PATIENCE_MS = 60_000;
const BOUND_MS = 500;
const FEW = 10;
const STARTS = 3;
const BATCH = /batchSize: \d+/;

/** Times from a save to the report of a watch, over the corpus. */
export async function measureWatching(corpus: string, checkout: string): Promise<Section> {
  const experiment = sourceFile(join(corpus, "experiments", "sft-000.ts"));
  const base = sourceFile(join(corpus, "shared", "sft-base.ts"));
  // The corpus has nothing that so few share.
  const study = sourceFile(join(corpus, "shared", "study.ts"), "export {};\n");
  const students = Array.from({ length: FEW }, (_, index) =>
    sourceFile(join(corpus, "experiments", `sft-${String(3 * (index + 1)).padStart(3, "0")}.ts`)),
  );
  for (const one of students) one.write(`import "../shared/study.ts";\n${one.text}`);
  const edit = (round: number) => experiment.write(experiment.text.replace(BATCH, `batchSize: ${4096 + 32 * round}`));
  const comment = (file: SourceFile) => (round: number) => file.write(`${file.text}// ${round}\n`);
  const check = await opened(corpus, checkout, false);
  const valid = await check.rounds(edit);
  const mistake = await check.rounds(
    (round) => experiment.write(experiment.text.replace(BATCH, `batchSize: ${-round}`)),
    hasMistakes,
  );
  await check.report(() => experiment.restore());
  const few = await check.rounds(comment(study));
  const many = await check.rounds(comment(base));
  await check.close();
  const build = await opened(corpus, checkout, true);
  const written = await build.rounds(edit);
  await build.close();
  experiment.restore();
  const first = await firstSaves(corpus, checkout, edit);
  for (const file of [experiment, base, ...students]) file.restore();
  const row = (what: string, spread: Spread, bound: number | null): Row => ({
    what,
    value: spread.median,
    unit: "ms",
    bound,
    spread,
  });
  return {
    title: "Watch: from the write of a file to the report (200 experiments, 600 manifests)",
    rows: [
      row("check: an experiment's file, valid edit", valid, BOUND_MS),
      row("check: an experiment's file, edit with a mistake", mistake, BOUND_MS),
      row(`check: a module of ${FEW} experiments`, few, null),
      row("check: a module of 67 experiments", many, null),
      row("build: an experiment's file, valid edit", written, BOUND_MS),
      row("check: the first save of a program that found nothing changed", first, BOUND_MS),
    ],
  };
}

/** Times from the first save to what the program prints of it, each after a start that found nothing changed. */
async function firstSaves(corpus: string, checkout: string, save: (round: number) => void): Promise<Spread> {
  const bin = join(checkout, "dist", "src", "cli", "bin.js");
  const times: number[] = [];
  // The first start fills the cache.
  for (let round = 0; round <= STARTS; round += 1) {
    const child = spawn(process.execPath, [bin, "check", "--watch", "--json"], { cwd: corpus });
    const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
    const ended = new Promise((resolve) => child.once("close", resolve));
    await lines.next();
    await pause();
    const start = performance.now();
    save(100 + round);
    await lines.next();
    if (round > 0) times.push(performance.now() - start);
    await pause();
    child.kill("SIGTERM");
    await ended;
  }
  return spreadOf(times);
}

/** Waits until a watch has nothing left to do. */
function pause(): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, QUIET_MS);
  });
}

interface SourceFile {
  readonly text: string;
  readonly write: (text: string) => void;
  readonly restore: () => void;
}

/** A file of the corpus; one that is not there is written with `text`. */
function sourceFile(file: string, text?: string): SourceFile {
  if (text !== undefined) writeFileSync(file, text);
  const original = text ?? readFileSync(file, "utf8");
  const write = (changed: string) => writeFileSync(file, changed);
  return { text: original, write, restore: () => write(original) };
}

function isClean({ diagnostics }: BuildReport): boolean {
  return diagnostics.length === 0;
}

function hasMistakes({ diagnostics }: BuildReport): boolean {
  return diagnostics.length > 0;
}

async function opened(corpus: string, checkout: string, write: boolean) {
  const module = pathToFileURL(join(checkout, "dist", "codegen", "watch.js")).href;
  const { watchProject } = (await import(module)) as {
    readonly watchProject: (options: WatchOptions) => ProjectWatcher;
  };
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
  const report = (save: () => void): Promise<BuildReport> =>
    new Promise((resolve, reject) => {
      const late = setTimeout(() => reject(new Error("the watch reports nothing")), PATIENCE_MS);
      told = (found) => {
        clearTimeout(late);
        resolve(found);
      };
      save();
    });
  return {
    report,
    close: () => watcher.close(),
    /** Saves again and again, something else each time. */
    async rounds(save: (round: number) => void, holds: (report: BuildReport) => boolean = isClean): Promise<Spread> {
      const times: number[] = [];
      // The first round runs code that is not compiled yet.
      for (let round = 0; round <= ROUNDS; round += 1) {
        await pause();
        const start = performance.now();
        const found = await report(() => save(round + 1));
        const time = performance.now() - start;
        if (!holds(found)) throw new Error(`the watch reports ${JSON.stringify(found.diagnostics[0] ?? null)}`);
        if (round > 0) times.push(time);
      }
      return spreadOf(times);
    },
  };
}
