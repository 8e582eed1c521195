import { createHash } from "node:crypto";
import { dirname, join } from "node:path";
import { insidePath } from "./inside.ts";
import { GENERATED, setFolder } from "./layout.ts";
import { absentAs, type FileOperations, systemCode } from "./operations.ts";

const HEAD_LENGTH = 400;

/** True if a text says in its first lines that Assay generated it, or is blank. Only such a file is ever replaced. */
export function looksGenerated(text: string): boolean {
  const head = text.slice(0, HEAD_LENGTH);
  return text.trim() === "" || (/generated/i.test(head) && /assay/i.test(head));
}

/** True if what is at the place of the generated file was written by hand. */
export function isTaken(path: string, operations: FileOperations): boolean {
  const facts = operations.factsOrNull(path);
  if (facts === null) return false;
  return facts.kind !== "file" || !looksGenerated(operations.read(path).toString("utf8"));
}

/** Where a copy of the generated file goes. */
export interface GeneratedPlace {
  /** Absolute folder of the project. */
  readonly root: string;
  readonly outDir: string;
  /** Set that holds the text. */
  readonly id: string;
  /** Project-relative path. */
  readonly file: string;
}

/**
 * Brings the generated file in the author's tree to the state of a set, by a rename. A file with that text already is left
 * alone, and so is one that was written by hand.
 */
export function copyGenerated(place: GeneratedPlace, operations: FileOperations, random: string): void {
  const target = insidePath(place.root, place.file);
  if (target === null) return;
  const folder = setFolder(place.outDir, place.id);
  const text = absentAs(null, () => operations.read(join(folder, GENERATED)));
  if (text === null || isTaken(target, operations)) return;
  if (absentAs(null, () => operations.read(target))?.equals(text)) return;
  operations.makeFolder(dirname(target));
  replace(target, text, join(folder, `${GENERATED}-${random}`), operations);
}

/** Removes a generated file that the project no longer asks for, if it still is what was generated. */
export function removeGenerated(
  root: string,
  dropped: { readonly file: string; readonly sha256: string },
  operations: FileOperations,
): void {
  const target = insidePath(root, dropped.file);
  if (target === null) return;
  const text = absentAs(null, () => operations.read(target));
  if (text === null || sha256Of(text) !== dropped.sha256) return;
  absentAs(undefined, () => operations.unlink(target));
}

/** SHA-256 in hex. */
export function sha256Of(bytes: string | Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}

function replace(target: string, text: Buffer, temporary: string, operations: FileOperations): void {
  operations.writeNew(temporary, text, 0o644);
  try {
    operations.rename(temporary, target);
  } catch (error) {
    // The out folder may be on another file system than the sources.
    if (systemCode(error) !== "EXDEV") throw error;
    const beside = `${target}.${temporary.slice(temporary.lastIndexOf("-") + 1)}.tmp`;
    operations.writeNew(beside, text, 0o644);
    operations.rename(beside, target);
    operations.unlink(temporary);
  }
}
