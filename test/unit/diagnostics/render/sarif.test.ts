import { readFileSync } from "node:fs";
import { Validator } from "@cfworker/json-schema";
import * as fc from "fast-check";
import type { Log, Result } from "sarif";
import { describe, expect, it } from "vitest";
import type { Diagnostic } from "../../../../src/diagnostics/finding.ts";
import { offsetAt } from "../../../../src/diagnostics/render/region.ts";
import { renderSarif } from "../../../../src/diagnostics/render/sarif.ts";
import { diagnosticOf, FILES, OPTIONS, randomDiagnostic } from "./random.ts";

const schema = JSON.parse(readFileSync(new URL("../../../goldens/sarif-2.1.0.json", import.meta.url), "utf8"));
const validator = new Validator(schema, "4", false);

function logOf(diagnostics: readonly Diagnostic[], options = OPTIONS): Log {
  return JSON.parse(renderSarif(diagnostics, options)) as Log;
}

function runOf(diagnostics: readonly Diagnostic[], options = OPTIONS) {
  const [run] = logOf(diagnostics, options).runs;
  if (run === undefined) throw new Error("there is no run");
  return { ...run, results: run.results ?? [] };
}

function only(diagnostic: Diagnostic): Result {
  const [result] = runOf([diagnostic]).results;
  if (result === undefined) throw new Error("there is no result");
  return result;
}

const A = "experiments/a.ts";
const second = { file: A, line: 2, column: 8, length: 4 };

