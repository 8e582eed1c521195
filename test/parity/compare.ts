import type { Finding } from "assay";

/** One case as the files hold it. */
export interface Golden {
  readonly name: string;
  readonly kind: string;
  readonly input: never;
  readonly expected: unknown;
}

/** What Assay makes of a case: a projection to compare, and codes of errors. */
export interface Answer {
  readonly value: unknown;
  readonly errors: readonly string[];
  /** True if there is a value beside the errors: the case names the cause of a later step under `submit`. */
  readonly partial?: true;
}

/** An answer of a value and what was found; warnings don't count, and an error leaves no value. */
export function answer(findings: readonly Finding[], value: () => unknown): Answer {
  const errors = findings.filter(({ severity }) => severity === "error").map(({ code }) => code);
  return { errors, value: errors.length > 0 ? null : value() };
}

/** Where two JSON values first differ; `null` if they are equal. */
export function firstDifference(expected: unknown, found: unknown, path = ""): string | null {
  // 0 and -0 are one number in JSON.
  if (expected === found) return null;
  if (isObject(expected) && isObject(found) && Array.isArray(expected) === Array.isArray(found)) {
    for (const key of new Set([...Object.keys(expected), ...Object.keys(found)])) {
      const difference = firstDifference(expected[key], found[key], `${path}/${key}`);
      if (difference !== null) return difference;
    }
    return null;
  }
  const [left, right] = [expected, found].map((value) => (JSON.stringify(value) ?? "nothing").slice(0, 120));
  return `${path || "/"}: expected ${left}, found ${right}`;
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}
