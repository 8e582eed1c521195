import { describe, expect, it } from "vitest";
import type { Host, Sink } from "../../../src/cli/host.ts";
import { homepageOf, pageFile, webPageBelow } from "../../../src/cli/pages.ts";
import { styleOf } from "../../../src/cli/styles.ts";
import { link, paint } from "../../../src/diagnostics/render/style.ts";
import { textWidth } from "../../../src/diagnostics/render/text-width.ts";
import { assay, reportOf } from "./run.ts";

const diagnostic = {
  code: "graph/cycle",
  severity: "error",
  message: "calls wait for each other",
  data: {},
  experiment: null,
  primary: null,
  nowhere: "nobody wrote it",
  related: [],
  notes: [],
  help: null,
  fix: null,
} as const;

async function checked(sink: Partial<Sink>, line: readonly string[] = [], env: Host["env"] = {}): Promise<string> {
  let out = "";
  const stdout: Sink = {
    write: (text) => void (out += text),
    isTerminal: true,
    columns: 80,
    showsLinks: true,
    ...sink,
  };
  const report = reportOf({ diagnostics: [diagnostic] });
  await assay(["check", ...line], { build: () => Promise.resolve(report) }, { stdout, env });
  return out;
}

describe("links behind codes", () => {
  it("lead to the page in the installed package while it names no home page", async () => {
    const [, target = ""] = /\u001B\]8;;(\S+?)\u001B\\/.exec(await checked({})) ?? [];
    expect(new URL(target).protocol).toBe("file:");
    expect(decodeURI(new URL(target).pathname)).toBe(pageFile("graph/cycle"));
  });

  it("are left out where they would be read as characters, and with the colours", async () => {
    expect(await checked({ showsLinks: false })).toMatch(/^\u001B\[1;31merror\[graph\/cycle\]/);
    for (const plain of [
      await checked({}, ["--no-color"]),
      await checked({}, [], { NO_COLOR: "1" }),
      await checked({ isTerminal: false, columns: null }),
      await checked({}, [], { TERM: "dumb" }),
    ]) {
      expect(plain).not.toContain("\u001B");
    }
    expect(styleOf({ write: () => {}, isTerminal: true, columns: 80 }, {}, true).hyperlinks).toBe(false);
  });

  it("take no columns, nor do colours", () => {
    const style = { color: true, hyperlinks: true };
    const shown = link(paint("é[code] 🚀", "error", style), "https://example.org/a", style);
    expect(shown).toContain("https://example.org/a");
    expect(textWidth(shown)).toBe(textWidth("é[code] 🚀"));
  });

  it("lead to the web if the package says where", () => {
    const of = (properties: object) => homepageOf(JSON.stringify(properties));
    expect(of({})).toBeNull();
    expect(of({ homepage: "https://example.org/assay/#readme" })).toBe("https://example.org/assay");
    expect(of({ repository: { url: "git+https://github.com/a/b.git" } })).toBe("https://github.com/a/b");
    expect(of({ repository: "github:a/b" })).toBe("https://github.com/a/b");
    expect(of({ repository: "a/b" })).toBeNull();
    expect(of({ homepage: "javascript:1" })).toBeNull();
    expect(webPageBelow("https://github.com/a/b", "graph/cycle")).toBe(
      "https://github.com/a/b/blob/HEAD/docs/codes/graph/cycle.md",
    );
    expect(webPageBelow("https://example.org/assay", "graph/cycle")).toBe(
      "https://example.org/assay/docs/codes/graph/cycle.md",
    );
  });
});

describe("forms for other programs", () => {
  it("stand alone on stdout", async () => {
    const report = reportOf({ diagnostics: [diagnostic], output: { sft: "::error::printed\n" } });
    const tools = { build: () => Promise.resolve(report) };
    const sarif = await assay(["check", "--format", "sarif"], tools);
    expect(sarif).toMatchObject({ code: 1, err: "" });
    const [run] = JSON.parse(sarif.out).runs;
    expect(run.results).toMatchObject([{ ruleId: "graph/cycle", level: "error" }]);
    expect(run.tool.driver).toMatchObject({ version: "1.2.3", rules: [{ id: "graph/cycle" }] });
    expect(run.tool.driver.rules[0].shortDescription.text.length).toBeGreaterThan(20);
    const github = await assay(["build", "--format", "github"], tools);
    expect(github).toEqual({
      code: 1,
      err: "",
      out: "::error title=graph/cycle::calls wait for each other%0Ano source: nobody wrote it\n",
    });
    const sound = await assay(["check", "--format", "sarif"], { build: () => Promise.resolve(reportOf()) });
    expect(JSON.parse(sound.out).runs[0].results).toEqual([]);
  });

  it("place annotations from what GitHub checked out, wherever the command runs in it", async () => {
    const span = { file: "experiments/run.ts", line: 3, column: 5, length: 2 };
    const report = reportOf({ root: "/home/ci/repo/runs", diagnostics: [{ ...diagnostic, primary: span }] });
    const placed = async (env: Host["env"], format = "github") => {
      const host = { cwd: "/home/ci/repo/runs", env };
      return (await assay(["check", "--format", format], { build: () => Promise.resolve(report) }, host)).out;
    };
    expect(await placed({})).toContain("file=experiments/run.ts,");
    expect(await placed({ GITHUB_WORKSPACE: "/home/ci/repo" })).toContain("file=runs/experiments/run.ts,");
    expect(await placed({ GITHUB_WORKSPACE: "/home/ci/re" })).toContain("file=experiments/run.ts,");
    expect(await placed({ GITHUB_WORKSPACE: "/home/ci/repo" }, "pretty")).toContain("--> experiments/run.ts");
  });
});
