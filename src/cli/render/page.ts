import { paint, type Style } from "../../diagnostics/render/style.ts";
import { wrap } from "./wrap.ts";

/** A Markdown page as text for a terminal: headings, paragraphs, lists, tables as they are, and code set apart. */
export function renderPage(markdown: string, style: Style, width: number): string {
  const shown: string[] = [];
  let inCode = false;
  for (const line of markdown.trimEnd().split("\n")) {
    if (line.startsWith("```")) inCode = !inCode;
    else if (inCode) shown.push(line === "" ? "" : `    ${paint(line, "dim", style)}`);
    else shown.push(renderLine(line, style, width));
  }
  return `${shown.join("\n")}\n`;
}

/** The first sentence of a page's first paragraph. */
export function firstSentence(markdown: string): string {
  const paragraph =
    markdown
      .split(/\n{2,}/)
      .find((part) => part !== "" && !part.startsWith("#"))
      ?.trim()
      .replaceAll("\n", " ") ?? "";
  return /^.*?[.:](?= |$)/.exec(paragraph)?.[0] ?? paragraph;
}

function renderLine(line: string, style: Style, width: number): string {
  const heading = /^(#+) (.*)$/.exec(line);
  if (heading !== null) return paint(heading[2] ?? "", heading[1] === "#" ? "warning" : "strong", style);
  if (line.startsWith("|")) return line;
  const indent = /^( *(?:[-*]|\d+\.) )/.exec(line)?.[1]?.length ?? 0;
  const plain = line.replaceAll(/\[([^\]]+)\]\([^)]+\)/g, "$1");
  const text = wrap(plain, width, indent);
  return style.color ? text.replaceAll(/`([^`\n]+)`/g, (_, code: string) => paint(code, "place", style)) : text;
}
