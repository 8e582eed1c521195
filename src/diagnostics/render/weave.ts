import type { Diagnostic, FactorOrigin, Span } from "../finding.ts";
import { COMMAND_LINE } from "./region.ts";

/** How places are told inside of a message. */
export interface WeaveOptions {
  /** A file as the reader finds it; as spans name it by default. */
  readonly showFile?: (file: string) => string;
  /** Which factors get their origin; all by default. */
  readonly tells?: (origin: FactorOrigin) => boolean;
}

/**
 * The message with the origin of each factor behind it: "2 nodes (preset small, tune.ts:9) x 8 (default) = 16". A factor that
 * two places give has both.
 */
export function wovenMessage({ message, factors = [] }: Diagnostic, options: WeaveOptions = {}): string {
  const { showFile = (file) => file, tells = () => true } = options;
  const told = new Map<number, string[]>();
  for (const origin of factors) {
    const text = tells(origin) ? originText(origin, showFile) : "";
    const texts = told.get(origin.end) ?? [];
    if (text !== "" && !texts.includes(text)) told.set(origin.end, [...texts, text]);
  }
  let woven = "";
  let done = 0;
  for (const [end, texts] of [...told].sort(([a], [b]) => a - b)) {
    woven += `${message.slice(done, end)} (${texts.join("; ")})`;
    done = end;
  }
  return woven + message.slice(done);
}

/** Who set a factor, and the line of it: an argument is told by itself. */
function originText({ setBy, span }: FactorOrigin, showFile: (file: string) => string): string {
  const place = span === null || (setBy !== null && span.file === COMMAND_LINE) ? null : lineText(span, showFile);
  return [setBy, place].filter((part) => part !== null).join(", ");
}

function lineText({ file, line }: Span, showFile: (file: string) => string): string {
  return file === COMMAND_LINE ? "command line" : `${showFile(file)}:${line}`;
}
