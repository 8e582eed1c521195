import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { BuildOptions, BuildReport, PointReport } from "../../../codegen/report.ts";
import { CommandLine } from "../../../src/cli/command-line.ts";
import { parseValue } from "../../../src/cli/overrides.ts";
import { billOf } from "../../../src/cli/sweep/bill.ts";
import { countPoints, parseSweep, pointsOf } from "../../../src/cli/sweep/points.ts";
import { splitValues } from "../../../src/cli/sweep/split.ts";
import type { Span } from "../../../src/diagnostics/finding.ts";
import { pointName } from "../../../src/manifest/point-name.ts";
import { summarize } from "../../../src/manifest/summary.ts";
import { assay, reportOf, sftManifest, sftReport } from "./run.ts";

describe("values", () => {
  it.each([
    ["1e-5", ["1e-5"]],
    ["1e-5,2e-5", ["1e-5", "2e-5"]],
    ["d4p1m1, d8p1m1", ["d4p1m1", "d8p1m1"]],
    ["gpu-[01,03],gpu-05", ["gpu-[01,03]", "gpu-05"]],
    ["[1,2],[3]", ["[1,2]", "[3]"]],
    ['{"a":[1,{"b":"},]"}]},{}', ['{"a":[1,{"b":"},]"}]}', "{}"]],
    ['"a:d4p1m1,*:d4p1m1",d8p1m1', ['"a:d4p1m1,*:d4p1m1"', "d8p1m1"]],
    [String.raw`"a\",b",c`, [String.raw`"a\",b"`, "c"]],
    ['5",6', ['5"', "6"]],
    ["a],b}", ["a]", "b}"]],
    ['"",1', ['""', "1"]],
    ["", [""]],
  ])("of %s are %j", (text, expected) => {
    const split = splitValues(text);
    expect("pieces" in split ? split.pieces.map((piece) => piece.text) : split).toEqual(expected);
  });

  it.each([
    ["a,,b", 1, "a comma has no value beside it"],
    ["a,b,", 3, "a comma has no value beside it"],
    [",a", 0, "a comma has no value beside it"],
    ["a,[b,c", 2, "`[` has no `]`"],
    ['{"a":1', 0, "`{` has no `}`"],
    ['a,"b,c', 2, "a value's `\"` has no end"],
    ['[1,"a]', 3, "a value's `\"` has no end"],
  ])("of %s can't be told apart", (text, offset, problem) => {
    expect(splitValues(text)).toMatchObject({ problem, range: { offset, length: 1 } });
  });

  it("come back from the text that one writes them as", () => {
    fc.assert(
      fc.property(fc.array(fc.jsonValue({ maxDepth: 3 }), { minLength: 1, maxLength: 5 }), (values) => {
        const split = splitValues(values.map((value) => JSON.stringify(value)).join(","));
        const read = "pieces" in split ? split.pieces.map(({ text }) => parseValue(text)) : null;
        expect(JSON.stringify(read)).toBe(JSON.stringify(values));
      }),
    );
  });

  it("have ranges that cover them, without their quotes", () => {
    fc.assert(
      fc.property(fc.array(fc.stringMatching(/^[a-z:* ,]{1,8}$/), { minLength: 1, maxLength: 5 }), (values) => {
        const text = values.map((value) => JSON.stringify(value)).join(" , ");
        const split = splitValues(text);
        const covered =
          "pieces" in split
            ? split.pieces.map(({ range }) => text.slice(range.offset, range.offset + range.length))
            : null;
        expect(covered).toEqual(values);
      }),
    );
  });
});

function parsed(...positional: string[]) {
  const line = new CommandLine(["check", ...positional, "-m"]);
  const textAt = ({ column, length }: Span) => line.text.slice(column - 1, column - 1 + length);
  return { ...parseSweep(positional, line), textAt };
}