describe("SARIF", () => {
  it("is refused by the schema if it is wrong", () => {
    const log = logOf([diagnosticOf({ primary: second })]);
    expect(validator.validate(log).errors).toEqual([]);
    const wrong = structuredClone(log) as unknown as { runs: { results: { level: string }[] }[] };
    for (const run of wrong.runs) for (const result of run.results) result.level = "fatal";
    expect(validator.validate(wrong).valid).toBe(false);
    expect(validator.validate({ ...log, more: 1 }).valid).toBe(false);
  });

  it("fits its schema, whatever is found", () => {
    fc.assert(
      fc.property(fc.array(randomDiagnostic, { maxLength: 5 }), (diagnostics) => {
        const log = logOf(diagnostics);
        expect(validator.validate(log).errors).toEqual([]);
        const [{ results = [], tool } = {} as never] = log.runs;
        for (const { ruleId, ruleIndex = -1, locations } of results) {
          expect(tool.driver.rules?.[ruleIndex]?.id).toBe(ruleId);
          expect(locations?.length ?? 1).toBe(1);
        }
        const marks = results.map(({ partialFingerprints }) => JSON.stringify(partialFingerprints));
        expect(new Set(marks).size).toBe(marks.length);
      }),
      { numRuns: 60 },
    );
  });

  it("names regions that hold the text of the span, over line ends, too", () => {
    fc.assert(
      fc.property(randomDiagnostic, (diagnostic) => {
        const { primary } = diagnostic;
        const region = only(diagnostic).locations?.[0]?.physicalLocation?.region;
        const source = FILES[primary?.file ?? ""] ?? "";
        if (primary === null || region === undefined) return;
        const start = offsetAt(source, region.startLine ?? 0, region.startColumn ?? 0) ?? Number.NaN;
        if (start + primary.length > source.length) return;
        // A span may end between the two characters of one line end.
        const end = offsetAt(source, region.endLine ?? 0, region.endColumn ?? 0) ?? Number.NaN;
        const isSplit = source.slice(start + primary.length - 1, start + primary.length + 1) === "\r\n";
        expect(end - start).toBe(isSplit && primary.length > 0 ? primary.length + 1 : primary.length);
      }),
    );
  });

  it("says all of a diagnostic", () => {
    const found = diagnosticOf({
      experiment: "a.one-node",
      data: { key: "k" },
      primary: second,
      related: [{ span: { file: "dir with space/ö%20.ts", line: 1, column: 1, length: 3 }, message: "yields `x`" }],
      notes: ["a note"],
      help: "use `l`",
      fix: { span: second, text: "l" },
    });
    expect(runOf([found, { ...found, experiment: "a.two-nodes" }])).toEqual({
      tool: {
        driver: {
          name: "Assay",
          version: "1.2.3",
          informationUri: "https://example.org",
          rules: [
            {
              id: "graph/unproduced-key",
              shortDescription: { text: "Something of `graph/unproduced-key` is wrong." },
              fullDescription: { text: "Something of `graph/unproduced-key` is wrong. More of it." },
              help: { text: expect.stringContaining("## Cure"), markdown: expect.stringContaining("## Cure") },
              helpUri: "https://example.org/docs/codes/graph/unproduced-key.md",
              defaultConfiguration: { level: "error" },
            },
          ],
        },
      },
      columnKind: "utf16CodeUnits",
      newlineSequences: ["\r\n", "\n", "\r", "\u2028", "\u2029"],
      results: [
        {
          ruleId: "graph/unproduced-key",
          ruleIndex: 0,
          level: "error",
          message: { text: "call `a` reads `k`, which nothing yields\nnote: a note\nhelp: use `l`" },
          locations: [
            {
              physicalLocation: {
                artifactLocation: { uri: A, uriBaseId: "%SRCROOT%" },
                region: { startLine: 2, startColumn: 8, endLine: 2, endColumn: 12 },
              },
            },
          ],
          relatedLocations: [
            {
              id: 1,
              physicalLocation: {
                artifactLocation: { uri: "dir%20with%20space/%C3%B6%2520.ts", uriBaseId: "%SRCROOT%" },
                region: { startLine: 1, startColumn: 1, endLine: 1, endColumn: 4 },
              },
              message: { text: "yields `x`" },
            },
          ],
          fixes: [
            {
              description: { text: "use `l`" },
              artifactChanges: [
                {
                  artifactLocation: { uri: A, uriBaseId: "%SRCROOT%" },
                  replacements: [
                    {
                      deletedRegion: { startLine: 2, startColumn: 8, endLine: 2, endColumn: 12 },
                      insertedContent: { text: "l" },
                    },
                  ],
                },
              ],
            },
          ],
          properties: { experiments: ["a.one-node", "a.two-nodes"], data: { key: "k" } },
          partialFingerprints: { "assayDiagnostic/v1": expect.any(String) },
        },
      ],
    });
  });

  it("gives no location to what has no place, and no file to an argument", () => {
    const nowhere = only(diagnosticOf({ nowhere: "nobody wrote it" }));
    expect(nowhere.locations).toBeUndefined();
    expect(nowhere.properties).toMatchObject({ nowhere: "nobody wrote it" });
    const span = { file: "<command line>", line: 1, column: 17, length: 10 };
    const argument = only(diagnosticOf({ primary: span, fix: { span, text: "x" } }));
    expect(argument.locations).toEqual([
      { logicalLocations: [{ name: "model.lr=3", fullyQualifiedName: "command line, column 17", kind: "parameter" }] },
    ]);
    expect(argument.fixes).toBeUndefined();
  });

  it("gives them the config where it is known: services refuse what has no file", () => {
    const options = { ...OPTIONS, projectFile: "assay.config.ts" };
    const physicalLocation = {
      artifactLocation: { uri: "assay.config.ts", uriBaseId: "%SRCROOT%" },
      region: { startLine: 1, startColumn: 1, endLine: 1, endColumn: 1 },
    };
    const span = { file: "<command line>", line: 1, column: 17, length: 10 };
    const found = [diagnosticOf({ nowhere: "nobody wrote it" }), diagnosticOf({ primary: span })];
    const [nowhere, argument] = runOf(found, options).results;
    expect(nowhere?.locations).toEqual([{ physicalLocation }]);
    expect(argument?.locations).toMatchObject([{ physicalLocation, logicalLocations: [{ name: "model.lr=3" }] }]);
    expect(validator.validate(logOf(found, options)).errors).toEqual([]);
  });

  it("holds acknowledged warnings as suppressed results, one for each reason", () => {
    const warning = diagnosticOf({ severity: "warning", primary: second, experiment: "a.one-node" });
    const acknowledgedAt = { file: A, line: 1, column: 1, length: 5 };
    const accept = (experiment: string, reason: string) => ({
      diagnostic: { ...warning, experiment },
      reason,
      acknowledgedAt,
    });
    const acknowledged = [accept("a.one-node", "so"), accept("a.two-nodes", "so"), accept("b", "other")];
    const { results, tool } = runOf([], { ...OPTIONS, acknowledged });
    expect(
      results.map(({ level, suppressions, properties }) => [level, suppressions, properties?.["experiments"]]),
    ).toEqual(
      [
        ["so", ["a.one-node", "a.two-nodes"]],
        ["other", ["b"]],
      ].map(([justification, experiments]) => [
        "warning",
        [
          {
            kind: "inSource",
            status: "accepted",
            justification,
            location: {
              physicalLocation: {
                artifactLocation: { uri: A, uriBaseId: "%SRCROOT%" },
                region: { startLine: 1, startColumn: 1, endLine: 1, endColumn: 6 },
              },
            },
          },
        ],
        experiments,
      ]),
    );
    expect(tool.driver.rules?.map(({ id }) => id)).toEqual(["graph/unproduced-key"]);
    expect(validator.validate(logOf([], { ...OPTIONS, acknowledged })).errors).toEqual([]);
  });

  it("names files elsewhere by their whole path", () => {
    const uriOf = (file: string) =>
      only(diagnosticOf({ primary: { ...second, file } })).locations?.[0]?.physicalLocation?.artifactLocation;
    expect(uriOf("/data/a b.json")).toEqual({ uri: "file:///data/a%20b.json" });
    expect(uriOf("C:/data/a.json")).toEqual({ uri: "file:///C:/data/a.json" });
    expect(uriOf("a:b.ts")).toEqual({ uri: "a%3Ab.ts", uriBaseId: "%SRCROOT%" });
  });

  it("knows a mistake again when lines above it come or go", () => {
    const marksOf = (source: string, lines: readonly number[]) =>
      runOf(
        lines.map((line) => diagnosticOf({ primary: { file: A, line, column: 3, length: 4 } })),
        { ...OPTIONS, sourceOf: () => source },
      ).results.map(({ partialFingerprints }) => partialFingerprints?.["assayDiagnostic/v1"]);
    const before = marksOf("a\n  call(x);\n  call(x);\n  call(y);", [2, 3, 4]);
    const after = marksOf("// more\n\na\n    call(x);\nb\n  call(x);\n  call(y);", [4, 6, 7]);
    expect(after).toEqual(before);
    expect(new Set(before).size).toBe(3);
    expect(marksOf("a\n  call(z);", [2])).not.toEqual(before.slice(0, 1));
  });

  it("writes no link that a message does not mean", () => {
    const { message } = only(diagnosticOf({ message: "see [a](b) and slurmd-[01-04]" }));
    expect(message.text).toBe(String.raw`see \[a\](b) and slurmd-[01-04]`);
  });
});
