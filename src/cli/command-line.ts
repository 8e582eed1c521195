import { nowhere, spanAt } from "./places.ts";
import type { Place, Span } from "../diagnostics/finding.ts";
import { COMMAND_LINE } from "../diagnostics/render/region.ts";

/** The arguments of a run as the line that one types: a source like any other. */
export class CommandLine {
  readonly text: string;
  readonly #arguments: readonly string[];
  readonly #columns: readonly number[];

  constructor(argumentList: readonly string[]) {
    const words = ["assay", ...argumentList];
    let column = 1;
    this.#columns = words.map((word) => {
      const own = column;
      column += word.length + 1;
      return own;
    });
    this.#arguments = argumentList;
    // It is one line, whatever an argument holds.
    this.text = words.join(" ").replaceAll(/[\n\r\u2028\u2029]/g, " ");
  }

  /** Span of the argument with this number, from 0. */
  spanOf(index: number): Span {
    const length = this.#arguments[index]?.length ?? 0;
    return { file: COMMAND_LINE, line: 1, column: this.#columns[index + 1] ?? this.text.length + 1, length };
  }

  /** Place of the first argument that is this text, or begins with it and `=`. */
  placeOf(argument: string): Place {
    const index = this.#arguments.findIndex((other) => other === argument || other.startsWith(`${argument}=`));
    if (index < 0) return nowhere("it is missing on the command line");
    return spanAt({ ...this.spanOf(index), length: argument.length });
  }

  /** Spans of arguments that stand in this order between others. */
  spansOf(positional: readonly string[]): readonly Span[] {
    let next = 0;
    return positional.map((argument) => {
      const found = this.#arguments.indexOf(argument, next);
      if (found >= 0) next = found + 1;
      return this.spanOf(found < 0 ? this.#arguments.length : found);
    });
  }
}
