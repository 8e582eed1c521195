import type { JsonValue } from "type-fest";
import { parsePointer } from "../origin/pointer.ts";

/** Thrown for an answer that is none: what is wrong with it. */
export class UnsoundAnswer extends Error {}

/** Fields of an answer by name. Answers may be objects of another context, and hold anything. */
export type Fields = Readonly<Record<string, unknown>>;

/** An answer as an object with no other properties than these. @throws {UnsoundAnswer} */
export function fieldsOf(value: unknown, what: string, known: readonly string[]): Fields {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new UnsoundAnswer(`${what} is ${shown(value)}, and no object`);
  }
  const unknown = Object.keys(value).find((key) => !known.includes(key));
  if (unknown !== undefined) throw new UnsoundAnswer(`${what} has no property \`${unknown}\``);
  return value as Fields;
}

/** A text that is not empty. @throws {UnsoundAnswer} */
export function textOf(value: unknown, what: string): string {
  if (typeof value !== "string" || value.trim() === "") {
    throw new UnsoundAnswer(`${what} is ${value === "" ? "empty" : shown(value)}, and no text`);
  }
  return value;
}

/** The value at a pointer; `undefined` if there is none. */
export function valueAt(root: object, pointer: string): JsonValue | undefined {
  if (pointer !== "" && !pointer.startsWith("/")) return undefined;
  let value: unknown = root;
  for (const segment of parsePointer(pointer)) {
    if (typeof value !== "object" || value === null || !Object.hasOwn(value, segment)) return undefined;
    if (Array.isArray(value) && !/^(?:0|[1-9]\d*)$/.test(segment)) return undefined;
    value = (value as Fields)[segment];
  }
  return value as JsonValue | undefined;
}

/** Deeper values are something else. */
const MOST_LEVELS = 100;

/** A copy of plain JSON. @throws {UnsoundAnswer} for what JSON has not */
export function jsonCopy(value: unknown, what: string, level = 0): JsonValue {
  if (level > MOST_LEVELS) throw new UnsoundAnswer(`${what} is nested too deeply`);
  if (value === null || typeof value === "string" || typeof value === "boolean") return value;
  if (typeof value === "number" && Number.isFinite(value)) return value;
  if (Array.isArray(value)) return Array.from(value, (item: unknown) => jsonCopy(item, what, level + 1));
  if (typeof value === "object" && isPlain(value)) {
    const given = Object.entries(value as Fields).filter(([, inner]) => inner !== undefined);
    return Object.fromEntries(given.map(([key, inner]) => [key, jsonCopy(inner, what, level + 1)]));
  }
  throw new UnsoundAnswer(`${what} holds ${shown(value)}, which is no plain data`);
}

/** True for plain objects of any context: the prototype of theirs has none itself. */
function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

const LONGEST = 40;

/** A value in a message. */
export function shown(value: unknown): string {
  if (typeof value === "string") {
    const text = JSON.stringify(value);
    return text.length > LONGEST ? `${text.slice(0, LONGEST)}...` : text;
  }
  if (Array.isArray(value)) return "a list";
  if (typeof value === "function") return "a function";
  if (typeof value === "object" && value !== null) return isPlain(value) ? "an object" : "an instance of a class";
  return String(value);
}
