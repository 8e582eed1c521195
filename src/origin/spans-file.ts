import type { JsonValue } from "type-fest";
import type { CallSite, FieldPlace } from "./call-site.ts";

/** Version of the spans file; `docs/spans.md` describes it. */
export const SPANS_VERSION = 1;

/** Where the values of one manifest came from. It stands beside the manifest and is in none of its hashes. */
export interface SpansFile {
  readonly assaySpans: typeof SPANS_VERSION;
  readonly experiment: string;
  readonly preset: string | null;
  /** By JSON pointer into the authored part. A pointer that is not there belongs to the nearest noun above it. */
  readonly nouns: Readonly<Record<string, NounSpans>>;
  readonly options: readonly OptionSpans[];
  /** Values that mutators of the project set; only if there are any. */
  readonly mutations?: readonly MutationSpans[];
}

/** A value that a mutator set, and its entry in the config. */
export interface MutationSpans {
  /** Pointer into the authored part. */
  readonly at: string;
  readonly type: string;
  /** Package that brings the mutator. */
  readonly package: string;
  readonly because: string;
  /** The value before; left out if there was none. */
  readonly was?: JsonValue;
  /** Where the entry was made, nearest first. */
  readonly frames: readonly CallSite[];
  /** Place of the entry in that call, as in {@link NounSpans.fields}; empty for the call itself. */
  readonly path: readonly (string | number)[];
}

/** Where one noun was made. Places are those of the author's source, project-relative. */
export interface NounSpans {
  /** The author's call sites, nearest first. */
  readonly frames: readonly CallSite[];
  readonly fields?: Readonly<Record<string, FieldPlace>>;
  /** Option that the library derived the noun from. */
  readonly option?: string;
  /** Characters of that option's value. */
  readonly range?: { readonly offset: number; readonly length: number };
  readonly fieldOptions?: Readonly<Record<string, string>>;
}

/** The value of one option, and who set it. */
export interface OptionSpans {
  readonly path: string;
  readonly value: JsonValue;
  readonly origin: OptionOriginSpans;
}

/** Who set an option. */
export type OptionOriginSpans =
  | { readonly kind: "default" }
  | {
      readonly kind: "preset";
      readonly preset: string;
      readonly frames: readonly CallSite[];
      /** Place in the preset's call, as in {@link NounSpans.fields}; argument -1 is the last one. */
      readonly path: readonly (string | number)[];
    }
  | {
      readonly kind: "override";
      readonly span?: ArgumentSpan;
      /** Characters of the value, where the argument holds several. */
      readonly valueSpan?: ArgumentSpan;
    }
  | { readonly kind: "environment"; readonly name: string };

/** Characters of an argument. */
export interface ArgumentSpan {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly length: number;
}
