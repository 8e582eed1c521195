import type { TextRange } from "../../diagnostics/finding.ts";

/** One of several values of an argument. */
export interface Piece {
  readonly text: string;
  /** Its characters in the whole text; without the quotes, where these enclose no escapes. */
  readonly range: TextRange;
}

/** Values that commas separate, or what keeps them from being told apart. */
export type Split =
  | { readonly pieces: readonly Piece[] }
  | { readonly problem: string; readonly help: string; readonly range: TextRange };

const CLOSING: Readonly<Record<string, string>> = { "[": "]", "{": "}" };

/**
 * Splits the values of a sweep. Commas separate them, but for those inside of brackets, braces and a value in double quotes:
 * `1e-5,2e-5`, `gpu-[01,03],gpu-05`, `"a:d4p1m1,*:d4p1m1",d8p1m1`. Blanks around values do not count.
 */
export function splitValues(text: string): Split {
  const pieces: Piece[] = [];
  const open: { readonly sign: string; readonly offset: number }[] = [];
  let start = 0;
  let quote = -1;
  for (let offset = 0; offset < text.length; offset += 1) {
    const sign = text.charAt(offset);
    if (quote >= 0) {
      if (sign === "\\") offset += 1;
      else if (sign === '"') quote = -1;
    } else if (sign === '"') {
      // In the middle of a text it is a character like others.
      if (open.length > 0 || text.slice(start, offset).trim() === "") quote = offset;
    } else if (CLOSING[sign] !== undefined) {
      open.push({ sign, offset });
    } else if (sign === CLOSING[open.at(-1)?.sign ?? ""]) {
      open.pop();
    } else if (sign === "," && open.length === 0) {
      pieces.push(pieceAt(text, start, offset));
      start = offset + 1;
    }
  }
  const unclosed = quote >= 0 ? { sign: '"', offset: quote } : open[0];
  if (unclosed !== undefined) return unclosedProblem(unclosed);
  pieces.push(pieceAt(text, start, text.length));
  const empty = pieces.length === 1 ? -1 : pieces.findIndex(({ text: piece }) => piece === "");
  return empty < 0 ? { pieces } : emptyProblem(pieces, empty);
}

function pieceAt(text: string, from: number, to: number): Piece {
  const raw = text.slice(from, to);
  const piece = raw.trim();
  const offset = from + raw.length - raw.trimStart().length;
  const inner = /^"([^"\\]*)"$/.exec(piece)?.[1];
  const range = inner === undefined ? { offset, length: piece.length } : { offset: offset + 1, length: inner.length };
  return { text: piece, range };
}

function unclosedProblem({ sign, offset }: { readonly sign: string; readonly offset: number }): Split {
  const range = { offset, length: 1 };
  if (sign === '"') return { problem: "a value's `\"` has no end", help: 'end the value with another `"`', range };
  return {
    problem: `\`${sign}\` has no \`${CLOSING[sign]}\``,
    help: "write a value with such a text in double quotes",
    range,
  };
}

/** Marks the comma that has nothing beside it. */
function emptyProblem(pieces: readonly Piece[], index: number): Split {
  const offset = pieces[index]?.range.offset ?? 0;
  const before = pieces[index - 1]?.range;
  const comma = index === 0 ? offset : Math.max((before?.offset ?? 0) + (before?.length ?? 0), offset - 1);
  return {
    problem: "a comma has no value beside it",
    help: 'leave the comma out, or write `""` for an empty text',
    range: { offset: comma, length: 1 },
  };
}
