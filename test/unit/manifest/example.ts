import type { ManifestParts } from "../../../src/manifest/seal.ts";
import { modelFunctionCall } from "../../../src/spec/call.ts";
import { experimentConfig } from "../../../src/spec/experiment-config.ts";
import { modelName } from "../../../src/spec/model-name.ts";
import { coordinatesOf, processTopology } from "../../../src/spec/topology.ts";
import { generationServer, modelShard, modelShardId, modelWorker } from "../../../src/spec/worker.ts";
import { authoredOf, resolvedSetupOf } from "./random-manifest.ts";

/** Rank of `actor` on each of six workers; the last two hold none. */
const ACTOR_RANKS = [3, 0, 1, 2];

/** The manifest of `docs/manifest.md`: six model workers, of which four hold a shuffled `actor` and two a `ref`. */
export function exampleParts(): ManifestParts {
  const actor = processTopology({ layout: "pipe-data-tensor", pipe: 1, data: 2, tensor: 2 });
  const ref = processTopology({ layout: "data-pipe-tensor", pipe: 1, data: 2, tensor: 1 });
  const model = { type: "real_model", args: { modelPath: "${cluster.fileroot}/models/actor" } };
  const workers = Array.from({ length: 6 }, (_, index) => {
    const [name, topo, rank] =
      index < ACTOR_RANKS.length
        ? (["actor", actor, ACTOR_RANKS[index] ?? 0] as const)
        : (["ref", ref, index - 4] as const);
    const at = coordinatesOf(topo, rank);
    const id = { modelName: modelName(name), topo, dpRank: at.data, tpRank: at.tensor, ppRank: at.pipe };
    return modelWorker({
      baseSeed: 1,
      shards: [modelShard({ id: modelShardId(id), model, backend: { type: "megatron", args: {} } })],
    });
  });
  const config = experimentConfig({
    modelWorker: workers,
    generationServer: [4, 5, 6].map((baseSeed) =>
      generationServer({
        baseSeed,
        backendType: "sglang",
        backendArgs: {},
        modelPath: "${cluster.fileroot}/models/actor",
        tpSize: 1,
      }),
    ),
    modelRpcs: [
      modelFunctionCall({
        name: "actor_train",
        nSeqs: 8,
        interfaceType: "trainStep",
        interfaceImpl: { type: "ppo_actor", args: { tracker: "${secret:TRACKER_KEY}" } },
        modelName: "actor",
        inputKeys: ["packed_input_ids"],
      }),
    ],
  });
  return {
    name: "example",
    preset: "one-node",
    declared: {
      file: "experiments/example.ts",
      line: 12,
      className: "Example",
      doc: "Six workers.",
      tags: [],
      presets: ["one-node"],
      options: [{ path: "actor.optimizer.lr", type: "number", help: "Learning rate.", range: "> 0" }],
    },
    authored: {
      ...authoredOf("example", "/storage/${user}", [config]),
      findings: [
        {
          code: "dataset/path-empty",
          severity: "warning",
          message: "a warning",
          data: { role: "ref" },
          at: {
            kind: "pointer",
            pointer: "/setups/0/modelRpcs/0/name",
            part: "value",
            range: { offset: 0, length: 5 },
          },
          related: [
            { at: { kind: "option", path: "actor.path" }, message: "by option" },
            { at: { kind: "class" }, message: "by class" },
            {
              at: { kind: "site", frames: [{ file: "a.ts", line: 1, column: 2 }], path: [0, "x"] },
              message: "by site",
            },
            { at: { kind: "span", span: { file: "a.ts", line: 1, column: 2, length: 0 } }, message: "by span" },
            { at: { kind: "nowhere", reason: "made by hand" }, message: "by nothing" },
          ],
          notes: ["a note"],
          help: "do something",
          fix: "text",
        },
      ],
    },
    resolved: {
      setups: [resolvedSetupOf(config, ["actor@0", "ref@0"])],
      reach: { proved: ["dataflow graph"], assumed: [], notChecked: ["memory: no model card"] },
    },
  };
}
