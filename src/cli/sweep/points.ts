import type { JsonValue } from "type-fest";
import type { OverrideArgument } from "../../../codegen/evaluate/protocol.ts";
import type { Finding, Span } from "../../diagnostics/finding.ts";
import { canonicalJson } from "../../manifest/canonical.ts";
import { typedText } from "../../manifest/point-name.ts";
import type { CommandLine } from "../command-line.ts";
import { cliDiagnostics } from "../diagnostics.ts";
import { argumentsOf, parseValue, type TypedOverride } from "../overrides.ts";
import { spanAt } from "../places.ts";
import { splitValues } from "./split.ts";

/** One path, and the values that a sweep gives it. */
export interface Axis {
  readonly path: string;
  /** The whole argument. */
  readonly span: Span;
  /** Distinct, in the order in which they were typed. */
  readonly values: readonly OverrideArgument[];
  /** The argument as one value, if its commas separated several. */
  readonly unsplit: OverrideArgument | null;
}

/** Arguments of a sweep. */
export interface ParsedSweep {
  readonly names: readonly string[];
  readonly axes: readonly Axis[];
  /** Errors, and warnings of values that stand twice. */
  readonly findings: readonly Finding[];
}

/** Reads arguments as names and axes. */
export function parseSweep(positional: readonly string[], commandLine: CommandLine): ParsedSweep {
  const { names, typed, findings: unnamed } = argumentsOf(positional, commandLine);
  const findings: Finding[] = [...unnamed];
  const axes: Axis[] = [];
  for (const one of typed) {
    const other = axes.find((axis) => overlaps(axis.path, one.path));
    if (other !== undefined) {
      const related = [{ at: spanAt(pathSpan(other)), message: `\`${other.path}\` is set here` }];
      findings.push(cliDiagnostics["option-twice"]({ path: one.path }, { at: spanAt(pathSpan(one)), related }));
      continue;
    }
    const axis = axisOf(one, findings);
    if (axis !== null) axes.push(axis);
  }
  return { names, axes, findings };
}

/** Number of points: combinations of values. */
export function countPoints(axes: readonly Axis[]): number {
  return axes.reduce((product, { values }) => product * values.length, 1);
}

/** All combinations, the first axis changing slowest. Within a point, overrides are in the order of their paths. */
export function pointsOf(axes: readonly Axis[]): readonly (readonly OverrideArgument[])[] {
  const points = axes.reduce<readonly (readonly OverrideArgument[])[]>(
    (before, { values }) => before.flatMap((point) => values.map((value) => [...point, value])),
    [[]],
  );
  return points.map((point) => [...point].sort((a, b) => (a.path < b.path ? -1 : 1)));
}

function axisOf({ path, text, span }: TypedOverride, findings: Finding[]): Axis | null {
  const within = ({ offset, length }: { readonly offset: number; readonly length: number }): Span => ({
    ...span,
    column: span.column + path.length + 1 + offset,
    length,
  });
  const split = splitValues(text);
  if ("problem" in split) {
    const { problem, help, range } = split;
    findings.push(cliDiagnostics["sweep-value"]({ path, problem }, { at: spanAt(within(range)), help }));
    return null;
  }
  const { pieces } = split;
  const isOne = pieces.length === 1;
  const known = new Map<string, OverrideArgument>();
  for (const piece of pieces) {
    const value = parseValue(piece.text);
    const valueSpan = within(piece.range);
    const key = canonicalOrNull(value);
    if (key === null) {
      const problem = "the value holds half of a character";
      findings.push(cliDiagnostics["sweep-value"]({ path, problem }, { at: spanAt(valueSpan) }));
      return null;
    }
    const first = known.get(key);
    if (first === undefined) {
      const isQuoted = piece.text.startsWith('"') && typeof value === "string";
      known.set(key, { path, value, span, ...(isOne && !isQuoted ? {} : { valueSpan }) });
    } else {
      const at = spanAt(valueSpan);
      const related = [{ at: spanAt(first.valueSpan ?? span), message: "the same value" }];
      findings.push(cliDiagnostics["value-twice"]({ path, value: typedText(value) }, { at, related }));
    }
  }
  return {
    path,
    span,
    values: [...known.values()],
    unsplit: isOne ? null : { path, value: parseValue(text), span },
  };
}

/** True if two paths are the same, or one is inside of the other: then the order would matter. */
function overlaps(a: string, b: string): boolean {
  return a === b || a.startsWith(`${b}.`) || b.startsWith(`${a}.`);
}

function pathSpan({ path, span }: { readonly path: string; readonly span: Span }): Span {
  return { ...span, length: path.length };
}

function canonicalOrNull(value: JsonValue): string | null {
  try {
    return canonicalJson(value);
  } catch {
    return null;
  }
}
