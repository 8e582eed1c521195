import { linkSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";

/** Who holds a lock. */
export interface LockHolder {
  readonly host: string;
  readonly pid: number;
  /** What tells this process from a later one of the same number; empty where the machine does not say. */
  readonly birth: string;
}

/** A lock that is held. */
export interface HeldLock {
  release(): void;
}

const NAME = "lock";

/** Takes the lock of a folder, or tells who has it. A process that has ended has none, however it ended. */
export function takeLock(folder: string): HeldLock | LockHolder {
  const file = join(folder, NAME);
  const own = `${file}.${process.pid}.${counter++}`;
  const text = JSON.stringify(thisProcess());
  writeFileSync(own, text);
  try {
    for (;;) {
      try {
        // Fails if there is one: two processes can't both make it.
        linkSync(own, file);
        return { release: () => releaseIfOwn(file, text) };
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
      }
      const found = readOrNull(file);
      const holder = found === null ? null : parsed(found);
      if (holder !== null && isAlive(holder)) return holder;
      if (found !== null) removeStale(file, own, found);
    }
  } finally {
    rmSync(own, { force: true });
  }
}

/** Who has the lock of a folder; `null` if nobody has. */
export function lockHolder(folder: string): LockHolder | null {
  const found = readOrNull(join(folder, NAME));
  const holder = found === null ? null : parsed(found);
  return holder !== null && isAlive(holder) ? holder : null;
}

/**
 * Takes away the lock of somebody who has ended. One process at a time may do so, and looks again first: what one saw as stale may be
 * another one's lock by now.
 */
function removeStale(file: string, own: string, stale: string): void {
  const breaking = `${file}.breaking`;
  try {
    linkSync(own, breaking);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    const found = readOrNull(breaking);
    const breaker = found === null ? null : parsed(found);
    if (found !== null && (breaker === null || !isAlive(breaker))) rmSync(breaking, { force: true });
    // It takes somebody else no longer than this.
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, BREAK_MS);
    return;
  }
  try {
    if (readOrNull(file) === stale) rmSync(file, { force: true });
  } finally {
    rmSync(breaking, { force: true });
  }
}

const BREAK_MS = 5;

function releaseIfOwn(file: string, text: string): void {
  if (readOrNull(file) === text) rmSync(file, { force: true });
}

let counter = 0;

function thisProcess(): LockHolder {
  return { host: hostname(), pid: process.pid, birth: birthOf(process.pid) };
}

/** On another machine nobody can look: it counts as alive. */
function isAlive({ host, pid, birth }: LockHolder): boolean {
  if (host !== hostname()) return true;
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EPERM") return false;
  }
  const now = birthOf(pid);
  return birth === "" || now === "" ? true : now === birth;
}

/** Boot of the machine and the tick at which a process began, where `/proc` has them. A zombie has ended. */
function birthOf(pid: number): string {
  const stat = readOrNull(`/proc/${pid}/stat`);
  if (stat === null) return "";
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  const boot = readOrNull("/proc/sys/kernel/random/boot_id")?.trim() ?? "";
  return fields[0] === "Z" || fields[0] === "X" ? "ended" : `${boot} ${fields[19] ?? ""}`;
}

function parsed(text: string): LockHolder | null {
  try {
    const value = JSON.parse(text) as Partial<LockHolder>;
    const isHolder = typeof value.host === "string" && Number.isSafeInteger(value.pid) && (value.pid ?? 0) > 0;
    return isHolder ? { host: value.host ?? "", pid: value.pid ?? 0, birth: String(value.birth) } : null;
  } catch {
    return null;
  }
}

function readOrNull(file: string): string | null {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return null;
  }
}
