import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { experimentFiles, projectFiles } from "../../../codegen/project-files.ts";

let root = "";
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "assay-files-"));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

function put(...files: readonly string[]): void {
  for (const file of files) {
    mkdirSync(dirname(join(root, file)), { recursive: true });
    writeFileSync(join(root, file), "");
  }
}

const find = (patterns: readonly string[], out = ".assay", kind: "sources" | "data" = "sources") =>
  projectFiles(root, { patterns, out, kind });

describe("files of a project", () => {
  it("come in one order, each once", () => {
    put("experiments/b.ts", "experiments/a/z.ts", "experiments/B.ts", "experiments/a.ts", "experiments/ä.ts");
    const expected = [
      "experiments/B.ts",
      "experiments/a.ts",
      "experiments/a/z.ts",
      "experiments/b.ts",
      "experiments/ä.ts",
    ];
    expect(find(["experiments/**/*.ts", "experiments/*.ts", "./experiments/a.ts"])).toEqual(expected);
  });

  it("are no declarations, generated code, packages or outputs", () => {
    put("a.ts", "a.d.ts", "a.d.mts", "assay.gen.ts", "node_modules/x/a.ts", "sub/node_modules/x/a.ts");
    put("out (1)/a.ts", "out (1)x/a.ts", "sub/deep.gen.ts");
    expect(find(["**/*.{ts,mts}"], "out (1)")).toEqual(["a.ts", "out (1)x/a.ts"]);
  });

  it("can be taken away by a pattern", () => {
    put("experiments/a.ts", "experiments/a.test.ts");
    expect(find(["experiments/**/*.ts", "!**/*.test.ts"])).toEqual(["experiments/a.ts"]);
  });

  it("are data of any kind where data is asked for", () => {
    put("data/a.json", "data/b.d.ts", "data/node_modules/c.json", ".assay/d.json", "data/deep/e.json");
    expect(find(["data/*", ".assay/*"], ".assay", "data")).toEqual(["data/a.json", "data/b.d.ts"]);
  });

  it("do not lie outside, and links in a circle end", () => {
    put("project/experiments/a.ts", "other/b.ts");
    symlinkSync("..", join(root, "project/experiments/up"));
    const files = projectFiles(join(root, "project"), {
      patterns: ["../other/*.ts", "experiments/**/*.ts"],
      out: ".assay",
      kind: "sources",
    });
    expect(files).toContain("experiments/a.ts");
    expect(files.filter((file) => file.startsWith(".."))).toEqual([]);
  });

  it("are not folders", () => {
    mkdirSync(join(root, "experiments/folder.ts"), { recursive: true });
    expect(find(["experiments/**/*.ts"])).toEqual([]);
  });

  it("are none for no pattern", () => {
    put("a.ts");
    expect(find([])).toEqual([]);
  });
});

describe("modules with experiments", () => {
  const options = { out: ".assay", configFile: "assay.config.ts" };

  it("are found without a finding", () => {
    put("experiments/a.ts");
    expect(experimentFiles(root, { ...options, patterns: ["experiments/*.ts"] })).toEqual({
      files: ["experiments/a.ts"],
      findings: [],
    });
  });

  it("are missed if there are none", () => {
    const { findings } = experimentFiles(root, { ...options, patterns: ["experiment/*.ts", "x/*.ts"] });
    expect(findings.map(({ code, message, at }) => ({ code, message, at }))).toEqual([
      {
        code: "build/no-experiment-files",
        message: "no module matches `experiment/*.ts`, `x/*.ts`",
        at: { kind: "span", span: { file: "assay.config.ts", line: 1, column: 1, length: 0 } },
      },
    ]);
    const none = experimentFiles(root, { ...options, patterns: [] });
    expect(none.findings.map(({ message }) => message)).toEqual(["the config names no modules with experiments"]);
  });
});
