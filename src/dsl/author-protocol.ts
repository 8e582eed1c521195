import type { JsonValue } from "type-fest";
import type { Finding, Span } from "../diagnostics/finding.ts";
import type { CallSite } from "../origin/call-site.ts";

/** One override: a dotted path and its value; from a command line it also knows its own text. */
export interface Override {
  readonly path: string;
  readonly value: JsonValue;
  readonly span?: Span;
  /** Characters of the value, where the argument holds several. */
  readonly valueSpan?: Span;
}

/** Where the value of an option came from. */
export type OptionOrigin =
  | { readonly kind: "default" }
  | {
      readonly kind: "preset";
      readonly preset: string;
      readonly frames: readonly CallSite[];
      readonly path: readonly (string | number)[];
    }
  | { readonly kind: "override"; readonly span?: Span; readonly valueSpan?: Span }
  | { readonly kind: "environment"; readonly name: string };

/** The value of one option and its origin, by dotted path (leaves only). */
export interface OptionValue {
  readonly path: string;
  readonly value: JsonValue;
  readonly origin: OptionOrigin;
}

/** What running an experiment's two methods gave. `authored` still holds nouns with their origins under symbols. */
export interface AuthorResult {
  readonly authored: object | null;
  /** Required options that have no value; if any, `authored` is `null` and that is no error by itself. */
  readonly needs: readonly string[];
  readonly options: readonly OptionValue[];
  readonly findings: readonly Finding[];
}
