import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { readTsconfig } from "../../../codegen/tsconfig.ts";

let root = "";
beforeEach(() => {
  root = realpathSync(mkdtempSync(join(tmpdir(), "assay-tsconfig-")));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

function put(file: string, content: string | object): void {
  mkdirSync(dirname(join(root, file)), { recursive: true });
  writeFileSync(join(root, file), typeof content === "string" ? content : JSON.stringify(content));
}

const DECORATORS = { experimentalDecorators: true, emitDecoratorMetadata: true };

describe("the compiler's settings", () => {
  it("are read, comments and all", () => {
    put(
      "tsconfig.json",
      '{ // comment\n "compilerOptions": { "experimentalDecorators": true, "emitDecoratorMetadata": true, }, }',
    );
    const { flags, findings, files } = readTsconfig(root);
    expect(findings).toEqual([]);
    expect(flags).toEqual({ ...DECORATORS, useDefineForClassFields: true, paths: {} });
    expect(files).toEqual([join(root, "tsconfig.json")]);
  });

  it("follow `extends`, through files and packages; all files are named", () => {
    put("tsconfig.json", {
      extends: ["./configs/base", "shared/tsconfig.json"],
      compilerOptions: { emitDecoratorMetadata: true },
    });
    put("configs/base.json", { extends: "./root.json" });
    put("configs/root.json", { compilerOptions: { experimentalDecorators: true, useDefineForClassFields: false } });
    put("node_modules/shared/package.json", { name: "shared" });
    put("node_modules/shared/tsconfig.json", { compilerOptions: { target: "es2017" } });
    const { flags, findings, files, absent } = readTsconfig(root);
    expect(findings).toEqual([]);
    expect(flags).toMatchObject({ ...DECORATORS, useDefineForClassFields: false });
    const expected = ["tsconfig.json", "configs/base.json", "configs/root.json", "node_modules/shared/tsconfig.json"];
    expect(files).toEqual(expect.arrayContaining(expected.map((file) => join(root, file))));
    expect(absent).toContain(join(root, "configs/base"));
  });

  it.each([
    [undefined, true],
    ["ES2022", true],
    ["es2025", true],
    ["ESNext", true],
    ["es2021", false],
    ["ES6", false],
  ])("define fields by the target: %s", (target, expected) => {
    put("tsconfig.json", { compilerOptions: { ...DECORATORS, target } });
    expect(readTsconfig(root).flags.useDefineForClassFields).toBe(expected);
  });

  it("hold paths, relative to the project", () => {
    put("tsconfig.json", { extends: "./configs/base.json", compilerOptions: DECORATORS });
    put("configs/base.json", {
      compilerOptions: {
        paths: { "@lib/*": ["../lib/*", "./more/*.ts"], "@lib/exact": ["./exact.ts"], "*": ["./any/*"] },
      },
    });
    expect(readTsconfig(root).flags.paths).toEqual({
      "*": ["configs/any/*"],
      "@lib/*": ["lib/*", "configs/more/*.ts"],
      "@lib/exact": ["configs/exact.ts"],
    });
  });

  it("hold paths relative to a base folder", () => {
    put("tsconfig.json", { compilerOptions: { ...DECORATORS, baseUrl: "./src", paths: { "~/*": ["*"] } } });
    expect(readTsconfig(root).flags.paths).toEqual({ "~/*": ["src/*"] });
  });

  it("are those of a folder above, if the project has none", () => {
    put("tsconfig.json", { compilerOptions: { ...DECORATORS, paths: { "#x": ["./x.ts"] } } });
    mkdirSync(join(root, "packages/mine"), { recursive: true });
    const { flags, files, absent } = readTsconfig(join(root, "packages/mine"));
    expect(flags).toMatchObject({ ...DECORATORS, paths: { "#x": ["../../x.ts"] } });
    expect(files).toEqual([join(root, "tsconfig.json")]);
    expect(absent).toContain(join(root, "packages/mine/tsconfig.json"));
  });
});

describe("settings without decorators", () => {
  const finding = () => readTsconfig(root).findings.map(({ code, at, help }) => ({ code, at, help }));

  it("are reported at `compilerOptions`", () => {
    put(
      "tsconfig.json",
      '{\n  // "compilerOptions": {\n  /* "compilerOptions": */ "compilerOptions": { "strict": true }\n}',
    );
    expect(finding()).toEqual([
      {
        code: "codegen/decorators-off",
        at: { kind: "span", span: { file: "tsconfig.json", line: 3, column: 28, length: 17 } },
        help: 'add to `compilerOptions`: "experimentalDecorators": true, "emitDecoratorMetadata": true',
      },
    ]);
  });

  it("are reported at the flag that turns them off, and name only what is missing", () => {
    put(
      "tsconfig.json",
      '{ "compilerOptions": {\n "experimentalDecorators": true,\n "emitDecoratorMetadata": false } }',
    );
    expect(finding()).toEqual([
      {
        code: "codegen/decorators-off",
        at: { kind: "span", span: { file: "tsconfig.json", line: 3, column: 2, length: 23 } },
        help: 'add to `compilerOptions`: "emitDecoratorMetadata": true',
      },
    ]);
  });

  it("are reported at the beginning of a file that sets nothing", () => {
    put("tsconfig.json", "{}");
    expect(finding()[0]?.at).toEqual({ kind: "span", span: { file: "tsconfig.json", line: 1, column: 1, length: 0 } });
  });
});

describe("settings that can't be read", () => {
  it.each([
    ["what is extended is missing", '{ "extends": "./missing.json" }', /'\.\/missing\.json' not found/],
    ["a circle", '{ "extends": "./tsconfig.json" }', /Circularity/],
    ["no object", "17", /tsconfig/],
  ])("are reported: %s", (_, text, message) => {
    put("tsconfig.json", text);
    const { findings } = readTsconfig(root);
    expect(findings.map(({ code }) => code)).toEqual(["build/tsconfig"]);
    expect(findings[0]?.message).toMatch(message);
    expect(findings[0]?.message).not.toContain(root);
    expect(findings[0]?.at).toMatchObject({ kind: "span", span: { file: "tsconfig.json" } });
  });
});
