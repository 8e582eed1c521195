import { parsePointer } from "./pointer.ts";

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

/** Offset of the first character that JSON does not allow; `null` for a text that parses. The words of engines tell it at times only. */
export function faultInJson(text: string): number | null {
  const open: string[] = [];
  let at = 0;
  let wanted: Wanted = "value";
  const accept = (token: RegExp): string | null => {
    token.lastIndex = at;
    const found = token.exec(text)?.[0] ?? null;
    if (found !== null) at += found.length;
    return found;
  };
  for (;;) {
    accept(BLANKS);
    const inner = open.at(-1);
    if (wanted === "end" && inner === undefined) return at === text.length ? null : at;
    const character = text[at] ?? "";
    if (wanted === "end" || wanted === "first") {
      const closes = character === (inner === "{" ? "}" : "]");
      if (closes) open.pop();
      else if (wanted === "end" && character !== ",") return at;
      if (closes || wanted === "end") at += 1;
      wanted = closes ? "end" : inner === "{" ? "key" : "value";
    } else if (wanted === "key") {
      if (accept(STRING) === null) return at;
      accept(BLANKS);
      if (text[at] !== ":") return at;
      at += 1;
      wanted = "value";
    } else if (character === "{" || character === "[") {
      open.push(character);
      at += 1;
      wanted = "first";
    } else {
      if (accept(STRING) === null && accept(PLAIN) === null) return at;
      wanted = "end";
    }
  }
}

/** What may come next: `first` is a member or the closing bracket, `end` a comma or the closing bracket. */
type Wanted = "value" | "key" | "first" | "end";

const BLANKS = /[ \t\n\r]*/y;
const STRING = /"(?:[^"\\\u0000-\u001F]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/y;
const PLAIN = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null/y;

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
