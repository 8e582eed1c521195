import { defineDiagnostics } from "../../diagnostics/define.ts";
import type { Finding } from "../../diagnostics/finding.ts";
import { factor, sentence } from "../../diagnostics/sentence.ts";
import { namesInTicks } from "../../spec/diagnostics.ts";
import { alike, axisPlace, cardFactor, choiceText, namesOf, nearestDivisors } from "./alike.ts";
import { type Rule, type RuleModel, textAt } from "./context.ts";
import { degreeFactor, degreeOf } from "./degrees.ts";

/** Codes of layers that stages can't share. */
export const layerDiagnostics = defineDiagnostics("model", {
  "layers-not-divisible": {
    severity: "error",
    message: ({ models, card, layers, pipe, virtual }: LayerFacts) =>
      sentence`${factor("card", `${layers} layers`)} of \`${card}\` / ${factor("pipe", `pp ${pipe}`)}${virtual > 1 ? sentence` / ${factor("virtual", `${virtual} stages a rank`)}` : ""} is not whole: ${namesInTicks(models)} can't be cut into stages`,
    help: ({ layers, pipe, virtual }) => {
      if (layers % pipe === 0) return `make ${choiceText(nearestDivisors(virtual, layers / pipe))} stages of a rank`;
      return `use a pipeline degree of ${choiceText(nearestDivisors(pipe, layers))}`;
    },
  },
  "uneven-stages": {
    severity: "warning",
    message: ({ models, card, layers, pipe }: LayerFacts) =>
      sentence`${factor("card", `${layers} layers`)} of \`${card}\` / ${factor("pipe", `pp ${pipe}`)} is not whole: stages of ${namesInTicks(models)} have ${Math.floor(layers / pipe)} or ${Math.ceil(layers / pipe)}, and all wait for the largest`,
    help: ({ layers, pipe }) => `use a pipeline degree of ${choiceText(nearestDivisors(pipe, layers))}`,
  },
  "fewer-layers-than-stages": {
    severity: "error",
    message: ({ models, card, layers, pipe, virtual }: LayerFacts) =>
      sentence`${factor("pipe", `pp ${pipe}`)}${virtual > 1 ? sentence` x ${factor("virtual", virtual)} = ${pipe * virtual}` : ""} stages of ${namesInTicks(models)} are more than the ${factor("card", `${layers} layers`)} of \`${card}\``,
    help: ({ layers, virtual }) => `use a pipeline degree of at most ${Math.max(1, Math.floor(layers / virtual))}`,
  },
});

type LayerFacts = {
  readonly models: readonly string[];
  readonly card: string;
  readonly layers: number;
  readonly pipe: number;
  /** Stages that each rank has. */
  readonly virtual: number;
};

function makerOf(model: RuleModel, { layers, pipe, virtual }: LayerFacts) {
  if (pipe * virtual > layers) return layerDiagnostics["fewer-layers-than-stages"];
  const isEven = virtual > 1 || textAt(model.supports, "layers") === "even";
  return isEven ? layerDiagnostics["layers-not-divisible"] : layerDiagnostics["uneven-stages"];
}

/**
 * Every stage has a layer, and where the backend cuts models evenly, as many as every other one. A backend that balances stages by
 * itself says so (`supports.layers`), but interleaved stages are always alike; stages that are not make the others wait.
 */
export const layersOfStages: Rule = ({ models }) =>
  alike(
    models,
    (model) => {
      const { card, topo } = model;
      const virtual = degreeOf(model, "virtualPipe").size;
      const stages = topo.pipe * virtual;
      if (card === null || stages === 1) return null;
      if (stages > card.layers) return `fewer ${virtual}`;
      return card.layers % stages === 0 ? null : `uneven ${virtual}`;
    },
    (model, all, related): Finding => {
      const virtual = degreeOf(model, "virtualPipe");
      const { pipe } = model.topo;
      const layers = model.card?.layers ?? 0;
      const facts = { models: namesOf(all), card: model.card?.id ?? "", layers, pipe, virtual: virtual.size };
      return makerOf(model, facts)(facts, {
        at: axisPlace(model, "pipe"),
        gives: ["pipe"],
        related: [
          cardFactor(model, `${layers} layers`),
          ...degreeFactor(virtual, "stages a rank:", "virtual"),
          ...related,
        ],
      });
    },
    (model) => axisPlace(model, "pipe"),
  );
