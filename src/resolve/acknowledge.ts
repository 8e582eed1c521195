import { declaredCodes } from "../diagnostics/define.ts";
import { at, type Finding } from "../diagnostics/finding.ts";
import { nearest } from "../diagnostics/nearest.ts";
import type { Acknowledgement } from "../manifest/format.ts";
import { acknowledgementDiagnostics } from "./diagnostics.ts";

/**
 * Takes acknowledged warnings out; errors stay. An acknowledgement that matches nothing is a warning itself. Where its code is
 * only misspelt, it stands for the warning that was meant, too: one mistake.
 */
export function acknowledge(findings: readonly Finding[], accepted: readonly Acknowledgement[]): readonly Finding[] {
  const given = new Set(findings.filter(({ severity }) => severity === "warning").map(({ code }) => code));
  const unused = accepted
    .map(({ code }, index) => ({ code, index, meant: misspelt(code, given) }))
    .filter(({ code }) => !given.has(code));
  const codes = new Set([...accepted.map(({ code }) => code), ...unused.flatMap(({ meant }) => meant ?? [])]);
  return [
    ...findings.filter(({ code, severity }) => severity === "error" || !codes.has(code)),
    ...unused.map(({ code, index, meant }) =>
      acknowledgementDiagnostics["unused-acknowledgement"](
        { acknowledged: code },
        { at: at(`/acknowledgements/${index}`), ...(meant === null ? {} : { help: `use \`${meant}\`` }) },
      ),
    ),
  ];
}

/** The warning that a code stands for if there is no such code; `null` if it is a code, or like none. */
function misspelt(code: string, given: ReadonlySet<string>): string | null {
  return declaredCodes().has(code) ? null : (nearest(code, given)[0] ?? null);
}
