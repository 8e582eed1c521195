/**
 * Canonical JSON (RFC 8785) of plain data: properties sorted by UTF-16 units, no white space, numbers as ECMAScript writes them.
 * A build writes tens of megabytes of it; the package that tests compare this with takes three times as long.
 * `undefined` properties are left out, as `JSON.stringify` does.
 * @throws {TypeError} for what JSON can't hold: numbers that are not finite, halves of characters, big integers, cycles.
 */
export function canonicalJson(value: unknown): string {
  return write(value, 0);
}

const MAX_DEPTH = 1000;
/** Neither needs an escape nor is a half of a character. */
const PLAIN = /^[ !#-[\]-\uD7FF\uE000-\uFFFF]*$/;

function write(value: unknown, depth: number): string {
  switch (typeof value) {
    case "string":
      return text(value);
    case "number":
      if (!Number.isFinite(value)) throw new TypeError(`${value} is no number of JSON`);
      return String(value === 0 ? 0 : value);
    case "boolean":
      return value ? "true" : "false";
    case "object":
      if (value === null) return "null";
      if (depth > MAX_DEPTH) throw new TypeError("nested too deeply, or in a circle");
      return Array.isArray(value) ? list(value as readonly unknown[], depth) : members(value, depth);
    default:
      throw new TypeError(`a ${typeof value} is no value of JSON`);
  }
}

function text(value: string): string {
  if (PLAIN.test(value)) return `"${value}"`;
  if (/\p{Surrogate}/u.test(value)) throw new TypeError("half of a character is no text");
  return JSON.stringify(value);
}

function list(values: readonly unknown[], depth: number): string {
  let result = "[";
  for (let index = 0; index < values.length; index += 1) {
    if (index > 0) result += ",";
    result += write(values[index] ?? null, depth + 1);
  }
  return `${result}]`;
}

function members(value: object, depth: number): string {
  const { toJSON } = value as { readonly toJSON?: unknown };
  if (typeof toJSON === "function") return write(Reflect.apply(toJSON, value, []), depth + 1);
  const keys = Object.keys(value);
  if (!isSorted(keys)) keys.sort();
  let result = "{";
  for (const key of keys) {
    const member = (value as Readonly<Record<string, unknown>>)[key];
    if (member === undefined) continue;
    if (result.length > 1) result += ",";
    result += `${text(key)}:${write(member, depth + 1)}`;
  }
  return `${result}}`;
}

/** The default order of `sort` is that of UTF-16 units; most objects have been in it before. */
function isSorted(keys: readonly string[]): boolean {
  for (let index = 1; index < keys.length; index += 1) {
    if ((keys[index - 1] as string) > (keys[index] as string)) return false;
  }
  return true;
}