describe("arguments of a sweep", () => {
  it("are names and axes, with the characters of each value", () => {
    const { names, axes, findings, textAt } = parsed("sft", "a.b=1e-5,2e-5", 'mode="x,y",z', "seed=3");
    expect(findings).toEqual([]);
    expect(names).toEqual(["sft"]);
    expect(axes.map(({ path, values }) => [path, values.map(({ value }) => value)])).toEqual([
      ["a.b", [1e-5, 2e-5]],
      ["mode", ["x,y", "z"]],
      ["seed", [3]],
    ]);
    expect(axes.flatMap(({ values }) => values.map(({ span, valueSpan = span }) => textAt(valueSpan)))).toEqual([
      "1e-5",
      "2e-5",
      "x,y",
      "z",
      "seed=3",
    ]);
    expect(axes.map(({ unsplit }) => unsplit?.value)).toEqual(["1e-5,2e-5", '"x,y",z', undefined]);
  });

  it("make all combinations, the first one changing slowest, each in the order of paths", () => {
    const { axes } = parsed("b=1,2", "a=3,4,5", "c=6");
    expect(countPoints(axes)).toBe(6);
    const points = pointsOf(axes).map((point) => point.map(({ path, value }) => `${path}${value as number}`).join(" "));
    expect(points).toEqual(["a3 b1 c6", "a4 b1 c6", "a5 b1 c6", "a3 b2 c6", "a4 b2 c6", "a5 b2 c6"]);
  });

  it("merge equal values with a warning, at the second one", () => {
    const { axes, findings, textAt } = parsed("lr=1e-5,0.00001,1.0e-5,2e-5");
    expect(axes[0]?.values.map(({ value }) => value)).toEqual([1e-5, 2e-5]);
    const places = findings.map(({ code, severity, at }) => [code, severity, at.kind === "span" && textAt(at.span)]);
    expect(places).toEqual([
      ["cli/value-twice", "warning", "0.00001"],
      ["cli/value-twice", "warning", "1.0e-5"],
    ]);
  });

  it.each([
    [["a.b=1", "a.b=2"], "a.b", "a.b"],
    [["a={}", "a.b=2"], "a.b", "a"],
    [["a.b.c=2", "a.b={}"], "a.b", "a.b.c"],
  ])("%j set an option twice", (line, second, first) => {
    const { findings, textAt } = parsed(...line);
    expect(findings).toMatchObject([{ code: "cli/option-twice", severity: "error" }]);
    const [finding] = findings;
    const places = [finding?.at, finding?.related?.[0]?.at].map((at) => at?.kind === "span" && textAt(at.span));
    expect(places).toEqual([second, first]);
  });

  it("may begin alike", () => expect(parsed("a.b=1", "a.bc=2", "ab=3").findings).toEqual([]));
});

/** Points of `sft.one-node`: the first two of 8 GPUs each, then one with an error and one that needs a value. */
function points(gpuSeconds: number | null = null): readonly PointReport[] {
  const { manifest, text } = sftManifest();
  const summary = { ...summarize(manifest.authored, manifest.resolved), gpuSeconds };
  const reach = { proved: ["dataflow graph"], assumed: [], notChecked: [] };
  const hashes = { authored: "a".repeat(64), resolved: "b".repeat(64) };
  const proved = { preset: "one-node", status: "proved", needs: [], summary, reach, hashes, errors: [] } as const;
  const sound = { ...proved, manifestBytes: Buffer.byteLength(text) };
  const nothing = { ...proved, summary: null, reach: null, hashes: null, manifestBytes: 0 };
  const errors = [
    { code: "allocation/gpu-product", message: "16 GPUs are too many" },
    { code: "option/type", message: "wrong" },
  ];
  const named = (lr: number, mode: string) => {
    const overrides = { allocationMode: mode, lr };
    return { point: pointName(Object.entries(overrides).map(([path, value]) => ({ path, value }))), overrides };
  };
  return [
    { ...sound, ...named(1e-5, "d8p1m1") },
    { ...sound, ...named(2e-5, "d8p1m1") },
    // What a point with errors would have taken is not billed.
    { ...sound, ...named(1e-5, "d16p1m1"), status: "failed", errors },
    { ...nothing, ...named(2e-5, "d16p1m1"), preset: null, status: "needs", needs: ["model.path"] },
  ];
}

function sweepReport(input: Partial<BuildReport> = {}, gpuSeconds: number | null = null): BuildReport {
  const { options: _options, ...experiment } = sftReport();
  const builds = experiment.builds.map((build) => ({ ...build, status: "skipped" as const }));
  return reportOf({ experiments: [{ ...experiment, builds, points: points(gpuSeconds) }], ...input });
}

