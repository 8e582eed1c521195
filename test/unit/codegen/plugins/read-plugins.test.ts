import { createHash } from "node:crypto";
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { packageDiagnostics } from "../../../../codegen/plugins/diagnostics.ts";
import { type PluginsFound, readPlugins, shippedFacts } from "../../../../codegen/plugins.ts";
import type { Finding, Place } from "../../../../src/diagnostics/finding.ts";
import type { PluginDescriptor } from "../../../../src/plugin/descriptor.ts";

const checkout = fileURLToPath(new URL("../../../../", import.meta.url)).replace(/\/$/, "");

let root = "";
let outside = "";
beforeEach(() => {
  outside = realpathSync(mkdtempSync(join(tmpdir(), "assay-plugins-")));
  root = join(outside, "project");
  mkdirSync(root);
});
afterEach(() => rmSync(outside, { recursive: true, force: true }));

function put(file: string, content: string | object): void {
  const path = join(root, file);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, typeof content === "string" ? content : JSON.stringify(content));
}

const lines = { kind: "dataset", type: "lines", args: { type: "object" }, facts: { yields: ["text"] } } as const;

function descriptor(name: string, changed: object = {}): PluginDescriptor {
  return { assayPlugin: 1, package: name, version: "1.0.0", types: [lines], ...changed };
}

/** Installs a package with the given descriptor; `null` leaves it out. */
function install(name: string, described: string | object | null = descriptor(name), manifest: object = {}): void {
  put(`node_modules/${name}/package.json`, { name, version: "1.0.0", ...manifest });
  if (described !== null) put(`node_modules/${name}/assay-plugin.json`, described);
}

const place = (index: number): Place => ({
  kind: "span",
  span: { file: "assay.config.ts", line: 4, column: 10 * (index + 1), length: 7 },
});
const read = (...packages: readonly string[]): PluginsFound => readPlugins(root, packages, place);
const codes = (findings: readonly Finding[]) => findings.map(({ code }) => code);
const problem = ({ findings }: PluginsFound) => findings.map(({ data }) => data["problem"]);

