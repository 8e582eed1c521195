import { at, type Finding } from "../diagnostics/finding.ts";
import type { Acknowledgement } from "../manifest/format.ts";
import { acknowledgementDiagnostics } from "./diagnostics.ts";

/** Takes acknowledged warnings out; errors stay. An acknowledgement that matches nothing is a warning itself. */
export function acknowledge(findings: readonly Finding[], accepted: readonly Acknowledgement[]): readonly Finding[] {
  const codes = new Set(accepted.map(({ code }) => code));
  const left = findings.filter(({ code, severity }) => severity === "error" || !codes.has(code));
  const given = new Set(findings.filter(({ severity }) => severity === "warning").map(({ code }) => code));
  const unused = accepted.flatMap(({ code }, index) =>
    given.has(code)
      ? []
      : [
          acknowledgementDiagnostics["unused-acknowledgement"](
            { acknowledged: code },
            { at: at(`/acknowledgements/${index}`) },
          ),
        ],
  );
  return [...left, ...unused];
}
