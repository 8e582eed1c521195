import { defineDiagnostics } from "../../diagnostics/define.ts";
import type { Finding } from "../../diagnostics/finding.ts";
import { factor, sentence } from "../../diagnostics/sentence.ts";
import { namesInTicks } from "../../spec/diagnostics.ts";
import { strings } from "../facts.ts";
import { alike, axisPlace, namesOf } from "./alike.ts";
import type { Rule, RuleModel } from "./context.ts";

/** Codes of what a backend can't split. */
export const axisDiagnostics = defineDiagnostics("topology", {
  "axis-unsupported": {
    severity: "warning",
    message: ({
      models,
      backend,
      axis,
      size,
    }: {
      models: readonly string[];
      backend: string;
      axis: string;
      size: number;
    }) =>
      sentence`${namesInTicks(models)}: backend \`${backend}\` has no ${axis} parallelism, found ${factor("size", `${axis} size ${size}`)}`,
    help: ({ axis }) => `use ${axis} size 1, or another backend`,
  },
});

const AXES = ["pipe", "data", "tensor"] as const;

/** Models are split along axes that their backend has; one whose plugin names none has all. */
export const axesOfBackends: Rule = ({ models }) =>
  alike(
    models,
    (model) => axisOf(model),
    (model, all, related): Finding => {
      const axis = axisOf(model) ?? "pipe";
      return axisDiagnostics["axis-unsupported"](
        { models: namesOf(all), backend: model.backend, axis, size: model.topo[axis] },
        { at: axisPlace(model, axis), gives: ["size"], related },
      );
    },
    (model) => axisPlace(model, axisOf(model) ?? "pipe"),
  );

function axisOf({ supports, topo }: RuleModel): (typeof AXES)[number] | null {
  if (!("axes" in supports)) return null;
  const axes = strings(supports["axes"]);
  return AXES.find((axis) => topo[axis] > 1 && !axes.includes(axis)) ?? null;
}
