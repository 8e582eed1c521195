import { defineDiagnostics } from "../../diagnostics/define.ts";
import { at, type Finding, type Place, type RelatedPlace } from "../../diagnostics/finding.ts";
import { factor, sentence } from "../../diagnostics/sentence.ts";
import type { ModelCard } from "../../manifest/format.ts";
import { cardFactor } from "./alike.ts";
import type { Rule } from "./context.ts";

/** Codes of heads that an engine can't share. */
export const engineHeadDiagnostics = defineDiagnostics("model", {
  "engine-heads": {
    severity: "warning",
    message: ({ engine, tensor, card, heads, kvHeads, isCopied }: HeadFacts) =>
      sentence`${factor("tensor", `tensor size ${tensor}`)} of engine \`${engine}\` must divide the ${heads} attention heads of ${factor("card", `\`${card}\``)}, and ${isCopied ? `divide its ${kvHeads} key-value heads or be a multiple of them` : `its ${kvHeads} key-value heads`}`,
    help: ({ heads, kvHeads, isCopied }) => {
      const sizes = Array.from({ length: heads }, (_, index) => index + 1);
      return `use a tensor size among ${sizes.filter((size) => areShared(size, { heads, kvHeads }, isCopied)).join(", ")}`;
    },
  },
});

type HeadFacts = {
  readonly engine: string;
  readonly tensor: number;
  readonly card: string;
  readonly heads: number;
  readonly kvHeads: number;
  /** Whether ranks may hold copies of key-value heads. */
  readonly isCopied: boolean;
};

/** Whether tensor ranks can share heads; where key-value heads are fewer than ranks, some engines copy them. */
export function areShared(
  tensor: number,
  { heads, kvHeads }: Pick<ModelCard, "heads" | "kvHeads">,
  isCopied: boolean,
): boolean {
  return heads % tensor === 0 && (kvHeads % tensor === 0 || (isCopied && tensor % kvHeads === 0));
}

/** An engine that loads a checkpoint by itself splits its heads, too: in shards of model workers, and in servers. */
export const headsOfEngines: Rule = ({ models, servers }) => {
  const shards = models.flatMap((model) =>
    model.isEngine
      ? [{ ...model, engine: model.backend, tensor: model.topo.tensor, place: at(`${model.pointer}/topo/tensor`) }]
      : [],
  );
  const all = [...shards, ...servers.map((server) => ({ ...server, place: server.tensorPlace }))];
  const seen = new Set<string>();
  return all.flatMap(({ engine, tensor, place, card, pathPointer, supports }): readonly Finding[] => {
    const isCopied = supports["keyValueHeads"] === "copied";
    // Nothing is known of an engine whose plugin says nothing.
    if (card === null || !("keyValueHeads" in supports) || areShared(tensor, card, isCopied)) return [];
    const key = [engine, tensor, card.id].join(" ");
    if (seen.has(key)) return [];
    seen.add(key);
    return [
      headFinding({ engine, tensor, card: card.id, heads: card.heads, kvHeads: card.kvHeads, isCopied }, place, [
        cardFactor({ card, pathPointer }, `${card.heads} attention heads, ${card.kvHeads} key-value heads`),
      ]),
    ];
  });
};

function headFinding(facts: HeadFacts, place: Place, related: readonly RelatedPlace[]): Finding {
  return engineHeadDiagnostics["engine-heads"](facts, { at: place, gives: ["tensor"], related });
}