describe("the bill", () => {
  it("adds up what can run", () => {
    const bill = billOf(sweepReport().experiments, 12 * 3600);
    expect(bill).toMatchObject({
      runnable: 2,
      gpus: 16,
      gpuHours: 192,
      hoursFrom: "duration",
      durationSeconds: 43_200,
    });
    expect(bill.points.map(({ name, gpus, gpuHours }) => [name, gpus, gpuHours])).toEqual([
      ["sft.one-node@allocationMode=d8p1m1,lr=1e-5", 8, 96],
      ["sft.one-node@allocationMode=d8p1m1,lr=2e-5", 8, 96],
      ["sft.one-node@allocationMode=d16p1m1,lr=1e-5", null, null],
      ["sft@allocationMode=d16p1m1,lr=2e-5", null, null],
    ]);
  });

  it("takes hours from time limits where no duration is given, and has none where one has no limit", () => {
    expect(billOf(sweepReport({}, 8 * 7200).experiments, null)).toMatchObject({
      gpuHours: 32,
      hoursFrom: "timeLimits",
    });
    expect(billOf(sweepReport({}, 8 * 7200).experiments, 3600)).toMatchObject({ gpuHours: 16, hoursFrom: "duration" });
    expect(billOf(sweepReport().experiments, null)).toMatchObject({ gpus: 16, gpuHours: null });
  });

  it("counts limits by the GPUs that they hold", () => {
    const { authored, resolved } = sftManifest().manifest;
    const limited = (limit: string | null, gpuOnly: boolean) => {
      const change = (groups: unknown) => {
        const own = JSON.parse(JSON.stringify(groups)) as { scheduling: { gpu: number; timeLimit: string | null } };
        if (own !== null && (!gpuOnly || own.scheduling.gpu > 0)) own.scheduling.timeLimit = limit;
        return own as never;
      };
      const { modelWorker, masterWorker } = authored.scheduling;
      const scheduling = {
        ...authored.scheduling,
        modelWorker: change(modelWorker),
        masterWorker: change(masterWorker),
      };
      return summarize({ ...authored, scheduling }, resolved).gpuSeconds;
    };
    expect(limited(null, false)).toBeNull();
    expect(limited("UNLIMITED", false)).toBeNull();
    expect(limited("1-12", true)).toBe(8 * 36 * 3600);
    expect(limited("30", false)).toBe(8 * 30 * 60);
  });
});

