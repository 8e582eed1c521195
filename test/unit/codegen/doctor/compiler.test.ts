import { describe, expect, it } from "vitest";
import { classFields } from "../../../../codegen/doctor/class-fields.ts";
import { decorators } from "../../../../codegen/doctor/decorators.ts";
import { isolatedModules } from "../../../../codegen/doctor/isolated-modules.ts";
import { moduleResolution } from "../../../../codegen/doctor/module-resolution.ts";
import { strict } from "../../../../codegen/doctor/strict.ts";
import { doctorProject } from "./setup.ts";

const project = doctorProject();
const ON = { experimentalDecorators: true, emitDecoratorMetadata: true };

describe("decorators", () => {
  it("are on, or must be switched on", async () => {
    project.compile({ experimentalDecorators: true });
    const [row] = await project.rows(decorators);
    expect(row?.[0]).toBe("error");
    expect(row?.[1]).toContain("`emitDecoratorMetadata` (codegen/decorators-off)");
    expect(row?.[2]).toBe('add to `compilerOptions`: "emitDecoratorMetadata": true');
    project.compile(ON);
    expect(await project.rows(decorators)).toEqual([
      ["ok", "`experimentalDecorators` and `emitDecoratorMetadata` are on"],
    ]);
  });

  it("are off without settings, or with such that can't be read", async () => {
    expect((await project.rows(decorators)).map(([verdict]) => verdict)).toEqual(["error"]);
    project.put({ "tsconfig.json": "{ nonsense" });
    expect((await project.rows(decorators)).map(([verdict]) => verdict)).toEqual(["error"]);
  });

  it("are not judged in settings that are no JSON", async () => {
    project.put({ "tsconfig.json": '{ "compilerOptions": { "strict": true,, "experimentalDecorators": true } }' });
    const [row, ...more] = await project.rows(decorators);
    expect(row?.slice(0, 2)).toEqual(["error", expect.stringMatching(/^`tsconfig\.json` is no JSON: \S/)]);
    expect(row?.[2]).toContain("mend its syntax");
    expect(more).toEqual([]);
    // Comments and a comma too many are no mistakes there, nor are they within strings.
    const settings = JSON.stringify({ ...ON, paths: { "a//*": ["./b/*", "./c,}"] } });
    project.put({
      "tsconfig.json": `\uFEFF// settings\n{ "compilerOptions": ${settings.slice(0, -1)}, /* , */ }, }\n`,
    });
    expect((await project.rows(decorators))[0]?.[0]).toBe("ok");
    project.put({ "tsconfig.json": "\n" });
    expect((await project.rows(decorators))[0]?.[1]).toContain("codegen/decorators-off");
  });

  it("that stand in a comment are not on", async () => {
    project.put({ "tsconfig.json": '{ "compilerOptions": { /* "strict": true, */ "target": "es2022" } }' });
    expect((await project.rows(decorators))[0]?.[0]).toBe("error");
    expect((await project.rows(strict))[0]?.[1]).toContain("`strict` is not set");
  });

  it("may come from what is extended", async () => {
    project.put({ "base.json": { compilerOptions: ON }, "tsconfig.json": { extends: "./base.json" } });
    expect((await project.rows(decorators))[0]?.[0]).toBe("ok");
  });
});

describe("finding the library", () => {
  it("needs it installed", async () => {
    project.compile({ module: "nodenext" });
    expect(await project.rows(moduleResolution)).toEqual([
      ["error", "no `node_modules` of the project or around it has `assay`", "run `npm install assay`"],
      ["ok", "`module` is `nodenext`"],
    ]);
    project.install("assay", "1.4.0");
    expect((await project.rows(moduleResolution))[0]).toEqual(["ok", "`assay` 1.4.0 is installed"]);
  });

  it.each([
    [{ moduleResolution: "node" }, "error"],
    [{ moduleResolution: "Node10", module: "esnext" }, "error"],
    [{ moduleResolution: "classic" }, "error"],
    [{ moduleResolution: "Bundler", module: "esnext" }, "ok"],
    [{ moduleResolution: "node16" }, "ok"],
    [{ module: "node18" }, "ok"],
    [{ module: "preserve" }, "ok"],
  ])("by the compiler with %j: %s", async (options, verdict) => {
    project.compile(options);
    const [, row] = await project.rows(moduleResolution);
    expect(row?.[0]).toBe(verdict);
    if (verdict === "error") expect(row?.[2]).toContain('"module": "nodenext"');
  });

  it.each([{}, { module: "esnext" }, { module: "commonjs" }])(
    "by the compiler with %j hangs on its version",
    async (options) => {
      project.compile(options);
      const verdict = async () => (await project.rows(moduleResolution))[1]?.[0];
      expect(await verdict()).toBe("warning");
      project.install("typescript", "5.9.3");
      expect(await verdict()).toBe("warning");
      project.install("typescript", "7.0.2");
      expect(await verdict()).toBe("ok");
    },
  );
});

describe("modules that are transpiled one by one", () => {
  it("are checked as such", async () => {
    project.compile({ module: "nodenext" });
    const [row] = await project.rows(isolatedModules);
    expect([row?.[0], row?.[2]]).toEqual(["warning", 'set `"isolatedModules": true` in `compilerOptions`']);
    project.compile({ module: "nodenext", isolatedModules: true });
    expect(await project.rows(isolatedModules)).toEqual([["ok", "`isolatedModules` is on"]]);
  });

  it("are ES modules where syntax is kept verbatim", async () => {
    const verbatim = { verbatimModuleSyntax: true };
    project.compile({ ...verbatim, module: "nodenext" });
    project.put({ "package.json": { name: "mine" } });
    const [row] = await project.rows(isolatedModules);
    expect([row?.[0], row?.[2]]).toEqual(["error", 'set `"type": "module"` in `package.json`']);
    project.put({ "package.json": { name: "mine", type: "module" } });
    expect((await project.rows(isolatedModules)).map(([verdict]) => verdict)).toEqual(["ok"]);
    project.compile({ ...verbatim, module: "commonjs" });
    expect((await project.rows(isolatedModules))[0]?.[2]).toBe('set `"module": "nodenext"`');
    project.compile({ ...verbatim, module: "esnext" });
    expect((await project.rows(isolatedModules))[0]?.[0]).toBe("ok");
  });
});

describe("fields of classes", () => {
  it.each([
    [{ target: "es2022" }, "fields are defined"],
    [{ target: "es2021" }, "fields are assigned"],
    [{ target: "es2022", useDefineForClassFields: false }, "fields are assigned"],
    [{ target: "es2021", useDefineForClassFields: true }, "fields are defined"],
  ])("with %j: %s", async (options, text) => {
    project.compile(options);
    const [row] = await project.rows(classFields);
    expect(row?.[0]).toBe("ok");
    expect(row?.[1]).toContain(text);
  });
});

describe("strictness", () => {
  it.each([
    [{}, "warning"],
    [{ strict: false }, "warning"],
    [{ strict: true, strictNullChecks: false }, "warning"],
    [{ strict: true }, "ok"],
    [{ strictNullChecks: true }, "ok"],
  ])("of %j: %s", async (options, verdict) => {
    project.compile(options);
    const [row] = await project.rows(strict);
    expect(row?.[0]).toBe(verdict);
    if (verdict === "warning") expect(row?.[2]).toContain('"strict": true');
  });
});
