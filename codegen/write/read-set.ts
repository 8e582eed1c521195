import { join } from "node:path";
import { currentId, GENERATED, readRecord, setFolder } from "./layout.ts";
import { type FileOperations, fileOperations, systemCode } from "./operations.ts";

/** Outputs of one build. */
export interface OutputSet {
  readonly id: string;
  /** All names of the set, sorted. */
  readonly names: readonly string[];
  /** Contents of the names that were asked for. */
  readonly files: ReadonlyMap<string, Buffer>;
  /** The generated file in the author's tree as this build made it. */
  readonly gen: { readonly file: string; readonly text: string } | null;
}

const ATTEMPTS = 20;

/**
 * Reads outputs of one and the same build, whatever other builds do meanwhile; `null` if there are none. `wanted` chooses
 * the names whose contents are read.
 */
export function readSet(
  outDir: string,
  wanted: (name: string) => boolean = () => true,
  operations: FileOperations = fileOperations,
): OutputSet | null {
  for (let attempt = 1; ; attempt += 1) {
    const id = currentId(outDir, operations);
    if (id === null) return null;
    try {
      const set = readFiles(outDir, id, wanted, operations);
      if (set !== null || currentId(outDir, operations) === id) return set;
    } catch (error) {
      // A set may be collected while it is read, if many builds follow each other.
      if (systemCode(error) !== "ENOENT" || attempt === ATTEMPTS) throw error;
      if (currentId(outDir, operations) === id) return null;
    }
    if (attempt === ATTEMPTS) return null;
  }
}

function readFiles(
  outDir: string,
  id: string,
  wanted: (name: string) => boolean,
  operations: FileOperations,
): OutputSet | null {
  const record = readRecord(outDir, id, operations);
  if (record === null) return null;
  const folder = setFolder(outDir, id);
  const names = Object.keys(record.files).sort();
  const files = new Map(names.filter(wanted).map((name) => [name, operations.read(join(folder, name))]));
  const gen =
    record.gen === null ? null : { file: record.gen, text: operations.read(join(folder, GENERATED)).toString("utf8") };
  return { id, names, files, gen };
}
