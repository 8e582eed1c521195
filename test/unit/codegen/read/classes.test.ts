import { readFileSync } from "node:fs";
import * as fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import type { SourceReader } from "../../../../codegen/source-reader.ts";
import { loadSourceReader } from "../../../../codegen/ts-morph-reader.ts";
import { FILE, marked, places } from "./marked.ts";

let reader: SourceReader;
beforeAll(async () => {
  reader = await loadSourceReader();
});

describe("classes", () => {
  it.each([
    ["class «A» {}", null],
    ["export class «A» {}", "A"],
    ["export default class «A» {}", "default"],
    ["export default «class» {}", "default"],
    ["class «A» {}\nexport { A as B };", "B"],
    ["class «A» {}\nexport default A;", "default"],
    ["export const «A» = class {};", "A"],
  ])("`%s` is exported as %s", (source, exportedAs) => {
    const { text, spans } = marked(source);
    expect(reader.read(FILE, text).classes).toMatchObject([{ span: spans[0], exportedAs }]);
  });

  it.each([
    ["class A extends «B» {}", { name: "B", module: null }],
    [`import { C as B } from "./c.ts";\nclass A extends «B» {}`, { name: "C", module: "./c.ts" }],
    [`import B from "./c.ts";\nclass A extends «B» {}`, { name: "default", module: "./c.ts" }],
    [`import * as c from "./c.ts";\nclass A extends «c.B» {}`, { name: "B", module: "./c.ts" }],
  ])("`%s` has a base", (source, base) => {
    const { text, spans } = marked(source);
    expect(reader.read(FILE, text).classes[0]?.base).toEqual({ ...base, span: spans[0] });
  });

  it.each([["class A {}"], ["class A extends mix(B) {}"]])("`%s` has none that syntax shows", (text) => {
    expect(reader.read(FILE, text).classes[0]?.base).toBeNull();
  });
});

describe("functions, aliases, imports and what is handed on", () => {
  it("are listed", () => {
    const { text, spans } = marked(
      `import { G, type «H as K», «L» } from "./g.ts";
import «D» from "./d.ts";
export function make(): G { return x; }
export const arrow = (): K => x;
function own() { return new L(1); }
function none(): Promise<G> { return x; }
type Mode = "a" | null;
type Obj = { a: 1 };
export { L as M };
export { a as b } from "./ab.ts";
export * from "./all.ts";
export default D;`
        .replace("{ G,", "{ «G»,")
        .replace("type «H as K»", "«type H as K»"),
    );
    const { functions, aliases, imports, reexports } = reader.read(FILE, text);
    expect(functions).toEqual([
      { name: "make", returns: "G", module: "./g.ts" },
      { name: "arrow", returns: "H", module: "./g.ts" },
      { name: "own", returns: "L", module: "./g.ts" },
    ]);
    expect(aliases).toEqual([{ name: "Mode", type: '"a" | null', choices: ["a"], nullable: true }]);
    expect(imports).toEqual([
      { module: "./g.ts", name: "G", typeOnly: false, span: spans[0] },
      { module: "./g.ts", name: "H", typeOnly: true, span: spans[1] },
      { module: "./g.ts", name: "L", typeOnly: false, span: spans[2] },
      { module: "./d.ts", name: "default", typeOnly: false, span: spans[3] },
    ]);
    expect(reexports).toEqual([
      { module: "./g.ts", name: "L", exportedAs: "M" },
      { module: "./ab.ts", name: "a", exportedAs: "b" },
      { module: "./all.ts", name: "*", exportedAs: "*" },
      { module: "./d.ts", name: "default", exportedAs: "default" },
    ]);
  });
});

