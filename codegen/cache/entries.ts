import { randomBytes } from "node:crypto";
import { closeSync, mkdirSync, openSync, readdirSync, readSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { JsonValue } from "type-fest";
import { type CacheOwner, checksum, readSealed, writeSealed } from "./sealed-file.ts";

/** Values by key, `<group> <name>`. What is small (`head`) is at hand when the cache is open; the rest (`text`) is read when it is asked for. */
export interface Entries {
  find(key: string): FoundEntry | null;
  put(key: string, head: JsonValue, text: string): void;
  /** Writes what is new. */
  save(): void;
}

/** One entry. */
export interface FoundEntry {
  readonly head: JsonValue;
  /** `null` if the file that held it is damaged or gone. */
  readonly text: () => string | null;
}

interface Stored {
  readonly head: JsonValue;
  readonly pack: string;
  readonly offset: number;
  readonly length: number;
  readonly sum: string;
  readonly usedAtMs: number;
}

interface Fresh {
  readonly head: JsonValue;
  readonly text: string;
}

const INDEX = "entries.json";
const DAY_MS = 24 * 3600_000;
const KEEP_MS = 14 * DAY_MS;
const KEEP_BYTES = 512 * 1024 * 1024;
const MAX_PACKS = 8;
/** Entries of one group, e.g. of one experiment with changing settings. */
const MAX_OF_GROUP = 4;
/** Packs that no index names may belong to a process that has yet to write its own. */
const ORPHAN_MS = 15 * 60_000;

/** Opens the entries in `folder`. Texts lie in packs that are never changed, only added and, when they are mostly waste, merged. */
export function openEntries(folder: string, owner: CacheOwner, nowMs: () => number): Entries {
  const stored = readIndex(folder, owner);
  const fresh = new Map<string, Fresh>();
  let isDirty = false;
  return {
    find(key) {
      const added = fresh.get(key);
      if (added !== undefined) return { head: added.head, text: () => added.text };
      const entry = stored.get(key);
      if (entry === undefined) return null;
      if (nowMs() - entry.usedAtMs > DAY_MS) {
        stored.set(key, { ...entry, usedAtMs: nowMs() });
        isDirty = true;
      }
      return { head: entry.head, text: () => readText(folder, entry) };
    },
    put(key, head, text) {
      fresh.set(key, { head, text });
      isDirty = true;
    },
    save() {
      if (!isDirty) return;
      for (const key of fresh.keys()) stored.delete(key);
      if (isWasteful(folder, stored)) {
        for (const [key, entry] of stored) {
          const text = readText(folder, entry);
          stored.delete(key);
          if (text !== null) fresh.set(key, { head: entry.head, text });
        }
      }
      for (const [key, entry] of writePack(folder, fresh, nowMs())) stored.set(key, entry);
      dropOld(stored, nowMs());
      writeIndex(folder, owner, stored);
      removeOrphans(folder, new Set([...stored.values()].map(({ pack }) => pack)), nowMs());
      fresh.clear();
      isDirty = false;
    },
  };
}

/** A row of the index; packs by their number in its list. */
type Row = readonly [
  key: string,
  pack: number,
  offset: number,
  length: number,
  sum: string,
  usedAtMs: number,
  head: JsonValue,
];

interface Index {
  readonly packs: readonly string[];
  readonly rows: readonly Row[];
}

function readIndex(folder: string, owner: CacheOwner): Map<string, Stored> {
  const index = readSealed(join(folder, INDEX), owner) as Index | null;
  const entries = new Map<string, Stored>();
  for (const [key, number, offset, length, sum, usedAtMs, head] of index?.rows ?? []) {
    const pack = index?.packs[number];
    if (pack !== undefined && isPack(pack)) entries.set(key, { head, pack, offset, length, sum, usedAtMs });
  }
  return entries;
}

function writeIndex(folder: string, owner: CacheOwner, entries: ReadonlyMap<string, Stored>): void {
  const packs = [...new Set([...entries.values()].map(({ pack }) => pack))];
  const numbers = new Map(packs.map((pack, number) => [pack, number]));
  const rows = [...entries].map(([key, { pack, offset, length, sum, usedAtMs, head }]): Row => [
    key,
    numbers.get(pack) ?? -1,
    offset,
    length,
    sum,
    usedAtMs,
    head,
  ]);
  writeSealed(join(folder, INDEX), owner, { packs, rows } satisfies Index);
}

function writePack(folder: string, fresh: ReadonlyMap<string, Fresh>, now: number): ReadonlyMap<string, Stored> {
  const entries = new Map<string, Stored>();
  if (fresh.size === 0) return entries;
  const pack = `entries-${now.toString(36)}-${randomBytes(6).toString("hex")}.pack`;
  const parts: Buffer[] = [];
  let offset = 0;
  for (const [key, { head, text }] of fresh) {
    const bytes = Buffer.from(text);
    entries.set(key, { head, pack, offset, length: bytes.length, sum: checksum(bytes), usedAtMs: now });
    parts.push(bytes);
    offset += bytes.length;
  }
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, pack), Buffer.concat(parts), { flag: "wx" });
  return entries;
}

function readText(folder: string, { pack, offset, length, sum }: Stored): string | null {
  try {
    const bytes = Buffer.allocUnsafe(length);
    const file = openSync(join(folder, pack), "r");
    try {
      if (length > 0 && readSync(file, bytes, 0, length, offset) !== length) return null;
    } finally {
      closeSync(file);
    }
    return checksum(bytes) === sum ? bytes.toString("utf8") : null;
  } catch {
    return null;
  }
}

/** Entries that nobody has used for two weeks go, and the oldest ones of those that are too many. */
function dropOld(entries: Map<string, Stored>, now: number): void {
  const groups = new Map<string, number>();
  let bytes = 0;
  for (const [key, entry] of [...entries].sort(([, a], [, b]) => b.usedAtMs - a.usedAtMs)) {
    const group = key.slice(0, key.lastIndexOf(" "));
    const count = (groups.get(group) ?? 0) + 1;
    groups.set(group, count);
    bytes += entry.length;
    if (count > MAX_OF_GROUP || now - entry.usedAtMs > KEEP_MS || bytes > KEEP_BYTES) entries.delete(key);
  }
}

function isWasteful(folder: string, entries: ReadonlyMap<string, Stored>): boolean {
  const packs = new Set([...entries.values()].map(({ pack }) => pack));
  if (packs.size >= MAX_PACKS) return true;
  const live = [...entries.values()].reduce((sum, { length }) => sum + length, 0);
  const there = [...packs].reduce(
    (sum, pack) => sum + (statSync(join(folder, pack), { throwIfNoEntry: false })?.size ?? 0),
    0,
  );
  return there > 2 * live;
}

function removeOrphans(folder: string, used: ReadonlySet<string>, now: number): void {
  for (const name of readdirSync(folder)) {
    if (used.has(name) || !(isPack(name) || name.endsWith(".tmp"))) continue;
    const path = join(folder, name);
    const stats = statSync(path, { throwIfNoEntry: false });
    if (stats !== undefined && now - stats.mtimeMs > ORPHAN_MS) rmSync(path, { force: true });
  }
}

function isPack(name: string): boolean {
  return /^entries-[0-9a-z]+-[0-9a-f]+\.pack$/.test(name);
}
