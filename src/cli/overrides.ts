import type { JsonValue } from "type-fest";
import type { OverrideArgument } from "../../codegen/evaluate/protocol.ts";
import type { Finding } from "../diagnostics/finding.ts";
import type { CommandLine } from "./command-line.ts";
import { cliDiagnostics } from "./diagnostics.ts";
import { spanAt } from "./places.ts";

/** Arguments of a command: names as they are, and `path=value` in between. */
export interface ParsedArguments {
  readonly names: readonly string[];
  readonly overrides: readonly OverrideArgument[];
  readonly findings: readonly Finding[];
}

/** Tells names from overrides. An override's span is the whole argument. */
export function parseArguments(positional: readonly string[], commandLine: CommandLine): ParsedArguments {
  const names: string[] = [];
  const overrides: OverrideArgument[] = [];
  const findings: Finding[] = [];
  for (const [index, span] of commandLine.spansOf(positional).entries()) {
    const argument = positional[index] as string;
    const equals = argument.indexOf("=");
    if (equals < 0) names.push(argument);
    else if (equals === 0) findings.push(cliDiagnostics.override({ argument }, { at: spanAt(span) }));
    else overrides.push({ path: argument.slice(0, equals), value: parseValue(argument.slice(equals + 1)), span });
  }
  return { names, overrides, findings };
}

/** A value as typed: JSON if it is JSON, else the text itself. */
export function parseValue(text: string): JsonValue {
  try {
    const value = JSON.parse(text) as JsonValue;
    // `1e999` parses, but to a number that JSON does not have.
    return typeof value === "number" && !Number.isFinite(value) ? text : value;
  } catch {
    return text;
  }
}
