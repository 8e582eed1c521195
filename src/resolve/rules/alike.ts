import { at, type Finding, type Place, type RelatedPlace } from "../../diagnostics/finding.ts";
import type { RuleContext, RuleModel } from "./context.ts";

/**
 * One finding for all models that break a rule in the same way: mostly they come from one entry of an allocation.
 * @param keyOf what is wrong of a model, as text that is the same for the same mistake; `null` if nothing is
 */
export function alike(
  models: readonly RuleModel[],
  keyOf: (model: RuleModel) => string | null,
  findingOf: (first: RuleModel, all: readonly RuleModel[], related: readonly RelatedPlace[]) => Finding,
  placeOf: (model: RuleModel) => Place,
): readonly Finding[] {
  const wrong = new Map<string, readonly RuleModel[]>();
  for (const model of models) {
    const key = keyOf(model);
    if (key === null) continue;
    const { pipe, data, tensor } = model.topo;
    const whole = [model.card?.id, model.backend, pipe, data, tensor, key].join(" ");
    wrong.set(whole, [...(wrong.get(whole) ?? []), model]);
  }
  return [...wrong.values()].map((all) => {
    const [first, ...others] = all as [RuleModel, ...RuleModel[]];
    const related = others.map((model) => ({ at: placeOf(model), message: `\`${model.name}\`, too` }));
    return findingOf(first, all, related);
  });
}

/** Place of an axis of a model's layout. */
export function axisPlace(model: RuleModel, axis: "pipe" | "data" | "tensor"): Place {
  return at(`${model.pointer}/topo/${axis}`);
}

/** The checkpoint, as the place that a card's numbers come from. */
export function cardFactor({ pathPointer, card }: Pick<RuleModel, "pathPointer" | "card">, text: string): RelatedPlace {
  return { at: at(pathPointer), message: `\`${card?.id ?? ""}\`: ${text}`, gives: ["card"] };
}

/** Names of models for a message. */
export function namesOf(models: readonly RuleModel[]): readonly string[] {
  return models.map(({ name }) => name);
}

/** Whole numbers next to `number` that divide `whole`: the smaller and the larger one. */
export function nearestDivisors(number: number, whole: number): readonly number[] {
  const found: number[] = [];
  for (let smaller = Math.min(number - 1, whole); smaller >= 1 && found.length === 0; smaller -= 1) {
    if (whole % smaller === 0) found.push(smaller);
  }
  for (let larger = number + 1; larger <= whole; larger += 1) {
    if (whole % larger !== 0) continue;
    found.push(larger);
    break;
  }
  return found;
}

/** Multiples of `step` next to `number`: the smaller one, if it is above 0, and the larger one. */
export function nearestMultiples(number: number, step: number): readonly number[] {
  const smaller = Math.floor(number / step) * step;
  return [...(smaller >= 1 ? [smaller] : []), smaller + step];
}

/** Numbers as a choice. */
export function choiceText(numbers: readonly number[]): string {
  return numbers.join(" or ");
}

/** Models that train or run forward, and so have a card and no engine around them. */
export function ownModels({ models }: RuleContext): readonly RuleModel[] {
  return models.filter(({ isEngine }) => !isEngine);
}
