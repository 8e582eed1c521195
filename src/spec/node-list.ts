import { at, type Finding } from "../diagnostics/finding.ts";
import { meshDiagnostics } from "./mesh-diagnostics.ts";

/** Names of nodes, and what is wrong with the text; ranges are characters of it. */
export interface NodeList {
  readonly nodes: readonly string[];
  readonly findings: readonly Finding[];
}

/**
 * Reads a node list: one name (`slurmd-01`), or numbers and ranges in brackets (`slurmd-[01-04,07]`), which are padded to the
 * digits of the cluster's node count. A reversed range is empty.
 */
export function parseNodeList(text: string, prefix: string, clusterNodes: number): NodeList {
  if (!text.startsWith(prefix)) {
    return {
      nodes: [],
      findings: [meshDiagnostics["node-prefix"]({ text, prefix }, { at: at("", { offset: 0, length: text.length }) })],
    };
  }
  // Every occurrence of the prefix counts as punctuation, as the reference has it.
  const rest = prefix === "" ? text : text.replaceAll(prefix, "");
  if (!rest.includes("[")) {
    const warnings = rest.includes(",")
      ? [meshDiagnostics["list-without-brackets"]({ nodelist: text }, { at: at("") })]
      : [];
    return { nodes: [`${prefix}${rest}`], findings: warnings };
  }
  const digits = String(clusterNodes).length;
  const name = (number: number) => `${prefix}${String(number).padStart(digits, "0")}`;
  const findings: Finding[] = [];
  const nodes = rest
    .replace(/^\[+/, "")
    .replace(/\]+$/, "")
    .split(",")
    .flatMap((item) => {
      const range = /^\s*(\d+)\s*(?:-\s*(\d+)\s*)?$/.exec(item);
      if (range === null) {
        const offset = Math.max(0, text.indexOf(item.trim() === "" ? "[" : item.trim()));
        findings.push(
          meshDiagnostics["node-number"](
            { found: item.trim() },
            { at: at("", { offset, length: Math.max(1, item.trim().length) }) },
          ),
        );
        return [];
      }
      const first = Number(range[1]);
      const last = range[2] === undefined ? first : Number(range[2]);
      const numbers: string[] = [];
      for (let number = first; number <= last; number += 1) numbers.push(name(number));
      return numbers;
    });
  return { nodes, findings };
}

/** Writes node names as a list: one as it is, several as numbers and ranges in brackets. */
export function formatNodeList(
  nodes: readonly string[],
  prefix: string,
  clusterNodes = 32,
): { readonly text: string | null; readonly findings: readonly Finding[] } {
  const wrong = nodes.find((node) => !node.startsWith(prefix));
  if (wrong !== undefined) {
    return { text: null, findings: [meshDiagnostics["node-prefix"]({ text: wrong, prefix }, { at: at("") })] };
  }
  const numbers = nodes.map((node) => Number(node.slice(prefix.length)));
  const odd = nodes.find((_, index) => !Number.isSafeInteger(numbers[index]));
  if (odd !== undefined) {
    return { text: null, findings: [meshDiagnostics["node-number"]({ found: odd }, { at: at("") })] };
  }
  const [only] = numbers;
  if (only === undefined) {
    return { text: null, findings: [meshDiagnostics["no-nodes"]({ what: "an empty list" }, { at: at("") })] };
  }
  if (numbers.length === 1) return { text: `${prefix}${String(only).padStart(2, "0")}`, findings: [] };
  const digits = String(clusterNodes).length;
  const pad = (number: number) => String(number).padStart(digits, "0");
  const runs: { first: number; last: number }[] = [];
  for (const number of numbers.toSorted((a, b) => a - b)) {
    const run = runs.at(-1);
    if (run !== undefined && number === run.last + 1) run.last = number;
    else runs.push({ first: number, last: number });
  }
  const text = runs.map(({ first, last }) => (first === last ? pad(first) : `${pad(first)}-${pad(last)}`)).join(",");
  return { text: `${prefix}[${text}]`, findings: [] };
}
