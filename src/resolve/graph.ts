import { at, type Finding } from "../diagnostics/finding.ts";
import type { GraphEdge, GraphNode, ResolvedGraph } from "../manifest/format.ts";
import { callModelName, type ModelFunctionCall } from "../spec/call.ts";
import { modelNameText } from "../spec/model-name.ts";
import { graphDiagnostics } from "./diagnostics.ts";

/** A graph as the later passes read it. */
export interface Graph {
  readonly resolved: ResolvedGraph;
  /** Numbers of the calls that have no parents. */
  readonly sources: readonly number[];
  /** Edges by call numbers, in edge order. */
  readonly edges: readonly (readonly [from: number, to: number])[];
  readonly findings: readonly Finding[];
}

/**
 * Builds the dataflow graph. Nodes stand in the order of the calls; an edge leads from the producer of a key to each
 * reader of it; keys that nobody produces come from the dataset. `base` is the setup's pointer.
 */
export function buildGraph(calls: readonly ModelFunctionCall[], base: string, setup: number): Graph {
  const findings: Finding[] = [];
  if (calls.length === 0) findings.push(graphDiagnostics["no-calls"]({ setup }, { at: at(`${base}/modelRpcs`) }));
  findings.push(...duplicateNames(calls, base));
  // A copied call brings its outputs and its circles along: those say nothing new.
  const copied = copiedNames(calls);

  const producers = new Map<string, number>();
  for (const [index, call] of calls.entries()) {
    for (const [position, key] of call.outputKeys.entries()) {
      const first = producers.get(key);
      if (first !== undefined && calls[first]?.name !== call.name) {
        findings.push(
          graphDiagnostics["key-produced-twice"](
            { key, first: calls[first]?.name ?? "", second: call.name },
            {
              at: at(`${base}/modelRpcs/${index}/outputKeys/${position}`),
              related: [{ at: at(outputPointer(calls, first, key, base)), message: "first produced here" }],
            },
          ),
        );
      }
      producers.set(key, index);
    }
  }

  const keysOf = new Map<number, Map<number, string[]>>();
  const parents: number[][] = calls.map(() => []);
  const consumers = new Map<string, string[]>();
  for (const [index, call] of calls.entries()) {
    for (const key of call.inputKeys) {
      push(consumers, key, modelNameText(callModelName(call)));
      const producer = producers.get(key);
      if (producer === undefined) continue;
      let targets = keysOf.get(producer);
      if (targets === undefined) keysOf.set(producer, (targets = new Map()));
      push(targets, index, key);
      if (!(parents[index] as number[]).includes(producer)) (parents[index] as number[]).push(producer);
    }
  }
  const children = calls.map((_, index) => [...(keysOf.get(index)?.keys() ?? [])].sort((a, b) => a - b));
  const cycles = findCycles(children);
  const sources = calls.flatMap((_, index) => (parents[index]?.length === 0 ? [index] : []));
  const circles = cycles.filter((cycle) => !cycle.some((index) => copied.has(calls[index]?.name ?? "")));
  findings.push(...circleFindings(calls, circles, keysOf, base, sources.length > 0));

  const edges = children.flatMap((targets, from) => targets.map((to) => [from, to] as const));
  const roles = calls.map((call) => callModelName(call).role);
  const nodes = calls.map((call, index): GraphNode => {
    const names = (indices: readonly number[]) => indices.map((other) => (calls[other] as ModelFunctionCall).name);
    const below = descendants(children, index);
    return {
      name: call.name,
      parents: names(parents[index] as number[]),
      children: names(children[index] as number[]),
      isSrc: parents[index]?.length === 0,
      isDst: children[index]?.length === 0,
      isDstOfModelRole: ![...below].some((other) => roles[other] === roles[index]),
    };
  });
  return {
    resolved: {
      nodes,
      edges: edges.map(([from, to]): GraphEdge => ({
        from: (calls[from] as ModelFunctionCall).name,
        to: (calls[to] as ModelFunctionCall).name,
        keys: keysOf.get(from)?.get(to) ?? [],
      })),
      dataProducers: Object.fromEntries(
        [...producers].map(([key, index]) => [key, modelNameText(callModelName(calls[index] as ModelFunctionCall))]),
      ),
      dataConsumers: Object.fromEntries(consumers),
    },
    sources,
    edges,
    findings,
  };
}

