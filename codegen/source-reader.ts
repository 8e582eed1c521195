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
  /** The annotation, aliases of the same file written out, or what the initialiser shows (`number`, `string[]`); `null` if neither tells. */
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
  /** Class, interface or alias whose documented fields are the options of this group; `call`: the function that makes it. */
  readonly nested: (TypeUse & { readonly kind: "class" | "call" }) | null;
}

/** A name and the module it is imported from; `null`: the same file. */
export interface TypeUse {
  readonly name: string;
  readonly module: string | null;
}

/** A use of `this.x` that runs while the object is constructed: in a field's initialiser or in the constructor. */
export interface EarlyRead {
  /** Name of the member that is read. */
  readonly name: string;
  /** Where it begins: the use of `this` in the initialiser or in the constructor. */
  readonly span: Span;
  /** The read itself, if it is in a method or getter that is used there. */
  readonly through: Span | null;
  /** Who reads: "the initialiser of `x`" or "the constructor". */
  readonly by: string;
}

/** One `@Preset(name, settings)`. */
export interface DeclaredPreset {
  readonly name: string;
  readonly span: Span;
  readonly settings: DeclaredSettings;
}

/** A class, interface or object type of a file: an experiment, a base of one, or the class of a group of options. */
export interface DeclaredClass {
  readonly file: string;
  /** `default` for a default export without a name. */
  readonly name: string;
  /** Name that the module exports it under. */
  readonly exportedAs: string | null;
  readonly span: Span;
  /** Name after `extends` as written, if it is an identifier, and the module it is imported from (`null`: same file). */
  readonly base: (TypeUse & { readonly span: Span }) | null;
  readonly presets: readonly DeclaredPreset[];
  readonly options: readonly DeclaredOption[];
  /** Documented fields without the decorator: options, if the class is that of a group. */
  readonly fields: readonly DeclaredOption[];
  readonly earlyReads: readonly EarlyRead[];
  /** Codes in the field `acknowledge`; `null` if the class has no such field, or syntax does not show its value. */
  readonly acknowledgements: readonly DeclaredAcknowledgement[] | null;
}

/** The code of a warning that a class accepts. */
export interface DeclaredAcknowledgement {
  readonly code: string;
  /** The code with its quotes. */
  readonly span: Span;
}

/** One registered experiment as syntax shows it. */
export interface DeclaredExperiment {
  readonly name: string;
  readonly file: string;
  /** The name in `@Experiment("...")` or `registerExperiment("...")`. */
  readonly span: Span;
  /** The class that was registered or that the factory makes by `new`; `null` if syntax shows none. */
  readonly className: string | null;
  /** Module that the class is imported from; `null`: the same file. */
  readonly classModule: string | null;
  /** `preset`: `preset(base, name, settings)`. */
  readonly kind: "class" | "factory" | "preset";
  /** The experiment that `preset(base, name, ...)` stands on. */
  readonly base: string | null;
  /** That name, with its quotes, where it is written. */
  readonly baseSpan: Span | null;
  readonly doc: string;
  readonly tags: readonly string[];
  /** Presets on its class, if that is in the same file; else `DeclaredClass.presets` has them. */
  readonly presets: readonly DeclaredPreset[];
  /** Settings of `preset(base, name, settings)`. */
  readonly settings: DeclaredSettings;
}

/** A function that returns one class: by its return type, or because `new` is all that it returns. */
export interface DeclaredFunction {
  readonly name: string;
  readonly returns: string;
  /** Module that the returned class is imported from; `null`: the same file. */
  readonly module: string | null;
}

/** A type alias for strings, numbers or booleans. */
export interface DeclaredAlias {
  readonly name: string;
  readonly type: string;
  readonly choices: readonly string[] | null;
  readonly nullable: boolean;
}