describe("reading plugins", () => {
  it("has Assay's own without being asked", () => {
    const found = read();
    expect(found.findings).toEqual([]);
    expect(found.files).toEqual([join(checkout, "assay-plugin.json")]);
    expect(found.facts).toEqual(shippedFacts());
    expect(found.facts.types["dataset"]?.["prompt_answer"]?.owner).toBe("assay");
    expect(found.facts.cards["qwen2.5-1.5b"]?.family).toBe("qwen2");
    expect(found.backendGroups["sglang"]?.map(({ path }) => path)).toContain("hybridTrain");
    expect(read("assay")).toEqual(found);
  });

  it("finds a package in the project", () => {
    install("assay-lines");
    const found = read("assay-lines");
    expect(found.findings).toEqual([]);
    expect(found.descriptors.map((one) => one.package)).toEqual(["assay", "assay-lines"]);
    expect(found.facts.types["dataset"]?.["lines"]).toEqual({
      owner: "assay-lines",
      args: { type: "object" },
      facts: { yields: ["text"] },
    });
    expect(found.files.slice(1)).toEqual(
      ["package.json", "assay-plugin.json"].map((file) => join(root, "node_modules/assay-lines", file)),
    );
    const sha256 = createHash("sha256")
      .update(readFileSync(join(root, "node_modules/assay-lines/assay-plugin.json")))
      .digest("hex");
    expect((found.keyed as readonly unknown[])[1]).toEqual({ package: "assay-lines", version: "1.0.0", sha256 });
  });

  it("finds scoped packages, and those of a folder around the project", () => {
    put("../node_modules/@lab/lines/package.json", { name: "@lab/lines", version: "1.0.0" });
    put("../node_modules/@lab/lines/assay-plugin.json", descriptor("@lab/lines"));
    const found = read("@lab/lines");
    expect(found.findings).toEqual([]);
    expect(found.facts.types["dataset"]?.["lines"]?.owner).toBe("@lab/lines");
    expect(found.absent).toEqual([join(root, "node_modules/@lab/lines/package.json")]);
  });

  it("follows the link of a workspace", () => {
    put("packages/lines/package.json", { name: "assay-lines", version: "1.0.0" });
    put("packages/lines/assay-plugin.json", descriptor("assay-lines"));
    mkdirSync(join(root, "node_modules"));
    symlinkSync("../packages/lines", join(root, "node_modules/assay-lines"), "dir");
    const found = read("assay-lines", "./packages/lines/assay-plugin.json");
    expect(found.findings).toEqual([]);
    expect(found.descriptors.length).toBe(2);
  });

  it("takes the descriptor that the package names", () => {
    install("assay-lines", null, { assay: { plugin: "./meta/plugin.json" } });
    put("node_modules/assay-lines/meta/plugin.json", descriptor("assay-lines"));
    expect(read("assay-lines").facts.types["dataset"]?.["lines"]?.owner).toBe("assay-lines");
  });

  it("takes a descriptor of the project", () => {
    put("plugins/lines/assay-plugin.json", descriptor("lines", { version: "0.1.0" }));
    const found = read("./plugins/lines/assay-plugin.json");
    expect(found.findings).toEqual([]);
    expect(found.absent).toEqual([join(root, "plugins/lines/package.json")]);
    expect(found.facts.types["dataset"]?.["lines"]?.owner).toBe("lines");
  });

  it("reads a byte order mark over", () => {
    install("assay-lines", `\uFEFF${JSON.stringify(descriptor("assay-lines"))}`);
    expect(read("assay-lines").findings).toEqual([]);
  });

  it("runs nothing of a package", () => {
    install("assay-lines", undefined, { type: "module", exports: "./index.js", main: "./index.js" });
    put("node_modules/assay-lines/index.js", "globalThis.lines = true; throw new Error('run');");
    expect(read("assay-lines").findings).toEqual([]);
    expect("lines" in globalThis).toBe(false);
  });

  it("gives a brought backend's options to models", () => {
    const option = { help: "", range: "(0, 1]", choices: null, type: "number" };
    const flags = { nullable: false, required: false, launch: false };
    const options = { group: "tpu", schema: [{ path: "fraction", ...option, ...flags }] };
    const facts = { role: "train", gradientAccumulationFusion: false };
    install(
      "assay-tpu",
      descriptor("assay-tpu", { types: [{ kind: "backend", type: "tpu", args: true, facts, options }] }),
    );
    expect(read("assay-tpu").backendGroups["tpu"]).toEqual(options.schema);
  });
});

