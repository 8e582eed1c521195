import { readFileSync } from "node:fs";
import { codesWithPages, pageFile } from "../../../src/cli/pages.ts";

/** Which of a page's two examples: the mistake, or what cures it. */
export type Side = "wrong" | "cure";

/** An example of a page. */
export interface Example {
  readonly code: string;
  readonly side: Side;
  /** `console` is a command line, run in the scaffold's project; anything else is put into one of its files. */
  readonly language: string;
  /** Name of what completes it: `in=...` behind the language; `null` if the page names none. */
  readonly scaffold: string | null;
  readonly text: string;
}

/** A page as far as it can be run. */
export interface Page {
  readonly code: string;
  /** `null` unless the part has exactly one block. */
  readonly wrong: Example | null;
  readonly cure: Example | null;
}

/** All pages. */
export function allPages(): readonly Page[] {
  return codesWithPages().map((code) => {
    const text = readFileSync(pageFile(code) ?? "", "utf8");
    return { code, wrong: exampleOf(code, text, "wrong"), cure: exampleOf(code, text, "cure") };
  });
}

const HEADINGS: Readonly<Record<Side, string>> = { wrong: "## Wrong", cure: "## Cure" };

function exampleOf(code: string, page: string, side: Side): Example | null {
  const [, part = ""] = page.split(`${HEADINGS[side]}\n`);
  const [own = ""] = part.split(/^## /m);
  const blocks = [...own.matchAll(/^```(\w+)([^\n]*)\n(.*?)^```$/gms)];
  const [block] = blocks;
  if (block === undefined || blocks.length > 1) return null;
  const [, language = "", info = "", text = ""] = block;
  return { code, side, language, scaffold: /\bin=(\S+)/.exec(info)?.[1] ?? null, text };
}

/** Lines that a reader would have to change: of two texts' differing lines, those of the text that has more. */
export function changedLines(before: string, after: string): number {
  const [a, b] = [before.trimEnd().split("\n"), after.trimEnd().split("\n")];
  const shared = commonLines(a, b);
  return Math.max(a.length, b.length) - shared;
}

/** Length of the longest common subsequence. */
function commonLines(a: readonly string[], b: readonly string[]): number {
  let row = Array.from({ length: b.length + 1 }, () => 0);
  for (const line of a) {
    const next = [0];
    for (const [index, other] of b.entries()) {
      next.push(line === other ? (row[index] ?? 0) + 1 : Math.max(row[index + 1] ?? 0, next[index] ?? 0));
    }
    row = next;
  }
  return row.at(-1) ?? 0;
}
