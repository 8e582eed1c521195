import { describe, expect, it } from "vitest";
import { rowsOf } from "../../../../codegen/doctor.ts";
import { CHECKS } from "../../../../codegen/doctor/checks.ts";
import type { Check, Setup } from "../../../../codegen/doctor/check.ts";
import { nativeModules, works } from "../../../../codegen/doctor/native-modules.ts";
import { rowsWithout } from "../../../../codegen/doctor/needed-packages.ts";
import { MACHINE } from "../../../../codegen/doctor/machine.ts";
import { nodeVersion } from "../../../../codegen/doctor/node-version.ts";
import { python } from "../../../../codegen/doctor/python.ts";
import { watchLimits } from "../../../../codegen/doctor/watch-limits.ts";
import { doctorProject } from "./setup.ts";

const project = doctorProject();

describe("Node", () => {
  it.each([
    ["20.18.3", "error"],
    ["18.20.4", "error"],
    ["20.19.0", "ok"],
    ["24.1.0", "ok"],
  ])("%s: %s", async (version, verdict) => {
    const [row] = await project.rows(nodeVersion, {}, { nodeVersion: version });
    expect(row?.slice(0, 2)).toEqual([verdict, `Node ${version}; Assay 1.4.0 needs >=20.19`]);
  });
});

describe("packages with parts for each machine", () => {
  it("work here", async () => {
    expect((await project.rows(nativeModules)).map(([verdict]) => verdict)).toEqual(["ok", "ok"]);
    expect(await works("oxc-transform", MACHINE)).toBe(true);
  });

  it("may lack the part for this one", async () => {
    const lacking = () => Promise.reject(new Error("Cannot find native binding.\nnpm has a bug"));
    const tries = { ...MACHINE.tries, "oxc-transform": lacking };
    const [, row] = await project.rows(nativeModules, {}, { tries, platform: "darwin", arch: "arm64" });
    expect(row?.slice(0, 2)).toEqual([
      "error",
      "`oxc-transform` does not load on darwin arm64: Cannot find native binding.",
    ]);
    expect(row?.[2]).toContain("without `--omit=optional`");
    expect(await works("oxc-transform", { ...MACHINE, tries })).toBe(false);
  });
});

describe("packages that Assay needs", () => {
  it("are looked for around its own", async () => {
    project.install("assay", "1.4.0", ".", {
      dependencies: { "there-inside": "^1", "there-beside": "^1", gone: "^1" },
    });
    project.install("there-beside", "1.0.0");
    project.install("there-inside", "1.0.0", "node_modules/assay");
    const rows = await project.rows(nativeModules);
    expect(rows.map(([verdict, text]) => [verdict, text])).toEqual([
      ["error", "`gone` is not installed, and Assay needs it"],
      ["ok", expect.stringContaining("`ts-morph` works")],
      ["ok", expect.stringContaining("`oxc-transform` works")],
    ]);
    expect(rows[0]?.[2]).toContain("run `npm install`");
  });

  it("are told where nothing else can be", () => {
    expect(rowsWithout("gone").map(({ check, verdict, text }) => [check, verdict, text])).toEqual([
      ["packages", "error", "`gone` is not installed, and Assay needs it"],
      ["packages", "warning", "nothing else was looked at"],
    ]);
  });
});

describe("watching", () => {
  const limited = (limit: string | null) => ({
    platform: "linux" as const,
    systemFile: (path: string) => (path === "/proc/sys/fs/inotify/max_user_watches" ? limit : null),
  });

  it("needs as many watches as the project has files", async () => {
    project.put({ "a/b.ts": "", "a/c.ts": "", "node_modules/x/many.js": "", ".assay/index.json": "{}" });
    const few = await project.rows(watchLimits, {}, limited("5\n"));
    expect(few[0]?.[0]).toBe("warning");
    expect(few[0]?.[2]).toContain("fs.inotify.max_user_watches=524288");
    expect(await project.rows(watchLimits, {}, limited("6\n"))).toEqual([
      ["ok", "the project has 3 files and folders, and 6 may be watched"],
    ]);
  });

  it("has no limit on other systems", async () => {
    expect((await project.rows(watchLimits, {}, limited(null)))[0]?.[0]).toBe("ok");
    expect((await project.rows(watchLimits, {}, { ...limited("1"), platform: "darwin" }))[0]?.[0]).toBe("ok");
  });
});

describe("Python", () => {
  it("is told of, and never missed", async () => {
    const version = { status: 0, stdout: "Python 3.11.7\n" };
    const [there] = await project.rows(python, {}, { run: () => version });
    expect(there).toEqual(["ok", "Python 3.11.7 reads manifests with `assay_manifest.py`"]);
    expect((await project.rows(python, {}, { run: () => null }))[0]?.[0]).toBe("ok");
  });
});

describe("all checks", () => {
  it("have names of their own, and say what they are about", () => {
    expect(new Set(CHECKS.map(({ name }) => name)).size).toBe(CHECKS.length);
    for (const { about } of CHECKS) expect(about).toMatch(/^[a-z`].{20,}[^.]$/);
  });

  it("of a project are left out where there is none", async () => {
    const look = (): never => {
      throw new Error("there is no project");
    };
    const check: Check = { name: "x", about: "x", ofProject: true, look };
    expect(await rowsOf({ project: null } as Setup, [check])).toEqual([]);
  });

  it("tell what the system refuses, and hide no bug", async () => {
    const refused = Object.assign(new Error("EACCES: permission denied, open '/x'"), { code: "EACCES", path: "/x" });
    const failing = (error: Error): Check => ({
      name: "x",
      about: "x",
      ofProject: false,
      look: () => Promise.reject(error),
    });
    expect(await project.rows(failing(refused))).toEqual([
      ["error", "`/x` can't be looked at: EACCES: permission denied", "give yourself the right to read it"],
    ]);
    await expect(project.rows(failing(new TypeError("a bug")))).rejects.toThrow("a bug");
  });
});
