import { defineDiagnostics } from "../../diagnostics/define.ts";
import { at, type Finding } from "../../diagnostics/finding.ts";
import type { ModelCard } from "../../manifest/format.ts";
import type { Rule } from "./context.ts";

/** Codes of cards that contradict themselves. */
export const cardDiagnostics = defineDiagnostics("model", {
  card: {
    severity: "error",
    message: ({ card, problem }: { card: string; problem: string }) =>
      `the card of \`${card}\` can't be right: ${problem}`,
    help: () => "correct the card, or the `config.json` that it was read from",
  },
});

/** Numbers of a card agree with one another: all that is derived from it stands on that. Where heads are split, their split says it. */
export const soundCards: Rule = ({ models, servers }) => {
  const seen = new Set<string>();
  return [...models.filter(({ topo }) => topo.tensor === 1), ...servers].flatMap(
    ({ card, pathPointer }): readonly Finding[] => {
      const problem = card === null || seen.has(card.id) ? null : problemOf(card);
      if (card === null || problem === null) return [];
      seen.add(card.id);
      return [cardDiagnostics.card({ card: card.id, problem }, { at: at(pathPointer) })];
    },
  );
};

function problemOf({ heads, kvHeads, experts }: ModelCard): string | null {
  if (kvHeads > heads) return `it has ${kvHeads} key-value heads for ${heads} attention heads`;
  if (heads % kvHeads !== 0) return `${heads} attention heads can't share ${kvHeads} key-value heads evenly`;
  if (experts !== undefined && experts.active > experts.count) {
    return `a token goes through ${experts.active} experts of ${experts.count}`;
  }
  return null;
}
