import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, it } from "vitest";
import { declaredCodes } from "../../src/diagnostics/define.ts";
import { parity, type Verdict } from "./parity.ts";
import { CODES_BY_REASON, DELIBERATE } from "./reasons.ts";

const goldens = fileURLToPath(new URL("../goldens", import.meta.url));
const scratch = mkdtempSync(join(tmpdir(), "assay-parity-"));
afterAll(() => rmSync(scratch, { recursive: true }));

const goldensOf = (folder: string) =>
  readdirSync(join(goldens, folder)).flatMap((file) =>
    readFileSync(join(goldens, folder, file), "utf8")
      .trim()
      .split("\n")
      .map(
        (line) =>
          JSON.parse(line) as { name: string; input: Record<string, unknown>; expected: Record<string, unknown> },
      ),
  );

describe("parity with the reference", () => {
  // Options have their ranges from doc comments, which the library's build reads: it has to have run.
  it.each([
    ["core", 189, 20],
    ["topology", 16, 0],
    ["allocation-mode", 31, 8],
    ["device-mesh", 68, 0],
    ["slurm", 36, 0],
    ["experiment", 283, 0],
  ])("%s", (folder, cases, differences) => {
    const verdicts = parity(join(goldens, folder));
    const failed = verdicts.filter(({ problem }) => problem);
    expect(failed.map(({ name, problem }) => `${name}: ${problem}`)).toEqual([]);
    expect(verdicts).toHaveLength(cases);
    const refused = verdicts.filter(({ deliberate }) => deliberate !== undefined);
    expect(refused).toHaveLength(differences);
    for (const { deliberate } of refused) expect(deliberate).toMatch(/^[a-z]+\/[a-z-]+: \S/);
  });
});

describe("the runner", () => {
  const judge = (golden: object) => {
    writeFileSync(join(scratch, "cases.jsonl"), `${JSON.stringify(golden)}\n`);
    return parity(scratch)[0] as Verdict;
  };
  const [right] = goldensOf("topology") as [ReturnType<typeof goldensOf>[number]];
  const error = (reason: string) => ({ error: { type: "", message: "", reason } });

  it("fails a case whose result differs, and says where first", () => {
    expect(judge(right)).toEqual({ name: right.name, problem: null });
    const { problem } = judge({ ...right, expected: { ...right.expected, world_size: 77 } });
    expect(problem).toMatch(/^\/world_size: expected 77, found \d+$/);
    expect(judge({ ...right, expected: { ...right.expected, more: 1 } }).problem).toContain("found nothing");
    const { world_size: _, ...fewer } = right.expected;
    expect(judge({ ...right, expected: fewer }).problem).toContain("/world_size: expected nothing");
  });

  it("tells an empty list from an empty map", () => {
    expect(judge({ ...right, expected: { ...right.expected, coords: {} } }).problem).toContain("/coords: expected {}");
  });

  it("fails a case of a kind or of an operation that it does not know", () => {
    expect(judge({ ...right, kind: "toString" }).problem).toContain("is not supported");
    const mesh = { name: "x", kind: "device-mesh", input: { op: "other" }, expected: { valid: true } };
    expect(judge(mesh).problem).toContain("found nothing");
  });

  it("fails a refusal for another cause, an acceptance, and a cause without codes", () => {
    const refused = { name: "x", kind: "allocation-mode", input: { string: "d4p1" } };
    expect(judge({ ...refused, expected: error("allocation-syntax") }).problem).toBeNull();
    expect(judge({ ...refused, expected: error("gpu-product") }).problem).toContain("found allocation/syntax: ");
    expect(judge({ ...refused, expected: error("constructor") }).problem).toContain("no row");
    const accepted = { ...refused, input: { string: "d4p1m1" }, expected: error("allocation-syntax") };
    expect(judge(accepted).problem).toContain("no error");
  });

  it("compares what can't be submitted with its geometry and its cause", () => {
    const golden = goldensOf("slurm").find(({ expected }) => "submit" in expected)!;
    const { submit, ...geometry } = golden.expected;
    expect(judge(golden).problem).toBeNull();
    expect(judge({ ...golden, expected: { ...golden.expected, submit: error("node-number") } }).problem).toContain(
      "node-number",
    );
    expect(judge({ ...golden, expected: { ...golden.expected, n_jobsteps: 77 } }).problem).toContain("/n_jobsteps");
    expect(judge({ ...golden, expected: geometry }).problem).toContain("/submit: expected nothing");
    expect(submit).toBeDefined();
  });

  it("takes a refusal of what the reference accepts for a difference of that kind only", () => {
    const expected = { type: "GLOBAL_HYBRID" };
    const trailing = { name: "x", kind: "allocation-mode", input: { string: "d4p1m1x" }, expected };
    expect(judge(trailing)).toEqual({ name: "x", deliberate: expect.stringContaining("allocation/syntax: ") });
    const input = { kind: "pipe-data-tensor", pp: 0, dp: 1, tp: 1 };
    expect(judge({ name: "y", kind: "topology", input, expected }).problem).toContain("refused: topology/size");
  });
});

