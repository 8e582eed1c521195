import { randomBytes } from "node:crypto";
import { isAbsolute, join, relative, sep } from "node:path";
import type { Finding } from "../src/diagnostics/finding.ts";
import { collectSets } from "./write/collect.ts";
import { outputDiagnostics } from "./write/diagnostics.ts";
import { fillSet, type GeneratedFile, type OutputContent, type SetContent } from "./write/fill.ts";
import { copyGenerated, isTaken, looksGenerated, removeGenerated } from "./write/generated-file.ts";
import { insidePath } from "./write/inside.ts";
import { CURRENT, currentId, newSetId, readRecord, setFolder, SETS } from "./write/layout.ts";
import { addLinks, removeStaleLinks, takenFindings } from "./write/links.ts";
import { nameFindings } from "./write/names.ts";
import { type FileOperations, fileOperations, systemCode } from "./write/operations.ts";

export type { GeneratedFile, KnownContent, OutputContent } from "./write/fill.ts";
export { type OutputSet, readSet } from "./write/read-set.ts";

/** Settings of {@link writeSet}. */
export interface WriteOptions {
  /** Absolute folder of the project, which the generated file is inside of. */
  readonly root: string;
  /** The generated file in the author's tree; `null` if the build has none. */
  readonly gen: GeneratedFile | null;
  readonly operations?: FileOperations;
}

/** What {@link writeSet} did. */
export interface WriteOutcome {
  /** Id of the new set; `null` if nothing was switched. */
  readonly set: string | null;
  readonly findings: readonly Finding[];
}

/**
 * Writes all outputs of a build and makes them the current ones, all at once: up to one rename readers see the old set,
 * and after it the new one. Of two builds at the same time the last to switch wins, whole. `docs/cache.md` says
 * what a crash may leave; {@link repair} puts that right.
 */
export function writeSet(
  outDir: string,
  files: ReadonlyMap<string, OutputContent>,
  { root, gen, operations = fileOperations }: WriteOptions,
): WriteOutcome {
  const show = (path: string) => shownPath(root, path);
  let switched: string | null = null;
  const findings = reportingSystemErrors(outDir, show, () => {
    const mistakes = [
      ...nameFindings(files.keys()),
      ...takenFindings(outDir, files.keys(), show, operations),
      ...generatedFindings(root, gen, operations),
    ];
    if (mistakes.length > 0) return mistakes;
    const previous = currentId(outDir, operations);
    switched = switchToNewSet(outDir, { files, gen }, previous, operations);
    settle(outDir, root, operations);
    tolerating(() => {
      // From now on the age of the previous set counts.
      if (previous !== null) operations.touch(setFolder(outDir, previous));
      collectSets(outDir, Date.now(), operations);
    });
    return [];
  });
  return { set: switched, findings };
}

/**
 * Completes what an interrupted build has left undone: the visible names, and the generated file in the author's tree. Run
 * it before anything reads outputs; it does nothing if all is well.
 */
export function repair(
  outDir: string,
  { root, operations = fileOperations }: Pick<WriteOptions, "root" | "operations">,
): readonly Finding[] {
  const show = (path: string) => shownPath(root, path);
  return reportingSystemErrors(outDir, show, () => {
    if (operations.factsOrNull(outDir) !== null) settle(outDir, root, operations);
    return [];
  });
}

/** Id of the set that readers see now; `null` if there is none, or if it is not whole. */
export function currentSet(outDir: string, operations: FileOperations = fileOperations): string | null {
  const id = currentId(outDir, operations);
  return id !== null && readRecord(outDir, id, operations) !== null ? id : null;
}

/** Absolute paths that must be there as long as the current set is: the link that readers follow, and the generated file. */
export function visibleOutputs(outDir: string, root: string, operations = fileOperations): readonly string[] {
  const id = currentId(outDir, operations);
  const gen = id === null ? null : (readRecord(outDir, id, operations)?.gen ?? null);
  return id === null ? [] : [join(outDir, CURRENT), ...(gen === null ? [] : [join(root, gen)])];
}

