import { acknowledgementIn } from "./read/acknowledgement.ts";
import { locateIn } from "./read/locate.ts";
import { importsOf } from "./read/names.ts";
import { factoryDoc } from "./read/factory-doc.ts";
import { placeAt } from "./read/place-at.ts";
import { readFile } from "./read/read-file.ts";
import type { SourceReader } from "./source-reader.ts";

import type { ts as typescript } from "ts-morph";
import type { Ts } from "./read/syntax.ts";

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
    factoryDoc: (file, text, place) => factoryDoc(ts, remembered(file, text), place),
    placeAt: (file, text, offset) => {
      const source = remembered(file, text);
      return placeAt({ ts, source, file, isLibrary, imports: importsOf(ts, source) }, offset);
    },
  };
}

/** The compiler with its checker over some files, and all that these import. */
export interface TypeProgram {
  readonly ts: Ts;
  readonly checker: typescript.TypeChecker;
  readonly program: typescript.Program;
}

/**
 * Opens a checker: it takes a second, so only where a type must be known. Whatever the project's own settings are, checks are
 * strict, since a type without `undefined` and `null` says too little.
 * @param tsconfig absolute path of the compiler's settings; `null` if there are none.
 * @param files absolute paths.
 */
export async function loadTypeProgram(tsconfig: string | null, files: readonly string[]): Promise<TypeProgram> {
  const { Project, ts } = await import("ts-morph");
  const project = new Project({
    ...(tsconfig === null ? {} : { tsConfigFilePath: tsconfig }),
    skipAddingFilesFromTsConfig: true,
    compilerOptions: {
      ...(tsconfig === null ? { module: ts.ModuleKind.NodeNext, target: ts.ScriptTarget.ES2022 } : {}),
      strict: true,
      strictNullChecks: true,
      exactOptionalPropertyTypes: false,
      noEmit: true,
      allowJs: true,
      skipLibCheck: true,
      composite: false,
      incremental: false,
    },
  });
  for (const file of files) project.addSourceFileAtPathIfExists(file);
  const program = project.getProgram().compilerObject;
  return { ts, program, checker: program.getTypeChecker() };
}