function duplicateNames(calls: readonly ModelFunctionCall[], base: string): readonly Finding[] {
  const first = new Map<string, number>();
  return calls.flatMap((call, index) => {
    const earlier = first.get(call.name);
    if (earlier === undefined) {
      first.set(call.name, index);
      return [];
    }
    return [
      graphDiagnostics["duplicate-call"](
        { call: call.name, first: earlier + 1, second: index + 1 },
        {
          at: at(`${base}/modelRpcs/${index}/name`),
          related: [{ at: at(`${base}/modelRpcs/${earlier}/name`), message: "the first call of that name" }],
        },
      ),
    ];
  });
}

function outputPointer(calls: readonly ModelFunctionCall[], index: number, key: string, base: string): string {
  return `${base}/modelRpcs/${index}/outputKeys/${calls[index]?.outputKeys.indexOf(key) ?? 0}`;
}

/** Names that several calls have. */
function copiedNames(calls: readonly ModelFunctionCall[]): ReadonlySet<string> {
  const seen = new Set<string>();
  return new Set(calls.flatMap(({ name }) => (seen.has(name) ? [name] : (seen.add(name), []))));
}

/** Where some call can start, each circle is a mistake; where none can, that is one mistake, and the circles say why. */
function circleFindings(
  calls: readonly ModelFunctionCall[],
  circles: readonly (readonly number[])[],
  keysOf: ReadonlyMap<number, ReadonlyMap<number, readonly string[]>>,
  base: string,
  starts: boolean,
): readonly Finding[] {
  if (starts) return circles.map((circle) => circleFinding(calls, circle, keysOf, base, "cycle"));
  const [first, ...others] = circles.map((circle) => circleFinding(calls, circle, keysOf, base, "no-source"));
  if (first === undefined) return [];
  const more = others.flatMap((other) => [{ at: other.at, message: "another circle" }, ...(other.related ?? [])]);
  return [{ ...first, related: [...(first.related ?? []), ...more] }];
}

function circleFinding(
  calls: readonly ModelFunctionCall[],
  cycle: readonly number[],
  keysOf: ReadonlyMap<number, ReadonlyMap<number, readonly string[]>>,
  base: string,
  code: "cycle" | "no-source",
): Finding {
  const first = cycle[0] as number;
  const before = cycle[cycle.length - 1] as number;
  const inputPointer = (reader: number, producer: number) => {
    const key = keysOf.get(producer)?.get(reader)?.[0] ?? "";
    return `${base}/modelRpcs/${reader}/inputKeys/${calls[reader]?.inputKeys.indexOf(key) ?? 0}`;
  };
  return graphDiagnostics[code](
    { calls: cycle.map((index) => (calls[index] as ModelFunctionCall).name) },
    {
      at: at(inputPointer(first, before)),
      related: cycle.slice(1).map((reader, position) => ({
        at: at(inputPointer(reader, cycle[position] as number)),
        message: `\`${calls[reader]?.name}\` waits for \`${calls[cycle[position] as number]?.name}\``,
      })),
    },
  );
}

/** One cycle for each group of calls that wait for one another, each starting at its first call. */
function findCycles(children: readonly (readonly number[])[]): readonly (readonly number[])[] {
  const cycles: number[][] = [];
  const covered = new Set<number>();
  for (let start = 0; start < children.length; start += 1) {
    if (covered.has(start)) continue;
    const way = wayBack(children, start);
    if (way === null) continue;
    cycles.push(way);
    // All calls that are reachable from here and lead back belong to the same mistake.
    for (const other of descendants(children, start)) if (descendants(children, other).has(start)) covered.add(other);
  }
  return cycles;
}

/** Shortest way from a node back to itself. */
function wayBack(children: readonly (readonly number[])[], start: number): number[] | null {
  const from = new Map<number, number>();
  let frontier = [start];
  while (frontier.length > 0) {
    const next: number[] = [];
    for (const node of frontier) {
      for (const child of children[node] ?? []) {
        if (child === start) {
          const way = [node];
          while (way[0] !== start) way.unshift(from.get(way[0] as number) as number);
          return way;
        }
        if (from.has(child)) continue;
        from.set(child, node);
        next.push(child);
      }
    }
    frontier = next;
  }
  return null;
}

/** All nodes that can be reached, the start only if it lies on a cycle. */
function descendants(children: readonly (readonly number[])[], start: number): ReadonlySet<number> {
  const seen = new Set<number>();
  const open = [...(children[start] ?? [])];
  for (let node = open.pop(); node !== undefined; node = open.pop()) {
    if (seen.has(node)) continue;
    seen.add(node);
    open.push(...(children[node] ?? []));
  }
  return seen;
}

function push<K, V>(map: Map<K, V[]>, key: K, value: V): void {
  const list = map.get(key);
  if (list === undefined) map.set(key, [value]);
  else list.push(value);
}
