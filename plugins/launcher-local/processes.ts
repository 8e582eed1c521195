import { readdirSync, readFileSync, readlinkSync } from "node:fs";

/** Name of the variable that all processes of an attempt inherit. Its value is the attempt's id. */
export const MARK = "ASSAY_LOCAL_ATTEMPT";

/** Name of the variable of what stands around workers: the supervisor, and what keeps it. Workers don't inherit it. */
export const KEEPER = "ASSAY_LOCAL_KEEPER";

/** One process of this machine. */
export interface MachineProcess {
  readonly pid: number;
  readonly parent: number;
  readonly group: number;
  readonly session: number;
  /** PID namespace that it runs in; empty if it is not ours to know. */
  readonly namespace: string;
  /** What it was started with; empty for those that cleaned it. */
  readonly env: ReadonlyMap<string, string>;
  readonly argv: readonly string[];
}

/**
 * All that runs of an attempt: what has its mark in its environment, wherever it went by `setsid` or a double fork; what cleaned its
 * environment but is still a child, or in the session or the process group, of one that has it; and all of a PID namespace that
 * the attempt has for itself.
 */
export function processesOf(id: string): readonly MachineProcess[] {
  const all = allProcesses();
  const own = namespaceOf("self");
  const found = new Set(all.filter(({ env }) => env.get(MARK) === id));
  const namespaces = new Set(
    [...found].map(({ namespace }) => namespace).filter((name) => name !== own && name !== ""),
  );
  // An attempt that is started by a worker of another one shares its namespace.
  for (const { namespace, env } of all) {
    const mark = env.get(MARK);
    if (mark !== undefined && mark !== id) namespaces.delete(namespace);
  }
  for (const process of all) if (namespaces.has(process.namespace)) found.add(process);
  for (let before = -1; before !== found.size;) {
    before = found.size;
    const pids = new Set([...found].map(({ pid }) => pid));
    for (const process of all) {
      const mark = process.env.get(MARK);
      if (mark !== undefined && mark !== id) continue;
      // Sessions and groups are named by the process that began them.
      if (pids.has(process.parent) || pids.has(process.session) || pids.has(process.group)) found.add(process);
    }
  }
  return [...found];
}

/** All processes that run; those of others only as far as the machine tells. */
export function allProcesses(): readonly MachineProcess[] {
  return readdirSync("/proc").flatMap((name) => {
    if (!/^\d+$/.test(name)) return [];
    const process = processOf(Number(name));
    return process === null ? [] : [process];
  });
}

/** A process that runs; `null` for what is gone, has ended, or is somebody else's. */
export function processOf(pid: number): MachineProcess | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
    // The name stands in parentheses, and may hold anything.
    const [state, parent, group, session] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    if (state === "Z" || state === "X") return null;
    const env = new Map(
      readFileSync(`/proc/${pid}/environ`, "utf8")
        .split("\0")
        .map((entry) => [entry.slice(0, entry.indexOf("=")), entry.slice(entry.indexOf("=") + 1)] as const),
    );
    return {
      pid,
      parent: Number(parent),
      group: Number(group),
      session: Number(session),
      namespace: namespaceOf(pid),
      env,
      argv: readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0").slice(0, -1),
    };
  } catch {
    return null;
  }
}

function namespaceOf(pid: number | "self"): string {
  try {
    return readlinkSync(`/proc/${pid}/ns/pid`);
  } catch {
    return "";
  }
}

/** Sends a signal to a process that may have ended meanwhile. */
export function signalTo(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // It has ended, or is not ours.
  }
}
