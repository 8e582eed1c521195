import { at, type Finding } from "../diagnostics/finding.ts";
import { callModelName, type ModelFunctionCall } from "../spec/call.ts";
import { modelNameText, parseModelName } from "../spec/model-name.ts";
import { graphDiagnostics } from "./diagnostics.ts";
import type { ModelShards, Shards } from "./shards.ts";

/** Names whose parameters are made at start. */
export interface Instantiation {
  readonly names: readonly string[];
  readonly findings: readonly Finding[];
}

/**
 * A role that is trained makes the replica that trains; the others receive its parameters. A role that is not trained
 * makes as many replicas, from 0, as its calls use.
 */
export function namesToInstantiate(
  calls: readonly ModelFunctionCall[],
  shards: Shards | null,
  base: string,
): Instantiation {
  const findings: Finding[] = [];
  const names: string[] = [];
  const models = [...(shards?.models.values() ?? [])];
  const roles = new Set(calls.map((call) => callModelName(call).role));
  for (const role of [...roles].sort()) {
    const own = calls.flatMap((call, index) => (callModelName(call).role === role ? [{ call, index }] : []));
    const [train, ...others] = own.filter(({ call }) => call.interfaceType === "trainStep");
    // A second call of the same name is a mistake of its own.
    const second = others.find(({ call }) => call.name !== train?.call.name);
    if (train !== undefined && second !== undefined) {
      findings.push(
        graphDiagnostics["two-train-steps"](
          { role, first: train.call.name, second: second.call.name },
          {
            at: at(`${base}/modelRpcs/${second.index}`),
            related: [{ at: at(`${base}/modelRpcs/${train.index}`), message: "trained here as well" }],
          },
        ),
      );
    }
    if (train !== undefined) {
      names.push(modelNameText(callModelName(train.call)));
      continue;
    }
    const used = [...new Set(own.map(({ call }) => callModelName(call).replicaId))].sort((a, b) => a - b);
    const made = used.map((_, replicaId) => replicaId);
    names.push(...made.map((replicaId) => modelNameText({ role, replicaId })));
    // An id that is no whole number has a finding of its own.
    if (used.join() !== made.join() && used.every((id) => Number.isSafeInteger(id) && id >= 0)) {
      findings.push(
        graphDiagnostics["replica-not-called"](
          { role, made: replicas(made), called: replicas(used) },
          { at: at(`${base}/modelRpcs/${own[0]?.index ?? 0}/modelName`), gives: ["called"] },
        ),
      );
    }
  }
  for (const role of new Set(models.map((model) => model.role))) {
    if (roles.has(role)) continue;
    const held = models.find((model) => model.role === role) as ModelShards;
    findings.push(graphDiagnostics["role-without-call"]({ role }, { at: at(`${held.pointer}/modelName`) }));
  }
  return { names: names.sort(byRoleThenReplica), findings };
}

function replicas(ids: readonly number[]): string {
  return `${ids.length === 1 ? "replica" : "replicas"} ${ids.join(", ")}`;
}

function byRoleThenReplica(a: string, b: string): number {
  const left = parseModelName(a);
  const right = parseModelName(b);
  if (left.role !== right.role) return left.role < right.role ? -1 : 1;
  return left.replicaId - right.replicaId;
}
