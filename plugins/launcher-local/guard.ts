// Program that ends what an attempt left: `node guard.js ID`. It waits until its input ends, which it does with the supervisor.
import { setTimeout as sleep } from "node:timers/promises";
import { processesOf, signalTo } from "./processes.ts";

const [, , id = ""] = process.argv;
const POLL_MS = 20;
/** Looks that have to find nothing: a process may be between two of its ancestors. */
const QUIET_LOOKS = 3;

// It goes last.
for (const signal of ["SIGTERM", "SIGINT", "SIGHUP"] as const) process.on(signal, () => undefined);
process.stdin.on("error", () => void sweep());
process.stdin.on("end", () => void sweep());
process.stdin.resume();

async function sweep(): Promise<void> {
  for (let quiet = 0; quiet < QUIET_LOOKS;) {
    const left = processesOf(id).filter(({ pid }) => pid !== process.pid);
    quiet = left.length === 0 ? quiet + 1 : 0;
    for (const { pid } of left) signalTo(pid, "SIGKILL");
    await sleep(POLL_MS);
  }
  process.exit(0);
}