describe("the tables", () => {
  const rows = [...CODES_BY_REASON.values()];

  it("hold declared codes only", () => {
    expect([...rows.flat(), ...DELIBERATE].filter((code) => !declaredCodes().has(code))).toEqual([]);
  });

  it("have a row for each reason, and for no other", () => {
    expect([...CODES_BY_REASON.keys()].sort()).toEqual(REASONS.join(" ").split(" ").sort());
  });

  it("give a code two rows only where the rows are one mistake", () => {
    const twice = rows.flat().filter((code, index, all) => all.indexOf(code) !== index);
    expect([...new Set(twice)]).toEqual(["option/range"]);
  });

  it("list what is known to be wrong in the reference, and nothing else", () => {
    expect(DELIBERATE.toSorted()).toEqual([
      "allocation/repeated-name",
      "allocation/syntax",
      "allocation/zero-degree",
      "config/no-model-workers",
      "graph/cycle",
      "graph/key-produced-twice",
      "graph/model-without-shards",
      "graph/no-calls",
      "graph/no-source",
      "topology/disagree",
      "topology/rank-missing",
      "topology/rank-twice",
    ]);
  });
});

describe("the command", () => {
  const here = (file: string) => fileURLToPath(new URL(file, import.meta.url));
  const texts = new Map<string, string>();
  const imported = new Set<string>();
  const follow = (file: string): void => {
    if (texts.has(file)) return;
    texts.set(file, readFileSync(here(file), "utf8"));
    for (const [, specifier = ""] of texts.get(file)!.matchAll(/^(?:import|export)\b[^"]*?"([^"]+)";$/gm)) {
      imported.add(specifier);
      if (specifier.startsWith("./")) follow(specifier);
    }
  };
  follow("./run.ts");

  it("is all of this folder but its test, and below 300 formatted lines", () => {
    const files = readdirSync(here(".")).filter((file) => !file.endsWith(".test.ts"));
    expect([...texts.keys()].sort()).toEqual(files.map((file) => `./${file}`).sort());
    const lines = [...texts.values()].flatMap((text) => text.trimEnd().split("\n"));
    expect(lines.length).toBeLessThan(300);
    expect(lines.filter((line) => line.length > 120)).toEqual([]);
    const root = here("../..");
    execFileSync(join(root, "node_modules/.bin/oxfmt"), ["-c", "test/oxfmt.json", "--check", "test/parity"], {
      cwd: root,
    });
  });

  it("imports public entries, Node and itself", () => {
    const outside = [...imported].filter((specifier) => !specifier.startsWith("./") && !specifier.startsWith("node:"));
    expect(outside.sort()).toEqual(["assay", "assay/experiments", "assay/manifest", "assay/testing"]);
  });

  it("names no experiment and no call", () => {
    const experiments = goldensOf("experiment");
    const calls = experiments.flatMap(({ expected }) =>
      ((expected["config"] as { model_rpcs: { name: string }[] } | undefined)?.model_rpcs ?? []).map(
        ({ name }) => name,
      ),
    );
    const shipped = readdirSync(here("../../experiments"), { withFileTypes: true }).filter((entry) =>
      entry.isDirectory(),
    );
    const names = [
      ...calls,
      ...experiments.map(({ input }) => String(input["experiment"])),
      ...shipped.map(({ name }) => name),
    ];
    expect(new Set(names).size).toBeGreaterThan(10);
    const text = [...texts.values()].join("\n");
    const found = [...new Set(names)].filter((name) => new RegExp(`(?<![\\w-])${name}(?![\\w-])`).test(text));
    expect(found).toEqual([]);
  });
});

/** Every cause for which the reference refuses something. */
const REASONS = [
  "at-in-role duplicate-call duplicate-shard replica-ids ranks rank-out-of-range two-train-steps tensor-sizes sync-self",
  "offload-before hook-both model-without-shards no-calls",
  "allocation-syntax no-layout-for-call gpu-product generate-size generate-pipeline no-generate-call two-generate-calls",
  "no-heuristic nodelist-required mock-engine sglang-hybrid async-needs-decoupled backend",
  "mesh-not-contiguous mesh-partial-nodes mesh-values mesh-shape mesh-product gpus-not-power-of-two split-size gpu-id",
  "gpus-of-many-nodes node-prefix node-number node-not-in-list no-nodes whole-nodes",
  "too-many-nodes too-many-gpus-per-node partial-nodes local-multi-node",
  "heads batch-too-small model-path min-lr-ratio warmup capture-length top-p top-k generation-range",
  "function-call-address model-family ema-without-reference group-size nodelist-too-short",
];
