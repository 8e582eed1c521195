import type { Diagnostic, Finding, Place, Span } from "./finding.ts";
import { offsetAt, textOf } from "./render/region.ts";

/** A replacement in a source. */
export type Fix = NonNullable<Diagnostic["fix"]>;

/**
 * The fix of a finding, fitted to the source it goes into: quotes around a text stay, and a name that needs quotes gets
 * them. `null` if the finding has none, or if the source has something else there: a value that is passed by name is not
 * replaced where it is used.
 *
 * @param span where the fix goes: `fixAt` of the finding, else its primary place
 */
export function fixIn({ fix, replaces, at, fixAt }: Finding, span: Span | null, source: string | null): Fix | null {
  if (fix === undefined || span === null) return null;
  if (replaces === undefined) return { span, text: fix };
  const there = source === null ? null : textOf(source, span);
  if (source === null || there === null) return null;
  const [quote = ""] = /^["'`]/.exec(there) ?? [];
  if (quote !== "") {
    const literal = `${quote}${replaces}${quote}`;
    const isThere = there.startsWith(literal) && ASSERTION.test(there.slice(literal.length)) && !/[\\$]/.test(replaces);
    return isThere ? { span: { ...span, length: literal.length }, text: quoted(fix, quote) } : null;
  }
  if (there !== replaces) return null;
  const form = formOf(fixAt ?? at);
  if (form === "characters") return PLAIN_CHARACTERS.test(fix) ? { span, text: fix } : null;
  // A name in a value's place stands for something else; a number can't.
  if (form === "value") return LITERAL.test(there) ? { span, text: fix } : null;
  return { span, text: isName(fix) ? fix : quoted(fix, '"') };
}

/** A text with all fixes that it can take at once, and those. */
export interface FixedText<F extends Fix = Fix> {
  readonly text: string;
  readonly applied: readonly F[];
}

/**
 * Applies fixes to the text of one file. Of fixes that overlap the first one is applied; of those that say different things
 * of the same stretch none is, since neither is certain.
 */
export function applyFixes<F extends Fix>(source: string, fixes: readonly F[]): FixedText<F> {
  const stretches = new Map<string, { readonly start: number; readonly end: number; readonly fix: F }>();
  const disputed = new Set<string>();
  for (const fix of fixes) {
    const start = offsetAt(source, fix.span.line, fix.span.column);
    const end = start === null ? Number.NaN : start + fix.span.length;
    if (start === null || end > source.length) continue;
    const key = `${start}:${end}`;
    const other = stretches.get(key);
    if (other === undefined) stretches.set(key, { start, end, fix });
    else if (other.fix.text !== fix.text) disputed.add(key);
  }
  const sorted = [...stretches]
    .flatMap(([key, stretch]) => (disputed.has(key) ? [] : [stretch]))
    .sort((a, b) => a.start - b.start || a.end - b.end);
  const applied: F[] = [];
  let text = "";
  let done = 0;
  for (const { start, end, fix } of sorted) {
    if (start < done) continue;
    text += source.slice(done, start) + fix.text;
    done = end;
    applied.push(fix);
  }
  return { text: text + source.slice(done), applied };
}

/** What the text at a place is: a name, a value in whatever form, or characters inside of a text. */
function formOf(place: Place): "name" | "value" | "characters" {
  switch (place.kind) {
    case "span":
      return "name";
    case "site":
      return place.name !== undefined || place.path?.at(-1) === "#key" ? "name" : "value";
    case "pointer":
      if (place.range !== undefined) return "characters";
      return place.part === "key" ? "name" : "value";
    case "option":
      return place.range === undefined ? "value" : "characters";
    case "class":
    case "nowhere":
      return "value";
  }
}

/** What may follow a text without changing it. */
const ASSERTION = /^(?:\s+(?:as|satisfies)\s[^"'`]*)?$/;

/** Characters that stand for themselves in a text, whatever its quotes are. */
const PLAIN_CHARACTERS = /^[^"'`\\$\n\r\u2028\u2029]*$/;

/** Values that stand for themselves without quotes. */
const LITERAL = /^(?:-?\d+(?:\.\d+)?(?:e[+-]?\d+)?|true|false|null)$/i;

function isName(text: string): boolean {
  return /^[\p{ID_Start}$_][\p{ID_Continue}$]*$/u.test(text);
}

function quoted(text: string, quote: string): string {
  // JSON escapes all that would end a text in double quotes, and line ends.
  const inside = JSON.stringify(text)
    .slice(1, -1)
    .replaceAll(String.raw`\"`, '"');
  const special = quote === "`" ? /[`$]/g : quote === "'" ? /'/g : /"/g;
  return `${quote}${inside.replaceAll(special, String.raw`\$&`)}${quote}`;
}
