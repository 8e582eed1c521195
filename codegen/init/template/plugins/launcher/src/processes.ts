import { readdirSync, readFileSync } from "node:fs";

/** One process of an attempt. */
export interface AttemptProcess {
  readonly pid: number;
  /** What it was started with; of those that cleaned it, nothing. */
  readonly env: ReadonlyMap<string, string>;
  readonly argv: readonly string[];
}

interface Row extends AttemptProcess {
  readonly parent: number;
  readonly group: number;
  readonly session: number;
}

/** Name of the variable that all processes of an attempt inherit. */
export const MARK = "ASSAY_LAUNCH_ATTEMPT";

/**
 * All that runs of an attempt: what has its mark in its environment, wherever it went by `setsid` or a double fork, and what cleaned
 * its environment but is still a child, or in the session or the process group, of one that has.
 */
export function processesOf(id: string): readonly AttemptProcess[] {
  const rows = allProcesses();
  const found = new Set(rows.filter(({ env }) => env.get(MARK) === id));
  for (let before = -1; before !== found.size;) {
    before = found.size;
    const pids = new Set([...found].map(({ pid }) => pid));
    for (const row of rows) {
      // Sessions and groups are named by the process that began them.
      if (pids.has(row.parent) || pids.has(row.session) || pids.has(row.group)) found.add(row);
    }
  }
  return [...found];
}

function allProcesses(): readonly Row[] {
  return readdirSync("/proc").flatMap((name) => {
    if (!/^\d+$/.test(name)) return [];
    const row = processOf(Number(name));
    return row === null ? [] : [row];
  });
}

/** A process that runs; `null` for what is gone, has ended, or is somebody else's. */
function processOf(pid: number): Row | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
    // The name stands in parentheses, and may hold anything.
    const [state, parent, group, session] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    if (state === "Z" || state === "X") return null;
    const argv = readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0").slice(0, -1);
    const env = new Map(
      readFileSync(`/proc/${pid}/environ`, "utf8")
        .split("\0")
        .map((entry) => [entry.slice(0, entry.indexOf("=")), entry.slice(entry.indexOf("=") + 1)] as const),
    );
    return { pid, parent: Number(parent), group: Number(group), session: Number(session), argv, env };
  } catch {
    return null;
  }
}
