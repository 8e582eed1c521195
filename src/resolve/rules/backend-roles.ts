import { defineDiagnostics } from "../../diagnostics/define.ts";
import { at, type Finding } from "../../diagnostics/finding.ts";
import type { Rule, RuleCall } from "./context.ts";
import { textAt } from "./context.ts";
import { runsModel } from "./loads.ts";

/** Codes of calls that the backend of their model can't run. */
export const backendRoleDiagnostics = defineDiagnostics("call", {
  "backend-role": {
    severity: "error",
    message: ({ call, wanted, model, backend, does }: RoleFacts) =>
      `call \`${call}\` ${wanted} \`${model}\`, whose backend \`${backend}\` ${does}`,
    help: ({ needs }) => `give the model ${needs}`,
  },
});

type RoleFacts = {
  readonly call: string;
  readonly wanted: string;
  readonly model: string;
  readonly backend: string;
  readonly does: string;
  readonly needs: string;
};

const WANTED = {
  trainStep: "trains",
  generate: "generates with",
  inference: "runs a forward pass of",
  evaluate: "evaluates",
} as const;

const DOES: Readonly<Record<string, string>> = {
  train: "trains and does not generate",
  inference: "runs forward passes only",
  generate: "generates only",
};

const NEEDS = {
  trainStep: "a backend that trains",
  generate: "an engine, or a backend that generates",
  inference: "a backend that runs forward passes",
  evaluate: "a backend that runs forward passes",
} as const;

/**
 * The backend of a call's model does what the call asks of it. Backends that train or run forward passes generate, too, unless their
 * plugin says otherwise (`supports.generates`).
 */
export const rolesOfBackends: Rule = ({ calls }) =>
  calls.flatMap((each): readonly Finding[] => {
    const { call, model, pointer } = each;
    if (model === null || !runsModel(each) || can(each) !== false) return [];
    const kind = call.interfaceType;
    const role = textAt(model.backendFacts, "role") ?? "";
    return [
      backendRoleDiagnostics["backend-role"](
        {
          call: call.name,
          wanted: WANTED[kind],
          model: model.name,
          backend: model.backend,
          does: DOES[role] ?? "",
          needs: NEEDS[kind],
        },
        {
          at: at(`${pointer}/interfaceType`),
          related: [{ at: at(`${model.pointer}/backend`), message: `the backend of \`${model.name}\`` }],
        },
      ),
    ];
  });

/** `null` if nobody knows what the backend does, or if the call is none that could be. */
function can({ call, model }: RuleCall): boolean | null {
  const role = model === null ? null : textAt(model.backendFacts, "role");
  if (model === null || role === null || !Object.hasOwn(WANTED, call.interfaceType)) return null;
  switch (call.interfaceType) {
    case "trainStep":
      return role === "train";
    case "generate":
      return role === "generate" || model.supports["generates"] !== false;
    case "inference":
    case "evaluate":
      return role !== "generate";
  }
}
