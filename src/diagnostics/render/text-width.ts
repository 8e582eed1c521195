/** One character as a reader sees it: what to print, how many columns it takes, and where it stands in the text. */
export interface Cell {
  readonly text: string;
  readonly width: number;
  /** In UTF-16 units. */
  readonly offset: number;
  readonly length: number;
}

const TAB = 4;
let segmenter: Intl.Segmenter | undefined;

/** Cuts one line into cells. Tabs become blanks; characters that would move the cursor become visible ones. */
export function cellsOf(line: string): readonly Cell[] {
  const cells: Cell[] = [];
  let column = 0;
  for (const { segment, index } of segmentsOf(line)) {
    const text = segment === "\t" ? " ".repeat(TAB - (column % TAB)) : printable(segment);
    const width = segment === "\t" ? text.length : segmentWidth(text);
    cells.push({ text, width, offset: index, length: segment.length });
    column += width;
  }
  return cells;
}

/** Columns that a text without line ends takes in a terminal; colours and links take none. */
export function textWidth(text: string): number {
  if (ASCII.test(text)) return text.length;
  let width = 0;
  for (const { segment } of segmentsOf(text.replaceAll(ESCAPES, ""))) width += segmentWidth(segment);
  return width;
}

/** A text of anybody's in a line of ours. */
export function oneLine(text: string): string {
  return printable(text).replaceAll("\n", " ");
}

/** What a program printed, without characters that steer a terminal: tabs and line ends stay. */
export function printableOutput(text: string): string {
  return text
    .replaceAll(/\r\n?/g, "\n")
    .split("\t")
    .map((part) => printable(part))
    .join("\t");
}

/** A text without characters that steer a terminal, whoever wrote it. */
export function printable(text: string): string {
  return text.replaceAll(CONTROLS, (control) => {
    const code = control.charCodeAt(0);
    if (code < 0x20) return String.fromCharCode(0x24_00 + code);
    return code === 0x7f ? "\u2421" : "\uFFFD";
  });
}

/** Our own colours, and both ends of our links. */
const ESCAPES = /\u001B\[[\d;]*m|\u001B\]8;;[^\u001B]*\u001B\\/g;
const ASCII = /^[\u0020-\u007E]*$/;
/** Controls, and the marks that turn the direction of text around. */
export const CONTROLS: RegExp = /[\u0000-\u0009\u000B-\u001F\u007F-\u009F\u202A-\u202E\u2066-\u2069]/g;
const INVISIBLE = /^[\p{Mark}\p{Default_Ignorable_Code_Point}]+$/u;
const EMOJI = /\p{Emoji_Presentation}|\uFE0F/u;
/** First and last code points of the wide East Asian blocks. */
const WIDE: readonly (readonly [number, number])[] = [
  [0x11_00, 0x11_5f],
  [0x2e_80, 0x30_3e],
  [0x30_41, 0x4d_bf],
  [0x4e_00, 0xa4_cf],
  [0xa9_60, 0xa9_7f],
  [0xac_00, 0xd7_a3],
  [0xf9_00, 0xfa_ff],
  [0xfe_30, 0xfe_6f],
  [0xff_01, 0xff_60],
  [0xff_e0, 0xff_e6],
  [0x2_00_00, 0x3_ff_fd],
];

function segmentsOf(text: string): Iterable<{ readonly segment: string; readonly index: number }> {
  if (ASCII.test(text)) return [...text].map((segment, index) => ({ segment, index }));
  segmenter ??= new Intl.Segmenter("en", { granularity: "grapheme" });
  return segmenter.segment(text);
}

function segmentWidth(segment: string): number {
  if (INVISIBLE.test(segment)) return 0;
  if (EMOJI.test(segment)) return 2;
  const code = segment.codePointAt(0) ?? 0;
  return WIDE.some(([first, last]) => code >= first && code <= last) ? 2 : 1;
}
