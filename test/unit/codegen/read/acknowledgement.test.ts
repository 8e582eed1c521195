import { beforeAll, describe, expect, it } from "vitest";
import type { SourceReader } from "../../../../codegen/source-reader.ts";
import { loadSourceReader } from "../../../../codegen/ts-morph-reader.ts";
import { FILE } from "./marked.ts";

let reader: SourceReader;
beforeAll(async () => {
  reader = await loadSourceReader();
});

/** A source with the acknowledgement written into it. */
function acknowledged(source: string): string | null {
  const entry = reader.acknowledgement(FILE, source, { className: "A", code: "a/b" });
  return entry === null ? null : source.slice(0, entry.offset) + entry.text + source.slice(entry.offset);
}

describe("an acknowledgement is written", () => {
  it.each([
    [
      "as a field of its own",
      "@E({})\nexport class A<T extends {}> extends B {\n  x = 1;\n}\n",
      `@E({})\nexport class A<T extends {}> extends B {\n  acknowledge = {\n    "a/b": "",\n  };\n  x = 1;\n}\n`,
    ],
    ["in an empty literal", "class A { acknowledge = {}; }", `class A { acknowledge = { "a/b": "" }; }`],
    [
      "before others on the line",
      `class A { acknowledge = { "c/d": "e" } as const; }`,
      `class A { acknowledge = { "a/b": "", "c/d": "e" } as const; }`,
    ],
    [
      "on a line of its own",
      `class A {\n  acknowledge = {\n    "c/d": "e",\n  };\n}\n`,
      `class A {\n  acknowledge = {\n    "a/b": "",\n    "c/d": "e",\n  };\n}\n`,
    ],
    [
      "with the file's own line breaks",
      "class A {\r\n}\r\n",
      `class A {\r\n  acknowledge = {\r\n    "a/b": "",\r\n  };\r\n}\r\n`,
    ],
    [
      "in a class that a constant holds",
      "const A = class {\n};\n",
      `const A = class {\n  acknowledge = {\n    "a/b": "",\n  };\n};\n`,
    ],
  ])("%s", (_title, source, expected) => {
    expect(acknowledged(source)).toBe(expected);
  });

  it.each([
    ["where it is already", `class A { acknowledge = { "a/b": "c" }; }`],
    ["where the value is no literal", "class A { acknowledge = ours; }"],
    ["in another class", "class B {}"],
    ["in a class inside of a function", "function f() { class A {} }"],
  ])("but not %s", (_title, source) => {
    expect(acknowledged(source)).toBeNull();
  });
});
