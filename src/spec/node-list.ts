import { at, type Finding, hasErrors, type Result } from "../diagnostics/finding.ts";
import { meshDiagnostics } from "./mesh-diagnostics.ts";

/** Most nodes that one list may name: as many as one range of Slurm's own lists. */
export const MAX_LISTED_NODES = 65_536;

/**
 * Reads a node list of a cluster: one name (`slurmd-01`), or numbers and ranges in brackets (`slurmd-[01-04,07]`), which are
 * padded to the digits of the cluster's node count. A reversed range is empty. The value holds what could be read; ranges of
 * findings are characters of `text`.
 */
export function parseNodeList(text: string, prefix: string, clusterNodes: number): Result<readonly string[]> {
  if (!text.startsWith(prefix)) {
    const range = { offset: 0, length: text.length };
    return { value: [], findings: [meshDiagnostics["node-prefix"]({ text, prefix }, { at: at("", range) })] };
  }
  const { rest, offsets } = withoutPrefix(text, prefix);
  if (!rest.includes("[")) {
    const comma = rest.indexOf(",");
    const range = { offset: offsets[comma] ?? 0, length: 1 };
    const findings =
      comma < 0 ? [] : [meshDiagnostics["list-without-brackets"]({ nodelist: text }, { at: at("", range) })];
    return { value: [`${prefix}${rest}`], findings };
  }
  const { numbers, findings } = readNumbers(rest, offsets);
  const digits = digitsOf(clusterNodes);
  return { value: numbers.map((number) => `${prefix}${padded(number, digits)}`), findings };
}

/** Writes node names as a list: one padded to two digits, several sorted as numbers and runs in brackets. */
export function formatNodeList(nodes: readonly string[], prefix: string, clusterNodes: number): Result<string | null> {
  if (nodes.length === 0) return { value: null, findings: [meshDiagnostics["no-nodes"]({ prefix }, { at: at("") })] };
  const findings = nodes.flatMap((node, index) => {
    if (!node.startsWith(prefix)) {
      return [meshDiagnostics["node-prefix"]({ text: node, prefix }, { at: at(`/${index}`) })];
    }
    if (nodeNumber(node, prefix) === null) {
      return [meshDiagnostics["node-number"]({ found: node }, { at: at(`/${index}`) })];
    }
    return [];
  });
  if (findings.length > 0) return { value: null, findings };
  const numbers = nodes.map((node) => nodeNumber(node, prefix) ?? 0).sort((a, b) => a - b);
  const [only = 0] = numbers;
  if (numbers.length === 1) return { value: `${prefix}${padded(only, 2)}`, findings: [] };
  const runs: { first: number; last: number }[] = [];
  for (const number of numbers) {
    const run = runs.at(-1);
    if (run !== undefined && number === run.last + 1) run.last = number;
    else runs.push({ first: number, last: number });
  }
  const digits = digitsOf(clusterNodes);
  const text = runs.map(({ first, last }) =>
    first === last ? padded(first, digits) : `${padded(first, digits)}-${padded(last, digits)}`,
  );
  return { value: `${prefix}[${text.join(",")}]`, findings: [] };
}

/** Node names by the text before their first number, then by that number; a name without such a shape by its text. */
export function sortNodes(nodes: readonly string[]): readonly string[] {
  const keyOf = (node: string) => {
    const [, head = node, number = "0"] = /^(\D+)(\d+)/.exec(node) ?? [];
    return { node, head, number: Number(number) };
  };
  return nodes
    .map(keyOf)
    .sort((a, b) => (a.head === b.head ? a.number - b.number : a.head < b.head ? -1 : 1))
    .map(({ node }) => node);
}

/**
 * Reads a list as Slurm itself does: several groups, each with a head of its own and any number of brackets
 * (`login,gpu[1-2,07],rack[0-1]n[1-4]`). Numbers have the digits of the first one of their range.
 * @source https://slurm.schedmd.com/scontrol.html, `hostnames` of `show`
 */
export function expandHostList(text: string): Result<readonly string[]> {
  const findings: Finding[] = [];
  const nodes: string[] = [];
  for (const group of text.matchAll(/(?:\[[^\]]*\]?|[^,[])+/g)) {
    let heads = [""];
    for (const piece of group[0].trim().matchAll(/\[([^\]]*)(\]?)|[^[]+/g)) {
      if (piece[1] === undefined) {
        heads = heads.map((head) => head + piece[0]);
        continue;
      }
      const numbers = piece[2] === "" ? null : expandBrackets(piece[1]);
      if (numbers === null || nodes.length + heads.length * numbers.length > MAX_LISTED_NODES) {
        const blanks = group[0].length - group[0].trimStart().length;
        const range = { offset: group.index + blanks + piece.index, length: piece[0].length };
        findings.push(meshDiagnostics["node-number"]({ found: piece[0] }, { at: at("", range) }));
        heads = [];
        break;
      }
      heads = heads.flatMap((head) => numbers.map((number) => head + number));
    }
    nodes.push(...heads.filter((head) => head !== ""));
  }
  return { value: nodes, findings };
}

