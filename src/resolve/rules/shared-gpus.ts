import { defineDiagnostics } from "../../diagnostics/define.ts";
import type { Finding } from "../../diagnostics/finding.ts";
import { factor, sentence } from "../../diagnostics/sentence.ts";
import { columnsOverlap } from "../../spec/column.ts";
import { axisPlace } from "./alike.ts";
import { type Rule, type RuleContext, type RuleModel, textAt } from "./context.ts";

/** Codes of engines on the GPUs that train their model. */
export const sharedGpuDiagnostics = defineDiagnostics("topology", {
  "shared-gpus": {
    severity: "error",
    message: ({ engine, model, trained }: SharedFacts) =>
      `engine \`${engine}\` of \`${model}\` can't share GPUs with \`${trained}\`, which trains on them`,
    help: () => "give the engine GPUs of its own, or let another one generate",
  },
  "shared-replicas": {
    severity: "error",
    message: ({ engine, model, trained, replicas, data }: SharedFacts & { replicas: number; data: number }) =>
      sentence`engine \`${engine}\` of \`${model}\` has ${factor("replicas", `dp ${replicas}`)} on the GPUs where \`${trained}\` trains with ${factor("data", `dp ${data}`)}: it shares GPUs with as many replicas only`,
    help: ({ replicas, data }) => `give both dp ${data} or both dp ${replicas}, or give the engine GPUs of its own`,
  },
});

type SharedFacts = { readonly engine: string; readonly model: string; readonly trained: string };

/** An engine shares GPUs with the training of its model only as its backend can. */
export const sharedGpus: Rule = (context) =>
  context.models.flatMap((engine): readonly Finding[] => {
    const sharing = engine.isEngine ? textAt(engine.supports, "sharing") : null;
    const trained = sharing === null ? undefined : trainedBeside(engine, context);
    if (trained === undefined) return [];
    const [replicas, data] = [engine.topo.data, trained.topo.data];
    const names = { engine: engine.backend, model: engine.name, trained: trained.name };
    const other = { at: axisPlace(trained, "data"), message: `\`${trained.name}\` trains with dp ${data}` };
    if (sharing === "never") {
      return [sharedGpuDiagnostics["shared-gpus"](names, { at: axisPlace(engine, "data"), related: [other] })];
    }
    if (replicas === data) return [];
    return [
      sharedGpuDiagnostics["shared-replicas"](
        { ...names, replicas, data },
        { at: axisPlace(engine, "data"), gives: ["replicas"], related: [{ ...other, gives: ["data"] }] },
      ),
    ];
  });

/** The model of the same role that is trained on GPUs of an engine. */
function trainedBeside({ shards }: RuleModel, { models, calls }: RuleContext): RuleModel | undefined {
  const isTrained = (name: string) =>
    calls.some(({ call, model }) => call.interfaceType === "trainStep" && model?.name === name);
  return models.find(
    (other) =>
      !other.isEngine &&
      other.shards.role === shards.role &&
      isTrained(other.name) &&
      columnsOverlap(other.shards.workers, shards.workers),
  );
}
