import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type ChokidarOptions, type FSWatcher, watch } from "chokidar";
import { afterEach, expect, it } from "vitest";
import { type FileEvents, openFileEvents } from "../../codegen/watch/file-events.ts";
import { pause } from "./watching.ts";

let root = "";
let events: FileEvents;
afterEach(async () => {
  await events.close();
  rmSync(root, { recursive: true });
});

/** Files of a folder that is watched by a system which tells `code` as soon as it is to watch anything. */
async function watchedBeyond(code: string) {
  root = mkdtempSync(join(tmpdir(), "assay-events-"));
  mkdirSync(join(root, "lib"));
  const file = join(root, "lib", "one.ts");
  writeFileSync(file, "1");
  const opened: (boolean | undefined)[] = [];
  const limited = (paths: string | string[], options: ChokidarOptions = {}): FSWatcher => {
    const watcher = watch(paths, options);
    opened.push(options.usePolling);
    if (options.usePolling !== true) {
      watcher.add = () => {
        setImmediate(() => watcher.emit("error", Object.assign(new Error("no more"), { code })));
        return watcher;
      };
    }
    return watcher;
  };
  const seen: string[] = [];
  events = openFileEvents((path) => seen.push(path), limited);
  const ready = events.watch({ root, files: new Set([file]), globs: [] });
  return { file, ready, seen, opened };
}

it("where the system refuses to watch so many files, they are looked at every so often", async () => {
  const { file, ready, seen, opened } = await watchedBeyond("ENOSPC");
  await ready;
  expect(opened).toEqual([false, true]);
  // Times of files tell changes apart.
  await pause(50);
  writeFileSync(file, "22");
  const until = Date.now() + 20_000;
  while (!seen.includes(file) && Date.now() < until) await pause(50);
  expect(seen).toContain(file);
});

it("a watch that never gets ready can be closed", async () => {
  const { ready, opened } = await watchedBeyond("EIO");
  await pause(50);
  await events.close();
  await ready;
  expect(opened).toEqual([false]);
});
