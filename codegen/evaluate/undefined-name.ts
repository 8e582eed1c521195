import type { Finding } from "../../src/diagnostics/finding.ts";
import { suggestion } from "../../src/diagnostics/nearest.ts";
import type { CallSite } from "../../src/origin/call-site.ts";
import { evaluateDiagnostics } from "./diagnostics.ts";
import type { JobScope } from "./library-modules.ts";

/** The name in the message of an error that the language throws where a name stands for nothing. */
export function undefinedName(errorName: string, message: string): string | null {
  return errorName === "ReferenceError" ? (/^([\w$]+) is not defined$/.exec(message)?.[1] ?? null) : null;
}

/**
 * A name that stands for nothing in its file.
 * @param source text of the file in which it happened; `null` if that is no file of the project's
 */
export function undefinedNameFinding(
  name: string,
  frames: readonly CallSite[],
  source: string | null,
  { loaded }: JobScope,
): Finding {
  const exporter = IMPORTED_FROM.find((module) => Object.hasOwn(loaded(module) ?? {}, name));
  const advice =
    exporter === undefined
      ? suggestion(name, source === null ? [] : namesIn(source))
      : { help: `import it: \`import { ${name} } from "${exporter}";\`` };
  return evaluateDiagnostics["undefined-name"]({ name }, { at: { kind: "site", frames, name }, ...advice });
}

/** Where authors import names from. */
const IMPORTED_FROM = ["assay", "assay/plugins", "assay/plugin"];

/** Names that a module imports or declares, wherever in it. */
function namesIn(source: string): readonly string[] {
  const imported = [...source.matchAll(/\bimport\s+(?!type\b)([^"';]*?)\s+from\b/g)].flatMap(([, clause = ""]) =>
    [...clause.matchAll(/(?:^|[{,]|\bas\b)\s*(?!type\s)([\p{ID_Start}$_][\p{ID_Continue}$]*)(?=\s*(?:[,}]|$))/gu)].map(
      ([, local = ""]) => local,
    ),
  );
  const declared = [
    ...source.matchAll(/\b(?:const|let|var|function|class|enum)\s+([\p{ID_Start}$_][\p{ID_Continue}$]*)/gu),
  ].map(([, local = ""]) => local);
  return [...imported, ...declared];
}
