import type { Finding } from "./finding.ts";

/** Thrown where a caller needs a value and there is none: it carries what was found. */
export class AssayError extends Error {
  override readonly name = "AssayError";
  readonly findings: readonly Finding[];

  constructor(findings: readonly Finding[]) {
    super(
      findings
        .map((finding) => `${finding.code}: ${finding.message}${finding.help ? ` (${finding.help})` : ""}`)
        .join("\n"),
    );
    this.findings = findings;
  }

  /** The codes of all findings, in order. */
  get codes(): readonly string[] {
    return this.findings.map((finding) => finding.code);
  }
}
