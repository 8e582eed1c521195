import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, it } from "vitest";
import { declaredCodes } from "../../src/diagnostics/define.ts";
import { parity } from "./parity.ts";
import { CODES_BY_REASON, DELIBERATE } from "./reasons.ts";

const goldens = fileURLToPath(new URL("../goldens", import.meta.url));
const scratch = mkdtempSync(join(tmpdir(), "assay-parity-"));
afterAll(() => rmSync(scratch, { recursive: true }));

/** Ranges are known from doc comments, which only the build reads: without its file three cases can't be refused. */
const withoutRanges = existsSync(fileURLToPath(new URL("../../experiments/assay.gen.ts", import.meta.url)))
  ? []
  : ["sft/bad-lr-ratio", "sft/bad-warmup", "more/random/sft-026"];

describe("parity with the reference", () => {
  it.each([
    ["core", 189, 20],
    ["topology", 16, 0],
    ["allocation-mode", 31, 8],
    ["device-mesh", 68, 0],
    ["slurm", 36, 0],
  ])("%s", (folder, cases, differences) => {
    const { passed, failed, deliberate } = parity(join(goldens, folder));
    expect(failed).toEqual([]);
    expect(passed).toBe(cases);
    expect(deliberate).toHaveLength(differences);
    for (const { why } of deliberate) expect(why).not.toBe("");
  });

  it("experiment, as far as the shipped ones go", () => {
    const { passed, failed } = parity(join(goldens, "experiment-sft"));
    expect(failed.map(({ name }) => name)).toEqual(withoutRanges);
    expect(passed + failed.length).toBe(66);
  });
});

describe("the runner", () => {
  const judge = (golden: object) => {
    writeFileSync(join(scratch, "cases.jsonl"), `${JSON.stringify(golden)}\n`);
    return parity(scratch);
  };
  const golden = (name: string, folder = "topology") => {
    const lines = readFileSync(join(goldens, folder, "cases.jsonl"), "utf8")
      .trim()
      .split("\n");
    const cases = lines.map((line) => JSON.parse(line) as { name: string; expected: Record<string, unknown> });
    return cases.find((each) => each.name === name || name === "") as (typeof cases)[number];
  };

  it("fails a case whose result differs, and says where first", () => {
    const right = golden("");
    expect(judge(right).failed).toEqual([]);
    const [failure] = judge({ ...right, expected: { ...right.expected, world_size: 77 } }).failed;
    expect(failure?.problem).toMatch(/^\/world_size: expected 77, found \d+$/);
    expect(judge({ ...right, expected: { ...right.expected, more: 1 } }).failed[0]?.problem).toContain("found nothing");
  });

  it("fails a case of a kind that it does not know", () => {
    expect(judge({ ...golden(""), kind: "toString" }).failed[0]?.problem).toContain("is not supported");
  });

  it("fails a refusal for another cause, an acceptance, and a cause without codes", () => {
    const refused = { name: "x", kind: "allocation-mode", input: { string: "d4p1" } };
    const error = (reason: string) => ({ error: { type: "", message: "", reason } });
    expect(judge({ ...refused, expected: error("allocation-syntax") }).failed).toEqual([]);
    expect(judge({ ...refused, expected: error("gpu-product") }).failed).toHaveLength(1);
    expect(judge({ ...refused, expected: error("constructor") }).failed[0]?.problem).toContain("has no row");
    const accepted = { ...refused, input: { string: "d4p1m1" }, expected: error("allocation-syntax") };
    expect(judge(accepted).failed[0]?.problem).toContain("accepted");
  });

  it("takes a refusal of what the reference accepts for a difference of that kind only", () => {
    const input = { string: "d4p1m1x" };
    const expected = { type: "GLOBAL_HYBRID" };
    expect(judge({ name: "x", kind: "allocation-mode", input, expected }).deliberate).toHaveLength(1);
    const topology = {
      name: "y",
      kind: "topology",
      input: { kind: "pipe-data-tensor", pp: 0, dp: 1, tp: 1 },
      expected,
    };
    expect(judge(topology).failed[0]?.problem).toBe("refused: topology/size");
  });
});

describe("the tables", () => {
  const rows = Object.values(CODES_BY_REASON);
  it("hold declared codes only", () => {
    const codes = [...rows.flat(), ...Object.values(DELIBERATE).flatMap((table) => Object.keys(table))];
    expect(codes.filter((code) => !declaredCodes().has(code))).toEqual([]);
  });

  it("give a code two rows only where the rows are one mistake", () => {
    const twice = rows.flat().filter((code, index, all) => all.indexOf(code) !== index);
    expect([...new Set(twice)]).toEqual(["option/range"]);
  });
});
