import type { JsonObject } from "type-fest";
import { ORIGIN } from "../origin/call-site.ts";

/** Deeper values are kept as they are: the build refuses them. */
const MOST_LEVELS = 200;

/**
 * A frozen copy of arguments: what the caller does with his own afterwards changes no pair. Properties that are `undefined` were not
 * given. What is no plain data (instances, getters, what contains itself) stays what it is; the build tells it with its place.
 */
export function ownArgs(args: JsonObject): JsonObject {
  const isData = typeof args === "object" && args !== null && (Array.isArray(args) || hasPlainPrototype(args));
  return isData ? (copyProperties(args, new Set<object>([args])) as JsonObject) : args;
}

function copied(value: unknown, above: Set<object>): unknown {
  if (typeof value !== "object" || value === null) return value;
  // A noun is frozen, and pairs in it are its own already.
  if (ORIGIN in value || above.has(value) || above.size > MOST_LEVELS || !isPlain(value)) return value;
  above.add(value);
  const copy = Array.isArray(value)
    ? Object.freeze((value as readonly unknown[]).map((item) => copied(item, above)))
    : copyProperties(value, above);
  above.delete(value);
  return copy;
}

function copyProperties(value: object, above: Set<object>): object {
  const names = Reflect.ownKeys(value).filter((name) => {
    const { enumerable = false } = Reflect.getOwnPropertyDescriptor(value, name) ?? {};
    return enumerable && (value as Readonly<Record<PropertyKey, unknown>>)[name] !== undefined;
  });
  // `fromEntries` defines properties: a key `__proto__` stays data.
  return Object.freeze(
    Object.fromEntries(
      names.map((name) => [name, copied((value as Readonly<Record<PropertyKey, unknown>>)[name], above)]),
    ),
  );
}

/** True for lists and objects of JSON: no instance of a class, no accessor, no hole. */
function isPlain(value: object): boolean {
  if (Array.isArray(value)) return Object.keys(value).length === value.length;
  if (!hasPlainPrototype(value)) return false;
  return Reflect.ownKeys(value).every((name) => "value" in (Reflect.getOwnPropertyDescriptor(value, name) ?? {}));
}

/** Plain objects of every realm have the one prototype that has none itself, or none. */
function hasPlainPrototype(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}
