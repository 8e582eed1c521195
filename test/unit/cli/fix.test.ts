import { createHash } from "node:crypto";
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { BuildReport } from "../../../codegen/report.ts";
import type { Diagnostic } from "../../../src/diagnostics/finding.ts";
import { assay, reportOf } from "./run.ts";

let root = "";
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "assay-fix-"));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

function write(file: string, text: string): void {
  const path = join(root, file);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
}

const read = (file: string) => readFileSync(join(root, file), "utf8");

/** A build that finds each of these words in the files, and knows what should stand there. */
function checking(files: readonly string[], words: Readonly<Record<string, string>>, more: Partial<BuildReport> = {}) {
  const builds: number[] = [];
  const build = (): Promise<BuildReport> => {
    builds.push(builds.length);
    const diagnostics = files.flatMap((file) => {
      const text = read(file);
      return Object.entries(words).flatMap(([word, right]): Diagnostic[] => {
        const offset = text.indexOf(word);
        if (offset < 0) return [];
        const before = text.slice(0, offset).split("\n");
        const span = { file, line: before.length, column: (before.at(-1)?.length ?? 0) + 1, length: word.length };
        return [mistake({ message: `\`${word}\` is wrong`, primary: span, fix: { span, text: right } })];
      });
    });
    const hashOf = (file: string) =>
      createHash("sha256")
        .update(readFileSync(join(root, file)))
        .digest("hex");
    const sourceHashes = Object.fromEntries(files.map((file) => [file, hashOf(file)]));
    return Promise.resolve(reportOf({ root, outDir: join(root, ".assay"), diagnostics, sourceHashes, ...more }));
  };
  return { tools: { build }, builds };
}

function mistake(input: Partial<Diagnostic>): Diagnostic {
  return {
    code: "option/unknown",
    severity: "error",
    message: "m",
    data: {},
    experiment: null,
    primary: null,
    related: [],
    notes: [],
    help: null,
    fix: null,
    ...input,
  };
}

