import { describe, expect, it } from "vitest";
import type { Finding } from "../../../src/diagnostics/finding.ts";
import { projectDiagnostics, optionDiagnostics } from "../../../src/dsl/diagnostics.ts";
import { withoutConsequences } from "../../../src/resolve/consequences.ts";
import { allocationDiagnostics } from "../../../src/spec/allocation-diagnostics.ts";
import { call, lines, ranksOf, resolved, topo } from "./configs.ts";

const one = topo(1, 1, 1);
const at = { kind: "class" } as const;
const tooMany = allocationDiagnostics["too-many-nodes"]({ nNodes: 4, cluster: "small", nodes: 2 }, { at });
const unused = allocationDiagnostics["unused-name"]({ name: "gone", calls: ["train"] }, { at });
const codesOf = (findings: readonly Finding[]) => withoutConsequences(findings).map(({ code }) => code);

describe("sizes that were not meant", () => {
  it.each([
    projectDiagnostics["unknown-cluster"]({ name: "smal", known: ["small"] }, { at }),
    optionDiagnostics.type({ path: "cluster", expected: "string", found: "5" }, { at }),
    optionDiagnostics.range({ path: "nNodes", range: "a whole number from 1", found: 2.5 }, { at }),
    optionDiagnostics.unknown({ path: "nNode", experiment: "a" }, { at }),
  ])("make what compares with them no mistake, and nothing else: $code", (cause) => {
    expect(codesOf([cause, tooMany, unused])).toEqual([cause.code, unused.code]);
  });

  it("are not those of another option", () => {
    const other = optionDiagnostics.unknown({ path: "seeed", experiment: "a" }, { at });
    expect(codesOf([other, tooMany])).toEqual([other.code, tooMany.code]);
  });
});

describe("a role without a call", () => {
  it("is none where there are no calls at all", () => {
    expect(lines(resolved([], ranksOf({ "x@0": one })).findings)).toEqual(["graph/no-calls /setups/0/modelRpcs"]);
  });

  it("is the one that a call has under a name that is misspelt", () => {
    const { findings } = resolved([call("a", "actr@0")], ranksOf({ "actor@0": one }));
    expect(lines(findings)).toEqual(["graph/model-without-shards /setups/0/modelRpcs/0/modelName"]);
  });

  it("is one beside a model without shards of quite another name", () => {
    const { findings } = resolved([call("a", "actor@0")], ranksOf({ "reward@0": one }));
    expect(findings.map(({ code }) => code).sort()).toEqual(["graph/model-without-shards", "graph/role-without-call"]);
  });
});
