import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { beforeAll, describe, expect, it } from "vitest";
import { codegenDiagnostics } from "../../../../codegen/diagnostics.ts";
import { earlyReadFindings, joinOptions } from "../../../../codegen/option-schema.ts";
import type { SourceReader } from "../../../../codegen/source-reader.ts";
import { loadSourceReader } from "../../../../codegen/ts-morph-reader.ts";
import type { Finding } from "../../../../src/diagnostics/finding.ts";
import { dslDiagnostics, optionDiagnostics, projectDiagnostics } from "../../../../src/dsl/diagnostics.ts";
import { FILE } from "./marked.ts";

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

describe("examples", () => {
  let reader: SourceReader;
  beforeAll(async () => {
    reader = await loadSourceReader();
  });

  /** All that syntax finds in an example. */
  function found(text: string): readonly Finding[] {
    const declared = reader.read(FILE, text);
    const files = new Map([[FILE, declared]]);
    const sources = {
      files,
      resolve: () => null,
      library: { classes: {}, functions: {}, experiments: {} },
      backendGroups: {},
    };
    const early = declared.classes.flatMap(({ name }) => earlyReadFindings(sources, joinOptions(sources, FILE, name)));
    return [...declared.findings, ...early];
  }

  const bySyntax = codes.filter(
    (code) =>
      code.startsWith("codegen/") || code === "dsl/injected-type-import" || code === "dsl/option-read-too-early",
  );
  it.each(bySyntax)("of %s give it, and their cure does not", (code) => {
    const [wrong = "", cured = ""] = [...pageOf(code).matchAll(/```ts\n(.*?)```/gs)].map(([, example]) => example);
    expect(new Set(found(wrong).map((finding) => finding.code))).toEqual(new Set([code]));
    expect(cured).not.toBe("");
    expect(found(cured)).toEqual([]);
  });
});