describe("assay fix", () => {
  it("mends until nothing is left, and shows what it changed", async () => {
    write("a.ts", "const a = wrong;\n");
    const { tools, builds } = checking(["a.ts"], { wrong: "better", better: "best" });
    expect(await assay(["fix"], tools)).toEqual({
      code: 0,
      err: "",
      out: "--- a.ts\n+++ a.ts\n@@ -1 +1 @@\n-const a = wrong;\n+const a = best;\n\nfixed 2 mistakes in 1 file\n",
    });
    expect(read("a.ts")).toBe("const a = best;\n");
    expect(builds).toHaveLength(3);
    expect(readdirSync(root)).toEqual(["a.ts"]);
  });

  it("writes nothing in a dry run, which fails if there is something to fix", async () => {
    write("a.ts", "wrong");
    const { tools, builds } = checking(["a.ts"], { wrong: "right" });
    expect(await assay(["fix", "--dry-run"], tools)).toMatchObject({
      code: 1,
      out: expect.stringMatching(
        /-wrong\n\\ No newline at end of file\n\+right\n(.*\n)*\nwould fix 1 mistake in 1 file\n$/,
      ),
    });
    expect(read("a.ts")).toBe("wrong");
    expect(builds).toHaveLength(1);
    expect(await assay(["fix", "--dry-run"], checking(["a.ts"], {}).tools)).toEqual({
      code: 0,
      err: "",
      out: "nothing to fix\n",
    });
  });

  it("keeps line ends, a mark at the beginning, and permissions", async () => {
    write("a.ts", "\uFEFFone\r\nwrong\r\n🚀 wrong2\n");
    chmodSync(join(root, "a.ts"), 0o640);
    await assay(["fix"], checking(["a.ts"], { wrong2: "right2", wrong: "right" }).tools);
    expect(read("a.ts")).toBe("\uFEFFone\r\nright\r\n🚀 right2\n");
    expect(statSync(join(root, "a.ts")).mode & 0o777).toBe(0o640);
  });

  it("ends if fixes go round in a circle", async () => {
    write("a.ts", "aaa");
    let turn = 0;
    const { tools } = checking(["a.ts"], {});
    const build = async () => {
      const span = { file: "a.ts", line: 1, column: 1, length: 3 };
      turn += 1;
      return {
        ...(await tools.build()),
        diagnostics: [mistake({ primary: span, fix: { span, text: turn % 2 === 0 ? "aaa" : "bbb" } })],
      };
    };
    expect(await assay(["fix"], { build })).toMatchObject({ code: 1, out: expect.stringContaining("1 error left") });
    expect(turn).toBe(11);
  });

  it("edits nothing but the project's own sources", async () => {
    const outside = mkdtempSync(join(tmpdir(), "assay-outside-"));
    writeFileSync(join(outside, "o.ts"), "wrong");
    symlinkSync(outside, join(root, "linked"));
    const files = ["node_modules/p/a.ts", ".assay/a.ts", "assay.gen.ts", "a.d.ts", "data.json"];
    for (const file of files) write(file, "wrong");
    const all = [...files, "linked/o.ts"];
    const { code, out } = await assay(["fix"], checking(all, { wrong: "right" }).tools);
    expect([code, out]).toEqual([1, expect.stringMatching(/\nnothing to fix; 6 errors left\n$/)]);
    for (const file of all) expect(read(file)).toBe("wrong");
    rmSync(outside, { recursive: true });
    const span = { file: "<command line>", line: 1, column: 1, length: 5 };
    const argument = reportOf({ root, diagnostics: [mistake({ primary: span, fix: { span, text: "x" } })] });
    expect((await assay(["fix"], { build: () => Promise.resolve(argument) })).code).toBe(1);
  });

  it("refuses a file that has changed since it was checked", async () => {
    write("a.ts", "wrong");
    const { tools } = checking(["a.ts"], { wrong: "right" });
    const build = async () => {
      const report = await tools.build();
      write("a.ts", "wrong // mine");
      return report;
    };
    const { code, out } = await assay(["fix"], { build });
    expect(code).toBe(1);
    expect(out).toContain("error[cli/file-changed]: `a.ts` has changed since it was checked");
    expect(read("a.ts")).toBe("wrong // mine");
  });

  it("says it if a file can't be written", async () => {
    write("a.ts", "wrong");
    // A folder of that name is in the way of the new text, whoever runs this.
    mkdirSync(join(root, `a.ts.${process.pid}.assay-fix`));
    const { code, out } = await assay(["fix"], checking(["a.ts"], { wrong: "right" }).tools);
    expect(code).toBe(1);
    expect(out).toContain("error[cli/file-not-writable]: `a.ts` can't be written: ");
    expect(read("a.ts")).toBe("wrong");
  });

  it("prints data as JSON, and other forms beside the diff", async () => {
    write("a.ts", "wrong");
    const left = mistake({ code: "graph/cycle", nowhere: "nobody wrote it" });
    const { tools } = checking(["a.ts"], { wrong: "right" });
    const build = async () => {
      const report = await tools.build();
      return { ...report, diagnostics: [...report.diagnostics, left] };
    };
    const { code, out } = await assay(["fix", "--json"], { build });
    expect(code).toBe(1);
    expect(JSON.parse(out)).toMatchObject({
      assayDiagnostics: 1,
      diagnostics: [{ code: "graph/cycle" }],
      fixed: [{ code: "option/unknown", span: { file: "a.ts", line: 1, column: 1, length: 5 }, text: "right" }],
      diff: expect.stringContaining("+right\n"),
      written: true,
    });
    write("a.ts", "wrong");
    const github = await assay(["fix", "--format", "github"], { build });
    expect(github.err).toContain("+right\n");
    expect(github.out).toMatch(/^::error title=graph\/cycle::/);
  });

  it("takes names, and no overrides", async () => {
    write("a.ts", "wrong");
    const asked: unknown[] = [];
    const { tools } = checking(["a.ts"], {});
    const build = (options: { readonly only: readonly string[]; readonly write: boolean }) => {
      asked.push([options.only, options.write]);
      return tools.build();
    };
    expect((await assay(["fix", "sft"], { build })).code).toBe(0);
    expect(asked).toEqual([[["sft"], false]]);
    expect(await assay(["fix", "sft", "lr=1"], { build })).toMatchObject({
      code: 2,
      err: expect.stringContaining("takes no overrides"),
    });
  });
});
