import { textWidth } from "../../diagnostics/render/text-width.ts";

/** Breaks a text at blanks; lines behind the first one are indented. */
export function wrap(text: string, width: number, indent: number): string {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(/ +/)) {
    const room = lines.length === 0 ? width : width - indent;
    if (line !== "" && textWidth(line) + 1 + textWidth(word) > room) {
      lines.push(line);
      line = word;
    } else {
      line = line === "" ? word : `${line} ${word}`;
    }
  }
  return [...lines, line].join(`\n${" ".repeat(indent)}`);
}
