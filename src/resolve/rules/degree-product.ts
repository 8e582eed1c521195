import { defineDiagnostics } from "../../diagnostics/define.ts";
import { at, type Finding, type RelatedPlace } from "../../diagnostics/finding.ts";
import { factor, sentence } from "../../diagnostics/sentence.ts";
import { namesInTicks } from "../../spec/diagnostics.ts";
import { worldSize } from "../../spec/topology.ts";
import { alike, axisPlace, choiceText, namesOf, nearestDivisors } from "./alike.ts";
import { type Rule, type RuleModel } from "./context.ts";
import { degreeFactor, degreeOf } from "./degrees.ts";

/** Codes of degrees whose product is not that of the GPUs. */
export const degreeDiagnostics = defineDiagnostics("topology", {
  "expert-product": {
    severity: "error",
    message: ({ models, expert, expertTensor, pipe, gpus }: ExpertFacts) =>
      sentence`${factor("expert", `expert size ${expert}`)} x ${factor("expertTensor", `expert tensor size ${expertTensor}`)} x ${factor("layout", `pp ${pipe}`)} = ${expert * expertTensor * pipe} of ${namesInTicks(models)} does not divide its ${gpus} GPUs`,
    help: ({ expert, expertTensor, pipe, gpus }) => {
      const left = gpus / pipe;
      const sizes = Number.isInteger(left / expertTensor) ? nearestDivisors(expert, left / expertTensor) : [];
      return sizes.length > 0
        ? `use expert size ${choiceText(sizes)}`
        : `let expert size x expert tensor size divide ${left}, the GPUs of a stage`;
    },
  },
  "context-product": {
    severity: "error",
    message: ({ models, degree, name, data }: ContextFacts) =>
      sentence`${factor("degree", `${name} size ${degree}`)} of ${namesInTicks(models)} must divide ${factor("layout", `dp ${data}`)}, whose ranks it takes`,
    help: ({ degree, data }) =>
      `use ${choiceText(nearestDivisors(degree, data)) || "1"}, or a data degree that is a multiple of ${degree}`,
  },
});

type ExpertFacts = {
  readonly models: readonly string[];
  readonly expert: number;
  readonly expertTensor: number;
  readonly pipe: number;
  readonly gpus: number;
};

type ContextFacts = {
  readonly models: readonly string[];
  readonly degree: number;
  readonly name: string;
  readonly data: number;
};

/** Experts are split over the GPUs of a stage; sequences over data ranks: degrees must divide what they take. */
export const degreeProducts: Rule = ({ models }) => [
  ...alike(models, expertProblem, expertFinding, (model) => axisPlace(model, "pipe")),
  ...(["context", "sequence"] as const).flatMap((name) =>
    alike(
      models,
      (model) => {
        const { size } = degreeOf(model, name);
        return model.topo.data % size === 0 ? null : String(size);
      },
      (model, all, related): Finding => {
        const degree = degreeOf(model, name);
        return degreeDiagnostics["context-product"](
          { models: namesOf(all), degree: degree.size, name, data: model.topo.data },
          {
            at: at(degree.pointer ?? model.pointer),
            gives: ["degree"],
            related: [
              { at: axisPlace(model, "data"), message: `dp ${model.topo.data} comes from here`, gives: ["layout"] },
              ...related,
            ],
          },
        );
      },
      (model) => axisPlace(model, "data"),
    ),
  ),
];

/** Experts are split by themselves; without a degree of their own their tensors are split as all others. */
export function expertDegrees(model: RuleModel) {
  return {
    expert: degreeOf(model, "expert"),
    expertTensor: degreeOf(model, "expertTensor", model.topo.tensor),
  };
}

function expertProblem(model: RuleModel): string | null {
  const { expert, expertTensor } = expertDegrees(model);
  if (expert.pointer === null && expertTensor.pointer === null) return null;
  const product = expert.size * expertTensor.size * model.topo.pipe;
  return worldSize(model.topo) % product === 0 ? null : `${expert.size} ${expertTensor.size}`;
}

function expertFinding(model: RuleModel, all: readonly RuleModel[], related: readonly RelatedPlace[]): Finding {
  const { expert, expertTensor } = expertDegrees(model);
  const { pipe } = model.topo;
  return degreeDiagnostics["expert-product"](
    { models: namesOf(all), expert: expert.size, expertTensor: expertTensor.size, pipe, gpus: worldSize(model.topo) },
    {
      at: at(expert.pointer ?? expertTensor.pointer ?? model.pointer),
      gives: expert.pointer === null ? ["expertTensor"] : ["expert"],
      related: [
        ...(expert.pointer === null ? [] : degreeFactor(expertTensor, "expert tensor size", "expertTensor")),
        { at: axisPlace(model, "pipe"), message: `pp ${pipe} comes from here`, gives: ["layout"] },
        ...related,
      ],
    },
  );
}
