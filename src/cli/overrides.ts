import type { JsonValue } from "type-fest";
import type { OverrideArgument } from "../../codegen/evaluate/protocol.ts";
import type { Finding, Span } from "../diagnostics/finding.ts";
import type { CommandLine } from "./command-line.ts";
import { cliDiagnostics } from "./diagnostics.ts";
import { spanAt } from "./places.ts";

/** Arguments of a command: names as they are, and `path=value` in between. */
export interface ParsedArguments {
  readonly names: readonly string[];
  readonly overrides: readonly OverrideArgument[];
  readonly findings: readonly Finding[];
}

/** One argument `path=value`, its value still text. */
export interface TypedOverride {
  readonly path: string;
  readonly text: string;
  /** The whole argument. */
  readonly span: Span;
}

/** Tells names from overrides. An override's span is the whole argument. */
export function parseArguments(positional: readonly string[], commandLine: CommandLine): ParsedArguments {
  const { names, typed, findings } = argumentsOf(positional, commandLine);
  const overrides = typed.map(({ path, text, span }): OverrideArgument => ({ path, value: parseValue(text), span }));
  return { names, overrides, findings };
}

/** Tells names from overrides, whose values stay texts. Names of points hold `=`, too, but behind an `@`. */
export function argumentsOf(
  positional: readonly string[],
  commandLine: CommandLine,
): {
  readonly names: readonly string[];
  readonly typed: readonly TypedOverride[];
  readonly findings: readonly Finding[];
} {
  const names: string[] = [];
  const typed: TypedOverride[] = [];
  const findings: Finding[] = [];
  for (const [index, span] of commandLine.spansOf(positional).entries()) {
    const argument = positional[index] as string;
    const equals = argument.indexOf("=");
    const path = argument.slice(0, Math.max(0, equals));
    if (equals < 0 || path.includes("@")) names.push(argument);
    else if (equals === 0) findings.push(cliDiagnostics.override({ argument }, { at: spanAt(span) }));
    else typed.push({ path, text: argument.slice(equals + 1), span });
  }
  return { names, typed, findings };
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
