import type { Finding } from "../diagnostics/finding.ts";
import { at, atOption } from "../diagnostics/finding.ts";
import type { Authored } from "../manifest/format.ts";
import { callFindings, hookFindings, type ModelFunctionCall } from "../spec/call.ts";
import { clusterFindings } from "../spec/cluster.ts";
import { configDiagnostics, schedulingDiagnostics } from "../spec/diagnostics.ts";
import { modelNameFindings } from "../spec/model-name.ts";
import { type ExperimentScheduling, groupsOf, schedulingFindings } from "../spec/scheduling.ts";
import { WORKER_KINDS } from "../spec/worker.ts";
import { rooted } from "./shards.ts";

/**
 * What is wrong with the nouns themselves. It is worked out from the data, so a manifest made by another tool is
 * proved as one from a class is.
 */
export function checkNouns(authored: Authored): readonly Finding[] {
  return [
    ...nameFindings(authored),
    ...rooted(clusterFindings(authored.cluster), "/cluster"),
    ...schedulings(authored.scheduling),
    ...authored.setups.flatMap(({ modelRpcs }, setup) =>
      modelRpcs.flatMap((call, index) => oneCall(call, `/setups/${setup}/modelRpcs/${index}`)),
    ),
  ];
}

/** What is wrong with the name of an experiment or a trial: it becomes part of paths, job names and worker names. */
export function nameProblem(name: string): string | null {
  if (name === "") return "is empty";
  if (name.includes("_")) return "contains `_`, which separates the parts of a worker's name";
  if (name.startsWith("-")) return "starts with `-`, which command lines take for an option";
  if (/[\s/]/.test(name)) return "contains white space or `/`";
  return null;
}

/** The names that a trial goes by: the registered one, and those that options give in its place. */
function nameFindings({ experiment, launch }: Authored): readonly Finding[] {
  const names = [
    ["experiment", experiment, { kind: "class" }],
    ["experiment", launch["experimentName"], atOption("experimentName")],
    ["trial", launch["trialName"], atOption("trialName")],
  ] as const;
  return names.flatMap(([kind, name, place]) => {
    const problem = typeof name === "string" ? nameProblem(name) : null;
    return problem === null ? [] : [configDiagnostics.name({ kind, name: String(name), problem }, { at: place })];
  });
}

function schedulings(scheduling: ExperimentScheduling): readonly Finding[] {
  return WORKER_KINDS.flatMap((kind) => {
    const groups = scheduling[kind];
    const listed = Array.isArray(groups);
    return groupsOf(groups).flatMap((group, index) => {
      const pointer = `/scheduling/${kind}${listed ? `/${index}` : ""}`;
      const count =
        Number.isSafeInteger(group.count) && group.count >= 0
          ? []
          : [schedulingDiagnostics.count({ found: group.count }, { at: at(`${pointer}/count`), gives: ["found"] })];
      return [...count, ...rooted(schedulingFindings(group.scheduling), `${pointer}/scheduling`)];
    });
  });
}

function oneCall(call: ModelFunctionCall, pointer: string): readonly Finding[] {
  const model = typeof call.modelName === "string" ? { role: call.modelName, replicaId: 0 } : call.modelName;
  const name = modelNameFindings(model.role, model.replicaId);
  const hooks = (["preHooks", "postHooks"] as const).flatMap((side) =>
    call[side].flatMap((hook, index) => rooted(hookFindings(hook), `${pointer}/${side}/${index}`)),
  );
  // A plain string has no fields of its own: its findings land on the string.
  const named =
    typeof call.modelName === "string"
      ? name.map((finding) => ({
          ...finding,
          at: at(`${pointer}/modelName`, finding.at.kind === "pointer" ? finding.at.range : undefined),
        }))
      : rooted(name, `${pointer}/modelName`);
  return [...rooted(callFindings(call), pointer), ...named, ...hooks];
}
