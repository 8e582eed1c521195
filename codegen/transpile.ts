import { type HelperMode, transformSync } from "oxc-transform";
import type { Finding } from "../src/diagnostics/finding.ts";
import { codegenDiagnostics } from "./diagnostics.ts";
import type { TranspileFlags } from "./evaluate/protocol.ts";

/** Helpers are imported rather than written into each module. The package's enum has no value at run time. */
const HELPERS = "Runtime" as HelperMode;

/** A module as it runs. */
export interface Transpiled {
  readonly code: string;
  /** Source map (JSON); `null` where the code is the source itself. */
  readonly map: string | null;
  readonly findings: readonly Finding[];
}

/** Strips the types of a module and lowers its decorators, as the project's compiler would. Nothing is checked. */
export function transpile(file: string, text: string, flags: TranspileFlags): Transpiled {
  const { experimentalDecorators, emitDecoratorMetadata, useDefineForClassFields } = flags;
  const result = transformSync(file, text, {
    sourcemap: true,
    lang: file.endsWith("x") ? "tsx" : "ts",
    target: "es2022",
    decorator: { legacy: experimentalDecorators, emitDecoratorMetadata },
    helpers: { mode: HELPERS },
    ...(useDefineForClassFields
      ? {}
      : { assumptions: { setPublicClassFields: true }, typescript: { removeClassFieldsWithoutInitializer: true } }),
  });
  const errors = result.errors.filter(({ severity }) => severity === "Error");
  return {
    code: result.code,
    map: result.map === undefined ? null : JSON.stringify(result.map),
    findings: errors.map(({ message, labels }) => {
      const [label] = labels;
      const span = spanOf(file, text, label?.start ?? 0, label?.end ?? 0);
      const problem = message.charAt(0).toLowerCase() + message.slice(1).replace(/\.$/, "");
      return codegenDiagnostics.syntax({ problem }, { at: { kind: "span", span } });
    }),
  };
}

/** Offsets of the transpiler count bytes of UTF-8; spans count UTF-16 units. */
function spanOf(file: string, text: string, start: number, end: number) {
  const bytes = Buffer.from(text);
  const before = bytes.subarray(0, start).toString("utf8").split("\n");
  const length = bytes.subarray(start, end).toString("utf8").length;
  return { file, line: before.length, column: (before.at(-1)?.length ?? 0) + 1, length };
}
