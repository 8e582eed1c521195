import { execFile } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { PLUGIN_KINDS } from "../../src/spec/plugin-kinds.ts";
import { CHECKOUT } from "../compiled-build.ts";

const page = readFileSync(join(CHECKOUT, "docs/plugin-testing.md"), "utf8");
const blocks = (language: string): readonly string[] =>
  [...page.matchAll(new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\`$`, "gms"))].map(([, block = ""]) => block);

let folder = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "assay-plugin-testing-"));
  cpSync(join(CHECKOUT, "test/fixtures/packages/assay-dataset-chat"), folder, { recursive: true });
  mkdirSync(join(folder, "node_modules"));
  symlinkSync(CHECKOUT, join(folder, "node_modules/assay"), "dir");
  mkdirSync(join(folder, "test"));
  writeFileSync(join(folder, "test/contract.test.js"), blocks("js")[0] ?? "");
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Runs the package's test as its author does. */
function runTests(): Promise<string> {
  const env = Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !/^(?:NODE_OPTIONS|VITEST|NODE_TEST)/.test(name)),
  );
  return new Promise((settle) => {
    execFile(process.execPath, ["--test"], { cwd: folder, env, maxBuffer: 1e8 }, (_error, out) => settle(out));
  });
}

describe("the page of testing", () => {
  it("has a test that passes as it stands", async () => {
    const out = await runTests();
    expect(out).toMatch(/^(?:#|ℹ) fail 0$/m);
    expect(Number(/^(?:#|ℹ) pass (\d+)$/m.exec(out)?.[1])).toBeGreaterThan(15);
  });

  it("shows what a failing case says", async () => {
    const open = (file: string) => {
      const path = join(folder, file);
      const text = readFileSync(path, "utf8");
      const changed = text.replace(/,\s*"?additionalProperties"?: false/, "");
      expect(changed).not.toBe(text);
      writeFileSync(path, changed);
    };
    open("index.js");
    open("assay-plugin.json");
    const out = await runTests();
    expect(out).toMatch(/^(?:#|ℹ) fail 1$/m);
    const [shown = ""] = blocks("text");
    for (const line of shown.trim().split("\n")) expect(out).toContain(line.trim());
  });

  it("says of every kind what its suite needs", () => {
    const rows = page.split("\n").filter((line) => line.startsWith("| `"));
    for (const kind of PLUGIN_KINDS) expect(rows.some((row) => row.split("|")[1]?.includes(`\`${kind}\``))).toBe(true);
  });
});
