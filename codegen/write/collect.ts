import { join } from "node:path";
import { currentId, readRecord, setFolder, SETS } from "./layout.ts";
import type { FileOperations } from "./operations.ts";

/** A set that readers left this long ago may go. */
export const KEEP_MS = 15 * 60_000;
/** Sets that stay besides the current one. */
export const KEEP_SETS = 8;

const TRASH = ".trash-";

/**
 * Removes sets that nobody needs: those that are not current and have not been for 15 minutes, and of the younger ones all
 * but the 8 newest. An unfinished set belongs to a build that may still run: only its age counts.
 */
export function collectSets(outDir: string, nowMs: number, operations: FileOperations): void {
  const current = currentId(outDir, operations);
  const old: { readonly id: string; readonly mtimeMs: number }[] = [];
  for (const id of operations.list(join(outDir, SETS)).keys()) {
    if (id === current) continue;
    // What an interrupted collection left.
    if (id.startsWith(TRASH)) operations.removeFolder(setFolder(outDir, id));
    else old.push({ id, mtimeMs: operations.factsOrNull(setFolder(outDir, id))?.mtimeMs ?? nowMs });
  }
  old.sort((a, b) => b.mtimeMs - a.mtimeMs);
  let kept = 0;
  for (const { id, mtimeMs } of old) {
    const young = Math.abs(nowMs - mtimeMs) <= KEEP_MS;
    const finished = readRecord(outDir, id, operations) !== null;
    if (young && (!finished || kept < KEEP_SETS)) {
      if (finished) kept += 1;
      continue;
    }
    remove(outDir, id, operations);
  }
}

/** Out of sight first: a build that switches to this set at this very moment gets it back. */
function remove(outDir: string, id: string, operations: FileOperations): void {
  const folder = setFolder(outDir, id);
  const trash = setFolder(outDir, `${TRASH}${id}`);
  try {
    operations.rename(folder, trash);
  } catch {
    // Another build collects it, or the folder is not ours to remove: it costs nothing but space.
    return;
  }
  if (currentId(outDir, operations) === id) operations.rename(trash, folder);
  else operations.removeFolder(trash);
}
