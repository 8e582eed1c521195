import type { JsonValue } from "type-fest";

const LONGEST_VALUE = 80;

/** A value as code; long ones are cut. */
export function valueCode(value: JsonValue | undefined): string {
  const text = JSON.stringify(value) ?? "nothing";
  return code(text.length <= LONGEST_VALUE ? text : `${text.slice(0, LONGEST_VALUE - 1)}…`);
}

/** Code in a line of text. */
export function code(text: string): string {
  return text.includes("`") ? `\`\` ${text} \`\`` : `\`${text}\``;
}

/** Code in a cell of a table. */
export function cell(text: string): string {
  return text.replaceAll("|", "\\|");
}

/** Names as code, separated by commas. */
export function codes(names: readonly string[]): string {
  return names.map(code).join(", ");
}

/** Paragraphs; those that are empty are left out. */
export function paragraphs(parts: readonly string[]): string {
  return parts.filter((part) => part !== "").join("\n\n");
}

/** A list, one line each. */
export function bullets(lines: readonly string[]): string {
  return lines.map((line) => `- ${line}`).join("\n");
}

/** `1 GPU`, `2 GPUs`. */
export function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}
