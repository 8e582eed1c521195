import { factor, sentence, type Sentence } from "../../diagnostics/sentence.ts";
import type { Lengths } from "./lengths.ts";

/** Lengths as messages have them. */
export type LengthFacts = {
  readonly row: number;
  /** `null` where nothing generates. */
  readonly generated: number | null;
  readonly total: number;
  readonly limit: number;
};

/** What a message says of lengths. */
export function lengthFacts({ row, generated, total }: Lengths, limit: number): LengthFacts {
  return { row: row.tokens, generated: generated?.tokens ?? null, total, limit };
}

/** "prompts of 1024 + 8192 generated tokens = 9216", or "sequences of 1024 tokens". */
export function lengthText({ row, generated, total }: LengthFacts): Sentence {
  if (generated === null) return sentence`sequences of ${factor("row", `${row} tokens`)}`;
  return sentence`prompts of ${factor("row", row)} + ${factor("generated", `${generated} generated tokens`)} = ${total}`;
}

/** How sequences can be made short enough. */
export function shorterText({ row, generated, limit }: LengthFacts): string {
  if (generated === null) return `take sequences of at most ${limit}`;
  return limit - row >= 1 ? `generate at most ${limit - row}` : "take shorter prompts";
}
