import type { FactoryPlace } from "../source-reader.ts";
import type { ts as typescript } from "../ts-morph-reader.ts";
import { docOf } from "./doc.ts";
import type { Ts } from "./syntax.ts";

/** First paragraph of the doc comment of a constant at the top level; `""` if there is none. */
export function factoryDoc(ts: Ts, source: typescript.SourceFile, place: FactoryPlace): string {
  const statement = "name" in place ? named(ts, source, place.name) : around(source, place);
  return statement === undefined ? "" : docOf(ts, source, statement).text;
}

function named(ts: Ts, source: typescript.SourceFile, name: string): typescript.Statement | undefined {
  return source.statements.find(
    (statement) =>
      ts.isVariableStatement(statement) &&
      statement.declarationList.declarations.some(
        (declared) => ts.isIdentifier(declared.name) && declared.name.text === name,
      ),
  );
}

function around(
  source: typescript.SourceFile,
  { line, column }: { readonly line: number; readonly column: number },
): typescript.Statement | undefined {
  const starts = source.getLineStarts();
  const offset = (starts[line - 1] ?? source.text.length) + column - 1;
  return source.statements.find((statement) => offset >= statement.getStart(source) && offset < statement.end);
}
