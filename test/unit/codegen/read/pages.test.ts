import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { codegenDiagnostics } from "../../../../codegen/diagnostics.ts";
import { dslDiagnostics, optionDiagnostics, projectDiagnostics } from "../../../../src/dsl/diagnostics.ts";

const codes = [
  ...Object.keys(codegenDiagnostics).map((slug) => `codegen/${slug}`),
  ...Object.keys(dslDiagnostics).map((slug) => `dsl/${slug}`),
  ...Object.keys(optionDiagnostics).map((slug) => `option/${slug}`),
  ...Object.keys(projectDiagnostics).map((slug) => `config/${slug}`),
];

function pageOf(code: string): string {
  const path = fileURLToPath(new URL(`../../../../docs/codes/${code}.md`, import.meta.url));
  return existsSync(path) ? readFileSync(path, "utf8") : "";
}

describe("pages", () => {
  it.each(codes)("%s has its parts", (code) => {
    const lines = pageOf(code).split("\n");
    expect(lines[0]).toBe(`# ${code}`);
    expect(lines.filter((line) => line.startsWith("## "))).toEqual(["## Meaning", "## Wrong", "## Cure"]);
  });
});