const ATTEMPTS = 3;

function switchToNewSet(
  outDir: string,
  content: SetContent,
  previous: string | null,
  operations: FileOperations,
): string {
  for (let attempt = 1; ; attempt += 1) {
    const id = newSetId(Date.now(), randomName());
    try {
      fillSet(outDir, id, content, previous, operations);
      addLinks(outDir, content.files.keys(), operations);
      switchTo(outDir, id, operations);
    } catch (error) {
      // A build that sleeps for long loses its unfinished set to another one's collection.
      if (systemCode(error) === "ENOENT" && attempt < ATTEMPTS) continue;
      tolerating(() => operations.removeFolder(setFolder(outDir, id)));
      throw error;
    }
    const lost = currentId(outDir, operations) === id && readRecord(outDir, id, operations) === null;
    if (!lost || attempt === ATTEMPTS) return id;
  }
}

/** The one step that readers see. */
function switchTo(outDir: string, id: string, operations: FileOperations): void {
  const link = join(setFolder(outDir, id), ".link");
  operations.symlink(`${SETS}/${id}`, link);
  operations.rename(link, join(outDir, CURRENT));
}

/** Runs what costs only space if it fails: a later build tries again. */
function tolerating(act: () => void): void {
  try {
    act();
  } catch (error) {
    if (systemCode(error) === null) throw error;
  }
}

const MAX_ROUNDS = 100;

/**
 * Brings all that lies outside of the sets to the state of the current one. Another build may switch meanwhile: then once
 * more, because what was done here may have undone a part of its work.
 */
function settle(outDir: string, root: string, operations: FileOperations): void {
  for (let round = 0; round < MAX_ROUNDS; round += 1) {
    const id = currentId(outDir, operations);
    const record = id === null ? null : readRecord(outDir, id, operations);
    const names = new Set(Object.keys(record?.files ?? {}));
    removeStaleLinks(outDir, names, operations);
    addLinks(outDir, names, operations);
    if (record !== null && record.dropped !== null) removeGenerated(root, record.dropped, operations);
    if (id !== null && record !== null && record.gen !== null) {
      copyGenerated({ root, outDir, id, file: record.gen }, operations, randomName());
    }
    if (currentId(outDir, operations) === id) return;
  }
}

function generatedFindings(root: string, gen: GeneratedFile | null, operations: FileOperations): readonly Finding[] {
  if (gen === null) return [];
  const target = insidePath(root, gen.file);
  if (target === null) throw new Error(`the generated file ${gen.file} is not inside of the project`);
  if (!looksGenerated(gen.text)) throw new Error(`${gen.file} does not say that Assay generated it`);
  if (!isTaken(target, operations)) return [];
  return [
    outputDiagnostics["generated-file-taken"](
      { path: gen.file },
      { at: { kind: "span", span: { file: gen.file, line: 1, column: 1, length: 0 } } },
    ),
  ];
}

/** Errors of the system are the user's to solve: a full disk, a folder without permission. */
function reportingSystemErrors(
  outDir: string,
  show: (path: string) => string,
  act: () => readonly Finding[],
): readonly Finding[] {
  try {
    return act();
  } catch (error) {
    const code = systemCode(error);
    if (code === null || code.startsWith("ERR_")) throw error;
    const reason = (error as Error).message.replace(/, \w+ '.*$/s, "");
    const at = { kind: "nowhere", reason: "it is the file system's answer" } as const;
    const path = show((error as NodeJS.ErrnoException).path ?? outDir);
    return [outputDiagnostics["output-not-writable"]({ path, reason }, { at })];
  }
}

/** A path as messages show it: from the project's folder, with slashes. */
function shownPath(root: string, path: string): string {
  const shown = relative(root, path);
  return (shown.startsWith("..") || isAbsolute(shown) ? path : shown === "" ? "." : shown).split(sep).join("/");
}

function randomName(): string {
  return randomBytes(6).toString("hex");
}
