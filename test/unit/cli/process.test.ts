import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, it } from "vitest";

const bin = fileURLToPath(new URL("../../../dist/src/cli/bin.js", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "assay-bin-"));
afterAll(() => rmSync(folder, { recursive: true }));

function assay(...line: string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [bin, ...line], { cwd: folder, encoding: "utf8" });
  return { status, stdout, stderr };
}

describe("the compiled program", () => {
  it("is there: `npm run build` comes first", () => {
    expect(existsSync(bin)).toBe(true);
  });

  it("ends with the codes of the docs", () => {
    expect(assay("--version")).toMatchObject({ status: 0, stdout: expect.stringMatching(/^\d+\.\d+\.\d+\n$/) });
    expect(assay("explain", "graph/cycle").status).toBe(0);
    expect(assay("explain", "graph/gone").status).toBe(1);
    expect(assay("show")).toMatchObject({
      status: 1,
      stdout: "",
      stderr: expect.stringContaining("build/config-not-found"),
    });
    expect(assay("chekc")).toMatchObject({ status: 2, stdout: "" });
  });

  it("ends with 3 for what nobody caught", () => {
    const stray = `data:text/javascript,process.once("beforeExit",()=>{throw%20new%20Error("stray")})`;
    const { status, stderr } = spawnSync(process.execPath, ["--import", stray, bin, "explain", "graph/cycle"], {
      encoding: "utf8",
    });
    expect(status).toBe(3);
    expect(stderr).toMatch(/Error: stray\n +at /);
    expect(stderr).toContain("Please report it");
  });

  it("does not mind a reader that goes away", () => {
    const line = `"${process.execPath}" "${bin}" explain --json | head -c 10; echo " \${PIPESTATUS[0]}"`;
    const { stdout, stderr } = spawnSync("bash", ["-c", line], { encoding: "utf8" });
    expect(stderr).toBe("");
    expect(stdout).toMatch(/ 0\n$/);
  });

  it("loads nothing of the library for its version and help", () => {
    const probe = (argument: string) => {
      const code = `process.argv.splice(1, 0, ""); process.argv[2] = ${JSON.stringify(argument)};
        await import(${JSON.stringify(`file://${bin}`)});
        const { createRequire } = await import("node:module");
        process.stderr.write(JSON.stringify(Object.keys(createRequire(${JSON.stringify(bin)}).cache)));`;
      const { stderr } = spawnSync(process.execPath, ["--input-type=module", "-e", code], { encoding: "utf8" });
      return stderr;
    };
    expect(probe("--version")).toBe("[]");
    expect(probe("--help")).not.toMatch(/ts-morph|tsyringe|reflect-metadata/);
  });
});
