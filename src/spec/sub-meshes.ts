import { at, type Finding, type Result } from "../diagnostics/finding.ts";
import type { Layout3D } from "./allocation-mode.ts";
import type { DeviceMesh } from "./device-mesh.ts";
import { meshDiagnostics } from "./mesh-diagnostics.ts";

/** Sub-mesh sizes below a node: `min`, twice that, and so on. */
function sizesBelow(min: number, limit: number): readonly number[] {
  const sizes: number[] = [];
  for (let size = min; size < limit; size *= 2) sizes.push(size);
  return sizes;
}

/** Numbers of the nodes that a mesh has GPUs of, with its own part of each. */
function nodesOf({
  gpusPerNode,
  first,
  count,
}: DeviceMesh): readonly { readonly first: number; readonly end: number }[] {
  const parts: { first: number; end: number }[] = [];
  for (let at = first; at < first + count;) {
    const end = Math.min(first + count, (Math.floor(at / gpusPerNode) + 1) * gpusPerNode);
    parts.push({ first: at, end });
    at = end;
  }
  return parts;
}

function subMeshSize(min: number, gpusPerNode: number): readonly Finding[] {
  if (Number.isSafeInteger(min) && min >= 1 && (gpusPerNode % min === 0 || min % gpusPerNode === 0)) return [];
  return [meshDiagnostics["whole-nodes"]({ what: "a sub-mesh", gpus: min, gpusPerNode }, { at: at("") })];
}

/**
 * Sub-meshes of at least `min` GPUs as the reference lists them. On a node these step on to the node's end, even beyond the
 * mesh; the runs of whole nodes are counted from node 0, even where the mesh starts later or holds only part of a node. See
 * {@link subMeshesInside} for those that lie in the mesh.
 *
 * `min` must divide a node's GPUs or be a multiple of them (`mesh/whole-nodes`).
 */
export function subMeshes(mesh: DeviceMesh, min: number): Result<readonly DeviceMesh[] | null> {
  const { gpusPerNode, count } = mesh;
  const findings = subMeshSize(min, gpusPerNode);
  if (findings.length > 0) return { value: null, findings };
  const nodes = nodesOf(mesh);
  const parts = nodes.flatMap(({ first }) => {
    const nodeEnd = (Math.floor(first / gpusPerNode) + 1) * gpusPerNode;
    return sizesBelow(min, Math.min(gpusPerNode, count)).flatMap((size) =>
      stepping(first, nodeEnd, size).map((start) => ({
        ...mesh,
        first: start,
        count: Math.min(size, nodeEnd - start),
      })),
    );
  });
  return { value: [...parts, ...runsOfNodes(mesh, 0, nodes.length)], findings };
}

/** Sub-meshes of at least `min` GPUs that lie in the mesh: parts of a node, then runs of its whole nodes, shortest first. */
export function subMeshesInside(mesh: DeviceMesh, min: number): Result<readonly DeviceMesh[] | null> {
  const { gpusPerNode } = mesh;
  const findings = subMeshSize(min, gpusPerNode);
  if (findings.length > 0) return { value: null, findings };
  const nodes = nodesOf(mesh);
  const parts = nodes.flatMap(({ first, end }) =>
    sizesBelow(min, gpusPerNode).flatMap((size) =>
      stepping(first, end, size)
        .filter((start) => start + size <= end)
        .map((start) => ({ ...mesh, first: start, count: size })),
    ),
  );
  const whole = nodes.filter(({ first, end }) => end - first === gpusPerNode);
  const runs = runsOfNodes(mesh, (whole[0]?.first ?? 0) / gpusPerNode, whole.length);
  return { value: [...parts, ...runs.filter(({ count }) => count >= min)], findings };
}

function stepping(first: number, end: number, step: number): readonly number[] {
  return Array.from({ length: Math.ceil((end - first) / step) }, (_, index) => first + index * step);
}

/** Every run of whole nodes among `count` nodes from `node` on, by length, then by start. */
function runsOfNodes(mesh: DeviceMesh, node: number, count: number): readonly DeviceMesh[] {
  const { gpusPerNode } = mesh;
  return Array.from({ length: count }, (_, index) => index + 1).flatMap((length) =>
    Array.from({ length: count - length + 1 }, (_, start) => ({
      ...mesh,
      first: (node + start) * gpusPerNode,
      count: length * gpusPerNode,
    })),
  );
}

/**
 * Layouts that fill a mesh: tensor sizes 1, 2, 4 and 8, then pipeline sizes upwards where the GPUs of a stage are 1, 2, 4, 8
 * or a multiple of 8; the rest is data parallel.
 */
export function parallelStrategies({ count }: Pick<DeviceMesh, "count">): readonly Layout3D[] {
  const strategies: Layout3D[] = [];
  for (const tensor of [1, 2, 4, 8]) {
    if (count % tensor !== 0) continue;
    const rest = count / tensor;
    for (let pipe = 1; pipe <= rest; pipe += 1) {
      const stage = count / pipe;
      if (rest % pipe === 0 && ([1, 2, 4].includes(stage) || stage % 8 === 0)) {
        strategies.push({ data: rest / pipe, pipe, tensor });
      }
    }
  }
  return strategies;
}
