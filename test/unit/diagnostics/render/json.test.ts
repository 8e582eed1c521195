import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import type { Diagnostic } from "../../../../src/diagnostics/finding.ts";
import { renderJson } from "../../../../src/diagnostics/render/json.ts";

interface Document {
  readonly diagnostics: readonly Diagnostic[];
}

describe("diagnostics as JSON", () => {
  it("have the form of the docs, to the last character", () => {
    const page = readFileSync(new URL("../../../../docs/diagnostics.md", import.meta.url), "utf8");
    const example = /^```json\n(.*?)^```$/ms.exec(page)?.[1] ?? "";
    const document = JSON.parse(example) as Document;
    expect(JSON.parse(renderJson(document.diagnostics))).toEqual(document);
    const keys = (text: string) => [...text.matchAll(/^ {6}"(\w+)":/gm)].map(([, key]) => key);
    expect(keys(renderJson(document.diagnostics))).toEqual(keys(example));
  });

  it("say why there is no place, and only then", () => {
    const [found] = (JSON.parse(renderJson([{ ...EMPTY, nowhere: "typed" }])) as Document).diagnostics;
    expect(found).toEqual({ ...EMPTY, nowhere: "typed" });
    const primary = { file: "a.ts", line: 1, column: 1, length: 0 };
    expect(renderJson([{ ...EMPTY, primary }])).not.toContain("nowhere");
  });
});

const EMPTY: Diagnostic = {
  code: "cli/usage",
  severity: "error",
  message: "no",
  data: {},
  experiment: null,
  primary: null,
  related: [],
  notes: [],
  help: null,
  fix: null,
};
