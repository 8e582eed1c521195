import { parsePointer } from "../origin/pointer.ts";

/** A stretch of a JSON text, in UTF-16 units. */
export interface JsonStretch {
  readonly offset: number;
  readonly length: number;
}

/**
 * Where a value (or, with `part: "key"`, the name of a property) stands in a JSON text that parses. A pointer that leads
 * nowhere is that of the nearest value above it; `null` only if the text is empty.
 */
export function placeInJson(text: string, pointer: string, part: "key" | "value" = "value"): JsonStretch | null {
  const walker = new Walker(text);
  let offset = walker.skipBlanks(0);
  let key: JsonStretch | null = null;
  for (const segment of parsePointer(pointer)) {
    const inner = walker.child(offset, segment);
    if (inner === null) break;
    ({ offset, key } = inner);
  }
  if (offset >= text.length) return null;
  if (part === "key" && key !== null) return key;
  return { offset, length: walker.endOf(offset) - offset };
}

/** Line and column of an offset, from 1. */
export function lineAndColumn(text: string, offset: number): { readonly line: number; readonly column: number } {
  const before = text.slice(0, offset).split(/\r\n|[\n\r]/);
  return { line: before.length, column: (before.at(-1)?.length ?? 0) + 1 };
}

interface Child {
  readonly offset: number;
  readonly key: JsonStretch | null;
}

/** Walks over a JSON text without making its values. The text must parse. */
class Walker {
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  /** The value under a key or an index of the value at `offset`. */
  child(offset: number, segment: string): Child | null {
    const opening = this.#text[offset];
    if (opening !== "{" && opening !== "[") return null;
    let at = this.skipBlanks(offset + 1);
    for (let index = 0; this.#text[at] !== "}" && this.#text[at] !== "]"; index += 1) {
      let name = String(index);
      let key: JsonStretch | null = null;
      if (opening === "{") {
        const end = this.endOf(at);
        key = { offset: at, length: end - at };
        name = JSON.parse(this.#text.slice(at, end)) as string;
        at = this.skipBlanks(this.skipBlanks(end) + 1);
      }
      if (name === segment) return { offset: at, key };
      at = this.skipBlanks(this.endOf(at));
      if (this.#text[at] === ",") at = this.skipBlanks(at + 1);
      if (at >= this.#text.length) return null;
    }
    return null;
  }

  /** Offset behind the value at `offset`. */
  endOf(offset: number): number {
    const opening = this.#text[offset];
    if (opening === '"') return this.#endOfString(offset);
    if (opening !== "{" && opening !== "[") {
      let end = offset;
      while (end < this.#text.length && !/[\s,\]}]/.test(this.#text[end] ?? "")) end += 1;
      return end;
    }
    let depth = 0;
    for (let at = offset; at < this.#text.length; at += 1) {
      const character = this.#text[at];
      if (character === '"') at = this.#endOfString(at) - 1;
      else if (character === "{" || character === "[") depth += 1;
      else if (character === "}" || character === "]") {
        depth -= 1;
        if (depth === 0) return at + 1;
      }
    }
    return this.#text.length;
  }

  skipBlanks(offset: number): number {
    let at = offset;
    while (at < this.#text.length && /\s/.test(this.#text[at] ?? "")) at += 1;
    return at;
  }

  #endOfString(offset: number): number {
    let at = offset + 1;
    while (at < this.#text.length && this.#text[at] !== '"') at += this.#text[at] === "\\" ? 2 : 1;
    return at + 1;
  }
}
