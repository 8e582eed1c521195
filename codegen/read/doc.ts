import type { ts as typescript } from "../ts-morph-reader.ts";
import { decoratorsOf, type Ts } from "./syntax.ts";

/** A stretch of a file, by offsets. */
export interface Stretch {
  readonly pos: number;
  readonly end: number;
}

/** What stands after a `@range`: text with white space folded, and where its raw text starts and ends. */
export interface RangeTag extends Stretch {
  /** The raw text: as long as the stretch, so that offsets in it are offsets in the file. */
  readonly raw: string;
  readonly text: string;
}

/** Any tag: its name, the rest of its line with white space folded, and where it stands. */
export interface AnyTag extends Stretch {
  readonly name: string;
  readonly text: string;
}

/** A doc comment: its first paragraph, and the tags that options know. */
export interface Doc {
  readonly text: string;
  readonly tags: readonly AnyTag[];
  readonly ranges: readonly RangeTag[];
  readonly launch: boolean;
  readonly required: boolean;
}

/** A comment that nothing reads, and why. */
export interface LostComment extends Stretch {
  readonly problem: string;
}

const NONE: Doc = { text: "", tags: [], ranges: [], launch: false, required: false };
const TAG = /(?<=^|\s)@([a-z][A-Za-z]*)/gm;
// A condition may go on in the next line, after an `and`.
const RANGE_TEXT = /^[^\S\n]*([^\n]*?(?:\n\s*and\b[^\n]*?)*)[^\S\n]*(?:\n|$)/;

/** The doc comment of a declaration: the last one before it. */
export function docOf(ts: Ts, source: typescript.SourceFile, node: typescript.Node): Doc {
  const last = commentsBefore(ts, source, node)
    .filter((comment) => isDoc(source.text, comment))
    .at(-1);
  return last === undefined ? NONE : readDoc(source.text, last);
}

/** Doc comments around a decorated declaration that belong to nothing. */
export function lostComments(
  ts: Ts,
  source: typescript.SourceFile,
  node: typescript.ClassLikeDeclaration | typescript.PropertyDeclaration,
): readonly LostComment[] {
  const { text } = source;
  const lost: LostComment[] = betweenDecoratorAndName(ts, source, node).map(({ pos, end }) => ({
    pos,
    end,
    problem: "stands after its decorator",
  }));
  if (!ts.isPropertyDeclaration(node)) return lost;
  const before = commentsBefore(ts, source, node);
  const docs = before.filter((comment) => isDoc(text, comment));
  for (const { pos, end } of docs.slice(0, -1)) {
    lost.push({ pos, end, problem: "stands in front of another one" });
  }
  for (const comment of before) {
    if (isDoc(text, comment) || !/@(?:range|launch|required)\b/.test(text.slice(comment.pos, comment.end))) continue;
    lost.push({ pos: comment.pos, end: comment.end, problem: "does not start with `/**`" });
  }
  // A trailing doc comment belongs to what follows in the same line, if anything does.
  for (const comment of ts.getTrailingCommentRanges(text, node.getEnd()) ?? []) {
    const isLast = /^[^\S\n]*(?:\/\/[^\n]*)?(?:\r?\n|\}|$)/.test(text.slice(comment.end, comment.end + 400));
    if (isDoc(text, comment) && isLast) lost.push({ ...comment, problem: "stands behind it" });
  }
  return lost;
}

/** Doc comments between the last member of a class and its closing brace. */
export function danglingDocs(
  ts: Ts,
  source: typescript.SourceFile,
  node: typescript.ClassLikeDeclaration,
): readonly LostComment[] {
  const last = node.members.at(-1);
  if (last === undefined) return [];
  return (ts.getLeadingCommentRanges(source.text, last.getEnd()) ?? [])
    .filter((comment) => isDoc(source.text, comment))
    .map(({ pos, end }) => ({ pos, end, problem: "stands in front of nothing" }));
}

