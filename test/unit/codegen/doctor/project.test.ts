import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { CONFIG_DEFAULTS } from "../../../../codegen/config.ts";
import { checkConfig } from "../../../../codegen/config-shape.ts";
import { configFile } from "../../../../codegen/doctor/config-file.ts";
import { generatedFile } from "../../../../codegen/doctor/generated-file.ts";
import { oneCopy } from "../../../../codegen/doctor/one-copy.ts";
import { outputFolder } from "../../../../codegen/doctor/output-folder.ts";
import { pluginPackages } from "../../../../codegen/doctor/plugin-packages.ts";
import { doctorProject } from "./setup.ts";

const project = doctorProject();

/** A folder on another file system than that of temporary files; `null` if the machine has none that is known. */
const otherFileSystem =
  ["/dev/shm"].find((folder) => existsSync(folder) && statSync(folder).dev !== statSync(tmpdir()).dev) ?? null;

describe("the config", () => {
  it("loads, or tells what is wrong", async () => {
    const wrong = checkConfig({ plugin: [] }, { root: project.root, file: "assay.config.ts" });
    const [row] = await project.rows(configFile, { configFindings: wrong.findings });
    expect(row?.[0]).toBe("error");
    expect(row?.[1]).toMatch(/^assay\.config\.ts:1:1: .*`plugin`.*\(build\/config-unknown-key\)$/);
    expect(row?.[2]).toContain("plugins");
    expect(await project.rows(configFile)).toEqual([["ok", "`assay.config.ts` loads; it has no clusters"]]);
  });

  it("is not run where nothing can be transpiled", async () => {
    expect(await project.rows(configFile, { isConfigRun: false })).toEqual([
      ["warning", "`assay.config.ts` was not run", "mend the packages first"],
    ]);
  });
});

describe("copies of packages", () => {
  const verdicts = async () => (await project.rows(oneCopy)).map(([verdict]) => verdict);

  it("are one each", async () => {
    for (const name of ["assay", "reflect-metadata", "tsyringe"]) project.install(name, "1.4.0");
    expect(await project.rows(oneCopy)).toEqual([
      ["ok", "one copy of `assay`"],
      ["ok", "one copy of `reflect-metadata`"],
      ["ok", "one copy of `tsyringe`"],
    ]);
  });

  it("may be hidden deep inside of others", async () => {
    project.install("assay", "1.4.0");
    project.install("tsyringe", "4.10.0");
    project.install("assay", "1.3.0", "node_modules/@lab/data/node_modules/deep");
    project.install("tsyringe", "4.8.0", "node_modules/@lab/data");
    const [assay, reflect, tsyringe] = await project.rows(oneCopy);
    expect(assay?.slice(0, 2)).toEqual([
      "error",
      "2 copies of `assay`: 1.3.0 in node_modules/@lab/data/node_modules/deep/node_modules/assay, 1.4.0 in node_modules/assay",
    ]);
    expect(assay?.[2]).toContain("npm ls assay");
    expect(reflect?.[0]).toBe("ok");
    expect(tsyringe?.[0]).toBe("warning");
  });

  it("are not counted twice for links to them", async () => {
    project.install("assay", "1.4.0");
    mkdirSync(join(project.root, "node_modules/data/node_modules"), { recursive: true });
    symlinkSync("../../assay", join(project.root, "node_modules/data/node_modules/assay"));
    symlinkSync("../..", join(project.root, "node_modules/assay/round"));
    expect(await verdicts()).toEqual(["ok", "ok", "ok"]);
  });

  it("are found in the store of pnpm", async () => {
    project.install("tsyringe", "4.10.0", "node_modules/.pnpm/tsyringe@4.10.0");
    project.install("tsyringe", "4.8.0", "node_modules/.pnpm/tsyringe@4.8.0");
    expect((await project.rows(oneCopy)).at(-1)?.[1]).toContain("2 copies of `tsyringe`");
  });

  it("are not those of the command that runs", async () => {
    project.install("assay", "1.2.0");
    project.install("assay", "1.4.0", "elsewhere");
    const root = join(project.root, "elsewhere/node_modules/assay");
    const [row] = await project.rows(oneCopy, { library: { root, version: "1.4.0", engines: "*" } });
    expect(row?.[0]).toBe("error");
    expect(row?.[1]).toContain("the project has 1.2.0 of its own");
    expect(row?.[2]).toBe("run the project's own: `npx assay`");
  });
});

describe("plugin packages", () => {
  const config = { ...CONFIG_DEFAULTS, plugins: ["assay-data"] };
  const descriptor = { assayPlugin: 1, package: "assay-data", version: "2.0.0", types: [] };
  const install = (peer: object, described: object = descriptor) => {
    project.install("assay-data", "2.0.0", ".", { peerDependencies: peer });
    project.put({ "node_modules/assay-data/assay-plugin.json": described });
  };

  it("are found, described, and made for this Assay", async () => {
    expect((await project.rows(pluginPackages, { config }))[0]?.[1]).toContain("(plugin/not-found)");
    project.install("assay-data", "2.0.0");
    expect((await project.rows(pluginPackages, { config }))[0]?.[1]).toContain("(plugin/no-descriptor)");
    install({ assay: "^1.0.0" }, { ...descriptor, assayPlugin: 99 });
    expect((await project.rows(pluginPackages, { config }))[0]).toEqual(
      expect.arrayContaining(["error", "update `assay`"]),
    );
    install({ assay: "^1.0.0" });
    expect(await project.rows(pluginPackages, { config })).toEqual([
      ["ok", "`assay-data` 2.0.0 is made for `assay` ^1.0.0; this is 1.4.0"],
    ]);
  });

  it("say which versions of Assay they are made for", async () => {
    install({ assay: "^2.0.0" });
    const [other] = await project.rows(pluginPackages, { config });
    expect(other?.[0]).toBe("error");
    expect(other?.[2]).toContain("npm install assay-data@latest");
    install({});
    expect((await project.rows(pluginPackages, { config }))[0]?.[0]).toBe("warning");
  });

  it("need not be", async () => {
    expect((await project.rows(pluginPackages)).map(([verdict]) => verdict)).toEqual(["ok"]);
  });
});

