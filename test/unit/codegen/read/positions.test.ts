import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { originalPositionFor, TraceMap } from "@jridgewell/trace-mapping";
import { transformSync } from "oxc-transform";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { SourceReader } from "../../../../codegen/source-reader.ts";
import { loadSourceReader } from "../../../../codegen/ts-morph-reader.ts";
import { marked } from "./marked.ts";

/** Every call here notes where V8 sees it; each is to be found again by that place, through the source map. */
const AUTHOR = marked(
  `import { note, space, Deco } from "./note.mjs";
const shared = { lr: 1 };
@space.deco(«"decorator of a namespace"», { a: 1, b: [1, 2] })
@Deco(«"decorator"», { a: 2 })
export class A {
  @Deco(«"property's decorator"») x: number = note(«"initialiser"», shared);
  constructor(private readonly y: string) {
    space.inner.make(«"method"», [
      note(«"element of an argument"»),
    ]);
    new space.Klass(«"new"», { z: 1 });
    new space.Klass<string>(«"new with a type"»);
    note<number>(«"type argument"»);
    note!(«"non-null"»);
    (note as any)(«"assertion"»);
    space["inner"].make(«"method of an element"»);
    space.curry(1)(«"called result"»);
    note(«"outer"», note(«"inner"»));
    space
      .inner
      .make(«"method over lines"»);
    space?.inner?.make(«"optional"»);
    const helper = (v: number) => note(«"in a helper"», v);
    helper(3);
  }
  static s = note(«"static"»);
}
new A("x");
`,
  "author.ts",
);

const NOTE = `export const seen = [];
function add(name) {
  const holder = {};
  const before = Error.prepareStackTrace;
  Error.prepareStackTrace = (_error, stack) => stack;
  Error.captureStackTrace(holder, add);
  const frame = holder.stack.find((site) => String(site.getFileName()).endsWith("author.mjs"));
  Error.prepareStackTrace = before;
  seen.push({ name, line: frame.getLineNumber(), column: frame.getColumnNumber() });
}
export const note = (name) => add(name);
export const Deco = (name) => { add(name); return () => {}; };
export const space = {
  deco: Deco,
  curry: () => (name) => add(name),
  inner: { make: (name) => add(name) },
  Klass: class { constructor(name) { add(name); } },
};
`;

interface Seen {
  readonly name: string;
  readonly line: number;
  readonly column: number;
}

let reader: SourceReader;
let folder: string;
beforeAll(async () => {
  reader = await loadSourceReader();
  folder = mkdtempSync(join(tmpdir(), "assay-positions-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

it("finds every call by the place that V8 and the source map give", () => {
  const { code, map, errors } = transformSync("author.ts", AUTHOR.text, {
    sourcemap: true,
    target: "es2022",
    decorator: { legacy: true, emitDecoratorMetadata: true },
  });
  expect(errors).toEqual([]);
  const modules = fileURLToPath(new URL("../../../../node_modules", import.meta.url));
  symlinkSync(modules, join(folder, "node_modules"), "dir");
  writeFileSync(join(folder, "author.mjs"), code);
  writeFileSync(join(folder, "note.mjs"), NOTE);
  const script = `import "./author.mjs"; import { seen } from "./note.mjs"; console.log(JSON.stringify(seen));`;
  writeFileSync(join(folder, "run.mjs"), script);
  const seen = JSON.parse(execFileSync(process.execPath, [join(folder, "run.mjs")], { encoding: "utf8" })) as Seen[];

  const trace = new TraceMap(map as never);
  const lines = AUTHOR.text.split("\n");
  const found = seen.map(({ name, line, column }) => {
    const original = originalPositionFor(trace, { line, column: column - 1 });
    const place = { line: original.line ?? 0, column: (original.column ?? 0) + 1, path: [0] };
    const { span, exact } = reader.locate("author.ts", AUTHOR.text, place);
    const text = (lines[span.line - 1] ?? "").slice(span.column - 1, span.column - 1 + span.length);
    return { name: JSON.stringify(name), text, exact };
  });
  expect(found).toHaveLength(AUTHOR.spans.length);
  for (const { name, text, exact } of found) expect({ text, exact }).toEqual({ text: name, exact: true });
});
