import type { Finding } from "../diagnostics/finding.ts";
import { nearest } from "../diagnostics/nearest.ts";

/** Takes out what follows from another finding: an author should see each mistake once. */
export function withoutConsequences(findings: readonly Finding[]): readonly Finding[] {
  const follows = [
    ...followsFromRole(findings),
    ...followsFromSetup(findings),
    ...followsFromKey(findings),
    ...followsFromOption(findings),
    ...followsFromSizes(findings),
  ];
  return follows.length === 0 ? findings : findings.filter((finding) => !follows.some((test) => test(finding)));
}

type Test = (finding: Finding) => boolean;

/**
 * A role that can't be told from its replica may be any replica of any role; one without a model has no shards; calls of
 * one whose replicas have a gap can't number them without it; a replica whose id is none is no replica that anyone holds.
 */
function followsFromRole(findings: readonly Finding[]): readonly Test[] {
  const unnamed = findings.some(({ code }) => code === "model/at-in-role");
  const without = new Set(
    findings.flatMap(({ code, data }) => (code === "dsl/unknown-role" ? [String(data["role"])] : [])),
  );
  const gaps = new Set(findings.flatMap(({ code, data }) => (code === "model/replica-gap" ? [data["role"]] : [])));
  const misnumbered = findings.filter(({ code }) => code === "model/replica-id").map(({ data }) => data);
  return [
    ...(unnamed ? [({ code }: Finding) => FROM_NAMES.has(code)] : []),
    ...(gaps.size === 0
      ? []
      : [({ code, data }: Finding) => code === "graph/replica-not-called" && gaps.has(data["role"])]),
    ...(without.size === 0
      ? []
      : [({ code, data }: Finding) => code === "graph/model-without-shards" && without.has(roleOf(data["model"]))]),
    ...misnumbered.map(
      ({ role, replicaId }): Test =>
        ({ code, data }) =>
          (code === "graph/model-without-shards" && data["model"] === `${String(role)}@${String(replicaId)}`) ||
          (code === "graph/replica-not-called" && data["role"] === role),
    ),
  ];
}

/** The role of a model's name in text form. */
function roleOf(model: unknown): string {
  return String(model).slice(0, String(model).lastIndexOf("@"));
}

/** Without calls every role is without one; a role without shards and one without a call that are named alike are the same. */
function followsFromSetup(findings: readonly Finding[]): readonly Test[] {
  const empty = new Set(findings.flatMap((finding) => (finding.code === "graph/no-calls" ? [setupOf(finding)] : [])));
  const needed = findings.filter(({ code }) => code === "graph/model-without-shards");
  return [
    (finding) => finding.code === "graph/role-without-call" && empty.has(setupOf(finding)),
    (finding) =>
      finding.code === "graph/role-without-call" &&
      needed.some(
        (other) =>
          setupOf(other) === setupOf(finding) &&
          nearest(roleOf(other.data["model"]), [String(finding.data["role"])]).length > 0,
      ),
  ];
}

/** Number of the setup that a finding is in, as text; empty if it is in none. */
function setupOf({ at }: Finding): string {
  return at.kind === "pointer" ? (/^\/setups\/(\d+)/.exec(at.pointer)?.[1] ?? "") : "";
}

/** Nothing of a layout's size can be told where the nodes are not those that were meant. */
function followsFromSizes(findings: readonly Finding[]): readonly Test[] {
  const unknown = findings.some(({ code, data }) => {
    const path = String(data["path"]);
    if (code === "option/unknown") return nearest(path, SIZE_OPTIONS).length > 0;
    return code === "config/unknown-cluster" || (code.startsWith("option/") && SIZE_OPTIONS.has(path));
  });
  return [...(unknown ? [({ code }: Finding) => FROM_SIZES.has(code)] : []), ...followsFromTensorSizes(findings)];
}

/** Tensor sizes that can't stay need not fit nodes. */
function followsFromTensorSizes(findings: readonly Finding[]): readonly Test[] {
  const wrong = new Set(
    findings.flatMap(({ code, data }) => (code === "graph/tensor-sizes" ? [data["own"], data["other"]] : [])),
  );
  if (wrong.size === 0) return [];
  return [
    ({ code, data }) =>
      code === "topology/tensor-across-nodes" && [data["models"]].flat().some((model) => wrong.has(model)),
  ];
}

/** Options that say on which GPUs an experiment runs. */
const SIZE_OPTIONS: ReadonlySet<string> = new Set(["cluster", "nNodes", "nGpusPerNode"]);

/** Findings that compare layouts and meshes with the nodes in use. */
const FROM_SIZES: ReadonlySet<string> = new Set([
  "allocation/gpu-product",
  "allocation/generate-size",
  "allocation/heuristic-gpus",
  "allocation/local-multi-node",
  "allocation/partial-nodes",
  "allocation/too-many-gpus-per-node",
  "allocation/too-many-nodes",
  "mesh/gpu-id",
  "mesh/gpus-not-power-of-two",
  "mesh/list-too-short",
  "mesh/node-not-in-list",
  "mesh/node-prefix",
  "mesh/outside-nodes",
  "mesh/partial-nodes",
  "mesh/product",
  "mesh/split-size",
  "topology/tensor-across-nodes",
]);

/** An option outside of its range is a mistake where it is set, not once more where a call or a plugin takes its value. */
function followsFromOption(findings: readonly Finding[]): readonly Test[] {
  const ranges = findings.filter(({ code }) => code === "option/range");
  if (ranges.length === 0) return [];
  const wrong = new Set(ranges.map(({ data }) => data["found"]));
  // What stands in for a wrong default need not be enough.
  const standIns = new Set(ranges.flatMap(({ data }) => data["standIn"] ?? []));
  return [
    ({ code, data }) => code === "call/n-seqs" && wrong.has(data["nSeqs"]),
    ({ code, data }) => code === "allocation/batch-too-small" && standIns.has(data["nSeqs"] as never),
    ({ code, data }) => code === "plugin/args" && wrong.has(data["found"]),
  ];
}

/** Findings that compare names of models. */
const FROM_NAMES: ReadonlySet<string> = new Set([
  "model/replica-gap",
  "graph/model-without-shards",
  "graph/role-without-call",
  "graph/replica-not-called",
]);

/** A key that an interface does not know is not produced either, and is not the one that was needed or given. */
function followsFromKey(findings: readonly Finding[]): readonly Test[] {
  const wrong = findings.filter(({ code }) => code === "plugin/interface-key");
  if (wrong.length === 0) return [];
  const places = new Set(wrong.map(({ at }) => JSON.stringify(at)));
  const meant = (direction: string, key: unknown, call?: unknown) =>
    wrong.some(
      ({ data }) =>
        data["direction"] === direction &&
        (call === undefined || data["call"] === call) &&
        nearest(String(data["key"]), [String(key)]).length > 0,
    );
  return [
    ({ code, at }) => code === "graph/unproduced-key" && places.has(JSON.stringify(at)),
    ({ code, data }) => code === "graph/unproduced-key" && meant("yield", data["key"]),
    ({ code, data }) => code === "plugin/missing-key" && meant("read", data["key"], data["call"]),
  ];
}
