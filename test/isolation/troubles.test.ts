import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { BuildReport } from "../../codegen/report.ts";
import { compiledBuild, temporaryProject, type TemporaryProject } from "../compiled-build.ts";
import { foundIn, type Parts, statuses, tuning, unmarked } from "./experiments.ts";

interface Trouble extends Partial<Parts> {
  readonly name: string;
  readonly code: string;
  /** The primary span is the whole experiment's name in its decorator: there is no line to blame. */
  readonly atName?: true;
  readonly message?: RegExp;
}

const TROUBLES: readonly Trouble[] = [
  { name: "exits", code: "evaluate/denied", before: "«process.exit(0)»;" },
  {
    name: "exits-by-stealth",
    code: "evaluate/exited",
    atName: true,
    statements: `${"flow"}.constructor("return process")().exit(0);`,
  },
  {
    name: "loops",
    code: "evaluate/time-limit",
    statements: "let turns = 0;\n    «while» (true) turns += 1;",
    message: /2000 ms/,
  },
  { name: "loops-while-loading", code: "evaluate/time-limit", before: "«for» (;;) JSON.stringify(1);" },
  {
    name: "fills-the-heap",
    code: "evaluate/heap-limit",
    statements: "const all: object[] = [];\n    «for» (;;) all.push({});",
  },
  {
    // V8 would end the process where one allocation goes beyond the limit by much.
    name: "fills-the-heap-at-once",
    code: "evaluate/heap-limit",
    statements: "const all: object[] = [];\n    «for» (;;) all.push(new Array(2 ** 24).fill(0));",
  },
  {
    name: "fills-buffers",
    code: "evaluate/buffer-limit",
    statements:
      "const all: Uint8Array[] = [];\n    for (let index = 0; index < 4096; index += 1) all.push(«new Uint8Array(1024 * 1024)»);",
  },
  { name: "one-huge-buffer", code: "evaluate/buffer-limit", statements: "void «new ArrayBuffer(4 * 1024 ** 3)»;" },
  {
    name: "rejects",
    code: "evaluate/unhandled-rejection",
    statements: 'void Promise.reject(«new Error("gone")»);',
    message: /Error: gone/,
  },
  {
    name: "rejects-while-loading",
    code: "evaluate/unhandled-rejection",
    before: 'void (async () => {\n  throw «new TypeError("lost")»;\n})();',
    message: /TypeError: lost/,
  },
  { name: "never-settles", code: "evaluate/never-settles", before: "«await» new Promise(() => undefined);" },
  {
    name: "adds-to-array",
    code: "evaluate/intrinsic-changed",
    before: "(Array.prototype as unknown as Record<string, number>).«x» = 1;",
  },
  {
    name: "overwrites",
    code: "evaluate/intrinsic-changed",
    atName: true,
    before: "Array.prototype.map = () => [];",
    message: /`Array.prototype.map`/,
  },
  {
    name: "overwrites-global",
    code: "evaluate/intrinsic-changed",
    atName: true,
    before: "(globalThis as unknown as Record<string, unknown>).parseInt = () => 1;",
    message: /`parseInt`/,
  },
  {
    name: "defines",
    code: "evaluate/intrinsic-changed",
    before: '«Object.defineProperty(Object.prototype, "mine", { value: 1 })»;',
  },
  {
    name: "redefines",
    code: "evaluate/intrinsic-changed",
    atName: true,
    before: 'Object.defineProperty(JSON, "stringify", { value: () => "" });',
    message: /`JSON.stringify`/,
  },
  {
    name: "changes-the-library",
    code: "evaluate/intrinsic-changed",
    before: "(CommonExperiment.prototype as { initialSetup: unknown }).«initialSetup» = () => [];",
  },
  {
    name: "changes-the-thread",
    code: "evaluate/intrinsic-changed",
    atName: true,
    before:
      'const { prototype } = CommonExperiment;\n(Object.getPrototypeOf(prototype) as { toString: unknown }).toString = () => "mine";',
    message: /`Object.prototype.toString`/,
  },
  {
    name: "changes-a-module-of-node",
    code: "evaluate/intrinsic-changed",
    atName: true,
    imports: `import { EventEmitter } from "node:events";`,
    before: "EventEmitter.defaultMaxListeners = 3;",
    message: /`node:events\.EventEmitter\.defaultMaxListeners`/,
  },
  {
    name: "deletes-from-the-thread",
    code: "evaluate/intrinsic-changed",
    before:
      "const { prototype } = CommonExperiment;\ndelete («Object.getPrototypeOf(prototype)» as { «toString»?: unknown }).toString;".replace(
        "«toString»",
        "toString",
      ),
    message: /`toString`/,
  },
  {
    name: "throws",
    code: "evaluate/threw",
    statements: 'throw «new RangeError("too far")»;',
    message: /RangeError: too far/,
  },
  {
    name: "throws-a-string",
    code: "evaluate/threw",
    atName: true,
    statements: 'throw "words";',
    message: /words was thrown/,
  },
  {
    name: "uses-what-it-does-not-import",
    code: "evaluate/undefined-name",
    statements: "[1].map(() => «rwMathCode»({}));",
    message: /`rwMathCode` is not defined/,
  },
  { name: "misuses-the-library", code: "evaluate/threw", statements: "«flow(undefined as never)»;" },
];

