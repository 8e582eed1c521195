/** A text whose factors are named, so that each of them can be told with the place that it comes from. */
export interface Sentence {
  readonly text: string;
  /** Characters up to the end of each factor, in UTF-16 units. */
  readonly factors: Readonly<Record<string, number>>;
}

type Part = string | number | Sentence;

/**
 * Writes a text that names its factors.
 * @example sentence`${factor("nNodes", "2 nodes")} x ${factor("gpusPerNode", 8)} = 16`
 */
export function sentence(texts: TemplateStringsArray, ...parts: readonly Part[]): Sentence {
  let text = "";
  const factors: Record<string, number> = {};
  for (const [index, own] of texts.entries()) {
    text += own;
    const part = parts[index];
    if (part === undefined) continue;
    for (const [name, end] of Object.entries(factorsOf(part))) factors[name] = text.length + end;
    text += textOfPart(part);
  }
  return { text, factors };
}

/** A part of a text that comes from a place of its own, under the name by which a finding says from which one. */
export function factor(name: string, part: Part): Sentence {
  const text = textOfPart(part);
  return { text, factors: { ...factorsOf(part), [name]: text.length } };
}

function textOfPart(part: Part): string {
  return typeof part === "object" ? part.text : String(part);
}

function factorsOf(part: Part): Sentence["factors"] {
  return typeof part === "object" ? part.factors : {};
}
