/** What a terminal can show. */
export interface Style {
  readonly color: boolean;
  /** Links (OSC 8) behind texts. */
  readonly hyperlinks: boolean;
}

/** No colours, no links: what files and pipes get. */
export const PLAIN: Style = { color: false, hyperlinks: false };

/** The colours in use, by what they mean. */
const INKS = {
  error: "1;31",
  warning: "1;33",
  strong: "1",
  dim: "2",
  place: "36",
  mark: "34",
  good: "32",
  help: "1;36",
} as const;
export type Ink = keyof typeof INKS;

/** Colours a text. */
export function paint(text: string, ink: Ink, { color }: Style): string {
  return color && text !== "" ? `\u001B[${INKS[ink]}m${text}\u001B[0m` : text;
}

/** Puts a link behind a text. */
export function link(text: string, url: string | null, { hyperlinks }: Style): string {
  return hyperlinks && url !== null ? `\u001B]8;;${url}\u001B\\${text}\u001B]8;;\u001B\\` : text;
}
