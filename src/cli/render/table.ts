import { paint, type Style } from "../../diagnostics/render/style.ts";
import { oneLine, textWidth } from "../../diagnostics/render/text-width.ts";

/** A column: its head, and whether it holds numbers. */
export interface Column {
  readonly head: string;
  readonly isNumber?: boolean;
}

const GAP = 2;

/**
 * Lays rows out in columns. Columns without any text are left out. Where the table is wider than `width`, each row becomes a
 * block of lines instead.
 */
export function renderTable(
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
  style: Style,
  width: number | null,
): string {
  if (rows.length === 0) return "";
  const clean = rows.map((row) => row.map((text) => oneLine(text)));
  const used = columns.flatMap((column, index) => (clean.some((row) => row[index] !== "") ? [{ column, index }] : []));
  const widths = used.map(({ column, index }) =>
    Math.max(textWidth(column.head), ...clean.map((row) => textWidth(row[index] ?? ""))),
  );
  const total = widths.reduce((sum, own) => sum + own + GAP, -GAP);
  if (width !== null && total > width) return blocks(columns, clean, style);
  const line = (texts: readonly string[]) =>
    used
      .map(({ column }, place) => pad(texts[place] ?? "", widths[place] ?? 0, column.isNumber === true))
      .join(" ".repeat(GAP))
      .trimEnd();
  const head = paint(line(used.map(({ column }) => column.head)), "dim", style);
  return [head, ...clean.map((row) => line(used.map(({ index }) => row[index] ?? "")))]
    .map((text) => `${text}\n`)
    .join("");
}

function blocks(columns: readonly Column[], rows: readonly (readonly string[])[], style: Style): string {
  const [, ...rest] = columns;
  const headWidth = Math.max(...rest.map(({ head }) => textWidth(head)));
  return rows
    .map(([name = "", ...texts]) => {
      const details = texts.flatMap((text, index) =>
        text === "" ? [] : [`  ${paint(pad(rest[index]?.head ?? "", headWidth, false), "dim", style)}  ${text}\n`],
      );
      return `${paint(name, "strong", style)}\n${details.join("")}`;
    })
    .join("");
}

function pad(text: string, width: number, right: boolean): string {
  const blank = " ".repeat(Math.max(0, width - textWidth(text)));
  return right ? `${blank}${text}` : `${text}${blank}`;
}