describe("the output folder", () => {
  it("can be written to, and nothing stays", async () => {
    const fine = [["ok", "`.assay` can be written to, and switched in one step"]];
    expect(await project.rows(outputFolder)).toEqual(fine);
    mkdirSync(join(project.root, ".assay/.sets"), { recursive: true });
    expect(await project.rows(outputFolder)).toEqual(fine);
    expect(readdirSync(project.root, { recursive: true })).toEqual([".assay", ".assay/.sets"]);
  });

  it("is a folder", async () => {
    project.put({ ".assay": "a file" });
    expect(await project.rows(outputFolder)).toEqual([
      ["error", "`.assay` is a file", "set another folder as `out` in the config"],
    ]);
  });

  it("is not inside of node_modules", async () => {
    const config = { ...CONFIG_DEFAULTS, out: "node_modules/.cache/assay" };
    const [row] = await project.rows(outputFolder, { config });
    expect(row?.[0]).toBe("error");
  });

  it.skipIf(otherFileSystem === null)("is one file system with the folder of its sets", async () => {
    const elsewhere = mkdtempSync(join(otherFileSystem ?? "", "assay-doctor-"));
    try {
      mkdirSync(join(project.root, ".assay"));
      symlinkSync(elsewhere, join(project.root, ".assay/.sets"));
      const [row] = await project.rows(outputFolder);
      expect(row?.[0]).toBe("error");
      expect(row?.[1]).toContain("EXDEV");
      expect(row?.[2]).toContain("take the mount away");
      expect([readdirSync(elsewhere), readdirSync(join(project.root, ".assay"))]).toEqual([[], [".sets"]]);
    } finally {
      rmSync(elsewhere, { recursive: true });
    }
  });

  it("of which the system refuses something has the reason", async () => {
    // Nothing can be made in there, whoever asks.
    symlinkSync("/proc/self", join(project.root, ".assay"));
    const [row] = await project.rows(outputFolder);
    expect(row?.[0]).toBe("error");
    expect(row?.[1]).toMatch(/`.assay` can't be written to: E[A-Z]+: /);
    expect(row?.[2]).toContain("make the folder writable");
  });
});

describe("the generated file", () => {
  const FRESH = "// Generated by Assay\n";

  it("is fresh", async () => {
    expect((await project.rows(generatedFile))[0]).toEqual(expect.arrayContaining(["warning", "run `assay build`"]));
    project.put({ "assay.gen.ts": `${FRESH}// old\n` });
    expect((await project.rows(generatedFile))[0]).toEqual([
      "warning",
      "`assay.gen.ts` is not what the sources give now",
      "run `assay build`",
    ]);
    project.put({ "assay.gen.ts": FRESH });
    expect((await project.rows(generatedFile))[0]).toEqual(["ok", "`assay.gen.ts` is fresh"]);
    const broken = { generated: () => Promise.resolve(null) };
    expect((await project.rows(generatedFile, broken))[0]?.[2]).toBe("see `assay check`");
  });

  it("takes the place of no other file", async () => {
    project.put({ "assay.gen.ts": "export const mine = 1;\n" });
    expect((await project.rows(generatedFile))[0]?.[0]).toBe("error");
  });

  it("and the outputs are the same for everybody", async () => {
    const git = (...args: readonly string[]) => execFileSync("git", args, { cwd: project.root, stdio: "ignore" });
    const told = async () => (await project.rows(generatedFile)).slice(1).map(([verdict, , cure]) => cure ?? verdict);
    project.put({ "assay.gen.ts": FRESH, "assay.config.ts": "", ".assay/index.json": "{}" });
    expect(await told()).toEqual([]);
    git("init");
    expect(await told()).toEqual(["add `.assay/` to .gitignore"]);
    git("add", "assay.config.ts", ".assay/index.json");
    expect(await told()).toEqual([
      "add `.assay/` to .gitignore, and run `git rm -r --cached .assay`",
      "run `git add assay.gen.ts`, or add it to .gitignore and build before compiling",
    ]);
    git("rm", "-r", "--cached", ".assay");
    project.put({ ".gitignore": ".assay/\n" });
    git("add", "assay.gen.ts");
    expect(await told()).toEqual(["ok"]);
    project.put({ ".gitignore": ".assay/\nassay.gen.ts\n" });
    expect(await told()).toEqual(["take it out of .gitignore, or run `git rm --cached assay.gen.ts`"]);
    git("rm", "--cached", "assay.gen.ts");
    expect(await told()).toEqual(["ok"]);
  });
});