/** `export { name as exportedAs } from "module"`; `*` for both names exports all. */
export interface DeclaredReexport {
  readonly module: string;
  readonly name: string;
  readonly exportedAs: string;
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
  readonly functions: readonly DeclaredFunction[];
  readonly aliases: readonly DeclaredAlias[];
  readonly reexports: readonly DeclaredReexport[];
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
   * The source text behind a place in a call, `new` or decorator. `line` and `column` (1-based) are where it was running,
   * as V8 counts: at the last name of the callee, or at `new`. `path` leads from there: an argument's number, then
   * properties and elements; the name `"#key"` as last segment means the name of the property reached, not its value.
   * `range` counts characters inside a string literal (escapes are accounted for).
   *
   * The way follows `const`s of the same file through identifiers, spreads and property accesses. Where it ends, the span
   * is what stands in the call: a name, if the value is passed by name (also a parameter of a helper function, and that is
   * exact: the frames around say where the value came from). With `range`, the string literal behind the name is meant.
   *
   * Returns the longest part of the way that is there, and whether that was all of it. What running the program decides
   * (a spread of an unknown object in front, an element that a loop makes) is not.
   */
  locate(file: string, text: string, place: LocateRequest): { readonly span: Span; readonly exact: boolean };
  /**
   * First paragraph of the doc comment of an exported constant: of the one whose initialiser holds a place (1-based, as V8
   * counts), or of the one that has a name; `""` without one.
   */
  factoryDoc(file: string, text: string, place: FactoryPlace): string;
  /**
   * What an author wrote at an offset (in UTF-16 units), the other way around: an option in its class, a setting in a
   * preset, a call by its name. Settings count where they are written: in the preset's own literal, or in a constant of the
   * module that presets take or spread. `null` for all else.
   */
  placeAt(file: string, text: string, offset: number): SourcePlace | null;
  /**
   * Where a class of the file takes an acknowledgement of a warning (an offset in UTF-16 units), and what is written there: a
   * reason is for the author to give. `null` if the file has no such class, or acknowledges it already, or not by a literal.
   */
  acknowledgement(
    file: string,
    text: string,
    wanted: { readonly className: string; readonly code: string },
  ): { readonly offset: number; readonly text: string } | null;
}

/** Which constant is meant. */
export type FactoryPlace = { readonly line: number; readonly column: number } | { readonly name: string };

/** What stands at an offset of a source. `span` is the name or the value under the cursor, whichever it is. */
export type SourcePlace =
  /** A field of a class, or a property in its initialiser; whether it is an option is for the joined options to say. */
  | {
      readonly kind: "option";
      readonly className: string;
      /** Dotted path from the class. */
      readonly path: string;
      readonly span: Span;
      readonly text: TextPlace | null;
    }
  /** A property in the settings of a preset, or of several that share a constant. */
  | {
      readonly kind: "setting";
      readonly targets: readonly PresetTarget[];
      readonly path: string;
      readonly span: Span;
      readonly text: TextPlace | null;
    }
  /** The name that a call stands under. */
  | { readonly kind: "call"; readonly name: string; readonly span: Span };

/** Whose settings: those of a preset on a class, or of an experiment that `preset(base, name, settings)` registers. */
export type PresetTarget =
  | { readonly kind: "class"; readonly className: string; readonly preset: string }
  | { readonly kind: "experiment"; readonly name: string };

/** Where in a string literal the cursor is. */
export interface TextPlace {
  readonly value: string;
  /** Character of the value under the cursor; its length at the end. */
  readonly index: number;
  /** Offset in the file of each UTF-16 unit of the value, and of its end. */
  readonly starts: readonly number[];
}

/** A place in a call. Argument -1 is the last one; the path `["#key"]` means the name of the property that the call stands under. */
export interface LocateRequest {
  readonly line: number;
  readonly column: number;
  readonly path: readonly (string | number)[];
  readonly range?: { readonly offset: number; readonly length: number };
}

/** Settings as a preset's literal shows them, as far as they are constants; for `list` when evaluation fails. */
export type DeclaredSettings = Readonly<Record<string, JsonValue>>;