const NAMES = ["a-sound-one", "sound"];
const sources = unmarked({
  ...Object.fromEntries(TROUBLES.map(({ name, ...parts }) => [name, tuning(name, parts)])),
  ...Object.fromEntries(NAMES.map((name) => [name, tuning(name)])),
  talks: tuning("talks", {
    statements: `for (let index = 0; index < 1e5; index += 1) «console.log("x".repeat(1000))»;`,
  }),
});
const config = `import { clusterSpec, defineConfig } from "assay";

export default defineConfig({
  clusters: [clusterSpec({ name: "small", nodes: 4, gpusPerNode: 8 }), clusterSpec({ name: "one", nodes: 1, gpusPerNode: 8 })],
  limits: { timeoutMs: 2000, heapMiB: 96 },
});
`;

describe("an experiment in trouble", () => {
  let project: TemporaryProject;
  let alone: Readonly<Record<string, string>>;
  let report: BuildReport;
  const outputs = (): Readonly<Record<string, string>> =>
    Object.fromEntries(
      ["index.json", ...NAMES.map((name) => `${name}.small.manifest.json`)].map((file) => {
        const path = join(project.root, ".assay", file);
        return [file, existsSync(path) ? readFileSync(path, "utf8") : "not there"];
      }),
    );
  beforeAll(async () => {
    const sound = Object.fromEntries(Object.entries(sources.files).filter(([file]) => file.includes("sound")));
    project = temporaryProject({ ...sound, "assay.config.ts": config });
    const first = await compiledBuild(project.root, { write: true });
    expect(first.diagnostics).toEqual([]);
    alone = outputs();
    project.write(sources.files);
    report = await compiledBuild(project.root, { write: true });
  });
  afterAll(() => project.remove());

  it.each(TROUBLES)("is told by one finding at its place: $name", ({ name, code, atName, message }) => {
    const [found, ...more] = foundIn(report, name);
    expect(more).toEqual([]);
    expect(found).toMatchObject({ code, primary: { file: `experiments/${name}.ts` } });
    // Where in its line a loop is interrupted, is chance.
    if (code === "evaluate/time-limit" || code === "evaluate/heap-limit")
      expect(found?.primary?.line).toBe(sources.spans[name]?.[0]?.line);
    else if (atName === undefined) expect(found?.primary).toEqual(sources.spans[name]?.[0]);
    else expect(found?.primary?.length).toBe(name.length + 2);
    if (message !== undefined) expect(found?.message).toMatch(message);
    expect(statuses(report, name).at(-1)).toBe("failed");
  });

  it("has its output cut", () => {
    expect(foundIn(report, "talks").map(({ code }) => code)).toEqual(["evaluate/output-limit"]);
    // The last word is left out where it is cut.
    expect(report.output["talks"]?.length).toBeGreaterThan(60 * 1024);
    expect(report.output["talks"]?.length).toBeLessThanOrEqual(64 * 1024);
    expect(statuses(report, "talks")).toEqual(["needs", "proved"]);
  });

  it("leaves sound experiments proved, with the manifests they have alone", () => {
    for (const name of NAMES) {
      expect(foundIn(report, name)).toEqual([]);
      expect(statuses(report, name)).toEqual(["needs", "proved"]);
      const [, small] = report.experiments.find((one) => one.name === name)?.builds ?? [];
      expect(JSON.parse(alone[`${name}.small.manifest.json`] ?? "").hashes).toEqual(small?.hashes);
    }
  });

  it("leaves the old outputs as they were", () => {
    expect(report.written).toBe(false);
    expect(outputs()).toEqual(alone);
  });
});
