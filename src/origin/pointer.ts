/** A JSON Pointer (RFC 6901): `""` is the whole document, `/a/0` the first element of `a`. */
export type JsonPointer = string;

/** Joins path segments to a pointer. */
export function toPointer(path: readonly (string | number)[]): JsonPointer {
  let text = "";
  for (const segment of path) text += `/${String(segment).replaceAll("~", "~0").replaceAll("/", "~1")}`;
  return text;
}

/** Splits a pointer into its unescaped segments. */
export function parsePointer(pointer: JsonPointer): readonly string[] {
  if (pointer === "") return [];
  return pointer
    .slice(1)
    .split("/")
    .map((segment) => segment.replaceAll("~1", "/").replaceAll("~0", "~"));
}
