import { type Finding, hasErrors, type Result } from "./finding.ts";

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

/**
 * The value of a result without errors; warnings go unnoticed.
 * @throws {AssayError} with everything that was found, if any of it is an error.
 * @example const mode = valueOrThrow(parseAllocationMode("d4p1m2"));
 */
export function valueOrThrow<T>({ value, findings }: Result<T>): NonNullable<T> {
  if (hasErrors(findings) || value === null || value === undefined) throw new AssayError(findings);
  return value;
}
