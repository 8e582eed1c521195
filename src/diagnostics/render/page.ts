/** First paragraph below `## Meaning` of a code's page, in one line; `null` if the page has none. */
export function meaningOf(page: string): string | null {
  const [, paragraph] = /^## Meaning\s*\n\s*\n([\s\S]*?)(?=\n\s*\n|\n#|(?![\s\S]))/m.exec(page) ?? [];
  const line = paragraph?.replaceAll(/\s+/g, " ").trim();
  return line === undefined || line === "" ? null : line;
}

/** First sentence of a paragraph. */
export function sentenceOf(paragraph: string): string {
  return /^.*?[.:](?= |$)/.exec(paragraph)?.[0] ?? paragraph;
}
