import { defineDiagnostics } from "../../diagnostics/define.ts";
import type { Finding } from "../../diagnostics/finding.ts";
import { factor, sentence } from "../../diagnostics/sentence.ts";
import { lowestOf } from "../../spec/column.ts";
import { namesInTicks } from "../../spec/diagnostics.ts";
import { alike, axisPlace, choiceText, namesOf, nearestDivisors, ownModels } from "./alike.ts";
import { ofCluster, type Rule, type RuleContext, type RuleModel } from "./context.ts";

/** Codes of tensor ranks on several nodes. */
export const tensorNodeDiagnostics = defineDiagnostics("topology", {
  "tensor-across-nodes": {
    severity: "warning",
    message: ({ models, tensor, first, gpusPerNode }: TensorFacts) =>
      sentence`tensor ranks of ${namesInTicks(models)} lie on several nodes: GPUs ${first} to ${first + tensor - 1} are a group of ${factor("tensor", `tensor size ${tensor}`)}, and nodes have ${factor("gpusPerNode", `${gpusPerNode} GPUs`)}: each layer waits for the network`,
    help: ({ tensor, gpusPerNode }) =>
      gpusPerNode % tensor === 0
        ? `let its GPUs begin at a multiple of ${tensor}`
        : `use a tensor size of ${choiceText(nearestDivisors(Math.min(tensor, gpusPerNode + 1), gpusPerNode))}`,
  },
});

type TensorFacts = {
  readonly models: readonly string[];
  readonly tensor: number;
  /** First GPU of a group that lies on several nodes. */
  readonly first: number;
  readonly gpusPerNode: number;
};

/** Tensor ranks, which talk in every layer, lie on one node, or take whole nodes. Engines have a rule of their own. */
export const tensorOnNodes: Rule = (context) => {
  const { gpusPerNode, name } = context.authored.cluster;
  return alike(
    gpuPerWorker(context) ? ownModels(context) : [],
    (model) => {
      const first = straddling(model, gpusPerNode);
      return first === null ? null : String(first);
    },
    (model, all, related): Finding =>
      tensorNodeDiagnostics["tensor-across-nodes"](
        {
          models: namesOf(all),
          tensor: model.topo.tensor,
          first: straddling(model, gpusPerNode) ?? 0,
          gpusPerNode,
        },
        {
          at: axisPlace(model, "tensor"),
          gives: ["tensor"],
          related: [
            ...related,
            { at: ofCluster(), message: `nodes of \`${name}\` have ${gpusPerNode} GPUs`, gives: ["gpusPerNode"] },
          ],
        },
      ),
    (model) => axisPlace(model, "tensor"),
  );
};

/** Whether workers are GPUs in the order of nodes. */
function gpuPerWorker({ authored: { scheduling } }: RuleContext): boolean {
  const groups = [scheduling.modelWorker].flat();
  return groups.every((group) => group?.scheduling.gpu === 1);
}

/** First GPU of a tensor group on several nodes that does not take them whole; `null` if there is none. */
function straddling({ topo, shards }: RuleModel, gpusPerNode: number): number | null {
  const { tensor } = topo;
  const start = lowestOf(shards.workers);
  // Ranks in another order than GPUs are not laid out by Assay: nothing is claimed of them.
  if (start === undefined || shards.workers.includes(",") || tensor === 1) return null;
  const groups = Math.min(topo.data * topo.pipe, gpusPerNode);
  for (let group = 0; group < groups; group += 1) {
    const first = start + group * tensor;
    const last = first + tensor - 1;
    const isWhole = first % gpusPerNode === 0 && (last + 1) % gpusPerNode === 0;
    if (Math.floor(first / gpusPerNode) !== Math.floor(last / gpusPerNode) && !isWhole) return first;
  }
  return null;
}
