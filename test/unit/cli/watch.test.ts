import { describe, expect, it } from "vitest";
import type { BuildReport } from "../../../codegen/report.ts";
import type { WatchOptions } from "../../../codegen/watch.ts";
import { assay, sftReport } from "./run.ts";

const REPORT: BuildReport = {
  root: "/project",
  outDir: "/project/.assay",
  experiments: [sftReport()],
  diagnostics: [],
  acknowledged: [],
  output: {},
  cached: false,
  written: false,
};

/** Runs a line with a watch that gives some reports and is then interrupted. */
async function watched(line: readonly string[], reports: readonly BuildReport[], isTerminal = false) {
  let closed = 0;
  let asked: WatchOptions | null = null;
  let interrupt: () => void = () => undefined;
  const interrupted = new Promise<void>((resolve) => {
    interrupt = resolve;
  });
  const run = assay(
    line,
    {
      watch: async (options) => {
        asked = options;
        setTimeout(() => {
          for (const report of reports) options.onReport(report, 42);
          setTimeout(interrupt, 0);
        }, 0);
        const nothing = () => Promise.resolve();
        return { ready: nothing(), files: 12, check: nothing, close: async () => void (closed += 1) };
      },
    },
    {
      interrupted: () => interrupted,
      ...(isTerminal ? { stdout: { write: (text) => void (shown += text), isTerminal, columns: 100 } } : {}),
    },
  );
  let shown = "";
  const ran = await run;
  return { ...ran, out: isTerminal ? shown : ran.out, closed, asked: asked as WatchOptions | null };
}

describe("`--watch`", () => {
  it("prints each report behind a line with the time, and ends with 0 whatever they say", async () => {
    const failed: BuildReport = {
      ...REPORT,
      diagnostics: [
        {
          code: "graph/cycle",
          severity: "error",
          message: "it goes round",
          data: {},
          experiment: "sft",
          primary: null,
          nowhere: "no source has it",
          related: [],
          notes: [],
          help: null,
          fix: null,
        },
      ],
    };
    const { code, out, err, closed, asked } = await watched(
      ["build", "--watch", "--keep-going", "sft"],
      [REPORT, failed],
    );
    expect([code, err, closed]).toEqual([0, "", 1]);
    expect(out.split("--- 12:34:56\n").slice(1)).toEqual([
      expect.stringContaining("no errors in 0.04 s"),
      expect.stringContaining("1 error in 0.04 s"),
    ]);
    expect(out).not.toContain("\u001B");
    expect(asked).toMatchObject({ write: true, keepGoing: true, only: ["sft"], cwd: "/project" });
  });

  it("shows the last report on a terminal, and how to end", async () => {
    const { out } = await watched(["check", "--watch"], [REPORT, REPORT], true);
    const screens = out.split("\u001B[2J\u001B[3J\u001B[H").slice(1);
    expect(screens).toHaveLength(2);
    for (const screen of screens) expect(screen).toMatch(/watching 12 files, Ctrl-C ends \(12:34:56\)\S*\n$/);
  });

  it.each([["--json"], ["--format=json"]])("prints JSON Lines with %s", async (flag) => {
    const { out } = await watched(["check", "--watch", flag], [REPORT, { ...REPORT, cached: true }]);
    const lines = out.trimEnd().split("\n");
    expect(lines.map((line) => (JSON.parse(line) as { cached: boolean }).cached)).toEqual([false, true]);
  });

  it("is refused with `-m`, and a bug ends it", async () => {
    const refused = await assay(["check", "sft", "-m", "seed=1,2", "--watch"]);
    expect([refused.code, refused.out]).toEqual([2, ""]);
    expect(refused.err).toContain("`--watch` does not go with `-m`: every save");
    const nothing = () => Promise.resolve();
    const bug = await assay(
      ["check", "--watch"],
      { watch: async () => ({ ready: Promise.reject(new Error("a bug")), files: 0, check: nothing, close: nothing }) },
      { interrupted: () => new Promise(() => undefined) },
    );
    expect(bug.code).toBe(3);
    expect(bug.err).toContain("a bug");
  });
});