/** What decides on which nodes a job may run. */
export interface NodeChoice {
  readonly partitionNodes: readonly string[];
  /** Host list; the whole partition if `null`. */
  readonly nodelist: string | null;
  readonly exclude: string | null;
}

/**
 * Nodes for a job, in the order of the node list (else of the partition), without those excluded. A listed node outside the
 * partition is left out with a warning. Pointers are those of {@link NodeChoice}.
 */
export function availableNodes({ partitionNodes, nodelist, exclude }: NodeChoice): Result<readonly string[]> {
  const listed = nodelist === null ? { value: partitionNodes, findings: [] } : expandHostList(nodelist);
  const excluded = exclude === null ? { value: [], findings: [] } : expandHostList(exclude);
  const partition = new Set(partitionNodes);
  const gone = new Set(excluded.value);
  const outside = [...new Set(listed.value)].filter((node) => !partition.has(node) && !gone.has(node));
  const findings = [
    ...under("/nodelist", listed.findings),
    ...under("/exclude", excluded.findings),
    ...outside.map((node) => meshDiagnostics["node-outside-partition"]({ node }, { at: at("/nodelist") })),
  ];
  return {
    value: hasErrors(findings) ? [] : listed.value.filter((node) => partition.has(node) && !gone.has(node)),
    findings,
  };
}

/** The same findings in a value's field. */
export function under(pointer: string, findings: readonly Finding[]): readonly Finding[] {
  return findings.map((finding) =>
    finding.at.kind === "pointer"
      ? { ...finding, at: { ...finding.at, pointer: pointer + finding.at.pointer } }
      : finding,
  );
}

/** A text without any occurrence of the prefix, which counts as punctuation; and where its characters stood. */
function withoutPrefix(text: string, prefix: string): { readonly rest: string; readonly offsets: readonly number[] } {
  let rest = "";
  const offsets: number[] = [];
  for (let position = 0; position < text.length;) {
    if (prefix !== "" && text.startsWith(prefix, position)) {
      position += prefix.length;
      continue;
    }
    rest += text[position] as string;
    offsets.push(position);
    position += 1;
  }
  return { rest, offsets };
}

function readNumbers(
  rest: string,
  offsets: readonly number[],
): { readonly numbers: readonly number[]; readonly findings: readonly Finding[] } {
  const numbers: number[] = [];
  const findings: Finding[] = [];
  const open = /^[[\]]*/.exec(rest)?.[0].length ?? 0;
  let from = open;
  for (const item of rest
    .slice(open)
    .replace(/[[\]]+$/, "")
    .split(",")) {
    const range = /^\s*(\d+)\s*(?:-\s*(\d+)\s*)?$/.exec(item);
    const first = Number(range?.[1]);
    const last = Number(range?.[2] ?? range?.[1]);
    if (range === null || !Number.isSafeInteger(last) || last - first >= MAX_LISTED_NODES - numbers.length) {
      const found = item.trim();
      // An empty item has no characters of its own: the one before it stands for it.
      const start = found === "" ? Math.max(0, from - 1) : from + item.indexOf(found);
      const characters = { offset: offsets[start] ?? 0, length: Math.max(1, found.length) };
      findings.push(meshDiagnostics["node-number"]({ found }, { at: at("", characters) }));
    } else {
      for (let number = first; number <= last; number += 1) numbers.push(number);
    }
    from += item.length + 1;
  }
  return { numbers, findings };
}

/** Numbers in brackets with their leading zeros, or `null`. */
function expandBrackets(text: string): readonly string[] | null {
  const numbers: string[] = [];
  for (const item of text.split(",")) {
    const range = /^(\d+)(?:-(\d+))?$/.exec(item.trim());
    if (range === null) return null;
    const [, from = "", to = from] = range;
    const first = Number(from);
    const last = Number(to);
    if (!Number.isSafeInteger(last) || last < first || last - first >= MAX_LISTED_NODES - numbers.length) return null;
    for (let number = first; number <= last; number += 1) numbers.push(padded(number, from.length));
  }
  return numbers;
}

function nodeNumber(node: string, prefix: string): number | null {
  const digits = node.slice(prefix.length);
  return /^\d+$/.test(digits) && Number.isSafeInteger(Number(digits)) ? Number(digits) : null;
}

function digitsOf(clusterNodes: number): number {
  return String(clusterNodes).length;
}

function padded(number: number, digits: number): string {
  return String(number).padStart(digits, "0");
}