function betweenDecoratorAndName(
  ts: Ts,
  source: typescript.SourceFile,
  node: typescript.ClassLikeDeclaration | typescript.PropertyDeclaration,
): readonly Stretch[] {
  const [first] = decoratorsOf(ts, node);
  if (first === undefined) return [];
  const nameStart = node.name?.getStart(source) ?? node.end;
  if (!source.text.slice(first.end, nameStart).includes("/**")) return [];
  const ends = [
    ...(node.modifiers ?? []).filter(({ end }) => end >= first.end).map((modifier) => modifier.end),
    ...(node.name === undefined ? [] : [node.name.getFullStart()]),
  ];
  const byPosition = new Map<number, Stretch>();
  for (const end of ends) {
    for (const comment of commentsAt(ts, source.text, end)) {
      if (isDoc(source.text, comment)) byPosition.set(comment.pos, comment);
    }
  }
  return [...byPosition.values()].sort((a, b) => a.pos - b.pos);
}

/**
 * Comments between the token before a declaration and the declaration. A comment in the line of the token before belongs
 * to a declaration only if that starts in the same line.
 */
function commentsBefore(ts: Ts, source: typescript.SourceFile, node: typescript.Node): readonly Stretch[] {
  const { text } = source;
  const full = node.getFullStart();
  if (!text.slice(full, node.getStart(source)).includes("/")) return [];
  const sameLine = (ts.getTrailingCommentRanges(text, full) ?? []).filter(
    ({ end }) => !text.slice(end, node.getStart(source)).includes("\n"),
  );
  const byPosition = new Map<number, Stretch>();
  for (const comment of [...sameLine, ...(ts.getLeadingCommentRanges(text, full) ?? [])]) {
    byPosition.set(comment.pos, comment);
  }
  return [...byPosition.values()];
}

function commentsAt(ts: Ts, text: string, position: number): readonly Stretch[] {
  return [
    ...(ts.getTrailingCommentRanges(text, position) ?? []),
    ...(ts.getLeadingCommentRanges(text, position) ?? []),
  ];
}

function isDoc(text: string, { pos }: Stretch): boolean {
  return text.startsWith("/**", pos) && text[pos + 3] !== "/";
}

function readDoc(text: string, { pos, end }: Stretch): Doc {
  const start = pos + "/**".length;
  // Stars at the start of lines become blanks: the length stays, and so do offsets.
  const body = text
    .slice(start, Math.max(start, end - "*/".length))
    .replaceAll(/^([^\S\n]*)\*/gm, "$1 ")
    .replaceAll("\r", " ");
  const tags = tagsOf(body);
  const prose = body.slice(0, tags[0]?.pos ?? body.length).trim();
  const ranges = tags.flatMap((tag, index) => {
    if (tag.name !== "range") return [];
    const content = body.slice(tag.end, tags[index + 1]?.pos ?? body.length);
    return [rangeTag(content, start + tag.end, start + tag.pos)];
  });
  return {
    text: folded(withoutInlineTags(prose.split(/\n[^\S\n]*\n/)[0] ?? "")),
    tags: tags.map(({ name, pos, end: tagEnd }, index) => {
      const content = body.slice(tagEnd, tags[index + 1]?.pos ?? body.length);
      // A range may go on in the next line.
      const text = name === "range" ? rangeTag(content, 0, 0).text : folded(content.split("\n")[0] ?? "");
      return { name, text, pos: start + pos, end: start + tagEnd };
    }),
    ranges,
    launch: tags.some(({ name }) => name === "launch"),
    required: tags.some(({ name }) => name === "required"),
  };
}

function tagsOf(body: string): readonly { readonly name: string; readonly pos: number; readonly end: number }[] {
  if (!body.includes("@")) return [];
  return [...body.matchAll(TAG)].map(({ 0: whole, 1: name = "", index }) => ({
    name,
    pos: index,
    end: index + whole.length,
  }));
}

/** The text of a `@range`; where there is none, the place is the tag itself. */
function rangeTag(content: string, offset: number, tagOffset: number): RangeTag {
  const match = RANGE_TEXT.exec(content);
  const raw = match?.[1] ?? "";
  if (raw.trim() === "") return { pos: tagOffset, end: offset, raw: "", text: "" };
  const pos = offset + content.indexOf(raw);
  return { pos, end: pos + raw.length, raw, text: folded(raw) };
}

function withoutInlineTags(text: string): string {
  if (!text.includes("{@")) return text;
  return text.replaceAll(
    /\{@[a-z]+\s+([^}|\s]+)(?:\s*\|\s*|\s+)?([^}]*)\}/g,
    (_whole, target: string, label: string) => label.trim() || target,
  );
}

function folded(text: string): string {
  return text.replaceAll(/\s+/g, " ").trim();
}
