import type { JsonObject, JsonValue } from "type-fest";

/** Key by which an exported object says what it is; no field of the reference has the name. */
export const MARK = "$";

/** An object of a class of the reference, `module.Class`, with its fields. */
export function made(name: string, fields: JsonObject): JsonObject {
  return { [MARK]: name, ...fields };
}

/** A dictionary. One that has a key like the mark is written as a list. */
export function plain(entries: readonly (readonly [string, JsonValue])[]): JsonObject {
  const isSafe = entries.every(([key]) => key !== MARK && key !== "__proto__");
  if (isSafe) return Object.fromEntries(entries);
  return { [MARK]: "dict", items: entries.map(([key, value]) => [key, value]) };
}

/** A tuple. */
export function tuple(items: readonly JsonValue[]): JsonObject {
  return { [MARK]: "tuple", items: [...items] };
}