describe("findings of the packages of a config", () => {
  it("says what is not installed, each at its own entry", () => {
    install("assay-lines");
    const found = read("assay-datset", "assay-lines", "@lab/none");
    expect(codes(found.findings)).toEqual(["plugin/not-found", "plugin/not-found"]);
    expect(found.findings.map(({ at }) => at)).toEqual([place(0), place(2)]);
    expect(found.findings[0]?.message).toContain("`assay-datset`");
    expect(found.descriptors.length).toBe(2);
    expect(found.absent).toContain(join(outside, "node_modules/assay-datset/package.json"));
  });

  it.each([
    "",
    "..",
    "a/b",
    "/etc/passwd",
    "@lab",
    "node_modules/x",
    "a\0b",
    "C:\\x",
    "assay-lines/../other",
    "@a/b/c",
  ])("takes %j for no package", (name) => {
    const { findings } = read(name);
    expect(codes(findings)).toEqual(["plugin/not-found"]);
    expect(findings[0]?.at).toEqual(place(0));
  });

  it("stays inside of the project with a path", () => {
    put("../else/assay-plugin.json", descriptor("else"));
    mkdirSync(join(root, "plugins"));
    symlinkSync("../../else", join(root, "plugins/else"), "dir");
    for (const path of [
      "../else/assay-plugin.json",
      "./plugins/../../else/assay-plugin.json",
      "./plugins/else/assay-plugin.json",
    ]) {
      const found = read(path);
      expect(codes(found.findings)).toEqual(["plugin/not-found"]);
      expect(problem(found)).toEqual(["the path leads out of the project's folder"]);
      expect(found.files.length).toBe(1);
    }
    expect(problem(read("./plugins/none.json"))).toEqual(["there is no such file"]);
  });

  it("asks for a descriptor", () => {
    install("plain", null);
    install("broken", null, { assay: { plugin: 3 } });
    put("node_modules/torn/package.json", "{ torn");
    const found = read("plain", "broken", "torn");
    expect(codes(found.findings)).toEqual(Array(3).fill("plugin/no-descriptor"));
    expect(found.findings.map(({ at }) => at)).toEqual([0, 1, 2].map(place));
    expect(problem(found)).toEqual([
      "it has no file `assay-plugin.json`",
      "`assay.plugin` of its `package.json` is no string",
      "its `package.json` is no JSON object",
    ]);
    expect(found.absent).toContain(join(root, "node_modules/plain/assay-plugin.json"));
  });

  it.each(["../other/assay-plugin.json", "/etc/passwd", "./a/../../other/assay-plugin.json", "linked.json"])(
    "stays inside of the package that names %s",
    (plugin) => {
      install("other");
      install("assay-lines", null, { assay: { plugin } });
      symlinkSync("../other/assay-plugin.json", join(root, "node_modules/assay-lines/linked.json"));
      const found = read("assay-lines");
      expect(codes(found.findings)).toEqual(["plugin/no-descriptor"]);
      expect(found.files).not.toContain(join(root, "node_modules/other/assay-plugin.json"));
    },
  );

  it("does not take inherited properties of a package", () => {
    put(
      "node_modules/assay-lines/package.json",
      '{ "name": "assay-lines", "version": "1.0.0", "__proto__": { "assay": { "plugin": "x" } } }',
    );
    expect(problem(read("assay-lines"))).toEqual(["it has no file `assay-plugin.json`"]);
  });

  it("refuses another version of the format, and says nothing of its shape", () => {
    install("assay-lines", { assayPlugin: 2, plugins: {} });
    install("assay-old", { assayPlugin: 0 });
    const { findings } = read("assay-lines", "assay-old");
    expect(codes(findings)).toEqual(["plugin/api-version", "plugin/api-version"]);
    expect(findings.map(({ at }) => at)).toEqual([place(0), place(1)]);
    expect(findings.map(({ help }) => help)).toEqual(["update `assay`", "update the package"]);
  });

  it("compares with the package", () => {
    install("assay-lines", descriptor("assay-lines", { version: "0.9.0" }));
    install("copied", descriptor("assay-lines", { types: [{ ...lines, type: "others" }] }));
    const { findings, descriptors } = read("assay-lines", "copied");
    expect(codes(findings)).toEqual(["plugin/version-differs", "plugin/version-differs"]);
    expect(findings.map(({ at }) => at)).toEqual([place(0), place(1)]);
    expect(findings[0]?.data).toMatchObject({ described: "assay-lines@0.9.0", found: "assay-lines@1.0.0" });
    // What follows from the types is still of use.
    expect(descriptors.length).toBe(3);
  });

  it("lets a package be installed under another name", () => {
    install("my-lines", descriptor("assay-lines"), { name: "assay-lines" });
    expect(read("my-lines").findings).toEqual([]);
  });

  it("shows both owners of a type, at the second, and keeps the first", () => {
    install("assay-lines");
    install("more-lines");
    const found = read("more-lines", "assay-lines");
    expect(codes(found.findings)).toEqual(["plugin/two-owners"]);
    expect(found.findings[0]).toMatchObject({
      data: { what: "dataset `lines`", first: "more-lines", second: "assay-lines" },
      at: place(1),
      related: [{ at: place(0) }],
    });
    expect(found.facts.types["dataset"]?.["lines"]?.owner).toBe("more-lines");
  });

  it("lets nobody replace what Assay ships: types, cards, options of backends", () => {
    const [card] = Object.values(shippedFacts().cards);
    const facts = { role: "train", gradientAccumulationFusion: false };
    install(
      "takeover",
      descriptor("takeover", {
        types: [
          { ...lines, type: "prompt_answer" },
          { kind: "backend", type: "mine", args: true, facts, options: { group: "sglang", schema: [] } },
          { kind: "modelFamily", type: card?.family, args: null, facts: { readableAs: [] }, cards: [card] },
        ],
      }),
    );
    const found = read("takeover");
    expect(codes(found.findings)).toEqual(Array(4).fill("plugin/two-owners"));
    expect(found.findings.map(({ data, at, related }) => [data["what"], data["first"], at, related])).toEqual(
      [
        "dataset `prompt_answer`",
        "options `sglang` of models",
        `modelFamily \`${card?.family}\``,
        `card of the model \`${card?.id}\``,
      ].map((what) => [what, "assay", place(0), undefined]),
    );
    expect(found.backendGroups["sglang"]).toEqual(read().backendGroups["sglang"]);
  });
});