describe("check and build with -m", () => {
  const line = ["lr=1e-5,2e-5", "allocationMode=d8p1m1,d16p1m1"];

  it("reach the build as points, with the argument as it was for each", async () => {
    let given: BuildOptions | null = null;
    const build = (options: BuildOptions) => ((given = options), Promise.resolve(sweepReport()));
    await assay(["build", "sft.one-node", "-m", ...line, "--max-points", "7", "--keep-going"], { build });
    expect(given).toMatchObject({
      write: true,
      keepGoing: true,
      only: ["sft.one-node"],
      overrides: [],
      sweep: {
        mostPoints: 7,
        unsplit: [{ path: "lr", value: "1e-5,2e-5" }, { path: "allocationMode" }],
        points: [
          [
            { path: "allocationMode", value: "d8p1m1" },
            { path: "lr", value: 1e-5 },
          ],
          [{ value: "d16p1m1" }, { value: 1e-5 }],
          [{ value: "d8p1m1" }, { value: 2e-5 }],
          [{ value: "d16p1m1" }, { value: 2e-5 }],
        ],
      },
    });
    await assay(["check", "sft.one-node", ...line], { build });
    expect(given).toMatchObject({ overrides: [{ value: "1e-5,2e-5" }, { value: "d8p1m1,d16p1m1" }] });
    expect(given).not.toHaveProperty("sweep");
  });

  it("print the bill before anything is written", async () => {
    let out = "";
    let atProof = "";
    const stdout = { write: (text: string) => void (out += text), isTerminal: false, columns: null };
    const build = (options: BuildOptions) => {
      options.onProved?.(sweepReport());
      atProof = out;
      return Promise.resolve(sweepReport({ written: true }));
    };
    const ran = await assay(["build", "sft", "--multirun", ...line, "--duration", "1-12"], { build }, { stdout });
    expect(ran.code).toBe(0);
    expect(`\n${atProof}`).toMatchInlineSnapshot(`
      "
      point                                        allocationMode    lr  verdict  GPUs  GPU-hours
      sft.one-node@allocationMode=d8p1m1,lr=1e-5   d8p1m1          1e-5  proved      8        288
      sft.one-node@allocationMode=d8p1m1,lr=2e-5   d8p1m1          2e-5  proved      8        288
      sft.one-node@allocationMode=d16p1m1,lr=1e-5  d16p1m1         1e-5  failed
      sft@allocationMode=d16p1m1,lr=2e-5           d16p1m1         2e-5  needs
      4 points, 2 can run: 16 GPUs together, 576 GPU-hours (1 d 12 h each)
      2 points can't run:
        sft.one-node@allocationMode=d16p1m1,lr=1e-5: allocation/gpu-product: 16 GPUs are too many (and 1 more error)
        sft@allocationMode=d16p1m1,lr=2e-5: needs model.path

      "
    `);
    expect(`\n${out.slice(atProof.length)}`).toMatchInlineSnapshot(`
      "
      Reach of sft.one-node@allocationMode=d8p1m1,lr=1e-5, sft.one-node@allocationMode=d8p1m1,lr=2e-5:
        proved       dataflow graph
      Nothing is proved of sft.one-node@allocationMode=d16p1m1,lr=1e-5: it has errors.

      no errors in 0.31 s
      "
    `);
  });

  it("print it, too, where the cache answers", async () => {
    const build = () => Promise.resolve(sweepReport({ cached: true }, 3600));
    const { out } = await assay(["check", "sft", "-m", ...line], { build });
    expect(out.match(/^4 points.*$/gm)).toEqual([
      "4 points, 2 can run: 16 GPUs together, 2 GPU-hours (at most, by their time limits)",
    ]);
    expect((await assay(["check", "sft", "-m", ...line, "--quiet"], { build })).out).toBe("");
  });

  it("are one JSON document with --json", async () => {
    const build = (options: BuildOptions) => {
      options.onProved?.(sweepReport());
      return Promise.resolve(sweepReport());
    };
    const { out } = await assay(["check", "sft", "-m", "lr=1e-5,0.00001", "--json", "--duration", "90min"], { build });
    const { sweep, diagnostics, assayDiagnostics } = JSON.parse(out);
    expect(assayDiagnostics).toBe(1);
    expect(diagnostics).toMatchObject([{ code: "cli/value-twice", primary: { column: 28, length: 7 } }]);
    expect(sweep).toMatchObject({ runnable: 2, gpus: 16, gpuHours: 24, durationSeconds: 5400 });
    expect(sweep.points).toHaveLength(4);
    expect(sweep.points[2]).toMatchObject({
      name: "sft.one-node@allocationMode=d16p1m1,lr=1e-5",
      experiment: "sft",
      preset: "one-node",
      overrides: { allocationMode: "d16p1m1", lr: 1e-5 },
      status: "failed",
      gpus: null,
      errors: [{ code: "allocation/gpu-product" }, { code: "option/type" }],
    });
  });

  it("refuse more points than are allowed, before and after experiments are counted", async () => {
    const seeds = (count: number) => `seed=${Array.from({ length: count }, (_, seed) => seed).join(",")}`;
    const before = await assay(["check", "-m", seeds(1001)]);
    expect(before).toMatchObject({ code: 2, out: "" });
    expect(before.err).toContain("the sweep has 1001 points, more than 1000");
    expect(before.err).toContain("help: give fewer values, or allow as many by `--max-points 1001`");
    // Never made: there are more of them than fit into memory.
    const huge = await assay([
      "check",
      "-m",
      ...Array.from({ length: 9 }, (_, axis) => `a${axis}${seeds(1000).slice(4)}`),
    ]);
    expect(huge).toMatchObject({ code: 2, out: "" });
    const build = () => Promise.resolve(reportOf({ experiments: [], refusedPoints: 3000 }));
    const after = await assay(["build", "-m", seeds(1000)], { build });
    expect(after).toMatchObject({ code: 2, out: "" });
    expect(after.err).toContain("1 | assay build -m seed=0,1");
    expect(after.err).toContain("the sweep has 3000 points, more than 1000");
  });

  it.each([
    [["-m"], "a sweep needs an override"],
    [["-m", "sft"], "a sweep needs an override"],
    [["-m", "seed=1", "--duration", "12x"], "`--duration` takes a time, found `12x`"],
    [["-m", "seed=1", "--duration", "UNLIMITED"], "`--duration` takes a time"],
    [["-m", "seed=1", "--max-points", "0"], "`--max-points` takes a whole number from 1, found `0`"],
    [["seed=1", "--duration", "12h"], "`--duration` is about sweeps, and there is none"],
    [["seed=1", "--max-points=3"], "`--max-points` is about sweeps"],
    [["-m", "seed=1,,2"], "the values of `seed`: a comma has no value beside it"],
    [["-m", "=1,2"], "names no option"],
    [["-m", String.raw`a="\ud800"`], "half of a character"],
  ])("%j is an error of usage", async (own, text) => {
    const ran = await assay(["check", ...own]);
    expect(ran).toMatchObject({ code: 2, out: "" });
    expect(ran.err).toContain(text);
    expect(ran.err.match(/^error/gm)).toHaveLength(1);
  });

  it("are explained by help, with an example of quotes", async () => {
    for (const command of ["check", "build"]) {
      const { out } = await assay([command, "--help"]);
      expect(out).toContain(`-m allocationMode='"a:d4p1m1,*:d4p1m1",d8p1m1'`);
      expect(out).toContain("--max-points <count>");
    }
  });
});
