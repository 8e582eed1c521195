import { defineDiagnostics } from "../../diagnostics/define.ts";
import { atOption, type Finding } from "../../diagnostics/finding.ts";
import { factor, sentence } from "../../diagnostics/sentence.ts";
import type { Authored } from "../../manifest/format.ts";
import { groupsOf } from "../../spec/scheduling.ts";
import { WORKER_KINDS } from "../../spec/worker.ts";

/** Codes of the folder that workers share. */
export const folderDiagnostics = defineDiagnostics("config", {
  "local-fileroot": {
    severity: "error",
    message: ({
      cluster,
      fileroot,
      nodes,
      problem,
    }: {
      cluster: string;
      fileroot: string;
      nodes: number;
      problem: string;
    }) =>
      sentence`workers run on ${factor("nodes", `${nodes} nodes`)}, but \`fileroot\` ${JSON.stringify(fileroot)} of cluster \`${cluster}\` ${problem}`,
    help: () => "set `fileroot` to a folder that all nodes mount",
  },
});

/** Folders that every node has for itself. */
const LOCAL = /^\/(?:tmp|var\/tmp|dev\/shm|run|proc|sys|scratch\/local|local)(?:\/|$)/;

/** Workers of several nodes find one another, and checkpoints, in a folder that all of them see. */
export function sharedFolder({ cluster, scheduling }: Authored): readonly Finding[] {
  const { fileroot, gpusPerNode } = cluster;
  if (typeof fileroot !== "string" || !Number.isSafeInteger(gpusPerNode) || gpusPerNode < 1) return [];
  const gpus = WORKER_KINDS.flatMap((kind) => groupsOf(scheduling[kind])).reduce(
    (sum, { count, scheduling: each }) => sum + (count > 0 && each.gpu > 0 ? count * each.gpu : 0),
    0,
  );
  const nodes = Math.ceil(gpus / gpusPerNode);
  const problem = problemOf(fileroot);
  if (!(nodes > 1) || problem === null) return [];
  const data = { cluster: cluster.name, fileroot, nodes, problem };
  const related = [{ at: atOption("cluster"), message: `${gpus} GPUs on nodes of ${gpusPerNode}`, gives: ["nodes"] }];
  return [folderDiagnostics["local-fileroot"](data, { at: atOption("cluster"), related })];
}

function problemOf(fileroot: string): string | null {
  if (fileroot === "") return "is empty";
  if (!fileroot.startsWith("/") && !fileroot.includes("://")) return "is no absolute path";
  return LOCAL.test(fileroot) ? "is a folder that each node has for itself" : null;
}
