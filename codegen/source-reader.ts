import type { JsonValue } from "type-fest";
import type { Finding, Span } from "../src/diagnostics/finding.ts";

/** What syntax alone says of an option, be it a class's own (`@Option()`) or a property of a nested literal. */
export interface DeclaredOption {
  /** Dotted path from the class: `lr`, or `optimizer.lr` for a documented property of a literal initialiser. */
  readonly path: string;
  /** First paragraph of the doc comment, white space folded; `""` without one. */
  readonly help: string;
  /** Text after `@range`, e.g. `integer >= 1` or `(0, 1]`. */
  readonly range: string | null;
  /** String literals of the type annotation, if it is a union of them (besides `null`). */
  readonly choices: readonly string[] | null;
  /** The annotation as written, or what the initialiser shows: `number`, `string`, `boolean`; `null` if neither tells. */
  readonly type: string | null;
  /** True if the annotation admits `null`. */
  readonly nullable: boolean;
  /** `name!: T` without initialiser, or tagged `@required`. */
  readonly required: boolean;
  /** Options that only a launcher reads, tagged `@launch`. */
  readonly launch: boolean;
  /** Source text of the initialiser (at most 200 characters), for lists. */
  readonly defaultText: string | null;
  /** The option's name. */
  readonly span: Span;
  /** The initialiser. */
  readonly defaultSpan: Span | null;
}

/** A use of `this.x` that runs while the object is constructed: in a field's initialiser or in the constructor. */
export interface EarlyRead {
  readonly name: string;
  readonly span: Span;
}

/** One `@Preset(name, settings)`. */
export interface DeclaredPreset {
  readonly name: string;
  readonly span: Span;
}

/** A class with `@Option()` members, decorated as an experiment or not. */
export interface DeclaredClass {
  readonly file: string;
  readonly name: string;
  readonly span: Span;
  /** Name after `extends` as written, if it is an identifier, and the module it is imported from (`null`: same file). */
  readonly base: { readonly name: string; readonly module: string | null; readonly span: Span } | null;
  readonly options: readonly DeclaredOption[];
  readonly earlyReads: readonly EarlyRead[];
}

/** One registered experiment as syntax shows it. */
export interface DeclaredExperiment {
  readonly name: string;
  readonly file: string;
  /** The name in `@Experiment("...")` or `registerExperiment("...")`. */
  readonly span: Span;
  /** The class behind it; `null` when a factory was registered. */
  readonly className: string | null;
  readonly doc: string;
  readonly tags: readonly string[];
  readonly presets: readonly DeclaredPreset[];
}

/** A named import, for findings that land on it. */
export interface DeclaredImport {
  readonly module: string;
  readonly name: string;
  readonly typeOnly: boolean;
  readonly span: Span;
}

/** All that one file says, read without running anything. Plain data: it is cached by the file's content. */
export interface DeclaredFile {
  readonly file: string;
  readonly experiments: readonly DeclaredExperiment[];
  readonly classes: readonly DeclaredClass[];
  readonly imports: readonly DeclaredImport[];
  readonly findings: readonly Finding[];
}

/**
 * Reads author code as syntax. The only implementation stands on ts-morph; nothing else in the tree may know that.
 */
export interface SourceReader {
  /** Reads one file. `text` is its content, `file` its project-relative path. Never throws for what an author wrote. */
  read(file: string, text: string): DeclaredFile;
  /**
   * The source text behind a place in a call. `line` and `column` (1-based) are where the call or `new` expression was
   * running; `path` leads from there: an argument's number, then properties and elements; the name `"#key"` as last
   * segment means the name of the property reached, not its value. `range` counts characters inside a string literal
   * (escapes are accounted for). Follows `const` objects and arrays of the same file through identifiers and spreads.
   * Returns the longest part of the way that is there, and whether that was all of it.
   */
  locate(file: string, text: string, place: LocateRequest): { readonly span: Span; readonly exact: boolean };
}

export interface LocateRequest {
  readonly line: number;
  readonly column: number;
  readonly path: readonly (string | number)[];
  readonly range?: { readonly offset: number; readonly length: number };
}

/** Settings as a preset's literal shows them, where they are constants; for `list` when evaluation fails. */
export type DeclaredSettings = Readonly<Record<string, JsonValue>>;
