import { readFileSync } from "node:fs";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Finding } from "../../../src/diagnostics/finding.ts";
import {
  availableNodes,
  expandHostList,
  formatNodeList,
  MAX_LISTED_NODES,
  parseNodeList,
  sortNodes,
} from "../../../src/spec/node-list.ts";

interface Case {
  readonly name: string;
  readonly kind: string;
  readonly input:
    | { readonly op: "parse"; readonly nodelist: string; readonly prefix: string; readonly n_nodes: number }
    | { readonly op: "format"; readonly nodes: readonly string[]; readonly prefix: string; readonly n_nodes: number }
    | { readonly op: "sort"; readonly nodes: readonly string[] }
    | {
        readonly op: "available";
        readonly partition_nodes: readonly string[];
        readonly nodelist: string | null;
        readonly exclude: string | null;
      };
  readonly expected: unknown;
}

const cases = readFileSync(new URL("../../goldens/slurm/cases.jsonl", import.meta.url), "utf8")
  .trim()
  .split("\n")
  .map((line) => JSON.parse(line) as Case)
  .filter(({ kind }) => kind === "slurm-nodelist");

function answer(input: Case["input"]): { readonly value: unknown; readonly findings: readonly Finding[] } {
  switch (input.op) {
    case "parse": {
      const { value, findings } = parseNodeList(input.nodelist, input.prefix, input.n_nodes);
      return { value: { nodes: value }, findings };
    }
    case "format": {
      const { value, findings } = formatNodeList(input.nodes, input.prefix, input.n_nodes);
      return { value: { nodelist: value }, findings };
    }
    case "sort":
      return { value: { nodes: sortNodes(input.nodes) }, findings: [] };
    case "available": {
      const { nodelist, exclude, partition_nodes: partitionNodes } = input;
      const { value, findings } = availableNodes({ partitionNodes, nodelist, exclude });
      return { value: { nodes: value }, findings };
    }
  }
}

describe("the measured node lists", () => {
  it.each(cases.map((one) => [one.name, one] as const))("%s", (_, { input, expected }) => {
    const { value, findings } = answer(input);
    const errors = findings.filter(({ severity }) => severity === "error").map(({ code }) => code);
    const { error } = expected as { error?: { reason: string } };
    if (error === undefined) {
      expect(errors).toEqual([]);
      expect(value).toEqual(expected);
    } else {
      expect(errors).toEqual([`mesh/${error.reason}`]);
    }
  });
});

/** The characters that findings point at. */
function pointed(text: string, findings: readonly Finding[]): readonly string[] {
  return findings.map(({ at }) => {
    if (at.kind !== "pointer" || at.range === undefined) throw new Error("a finding without characters");
    return text.slice(at.range.offset, at.range.offset + at.range.length);
  });
}

