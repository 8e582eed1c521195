import { expect, it } from "vitest";
import { missingPackage, missingText } from "../../../src/diagnostics/missing-package.ts";

it.each([
  [
    "Cannot find package 'tsyringe' imported from /p/node_modules/assay/dist/src/dsl/container.js",
    "tsyringe",
    "/p/node_modules/assay/dist/src/dsl/container.js",
  ],
  ["Cannot find package '@cfworker/json-schema' imported from /p/check.js", "@cfworker/json-schema", "/p/check.js"],
  [
    "Cannot find module 'minimatch'\nRequire stack:\n- /p/node_modules/x/index.js\n- /p/y.js",
    "minimatch",
    "/p/node_modules/x/index.js",
  ],
])("reads what the system says: %j", (message, name, neededBy) => {
  expect(missingPackage(new Error(message))).toEqual({ name, neededBy });
});

it("takes nothing else for it: a lack of our own is a bug", async () => {
  const own = await import(/* @vite-ignore */ `${"./"}gone.js`).catch((error: unknown) => error);
  expect(missingPackage(own)).toBeNull();
  expect(
    missingPackage(new Error("Cannot find module '/p/node_modules/assay/dist/gone.js' imported from /p/a.js")),
  ).toBeNull();
  expect(missingPackage(new Error("Cannot find module './gone.js'\nRequire stack:\n- /p/a.js"))).toBeNull();
  expect(missingPackage(new Error("Cannot find module 'C:\\\\p\\\\gone.js'\nRequire stack:\n- x"))).toBeNull();
  expect(missingPackage("Cannot find package 'x' imported from y")).toBeNull();
});

it("says what mends it", () => {
  expect(missingText({ name: "commander", neededBy: "/p/program.js" })).toMatch(
    /^error: package `commander`, which Assay needs, is not installed\n {2}needed by \/p\/program\.js\n {2}help: .*npm install/,
  );
  expect(missingText({ name: "commander", neededBy: null })).not.toContain("needed by");
});
