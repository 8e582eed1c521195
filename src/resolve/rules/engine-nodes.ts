import { defineDiagnostics } from "../../diagnostics/define.ts";
import type { Finding } from "../../diagnostics/finding.ts";
import { factor, sentence } from "../../diagnostics/sentence.ts";
import { namesInTicks } from "../../spec/diagnostics.ts";
import { alike, axisPlace, namesOf } from "./alike.ts";
import { ofCluster, type Rule } from "./context.ts";

/** Codes of engines that no node holds. */
export const engineNodeDiagnostics = defineDiagnostics("topology", {
  "engine-across-nodes": {
    severity: "error",
    message: ({ models, tensor, gpusPerNode }: { models: readonly string[]; tensor: number; gpusPerNode: number }) =>
      sentence`the engine of ${namesInTicks(models)} takes ${factor("tensor", `tensor size ${tensor}`)}, more than the ${factor("gpusPerNode", `${gpusPerNode} GPUs`)} of a node`,
    help: ({ gpusPerNode }) => `use a tensor size of at most ${gpusPerNode}, and more data ranks`,
  },
});

/** The tensor ranks of an engine lie on one node. */
export const enginesOnNodes: Rule = ({ models, authored: { cluster } }) =>
  alike(
    models,
    ({ isEngine, topo }) => (isEngine && topo.tensor > cluster.gpusPerNode ? "across" : null),
    (model, all, related): Finding =>
      engineNodeDiagnostics["engine-across-nodes"](
        { models: namesOf(all), tensor: model.topo.tensor, gpusPerNode: cluster.gpusPerNode },
        {
          at: axisPlace(model, "tensor"),
          gives: ["tensor"],
          related: [
            ...related,
            {
              at: ofCluster(),
              message: `nodes of \`${cluster.name}\` have ${cluster.gpusPerNode} GPUs`,
              gives: ["gpusPerNode"],
            },
          ],
        },
      ),
    (model) => axisPlace(model, "tensor"),
  );
