import { spawnSync } from "node:child_process";

/** What several rounds gave, in the unit of the rounds. */
export interface Spread {
  readonly median: number;
  readonly least: number;
  readonly most: number;
  readonly rounds: number;
}

/** Sums up rounds. */
export function spreadOf(values: readonly number[]): Spread {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const median =
    sorted.length % 2 === 1 ? sorted[middle] : ((sorted[middle - 1] as number) + (sorted[middle] as number)) / 2;
  return {
    median: median ?? Number.NaN,
    least: sorted[0] ?? Number.NaN,
    most: sorted.at(-1) ?? Number.NaN,
    rounds: sorted.length,
  };
}

/**
 * Measures several things side by side: one warm-up round, then each once a round, in turn, so that a slow minute of the
 * machine hits all of them. A measurement returns what it measured.
 */
export function sideBySide<K extends string>(
  rounds: number,
  measurements: Readonly<Record<K, () => number>>,
): Readonly<Record<K, Spread>> {
  const names = Object.keys(measurements) as K[];
  const values = new Map<K, number[]>(names.map((name) => [name, []]));
  for (let round = -1; round < rounds; round += 1) {
    // Every other round runs backwards: what comes after what must not matter.
    for (const name of round % 2 === 0 ? names : names.toReversed()) {
      const value = measurements[name]();
      if (round >= 0) values.get(name)?.push(value);
    }
  }
  return Object.fromEntries(names.map((name) => [name, spreadOf(values.get(name) ?? [])])) as Record<K, Spread>;
}

/** Milliseconds that a call takes. */
export function timed(act: () => unknown): number {
  const start = performance.now();
  act();
  return performance.now() - start;
}

/** Milliseconds of one call in a batch that takes some milliseconds: for what is too short to be timed alone. */
export function timedMany(calls: number, act: () => unknown): number {
  return (
    timed(() => {
      for (let call = 0; call < calls; call += 1) act();
    }) / calls
  );
}

/** Wall time of a process, in milliseconds. @throws if it ends with another status than those allowed. */
export function timedProcess(argv: readonly string[], cwd: string, allowed: readonly number[] = [0]): number {
  const [command, ...rest] = argv;
  const start = performance.now();
  const { status, stderr, stdout } = spawnSync(command as string, rest, { cwd, encoding: "utf8" });
  const time = performance.now() - start;
  if (status === null || !allowed.includes(status)) {
    throw new Error(`${argv.join(" ")} ended with ${status}:\n${stdout}\n${stderr}`.slice(0, 4000));
  }
  return time;
}

/**
 * Time that a process and all that it starts compute, in milliseconds, without what the system does for them: unlike wall time it hardly
 * depends on what else the machine does. Of a POSIX shell. @throws if it ends with another status than 0.
 */
export function computedByProcess(argv: readonly string[], cwd: string): number {
  const script = '"$@" >&2 || exit; times';
  const { status, stdout, stderr } = spawnSync("sh", ["-c", script, "sh", ...argv], { cwd, encoding: "utf8" });
  const [, minutes, seconds] = /\n(\d+)m([\d.]+)s /.exec(stdout) ?? [];
  if (status !== 0 || seconds === undefined) {
    throw new Error(`${argv.join(" ")} ended with ${status}:\n${stderr}`.slice(0, 4000));
  }
  return (Number(minutes) * 60 + Number(seconds)) * 1000;
}

/** What a Node process with this script prints, as JSON. */
export function nodeAnswer<T>(script: string, ...args: readonly string[]): T {
  const { status, stdout, stderr } = spawnSync(process.execPath, [script, ...args], { encoding: "utf8" });
  if (status !== 0) throw new Error(`${script} ${args.join(" ")} ended with ${status}:\n${stderr}`);
  return JSON.parse(stdout) as T;
}

/** Slope of the line through points on log-log paper: 1 is linear, 0 constant. */
export function exponentOf(points: readonly (readonly [x: number, y: number])[]): number {
  const logs = points.map(([x, y]) => [Math.log(x), Math.log(y)] as const);
  const meanX = logs.reduce((sum, [x]) => sum + x, 0) / logs.length;
  const meanY = logs.reduce((sum, [, y]) => sum + y, 0) / logs.length;
  const over = logs.reduce((sum, [x, y]) => sum + (x - meanX) * (y - meanY), 0);
  const under = logs.reduce((sum, [x]) => sum + (x - meanX) ** 2, 0);
  return over / under;
}
