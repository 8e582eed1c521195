import type { Spread } from "./measure.ts";

/** One number, with its bound if it has one. */
export interface Row {
  readonly what: string;
  /** `null`: it could not be measured; `note` says why. */
  readonly value: number | null;
  readonly unit: "ms" | "x" | "MB" | "^n" | "KiB/worker";
  /** At most this; `null` for numbers that are only shown. */
  readonly bound: number | null;
  /** The rounds behind the value. */
  readonly spread?: Spread;
  /** How the value came about, or where the time goes. */
  readonly note?: string;
}

/** Rows that belong together. */
export interface Section {
  readonly title: string;
  readonly rows: readonly Row[];
}

/** Whether a row keeps its bound; `null` if it has none. */
export function isMet({ value, bound }: Row): boolean | null {
  if (bound === null) return null;
  return value !== null && value <= bound;
}

/** All sections as a plain table. */
export function renderSections(sections: readonly Section[]): string {
  const width = Math.max(...sections.flatMap(({ rows }) => rows.map(({ what }) => what.length)));
  return sections
    .map(({ title, rows }) => `${title}\n${rows.map((row) => renderRow(row, width)).join("\n")}`)
    .join("\n\n");
}

function renderRow(row: Row, width: number): string {
  const { what, value, unit, bound, spread, note } = row;
  const met = isMet(row);
  const cells = [
    `  ${what.padEnd(width)}`,
    (value === null ? "-" : withUnit(value, unit)).padStart(11),
    (bound === null ? "" : `<= ${withUnit(bound, unit)}`).padEnd(12),
    (met === null ? "" : met ? "met" : "NOT MET").padEnd(7),
    spread === undefined ? "" : `${number(spread.least)}..${number(spread.most)} in ${spread.rounds}`,
  ];
  const line = cells.join("  ").trimEnd();
  return note === undefined ? line : `${line}\n      ${note}`;
}

function withUnit(value: number, unit: Row["unit"]): string {
  return unit === "x" ? `${number(value)} x` : unit === "^n" ? `n^${value.toFixed(2)}` : `${number(value)} ${unit}`;
}

function number(value: number): string {
  const digits = Math.abs(value) >= 100 ? 0 : Math.abs(value) >= 10 ? 1 : Math.abs(value) >= 1 ? 2 : 3;
  return value.toFixed(digits);
}
