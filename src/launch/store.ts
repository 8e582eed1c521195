import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import { parseRecord, type RunRecord } from "./record.ts";

/** Folder of a project's runs, inside of its output folder. */
export const RUNS = "runs";

/** Names in the folder of a run. */
export const RUN_FILES = {
  record: "run.json",
  manifest: "manifest.json",
  /** There if somebody wants the run to end. */
  stop: "stop.json",
  attempts: "attempts",
  /** Folder that workers keep what they recover from in. */
  recover: "recover",
  /** What a run in the background printed. */
  output: "output.log",
} as const;

/** The runs of a project. */
export class RunStore {
  /** Absolute. */
  readonly folder: string;

  constructor(folder: string) {
    this.folder = folder;
  }

  /** Folder of a run. Names of experiments and trials are checked before. */
  folderOf({ experiment, trial }: Pick<RunRecord, "experiment" | "trial">): string {
    return join(this.folder, experiment, trial);
  }

  /** Makes the folder of a run. */
  make(run: Pick<RunRecord, "experiment" | "trial">): string {
    const folder = this.folderOf(run);
    mkdirSync(join(folder, RUN_FILES.attempts), { recursive: true });
    mkdirSync(join(folder, RUN_FILES.recover), { recursive: true });
    return folder;
  }

  /** Makes the folder of the next attempt. */
  makeAttempt(run: Pick<RunRecord, "experiment" | "trial">): { readonly attempt: number; readonly folder: string } {
    const attempts = join(this.folderOf(run), RUN_FILES.attempts);
    // A folder may be there without being in the record: whoever made it was killed.
    const numbers = readdirSync(attempts).map(Number).filter(Number.isSafeInteger);
    const attempt = Math.max(-1, ...numbers) + 1;
    const folder = join(attempts, String(attempt));
    mkdirSync(folder);
    return { attempt, folder };
  }

  /** @throws {AssayError} `launch/record-damaged` */
  read(run: Pick<RunRecord, "experiment" | "trial">): RunRecord | null {
    const file = join(this.folderOf(run), RUN_FILES.record);
    return existsSync(file) ? parseRecord(readFileSync(file, "utf8"), file) : null;
  }

  /** Writes a record: who reads at this moment gets the old one or the new one. */
  write(record: RunRecord): void {
    writeAtomically(join(this.folderOf(record), RUN_FILES.record), `${JSON.stringify(record, null, 2)}\n`);
  }

  /** All runs, the latest first. */
  list(): readonly RunRecord[] {
    const found = foldersIn(this.folder).flatMap((experiment) =>
      foldersIn(join(this.folder, experiment)).flatMap((trial) => this.read({ experiment, trial }) ?? []),
    );
    return found.toSorted((a, b) => (a.startedAt < b.startedAt ? 1 : -1));
  }

  /** True if somebody wants the run to end. */
  isStopWanted(run: Pick<RunRecord, "experiment" | "trial">): boolean {
    return existsSync(join(this.folderOf(run), RUN_FILES.stop));
  }
}

/** Writes a file whose readers see the whole of it or the one before, also after a power cut. */
export function writeAtomically(file: string, text: string): void {
  const part = `${file}.${process.pid}.part`;
  const descriptor = openSync(part, "w");
  try {
    const bytes = Buffer.from(text);
    for (let at = 0; at < bytes.length;) at += writeSync(descriptor, bytes, at);
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
  renameSync(part, file);
}

function foldersIn(folder: string): readonly string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => (entry.isDirectory() ? [entry.name] : []));
}
