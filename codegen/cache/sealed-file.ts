import { createHash, randomBytes } from "node:crypto";
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";

const CACHE_VERSION = 1;

/** Who may use what was written: another build of the tool, or another Node, starts afresh. */
export interface CacheOwner {
  readonly tool: string;
  readonly nodeMajor: number;
}

/**
 * Reads what {@link writeSealed} wrote. `null` if there is none, if it is damaged in any way, or of another owner.
 */
export function readSealed(path: string, owner: CacheOwner): unknown {
  try {
    const text = readFileSync(path, "utf8");
    const end = text.indexOf("\n");
    const body = text.slice(end + 1);
    return end >= 0 && text.slice(0, end) === headerOf(owner, body) ? (JSON.parse(body) as unknown) : null;
  } catch {
    return null;
  }
}

/** Writes data with its checksum. Readers see the old file or the new one. */
export function writeSealed(path: string, owner: CacheOwner, data: unknown): void {
  const body = JSON.stringify(data);
  replaceFile(path, `${headerOf(owner, body)}\n${body}`);
}

/** Short checksum of bytes. */
export function checksum(bytes: string | Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex").slice(0, 32);
}

function headerOf({ tool, nodeMajor }: CacheOwner, body: string): string {
  return JSON.stringify({ assayCache: CACHE_VERSION, tool, nodeMajor, sum: checksum(body) });
}

/** Writes a file, and the folders around it. Readers see the old one or the new one. */
export function replaceFile(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true });
  const temporary = `${path}.${randomBytes(6).toString("hex")}.tmp`;
  try {
    writeFileSync(temporary, text, { flag: "wx" });
    renameSync(temporary, path);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  }
}
