import type { JsonValue } from "type-fest";
import type { CallSite } from "../origin/call-site.ts";
import type { JsonPointer } from "../origin/pointer.ts";

/** Error: no manifest can be trusted. Warning: it runs, but is probably not meant. */
export type Severity = "error" | "warning";

/** A stretch of a source. Lines and columns are 1-based and counted in UTF-16 units, as editors do. */
export interface Span {
  /** Project-relative POSIX path, or `<command line>`. */
  readonly file: string;
  readonly line: number;
  readonly column: number;
  /** Length in UTF-16 units; 0 where only a point is known. May run over line ends. */
  readonly length: number;
}

/** A stretch inside a string value: offset and length in UTF-16 units. */
export interface TextRange {
  readonly offset: number;
  readonly length: number;
}

/**
 * Where a finding belongs, before anything is known of source text:
 * - `pointer`: a value of the authored part, by JSON pointer from its root (`part: "key"` means the property's name);
 * - `option`: the value of an option, wherever that came from (default, preset, override), or its `declaration`;
 * - `class`: the experiment's class as a whole;
 * - `site`: a call site that was recorded at run time (`name`: the identifier in it that the finding is about);
 * - `span`: source text that is already known;
 * - `nowhere`: no source has it, and why.
 */
export type Place =
  | {
      readonly kind: "pointer";
      readonly pointer: JsonPointer;
      readonly part?: "key" | "value";
      readonly range?: TextRange;
    }
  | {
      readonly kind: "option";
      readonly path: string;
      readonly part?: "declaration";
      readonly range?: TextRange;
    }
  | { readonly kind: "class" }
  | {
      readonly kind: "site";
      readonly frames: readonly CallSite[];
      readonly path?: readonly (string | number)[];
      readonly name?: string;
    }
  | { readonly kind: "span"; readonly span: Span }
  | { readonly kind: "nowhere"; readonly reason: string };

/** A further place that helps to understand a finding. */
export interface RelatedPlace {
  readonly at: Place;
  readonly message: string;
  /** Factors of the finding's message that come from there. */
  readonly gives?: readonly string[];
}

/** One mistake, found once: what is wrong and where, still without source text. */
export interface Finding {
  /** `area/slug`; never reused, never changing its meaning. */
  readonly code: string;
  readonly severity: Severity;
  /** One plain line that makes sense alone, without places: those are told when the finding is shown. */
  readonly message: string;
  /** Characters of the message up to the end of each of its factors, by name. */
  readonly factors?: Readonly<Record<string, number>>;
  /** The named values in the message, for tools. */
  readonly data: Readonly<Record<string, JsonValue>>;
  readonly at: Place;
  /** Factors of the message that come from the primary place. */
  readonly gives?: readonly string[];
  readonly related?: readonly RelatedPlace[];
  readonly notes?: readonly string[];
  /** What to do about it; starts with a verb. */
  readonly help?: string;
  /** Replacement of the primary place's text that is certain to be meant. */
  readonly fix?: string;
  /**
   * The name or text that the fix stands in for, without quotes: the fix is offered only where the source has it, in quotes
   * or as a name. Without it, the fix replaces whatever stands there.
   */
  readonly replaces?: string;
  /** Where the fix goes, if that is not the primary place. */
  readonly fixAt?: Place;
}

/** Where a number (or another value) in a message comes from. */
export interface FactorOrigin {
  /** Name of the factor in its code's message. */
  readonly name: string;
  /** Characters of the message up to the factor's end, in UTF-16 units. */
  readonly end: number;
  /** Who set it, such as `preset small`; `null` if the place says it all. */
  readonly setBy: string | null;
  /** `null` if no source has it; `setBy` is then there. */
  readonly span: Span | null;
}

/** A finding whose places are source text: what users and tools see. `docs/diagnostics.md` has the JSON form. */
export interface Diagnostic {
  readonly code: string;
  readonly severity: Severity;
  /** Without places; `wovenMessage` has those of the factors. */
  readonly message: string;
  /** Where factors of the message come from, in the order of the message. Absent if it has none. */
  readonly factors?: readonly FactorOrigin[];
  readonly data: Readonly<Record<string, JsonValue>>;
  /** The experiment (and preset, after a dot) that it is about, if it is about one. */
  readonly experiment: string | null;
  /** `null` only when no source has the cause; `nowhere` then says why. */
  readonly primary: Span | null;
  readonly nowhere?: string;
  readonly related: readonly { readonly span: Span; readonly message: string }[];
  readonly notes: readonly string[];
  readonly help: string | null;
  readonly fix: { readonly span: Span; readonly text: string } | null;
}

/** A warning that is not told, because the author accepts it. */
export interface AcknowledgedDiagnostic {
  readonly diagnostic: Diagnostic;
  /** Why it is accepted, in the author's words. */
  readonly reason: string;
  /** Where it is acknowledged; `null` if syntax does not show it. */
  readonly acknowledgedAt: Span | null;
}

/** Symbol key under which a noun keeps what its constructor found; pointers in it are relative to the noun. */
export const FINDINGS: unique symbol = Symbol.for("assay.findings") as never;

/** A value together with all that was found while it was made. The value is missing only if nothing sensible is left. */
export interface Result<T> {
  readonly value: T;
  readonly findings: readonly Finding[];
}

/** Place of a value in the authored part. */
export function at(pointer: JsonPointer, range?: TextRange): Place {
  return range === undefined ? { kind: "pointer", pointer } : { kind: "pointer", pointer, range };
}

/** Place of an option's value. */
export function atOption(path: string, range?: TextRange): Place {
  return range === undefined ? { kind: "option", path } : { kind: "option", path, range };
}

/** True if any finding is an error. */
export function hasErrors(findings: readonly { readonly severity: Severity }[]): boolean {
  return findings.some((finding) => finding.severity === "error");
}