describe("dsl/injected-type-import", () => {
  const cases: readonly (readonly [string, string])[] = [
    [
      "import type",
      `import type { «ClusterSpec» } from "assay";\nclass A extends B { constructor(private c: «ClusterSpec») { super(); } }`,
    ],
    [
      "inline type",
      `import { Option, «type ClusterSpec» } from "assay";\nclass A extends B { constructor(c: «ClusterSpec») { super(); } }`,
    ],
    ["an alias", `import type { «X as Y» } from "./x.ts";\nclass A extends B { constructor(c: «Y») { super(); } }`],
    ["a default import", `import type «Y» from "./x.ts";\nclass A extends B { constructor(c: «Y») { super(); } }`],
    ["a namespace", `import type «* as n» from "./x.ts";\nclass A extends B { constructor(c: «n.Y») { super(); } }`],
    [
      "a decorated class",
      `import { Experiment } from "assay";\nimport type { «X» } from "./x.ts";\n@Experiment("x") class A { constructor(c: «X») {} }`,
    ],
    [
      "a registered class",
      `import { registerExperiment } from "assay";\nimport type { «X» } from "./x.ts";\nclass A { constructor(c: «X») {} }\nregisterExperiment("x", A);`,
    ],
  ];
  it.each(cases)("%s", (_title, source) => {
    const { text, spans } = marked(source);
    const { findings } = reader.read(FILE, text);
    expect(places(findings)).toEqual([["dsl/injected-type-import", spans[1]]]);
    expect(findings[0]?.related).toEqual([{ at: { kind: "span", span: spans[0] }, message: "imported here" }]);
    expect(findings[0]?.help).toMatch(/^import `[\w.]+` as a value$/);
  });

  it.each([
    ["a value import", `import { X } from "./x.ts";\nclass A extends B { constructor(c: X) { super(); } }`],
    ["a token", `import type { X } from "./x.ts";\nclass A extends B { constructor(@inject("x") c: X) { super(); } }`],
    ["a method", `import type { X } from "./x.ts";\nclass A extends B { m(c: X) {} }`],
    ["a class that is no experiment", `import type { X } from "./x.ts";\nclass A { constructor(c: X) {} }`],
    [
      "a factory's class",
      `import { registerExperiment } from "assay";\nimport type { X } from "./x.ts";\nclass A { constructor(c: X) {} }\nregisterExperiment("x", () => new A(x));`,
    ],
  ])("is not given for %s", (_title, text) => {
    expect(reader.read(FILE, text).findings).toEqual([]);
  });
});

describe("codegen/syntax", () => {
  it("places the error and reads the rest", () => {
    const { text, spans } = marked(`import { Experiment } from "assay";
const broken = (1 + 2«;»
@Experiment(«"x"») class A {}`);
    const { experiments, findings } = reader.read(FILE, text);
    expect(places(findings)).toEqual([["codegen/syntax", spans[0]]]);
    expect(findings[0]?.message).toBe("the file can't be parsed: ')' expected");
    expect(experiments).toMatchObject([{ name: "x", span: spans[1] }]);
  });

  it.each([
    ["class {"],
    ["@Experiment("],
    ["import {"],
    ["'"],
    ["`${"],
    ["/**"],
    ["@"],
    ["export default"],
    ["\u0000"],
    ["class A { @Option( }"],
  ])("never throws: `%s`", (source) => {
    const { findings } = reader.read(FILE, `import { Experiment, Option } from "assay";\n${source}`);
    expect(new Set(findings.map(({ code }) => code))).toContain("codegen/syntax");
  });

  it("never throws for what is left of a file while it is edited", () => {
    const source = readFileSync(new URL("../../../../experiments/sft/experiment.ts", import.meta.url), "utf8");
    const place = fc.nat(source.length);
    const insert = fc.constantFrom("", "{", "}", "(", "`", "/**", "@", "...", "= this.", "class ", "export ");
    fc.assert(
      fc.property(place, place, insert, (a, b, inserted) => {
        const text = source.slice(0, Math.min(a, b)) + inserted + source.slice(Math.max(a, b));
        const { findings } = reader.read(FILE, text);
        for (const { at } of findings) {
          if (at.kind !== "span") throw new Error("no span");
          const lineStart = text
            .split("\n")
            .slice(0, at.span.line - 1)
            .join("\n").length;
          expect(lineStart + at.span.length).toBeLessThanOrEqual(text.length + 1);
        }
        reader.locate(FILE, text, { line: 1 + (a % 120), column: 1 + (b % 60), path: [-1, "model", "path"] });
      }),
      { numRuns: 150 },
    );
  });

  it("gives nothing for an empty file", () => {
    expect(reader.read(FILE, "")).toEqual({
      file: FILE,
      experiments: [],
      classes: [],
      functions: [],
      aliases: [],
      reexports: [],
      imports: [],
      findings: [],
    });
  });

  it("reads TSX", () => {
    const { experiments, findings } = reader.read(
      "a.tsx",
      `import { preset } from "assay";\nconst x = <a>b</a>;\npreset("a", "b", {});`,
    );
    expect(findings).toEqual([]);
    expect(experiments).toHaveLength(1);
  });

  it("gives plain data", () => {
    const declared = reader.read(
      FILE,
      `import { Option } from "assay";\nclass A { @Option() a = { /** B. @range x */ b: 1 }; c = this.a; }`,
    );
    expect(JSON.parse(JSON.stringify(declared))).toEqual(declared);
  });
});
