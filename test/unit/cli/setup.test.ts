import { existsSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { assay } from "./run.ts";

let cwd = "";
beforeEach(() => void (cwd = realpathSync(mkdtempSync(join(tmpdir(), "assay-setup-")))));
afterEach(() => rmSync(cwd, { recursive: true, force: true }));

describe("init", () => {
  it("says what was made, and what to type next", async () => {
    const { code, out, err } = await assay(["init", "a b/runs", "--from", "sft"], {}, { cwd });
    expect([code, err]).toEqual([0, ""]);
    expect(out.replaceAll(cwd, "")).toMatchInlineSnapshot(`
      "made the project runs in /a b/runs
        made    package.json
        made    assay.config.ts
        made    tsconfig.json
        made    .gitignore
        made    .github/workflows/assay.yml
        made    .vscode/extensions.json
        made    .vscode/settings.json
        made    README.md
        made    experiments/runs.ts

      Next:
        cd 'a b/runs'
        npm install
        npx assay check
        npx assay build
      "
    `);
  });

  it("says what was left", async () => {
    await assay(["init", "--name", "runs"], {}, { cwd });
    const { code, out } = await assay(["init", "--name", "runs"], {}, { cwd });
    expect(code).toBe(0);
    expect(out).toContain(`nothing to make: ${cwd} has all that a project needs`);
    expect(out).toContain("  left    experiments/runs.ts: it is there\n");
  });

  it("has settings that were there looked at", async () => {
    writeFileSync(join(cwd, "tsconfig.json"), "{}");
    const { out } = await assay(["init", "--name", "runs", "--json"], {}, { cwd });
    expect((JSON.parse(out) as { readonly next: readonly string[] }).next).toContain("npx assay doctor");
  });

  it("puts the workflow where GitHub looks for it", async () => {
    mkdirSync(join(cwd, ".git"));
    const { out } = await assay(["init", "a/b", "--name", "runs", "--json"], {}, { cwd });
    const { next } = JSON.parse(out) as { readonly next: readonly string[] };
    expect(next.slice(0, 2)).toEqual([
      "cd a/b",
      "mkdir -p ../../.github/workflows && mv -n .github/workflows/assay.yml ../../.github/workflows/",
    ]);
    const again = await assay(["init", "a/b", "--name", "runs", "--json"], {}, { cwd });
    expect(again.out).not.toContain("mkdir");
  });

  it("prints data as JSON, and nothing if it is to be quiet", async () => {
    const { out } = await assay(["init", "--name", "runs", "--json"], {}, { cwd });
    expect(JSON.parse(out)).toMatchObject({
      root: cwd,
      name: "runs",
      left: [],
      installed: false,
      next: ["npm install", "npx assay check", "npx assay build"],
    });
    expect((await assay(["init", "--name", "runs", "--quiet"], {}, { cwd })).out).toBe("");
  });

  it("points at the argument that is wrong", async () => {
    const { code, out, err } = await assay(["init", "--from", "pp-math", "--name=2"], {}, { cwd });
    expect([code, out]).toEqual([1, ""]);
    expect(err).toContain(" 1 | assay init --from pp-math --name=2\n   |                   ^^^^^^^\n");
    expect(err).toContain(" 1 | assay init --from pp-math --name=2\n   |                           ^^^^^^\n");
    expect(existsSync(join(cwd, "package.json"))).toBe(false);
  });

  it("takes one folder", async () => {
    expect((await assay(["init", "a", "b"], {}, { cwd })).code).toBe(2);
  });
});

describe("doctor", () => {
  it("looks at the machine where there is no project, and says so", async () => {
    const { code, out, err } = await assay(["doctor"], {}, { cwd });
    expect([code, err]).toEqual([1, ""]);
    expect(out).toMatch(/^ok +node +Node /m);
    expect(out).toMatch(/^error +config +no folder from .*\(build\/config-not-found\)\n +cure: run `assay init`/ms);
    expect(out).toContain("\n1 error, no warnings in the setup of the machine; there is no project here\n");
    expect(out).not.toContain("decorators");
  });

  it("prints what is wrong only, if it is to be quiet", async () => {
    const { out } = await assay(["doctor", "--quiet"], {}, { cwd });
    expect(out).toMatch(/^error/);
    expect(out).not.toMatch(/^ok/m);
  });

  it("prints rows as JSON", async () => {
    const { code, out } = await assay(["doctor", "--json"], {}, { cwd });
    const { root, rows, errors, warnings } = JSON.parse(out) as {
      readonly root: null;
      readonly rows: readonly { readonly check: string; readonly verdict: string }[];
      readonly errors: number;
      readonly warnings: number;
    };
    expect([code, root, errors, warnings]).toEqual([1, null, 1, 0]);
    expect(rows.map(({ check }) => check)).toEqual(["node", "packages", "packages", "config", "python"]);
  });

  it("takes no arguments", async () => {
    expect((await assay(["doctor", "x"], {}, { cwd })).code).toBe(2);
  });
});
