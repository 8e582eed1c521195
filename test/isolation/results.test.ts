import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { BuildReport } from "../../codegen/report.ts";
import { compiledBuild, temporaryProject, type TemporaryProject } from "../compiled-build.ts";
import { foundIn, statuses, tuning, unmarked } from "./experiments.ts";

interface Value {
  readonly name: string;
  /** An expression. */
  readonly value: string;
  readonly found: string;
  readonly before?: string;
}

const VALUES: readonly Value[] = [
  { name: "promise", value: "Promise.resolve(1)", found: "a Promise" },
  { name: "map", value: "new Map()", found: "a Map" },
  { name: "set", value: "new Set([1])", found: "a Set" },
  { name: "date", value: "new Date(0)", found: "a Date" },
  { name: "big-int", value: "1024n", found: "a BigInt" },
  { name: "nan", value: "Number.NaN", found: "NaN" },
  { name: "infinity", value: "1 / 0", found: "Infinity" },
  { name: "function", value: "() => 1024", found: "a function" },
  { name: "class", value: "class Box {}", found: "a class" },
  { name: "symbol", value: `Symbol("x")`, found: "a symbol" },
  { name: "typed-array", value: "new Uint8Array(2)", found: "a Uint8Array" },
  { name: "instance", value: "new Box()", found: "an instance of class `Box`", before: "class Box {\n  size = 1;\n}" },
  {
    name: "cycle",
    value: "ring",
    found: "an object that contains itself",
    before: "const ring: { inner?: object } = {};\nring.inner = ring;",
  },
  {
    name: "getter",
    value: `{ get «size»() { throw new Error("no size"); } }`,
    found: "a getter that throws (no size)",
  },
  { name: "refused", value: `{ get size() { return Date.now(); } }`, found: "" },
];

/** A result of methods that the experiment writes itself. */
const RETURNED: Readonly<
  Record<string, { readonly members: string; readonly code: string; readonly message: RegExp }>
> = {
  "async-setup": {
    members: "override async initialSetup() {\n    return [];\n  }",
    code: "evaluate/not-plain-data",
    message: /`setups\.0` is a Promise/,
  },
  "no-setup": {
    members: "override initialSetup() {\n    return undefined as never;\n  }",
    code: "evaluate/not-plain-data",
    message: /`setups\.0` is undefined/,
  },
  "empty-setup": {
    members: "override initialSetup() {\n    return {} as never;\n  }",
    code: "evaluate/wrong-result",
    message: /`initialSetup` returned is no setup/,
  },
  "no-scheduling": {
    members: `override schedulingSetup() {\n    return "one" as never;\n  }`,
    code: "evaluate/wrong-result",
    message: /`schedulingSetup` returned has no groups/,
  },
};

const argument = (value: string): string => `promptAnswer({ maxLength: «${value} as never», datasetPath: "/d" })`;
const sources = unmarked({
  ...Object.fromEntries(
    VALUES.map(({ name, value, before = "" }) => [
      name,
      tuning(name, { before }).replace(/promptAnswer\(\{[^}]*\}\)/, () => argument(value)),
    ]),
  ),
  ...Object.fromEntries(Object.entries(RETURNED).map(([name, { members }]) => [name, tuning(name, { members })])),
  sound: tuning("sound"),
});

describe("a result that is no plain data", () => {
  let project: TemporaryProject;
  let report: BuildReport;
  beforeAll(async () => {
    project = temporaryProject(sources.files);
    report = await compiledBuild(project.root);
  });
  afterAll(() => project.remove());

  it.each(VALUES.filter(({ name }) => name !== "refused"))("is told at the value: $found", ({ name, found: what }) => {
    const [found, ...more] = foundIn(report, name);
    expect(more).toEqual([]);
    expect(found?.code).toBe("evaluate/not-plain-data");
    expect(found?.message).toContain(what);
    expect(found?.message).toMatch(/^`setups\.0\.modelWorker\.shared\.datasets\.0\.args\.maxLength/);
    expect(found?.primary).toEqual(sources.spans[name]?.at(-1));
  });

  it("is a refusal, where a getter uses what is denied", () => {
    expect(foundIn(report, "refused").map(({ code, primary }) => [code, primary?.line])).toEqual([
      ["evaluate/denied", sources.spans["refused"]?.[0]?.line],
    ]);
  });

  it.each(Object.entries(RETURNED))("is told of what a method returns: %s", (name, { code, message }) => {
    const found = foundIn(report, name);
    expect(found.map((one) => one.code)).toEqual([code]);
    expect(found[0]?.message).toMatch(message);
    expect(found[0]?.primary?.file).toBe(`experiments/${name}.ts`);
  });

  it("leaves others alone", () => {
    expect(statuses(report, "sound")).toEqual(["needs", "proved"]);
  });
});
