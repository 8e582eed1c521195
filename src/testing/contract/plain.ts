import { toPointer } from "../../origin/pointer.ts";

/** What is not plain JSON in a value, and where; `null` if all of it is. Symbols as keys are not looked at: they never reach JSON. */
export function plainProblem(value: unknown, path: readonly (string | number)[] = []): string | null {
  const at = path.length === 0 ? "it" : `\`${toPointer(path)}\``;
  switch (typeof value) {
    case "string":
      return /\p{Surrogate}/u.test(value) ? `${at} has half of a character` : null;
    case "boolean":
      return null;
    case "number":
      if (Object.is(value, -0)) return `${at} is -0`;
      return Number.isFinite(value) ? null : `${at} is ${value}`;
    case "object":
      return value === null ? null : objectProblem(value, at, path);
    default:
      return `${at} is ${value === undefined ? "undefined" : `a ${typeof value}`}`;
  }
}

function objectProblem(value: object, at: string, path: readonly (string | number)[]): string | null {
  if (path.length > 200) return `${at} is nested too deeply`;
  if (!Array.isArray(value) && !isPlainObject(value)) return `${at} is an instance of a class`;
  for (const [key, inner] of Array.isArray(value) ? [...value.entries()] : Object.entries(value)) {
    const problem = plainProblem(inner, [...path, key]);
    if (problem !== null) return problem;
  }
  return null;
}

function isPlainObject(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

/** What of a value can be changed, by pointer; `null` if nothing can. */
export function thawedPart(value: unknown, path: readonly (string | number)[] = []): string | null {
  if (typeof value !== "object" || value === null) return null;
  if (!Object.isFrozen(value)) return toPointer(path);
  for (const [key, inner] of Object.entries(value)) {
    const part = thawedPart(inner, [...path, key]);
    if (part !== null) return part;
  }
  return null;
}

/** Freezes plain data to its depth. */
export function deepFrozen<T>(value: T): T {
  if (typeof value === "object" && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    for (const inner of Object.values(value)) deepFrozen(inner);
  }
  return value;
}
