/** Something that asks for CPUs and memory. */
export interface Need {
  readonly cpu: number;
  readonly memMiB: number;
}

/** Tasks that ask for the same. */
export interface TaskClass extends Need {
  readonly count: number;
}

/** Nodes that have the same left. */
export interface Room extends Need {
  readonly nodes: number;
}

/** Steps after which a search gives up: a packing that is not found by then is not disproved. */
const MOST_STEPS = 20_000;

/**
 * Packs tasks into the room that nodes have left. `true` if they fit, `false` if they provably don't, `null` if the search gave up.
 * Nodes that are alike are one room, however many: thousands cost as much as one.
 */
export function fits(tasks: readonly TaskClass[], rooms: readonly Room[]): boolean | null {
  const asked = tasks.filter(({ count }) => count > 0);
  const free = rooms.filter(({ nodes }) => nodes > 0);
  if (isTooMuch(asked, free)) return false;
  // The largest first: what is found so in one go need not be searched for.
  const sorted = [...asked].sort((a, b) => share(b, free) - share(a, free));
  const search = { steps: MOST_STEPS };
  const found = place(sorted, 0, sorted[0]?.count ?? 0, free, search);
  if (found) return true;
  return search.steps > 0 ? false : null;
}

/** True if a sum, or one class alone, is more than there is. */
function isTooMuch(tasks: readonly TaskClass[], rooms: readonly Room[]): boolean {
  const needed = (of: keyof Need) => tasks.reduce((sum, task) => sum + task.count * task[of], 0);
  const there = (of: keyof Need) => rooms.reduce((sum, room) => sum + room.nodes * room[of], 0);
  if (needed("cpu") > there("cpu") || needed("memMiB") > there("memMiB")) return true;
  return tasks.some((task) => rooms.reduce((sum, room) => sum + room.nodes * fitting(task, room), 0) < task.count);
}

/** Tasks of one class that fit into a node. */
export function fitting(task: Need, room: Need): number {
  const byCpu = task.cpu > 0 ? Math.floor(room.cpu / task.cpu) : Number.MAX_SAFE_INTEGER;
  const byMemory = task.memMiB > 0 ? Math.floor(room.memMiB / task.memMiB) : Number.MAX_SAFE_INTEGER;
  return Math.max(0, Math.min(byCpu, byMemory));
}

/** Part of the largest node that a task takes. */
function share(task: Need, rooms: readonly Room[]): number {
  const cpu = Math.max(1, ...rooms.map((room) => room.cpu));
  const memMiB = Math.max(1, ...rooms.map((room) => room.memMiB));
  return Math.max(task.cpu / cpu, task.memMiB / memMiB);
}

/**
 * Places the rest of a class, then the classes behind it. Of nodes that are alike one is taken and filled with as many tasks as fit,
 * then with fewer: what it holds splits it from the others.
 */
function place(
  tasks: readonly TaskClass[],
  index: number,
  left: number,
  rooms: readonly Room[],
  search: { steps: number },
): boolean {
  const task = tasks[index];
  if (task === undefined) return true;
  if (left === 0) return place(tasks, index + 1, tasks[index + 1]?.count ?? 0, rooms, search);
  if ((search.steps -= 1) <= 0) return false;
  const rest = [{ ...task, count: left }, ...tasks.slice(index + 1)];
  if (isTooMuch(rest, rooms)) return false;
  for (const [at, room] of rooms.entries()) {
    const most = Math.min(left, fitting(task, room));
    if (most === 0) continue;
    const others = rooms.filter((_, other) => other !== at);
    // Whole runs of equal nodes at once, while there is enough for all of them.
    const full = Math.min(room.nodes, Math.floor(left / most));
    const taken = full * most;
    if (full > 1 && place(tasks, index, left - taken, [...others, ...split(room, task, most, full)], search))
      return true;
    for (let count = most; count >= 1; count -= 1) {
      if (place(tasks, index, left - count, [...others, ...split(room, task, count, 1)], search)) return true;
      if (search.steps <= 0) return false;
    }
    // Nothing of this class on such nodes: they wait for the classes behind it.
  }
  return false;
}

/** A room of which some nodes hold so many tasks each. */
function split(room: Room, task: Need, each: number, nodes: number): readonly Room[] {
  const cpu = room.cpu - each * task.cpu;
  const memMiB = room.memMiB - each * task.memMiB;
  return [{ nodes, cpu, memMiB }, ...(room.nodes > nodes ? [{ ...room, nodes: room.nodes - nodes }] : [])];
}
