import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { escapeMessage, escapeProperty, renderGitHub } from "../../../../src/diagnostics/render/github.ts";
import { groupDiagnostics } from "../../../../src/diagnostics/render/group.ts";
import { printable } from "../../../../src/diagnostics/render/text-width.ts";
import { diagnosticOf, OPTIONS, randomDiagnostic } from "./random.ts";

/** Reads a command as GitHub's runner does. */
function commandsOf(text: string) {
  return text.split(/\r\n|\n|\r/).flatMap((line) => {
    if (line.trim() === "") return [];
    const [, name = "", list = "", message = ""] = /^::(\w+)(?: (.*?))?::(.*)$/su.exec(line) ?? [];
    const properties = list.split(",").map((pair) => pair.split("=", 2));
    const read = Object.fromEntries(properties.map(([key = ""]) => [key, unescape(valueOf(list, key))]));
    return [{ name, properties: read, message: unescape(message) }];
  });
}

function valueOf(list: string, key: string): string {
  const part = list.split(",").find((one) => one.startsWith(`${key}=`)) ?? "";
  return part.slice(key.length + 1);
}

function unescape(text: string): string {
  return text
    .replaceAll("%0D", "\r")
    .replaceAll("%0A", "\n")
    .replaceAll("%3A", ":")
    .replaceAll("%2C", ",")
    .replaceAll("%25", "%");
}

const A = "experiments/a.ts";

describe("workflow commands", () => {
  it("name place, code and all that is said", () => {
    const found = diagnosticOf({
      experiment: "a.one-node",
      primary: { file: A, line: 2, column: 8, length: 4 },
      related: [{ span: { file: "b,c.ts", line: 1, column: 1, length: 3 }, message: "yields `x`" }],
      notes: ["100% sure"],
      help: "use `l`",
    });
    expect(renderGitHub([found], OPTIONS)).toBe(
      "::error file=experiments/a.ts,line=2,endLine=2,col=8,endColumn=12,title=graph/unproduced-key::" +
        "call `a` reads `k`, which nothing yields%0Ab,c.ts:1:1: yields `x`%0Anote: 100%25 sure%0Ahelp: use `l`%0Ain: a.one-node\n",
    );
  });

  it("tell warnings from errors, and name no file for what is in none", () => {
    const argument = { file: "<command line>", line: 1, column: 17, length: 10 };
    expect(renderGitHub([diagnosticOf({ severity: "warning", nowhere: "x" })], OPTIONS)).toMatch(
      /^::warning title=graph\/unproduced-key::.*%0Ano source: x\n$/,
    );
    expect(renderGitHub([diagnosticOf({ primary: argument })], OPTIONS)).toMatch(
      /^::error title=graph\/unproduced-key::.*%0Aat: command line\n$/,
    );
    expect(renderGitHub([], OPTIONS)).toBe("");
  });

  it("leave columns out of stretches over several lines", () => {
    const primary = { file: A, line: 2, column: 8, length: 10 };
    expect(renderGitHub([diagnosticOf({ primary })], OPTIONS)).toMatch(
      /^::error file=experiments\/a\.ts,line=2,endLine=3,title=/,
    );
  });

  it("are escaped so that the runner reads what was written", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        expect(unescape(escapeMessage(text))).toBe(text);
        expect(unescape(escapeProperty(text))).toBe(text);
        expect(escapeMessage(text)).not.toMatch(/[\r\n]/);
        expect(escapeProperty(text)).not.toMatch(/[\r\n:,]/);
      }),
    );
  });

  it("are one for each mistake, whatever its texts hold", () => {
    fc.assert(
      fc.property(fc.array(randomDiagnostic, { maxLength: 5 }), (diagnostics) => {
        const commands = commandsOf(renderGitHub(diagnostics, OPTIONS));
        const groups = groupDiagnostics(diagnostics);
        expect(commands.map(({ name, properties }) => [name, properties["title"]])).toEqual(
          groups.map(({ diagnostic: { severity, code } }) => [severity, code]),
        );
        for (const [index, { message, properties }] of commands.entries()) {
          const { diagnostic } = groups[index] ?? { diagnostic: diagnosticOf({}) };
          expect(message.startsWith(printable(diagnostic.message))).toBe(true);
          const { primary } = diagnostic;
          expect(properties["file"]).toBe(primary?.file === "<command line>" ? undefined : primary?.file);
        }
      }),
    );
  });
});
