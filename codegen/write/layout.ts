import { join } from "node:path";
import { absentAs, type FileOperations } from "./operations.ts";

/** Folder of all sets, inside the out folder. */
export const SETS = ".sets";
/** Link to the current set, inside the out folder. */
export const CURRENT = ".set";
/** Inside a set, written last: what the set holds. */
export const RECORD = ".set.json";
/** Inside a set: the text of the generated file in the author's tree. */
export const GENERATED = ".gen";

const SET_VERSION = 1;

/** What a set says of itself. */
export interface SetRecord {
  readonly assaySet: typeof SET_VERSION;
  /** Project-relative path of the generated file; `null` if the set has none. */
  readonly gen: string | null;
  /** Generated file of an earlier set that this one no longer has, by project-relative path. */
  readonly dropped: { readonly file: string; readonly sha256: string } | null;
  /** By name: SHA-256 (hex), and the bytes and time of the last change (ms) that the file had when it was written. */
  readonly files: Readonly<Record<string, readonly [sha256: string, size: number, mtimeMs: number]>>;
}

/** Makes a record of the current version. */
export function setRecord(parts: Omit<SetRecord, "assaySet">): SetRecord {
  return { assaySet: SET_VERSION, ...parts };
}

/** Folder of a set. */
export function setFolder(outDir: string, id: string): string {
  return join(outDir, SETS, id);
}

/** Id of the set that readers see; `null` before the first build. */
export function currentId(outDir: string, operations: FileOperations): string | null {
  const target = operations.readLinkOrNull(join(outDir, CURRENT));
  const id = target !== null && target.startsWith(`${SETS}/`) ? target.slice(SETS.length + 1) : null;
  return id !== null && isSetId(id) ? id : null;
}

/** What a set holds; `null` if it is unfinished, gone or of another version. */
export function readRecord(outDir: string, id: string, operations: FileOperations): SetRecord | null {
  const text = absentAs(null, () => operations.read(join(setFolder(outDir, id), RECORD)).toString("utf8"));
  if (text === null) return null;
  try {
    const record = JSON.parse(text) as SetRecord;
    return record.assaySet === SET_VERSION && typeof record.files === "object" ? record : null;
  } catch {
    return null;
  }
}

/** A new id: time first, so that names sort by age. */
export function newSetId(nowMs: number, random: string): string {
  return `${nowMs.toString(36).padStart(9, "0")}-${random}-${process.pid.toString(36)}`;
}

function isSetId(name: string): boolean {
  return /^[0-9a-z]+-[0-9a-z]+-[0-9a-z]+$/.test(name);
}
