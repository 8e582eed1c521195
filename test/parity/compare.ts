import { type Finding } from "assay";

/** One case as the files hold it. */
export interface Golden {
  readonly name: string;
  readonly kind: string;
  readonly input: unknown;
  readonly expected: unknown;
}

/** What Assay makes of a case: a projection to compare, or codes of errors. */
export interface Answer {
  readonly value: unknown;
  readonly errors: readonly string[];
}

/** Codes of errors; warnings don't count. */
export function errorCodes(findings: readonly Finding[]): readonly string[] {
  return findings.filter(({ severity }) => severity === "error").map(({ code }) => code);
}

/** Where two JSON values first differ, as `path: expected ... found ...`; `null` if they are equal. */
export function firstDifference(expected: unknown, found: unknown, path = ""): string | null {
  if (Object.is(expected, found)) return null;
  if (isObject(expected) && isObject(found)) {
    for (const key of new Set([...Object.keys(expected), ...Object.keys(found)])) {
      const difference = firstDifference(expected[key], found[key], `${path}/${key}`);
      if (difference !== null) return difference;
    }
    return null;
  }
  if (Array.isArray(expected) && Array.isArray(found)) {
    for (let index = 0; index < Math.max(expected.length, found.length); index += 1) {
      const difference = firstDifference(expected[index], found[index], `${path}/${index}`);
      if (difference !== null) return difference;
    }
    return null;
  }
  // 0 and -0 are one number in JSON.
  if (expected === found) return null;
  return `${path || "/"}: expected ${shown(expected)}, found ${shown(found)}`;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function shown(value: unknown): string {
  const text = JSON.stringify(value) ?? "nothing";
  return text.length > 120 ? `${text.slice(0, 117)}...` : text;
}

/** A field's name in the reference's spelling. */
export function snake(name: string): string {
  const special: Readonly<Record<string, string>> = { memMiB: "mem", type: "type_" };
  if (Object.hasOwn(special, name)) return special[name] as string;
  return name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

/** Renames all fields of a noun; maps keyed by names, keys or environment variables are left as they are. */
export function snakeFields(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(snakeFields);
  if (!isObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [snake(key), KEYED.has(key) ? inner : snakeFields(inner)]),
  );
}

const KEYED = new Set(["envVars", "inputKeyRemap", "outputKeyRemap", "additionalEngineArgs", "config"]);