describe("a node list", () => {
  it.each([
    ["slurmd-[1,x,3]", "x"],
    ["slurmd-[1,3-]", "3-"],
    ["slurmd-[01-02],slurmd-05", "01-02]"],
    ["slurmd-[1,,2]", ","],
    ["slurmd-[]", "]"],
    ["slurmd-[1,slurmd-x]", "x"],
    ["slurmd-[1-99999999]", "1-99999999"],
  ])("%j is refused at %j", (text, characters) => {
    const { findings } = parseNodeList(text, "slurmd-", 32);
    expect(findings.map(({ code }) => code)).toEqual(["mesh/node-number"]);
    expect(pointed(text, findings)).toEqual([characters]);
  });

  it("reports every number that can't be read, and reads the others", () => {
    const { value, findings } = parseNodeList("slurmd-[a,2,b-c]", "slurmd-", 32);
    expect(findings.map(({ data }) => data)).toEqual([{ found: "a" }, { found: "b-c" }]);
    expect(value).toEqual(["slurmd-02"]);
  });

  it("takes blanks around numbers, pads to the cluster's digits, and has an empty reversed range", () => {
    expect(parseNodeList("n[ 1 - 3 , 007]", "n", 100).value).toEqual(["n001", "n002", "n003", "n007"]);
    expect(parseNodeList("n[4-2]", "n", 8)).toEqual({ value: [], findings: [] });
  });

  it("is one unpadded name without brackets", () => {
    expect(parseNodeList("slurmd-5", "slurmd-", 32)).toEqual({ value: ["slurmd-5"], findings: [] });
  });

  it("warns of several names without brackets, which are read as one", () => {
    const text = "slurmd-01,slurmd-02";
    const { value, findings } = parseNodeList(text, "slurmd-", 32);
    expect(value).toEqual(["slurmd-01,02"]);
    expect(findings).toMatchObject([{ code: "mesh/list-without-brackets", severity: "warning" }]);
    expect(pointed(text, findings)).toEqual([","]);
  });

  it("has the wrong prefix from its first character on", () => {
    const { value, findings } = parseNodeList("gpu-[1-2]", "slurmd-", 32);
    expect(value).toEqual([]);
    expect(findings.map(({ code, data }) => [code, data])).toEqual([
      ["mesh/node-prefix", { text: "gpu-[1-2]", prefix: "slurmd-" }],
    ]);
  });

  it("names every node that can't be formatted", () => {
    const { value, findings } = formatNodeList(["n01", "m02", "nx", "n"], "n", 8);
    expect(value).toBeNull();
    expect(findings.map(({ code, at }) => [code, at])).toEqual([
      ["mesh/node-prefix", { kind: "pointer", pointer: "/1" }],
      ["mesh/node-number", { kind: "pointer", pointer: "/2" }],
      ["mesh/node-number", { kind: "pointer", pointer: "/3" }],
    ]);
  });

  it("reads back what was written, sorted", () => {
    const numbers = fc.uniqueArray(fc.integer({ min: 0, max: 999 }), { minLength: 2, maxLength: 40 });
    fc.assert(
      fc.property(numbers, fc.constantFrom("slurmd-", "n", ""), (list, prefix) => {
        const names = list.map((number) => `${prefix}${String(number).padStart(4, "0")}`);
        const { value } = formatNodeList(names, prefix, 1024);
        expect(parseNodeList(value as string, prefix, 1024)).toEqual({ value: names.toSorted(), findings: [] });
      }),
    );
  });

  it("never throws, and points into the text", () => {
    const parts = fc.constantFrom("slurmd-", "[", "]", ",", "-", "1", "04", "9999999999", " ", "x");
    const texts = fc.oneof(
      fc.array(parts).map((some) => `slurmd-${some.join("")}`),
      fc.string(),
    );
    fc.assert(
      fc.property(texts, (text) => {
        const { value, findings } = parseNodeList(text, "slurmd-", 32);
        expect(value.length).toBeLessThanOrEqual(MAX_LISTED_NODES);
        const hosts = expandHostList(text);
        expect(hosts.value.length).toBeLessThanOrEqual(MAX_LISTED_NODES);
        for (const { at } of [...findings, ...hosts.findings]) {
          if (at.kind !== "pointer" || at.range === undefined) throw new Error("a finding without characters");
          expect(at.range.offset + at.range.length).toBeLessThanOrEqual(text.length);
        }
      }),
      { numRuns: 500 },
    );
  });
});

describe("a host list", () => {
  it("has several groups, heads, brackets, and the digits that it is written with", () => {
    expect(expandHostList("login, gpu[1-2,07],rack[0-1]n[09-10]").value).toEqual([
      "login",
      "gpu1",
      "gpu2",
      "gpu07",
      "rack0n09",
      "rack0n10",
      "rack1n09",
      "rack1n10",
    ]);
  });

  it.each([
    ["a,gpu[2-1]", "[2-1]"],
    ["gpu[1,x]", "[1,x]"],
    ["gpu[1-2", "[1-2"],
    ["n[1-9999]x[1-9999]", "[1-9999]"],
  ])("%j is refused at %j", (text, characters) => {
    const { findings } = expandHostList(text);
    expect(findings.map(({ code }) => code)).toEqual(["mesh/node-number"]);
    expect(pointed(text, findings)).toEqual([characters]);
  });
});

describe("the nodes for a job", () => {
  const partitionNodes = ["n1", "n2", "n3", "n4"];

  it("are the partition's without those excluded", () => {
    expect(availableNodes({ partitionNodes, nodelist: null, exclude: "n[2-3]" })).toEqual({
      value: ["n1", "n4"],
      findings: [],
    });
  });

  it("keep the list's order, with a warning for what is not in the partition", () => {
    const { value, findings } = availableNodes({ partitionNodes, nodelist: "n3,n9,n1,n8", exclude: "n8" });
    expect(value).toEqual(["n3", "n1"]);
    expect(findings.map(({ code, data, at }) => [code, data, at])).toEqual([
      ["mesh/node-outside-partition", { node: "n9" }, { kind: "pointer", pointer: "/nodelist" }],
    ]);
  });

  it("are none where a list can't be read", () => {
    const { value, findings } = availableNodes({ partitionNodes, nodelist: "n[x]", exclude: "n[y]" });
    expect(value).toEqual([]);
    expect(findings.map(({ at }) => (at.kind === "pointer" ? at.pointer : null))).toEqual(["/nodelist", "/exclude"]);
  });
});