describe("descriptors of other hands", () => {
  const wrong: readonly (readonly [string, string | object, readonly (readonly [string, RegExp])[]])[] = [
    ["no JSON", "{ package: 'x' }", [["", /no JSON/]]],
    ["bytes that are no text", "\u00ff{", [["", /no JSON/]]],
    ["an empty file", "", [["", /no JSON/]]],
    ["a list", [], [["", /no JSON object/]]],
    ["null", "null", [["", /no JSON object/]]],
    ["a version that is no number", descriptor("x", { assayPlugin: "1" }), [["/assayPlugin", /1/]]],
    ["missing parts", { assayPlugin: 1 }, [["", /lacks `package`/]]],
    ["a property of no meaning", descriptor("x", { plugins: [] }), [["/plugins", /no such property/]]],
    ["types that are no list", descriptor("x", { types: {} }), [["/types", /array/]]],
    [
      "an unknown kind",
      descriptor("x", { types: [{ ...lines, kind: "constructor" }] }),
      [["/types/0/kind", /must be one of/]],
    ],
    [
      "a type of no name",
      descriptor("x", { types: [{ ...lines, type: "__proto__" }] }),
      [["/types/0/type", /does not have the form/]],
    ],
    [
      "facts of another kind",
      descriptor("x", { types: [{ ...lines, facts: { yields: "text" } }] }),
      [["/types/0/facts/yields", /array/]],
    ],
    [
      "a dataset that neither yields nor is a stream",
      descriptor("x", { types: [{ ...lines, facts: { paths: [] } }] }),
      [["/types/0/facts", /lacks `yields`/]],
    ],
    [
      "pairs of an unknown kind",
      descriptor("x", { types: [{ ...lines, facts: { stream: "each", pairs: { each: "constructor" } } }] }),
      [["/types/0/facts/pairs/each", /must be one of/]],
    ],
    [
      "an environment variable with a pattern that is none",
      descriptor("x", {
        types: [
          { kind: "environment", type: "court", args: true, facts: { env: { JUDGE: { pattern: "(", what: "-" } } } },
        ],
      }),
      [["/types/0/facts/env/JUDGE/pattern", /regex/]],
    ],
    [
      "captures without their switch",
      descriptor("x", {
        types: [
          {
            kind: "backend",
            type: "tpu",
            args: true,
            facts: { role: "generate", gradientAccumulationFusion: false, captures: { limit: "longest" } },
          },
        ],
      }),
      [["/types/0/facts/captures", /lacks `unless`/]],
    ],
    [
      "arguments of no schema",
      descriptor("x", { types: [{ ...lines, args: { type: "objekt" } }] }),
      [["/types/0/args/type", /must be one of/]],
    ],
    [
      "arguments that stand on themselves",
      descriptor("x", { types: [{ ...lines, args: { allOf: [{ $ref: "#" }] } }] }),
      [
        ["/types/0/args", /itself/],
        ["/types/0/args/allOf/0", /itself/],
      ],
    ],
    [
      "a schema from elsewhere",
      descriptor("x", { types: [{ ...lines, args: { $ref: "http://x/y" } }] }),
      [["/types/0/args/$ref", /does not have the form/]],
    ],
    [
      "a pattern that is none",
      descriptor("x", { types: [{ ...lines, args: { pattern: "(" } }] }),
      [["/types/0/args/pattern", /regular expression/]],
    ],
    [
      "a code of Assay's own area",
      descriptor("x", { codes: [{ code: "graph/cycle-of-mine", severity: "error", meaning: "none" }] }),
      [["/codes/0/code", /area of Assay's own/]],
    ],
    [
      "a module that is no subpath",
      descriptor("x", { types: [{ ...lines, module: "rules" }] }),
      [["/types/0/module", /form/]],
    ],
    [
      "one type twice",
      descriptor("x", { types: [lines, { ...lines, args: true }] }),
      [["/types/1", /`dataset lines` is at `\/types\/0` already/]],
    ],
    [
      "one code twice",
      descriptor("x", { codes: [1, 2].map(() => ({ code: "chat/empty", severity: "error", meaning: "none" })) }),
      [["/codes/1", /already/]],
    ],
    [
      "codes of another form",
      descriptor("x", { codes: [{ code: "C1", severity: "error", meaning: "none" }] }),
      [["/codes/0/code", /does not have the form/]],
    ],
    [
      "a prototype",
      '{ "__proto__": { "assayPlugin": 1 }, "package": "x", "version": "1", "types": [] }',
      [
        ["", /lacks `assayPlugin`/],
        ["/__proto__", /no such property/],
      ],
    ],
    [
      "depth",
      `{ "assayPlugin": 1, "types": ${"[".repeat(100_000)}${"]".repeat(100_000)} }`,
      [[`/types${"/0".repeat(64)}`, /deeper/]],
    ],
    ["size", `{ "assayPlugin": 1, "x": "${"x".repeat(8 * 1024 * 1024)}" }`, [["", /8 MiB/]]],
  ];
  it.each(wrong)("with %s are refused, at the place", (_, text, problems) => {
    install("x", text);
    const found = read("x");
    expect(codes(found.findings)).toEqual(problems.map(() => "plugin/descriptor-shape"));
    for (const [index, [pointer, message]] of problems.entries()) {
      const { data, at } = found.findings[index] as Finding;
      expect([data["file"], data["pointer"], at]).toEqual(["x/assay-plugin.json", pointer, place(0)]);
      expect(data["problem"]).toMatch(message);
    }
    expect(found.descriptors.length).toBe(1);
    expect(found.facts).toEqual(shippedFacts());
  });

  it("tells bytes that are no UTF-8", () => {
    install("x", null);
    writeFileSync(join(root, "node_modules/x/assay-plugin.json"), Buffer.from([0x7b, 0xff, 0x7d]));
    expect(problem(read("x"))).toEqual(["it is no JSON"]);
  });

  it("report everything that is wrong, at most twenty times", () => {
    install("x", descriptor("x", { types: Array.from({ length: 50 }, () => ({})) }));
    expect(read("x").findings.length).toBe(20);
    install("x", descriptor("x", { version: 1, types: [{ ...lines, kind: "data" }], more: true }));
    expect(
      read("x")
        .findings.map(({ data }) => data["pointer"])
        .sort(),
    ).toEqual(["/more", "/types/0/kind", "/version"]);
  });

  it("may use names that every object has", () => {
    install(
      "x",
      descriptor("x", {
        types: [
          { ...lines, type: "toString" },
          { ...lines, type: "constructor" },
        ],
      }),
    );
    const found = read("x");
    expect(found.findings).toEqual([]);
    expect(Object.keys(found.facts.types["dataset"] ?? {})).toEqual(
      expect.arrayContaining(["toString", "constructor"]),
    );
  });
});

describe("pages", () => {
  it.each(Object.keys(packageDiagnostics))("plugin/%s has its parts", (slug) => {
    const page = readFileSync(join(checkout, `docs/codes/plugin/${slug}.md`), "utf8");
    expect(page.match(/^##? .*$/gm)).toEqual([`# plugin/${slug}`, "## Meaning", "## Wrong", "## Cure"]);
  });

  it("are of codes that there are", () => {
    const resolver = ["args", "interface-key", "interface-type", "missing-key", "unknown-type"];
    const slugs = [...Object.keys(packageDiagnostics), ...resolver].map((slug) => `${slug}.md`);
    expect(readdirSync(join(checkout, "docs/codes/plugin"))).toEqual(expect.arrayContaining(slugs));
  });
});
