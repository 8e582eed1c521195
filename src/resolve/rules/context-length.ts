import { defineDiagnostics } from "../../diagnostics/define.ts";
import { at, type Finding } from "../../diagnostics/finding.ts";
import { factor, sentence } from "../../diagnostics/sentence.ts";
import { argumentPointer, numberAt, type Rule, textAt } from "./context.ts";
import { type LengthFacts, lengthFacts, lengthText, shorterText } from "./length-text.ts";
import { lengthPlaces, lengthsOf } from "./lengths.ts";

/** Codes of sequences that engines or models can't take. */
export const contextDiagnostics = defineDiagnostics("call", {
  "context-length": {
    severity: "warning",
    message: ({ engine, ...lengths }: LengthFacts & { engine: string; option: string }) =>
      sentence`${lengthText(lengths)} are more than the ${factor("limit", lengths.limit)} that ${engine} takes`,
    help: ({ option, ...lengths }) => `${shorterText(lengths)}, or raise \`${option}\` to ${lengths.total}`,
  },
  positions: {
    severity: "error",
    message: ({ card, ...lengths }: LengthFacts & { card: string }) =>
      sentence`${lengthText(lengths)} are more than the ${factor("limit", `${lengths.limit} positions`)} of \`${card}\``,
    help: ({ card: _card, ...lengths }) =>
      `${shorterText(lengths)}, or take a model with more positions; a \`config.json\` with rope scaling says how many`,
  },
});

/** A prompt with its answer fits what the engine takes and the positions that the model has. */
export const contextLengths: Rule = (context) => {
  const lengths = lengthsOf(context);
  if (lengths === null) return [];
  return [...engineFindings(context, lengths), ...positionFindings(context, lengths)];
};

type Part = (context: Parameters<Rule>[0], lengths: NonNullable<ReturnType<typeof lengthsOf>>) => readonly Finding[];

const engineFindings: Part = ({ models, servers }, lengths) => {
  if (lengths.generated === null) return [];
  const engines = [
    ...models.flatMap((model) =>
      model.isEngine
        ? [{ ...model, engine: model.backend, args: model.backendArgs, argsPointer: `${model.pointer}/backend/args` }]
        : [],
    ),
    ...servers,
  ];
  const seen = new Set<string>();
  return engines.flatMap(({ engine, supports, args, argsPointer }): readonly Finding[] => {
    const option = textAt(supports, "contextLength");
    const limit = option === null ? null : numberAt(args, option);
    if (option === null || limit === null || limit >= lengths.total || seen.has(engine)) return [];
    seen.add(engine);
    const places = lengthPlaces(lengths);
    const place = {
      at: at(argumentPointer(argsPointer, option)),
      message: `${engine} takes ${limit}`,
      gives: ["limit"],
    };
    return [
      contextDiagnostics["context-length"](
        { engine, option, ...lengthFacts(lengths, limit) },
        { ...places, related: [...places.related, place] },
      ),
    ];
  });
};

const positionFindings: Part = ({ models, servers }, lengths) => {
  const seen = new Set<string>();
  return [...models, ...servers].flatMap(({ card, pathPointer }): readonly Finding[] => {
    const limit = card?.maxPositions ?? null;
    if (card === null || limit === null || limit >= lengths.total || seen.has(card.id)) return [];
    seen.add(card.id);
    const places = lengthPlaces(lengths);
    const place = { at: at(pathPointer), message: `\`${card.id}\`: ${limit} positions`, gives: ["limit"] };
    return [
      contextDiagnostics.positions(
        { card: card.id, ...lengthFacts(lengths, limit) },
        { ...places, related: [...places.related, place] },
      ),
    ];
  });
};
