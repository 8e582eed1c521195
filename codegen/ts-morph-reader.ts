import { acknowledgementIn } from "./read/acknowledgement.ts";
import { locateIn } from "./read/locate.ts";
import { importsOf } from "./read/names.ts";
import { placeAt } from "./read/place-at.ts";
import { readFile } from "./read/read-file.ts";
import type { SourceReader } from "./source-reader.ts";

/** The compiler API as ts-morph bundles it, as a type: everything else gets the value handed in. */
export type { ts } from "ts-morph";

export interface ReaderOptions {
  /** True for modules that export the library's decorators: `assay` unless given. The library's own files name theirs by path. */
  readonly isLibrary?: (module: string) => boolean;
}

const isAssay = (module: string): boolean => module === "assay";

/**
 * Makes the reader that stands on ts-morph's syntax trees. The only place that loads ts-morph, and only when called: its
 * third of a second must not be paid by a run that has nothing to read.
 */
export async function loadSourceReader({ isLibrary = isAssay }: ReaderOptions = {}): Promise<SourceReader> {
  const { ts } = await import("ts-morph");
  const options = {
    languageVersion: ts.ScriptTarget.ES2022,
    // Doc comments are read from the text, for the few declarations that need them.
    jsDocParsingMode: ts.JSDocParsingMode.ParseNone,
  };
  const parse = (file: string, text: string) => {
    const kind = file.endsWith("x") ? ts.ScriptKind.TSX : ts.ScriptKind.TS;
    return ts.createSourceFile(file, text, options, true, kind);
  };
  let last: { readonly file: string; readonly text: string; readonly source: ReturnType<typeof parse> } | null = null;
  // Findings come file by file, and so do questions about places.
  const remembered = (file: string, text: string) => {
    if (last === null || last.file !== file || last.text !== text) last = { file, text, source: parse(file, text) };
    return last.source;
  };
  return {
    read: (file, text) => readFile({ ts, source: parse(file, text), file, isLibrary }),
    locate: (file, text, request) => locateIn(ts, remembered(file, text), file, request),
    acknowledgement: (file, text, { className, code }) =>
      acknowledgementIn(ts, remembered(file, text), className, code),
    placeAt: (file, text, offset) => {
      const source = remembered(file, text);
      return placeAt({ ts, source, file, isLibrary, imports: importsOf(ts, source) }, offset);
    },
  };
}
