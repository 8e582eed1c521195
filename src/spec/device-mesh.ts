import { at, type Finding, type Result } from "../diagnostics/finding.ts";
import { meshDiagnostics } from "./mesh-diagnostics.ts";
import { noun } from "./noun.ts";
import { parseNodeList } from "./node-list.ts";

/** A run of GPUs without a gap, counted over nodes in row-major order: part of one node, or whole nodes. */
export interface DeviceMesh {
  readonly nNodes: number;
  readonly gpusPerNode: number;
  /** Number of the first GPU. */
  readonly first: number;
  readonly count: number;
}

/** Makes a mesh; all GPUs unless told otherwise. */
export function deviceMesh(input: Pick<DeviceMesh, "nNodes" | "gpusPerNode"> & Partial<DeviceMesh>): DeviceMesh {
  const mesh: DeviceMesh = { first: 0, count: input.nNodes * input.gpusPerNode, ...input };
  return noun(deviceMesh, mesh, { findings: meshFindings(mesh) });
}

/** What is wrong with a mesh; pointers are relative to it. */
export function meshFindings({ nNodes, gpusPerNode, first, count }: DeviceMesh, name = "the mesh"): readonly Finding[] {
  if (gpusPerNode < 1 || (gpusPerNode & (gpusPerNode - 1)) !== 0) {
    return [meshDiagnostics["gpus-not-power-of-two"]({ gpusPerNode }, { at: at("/gpusPerNode") })];
  }
  if (count < 1) return [meshDiagnostics["not-contiguous"]({ name }, { at: at("/count") })];
  const whole = first % gpusPerNode === 0 && count % gpusPerNode === 0;
  const inside = first >= 0 && first + count <= nNodes * gpusPerNode;
  if ((count >= gpusPerNode && !whole) || !inside) {
    return [meshDiagnostics["partial-nodes"]({ gpus: count, gpusPerNode }, { at: at("/count") })];
  }
  return [];
}

/** Makes a mesh of rows of zeros and ones, one row a node. */
export function meshFromRows(rows: readonly (readonly number[])[]): Result<DeviceMesh | null> {
  const gpusPerNode = rows[0]?.length ?? 0;
  const fail = (finding: Finding): Result<null> => ({ value: null, findings: [finding] });
  if (rows.some((row) => row.length !== gpusPerNode)) {
    return fail(meshDiagnostics.shape({ nodes: rows.length, gpusPerNode }, { at: at("") }));
  }
  const flat = rows.flat();
  const odd = flat.find((value) => value !== 0 && value !== 1);
  if (odd !== undefined) return fail(meshDiagnostics.values({ found: odd }, { at: at("") }));
  const first = flat.indexOf(1);
  const last = flat.lastIndexOf(1);
  const count = flat.filter((value) => value === 1).length;
  if (count === 0 || last - first + 1 !== count) {
    return fail(meshDiagnostics["not-contiguous"]({ name: "the mesh" }, { at: at("") }));
  }
  const mesh = { nNodes: rows.length, gpusPerNode, first, count };
  const findings = meshFindings(mesh);
  return { value: findings.length === 0 ? mesh : null, findings };
}

/** What a mesh's name is read against. */
export interface MeshNames {
  readonly nodelist: string;
  /** Node-name prefix of the cluster. */
  readonly prefix: string;
  /** Nodes of the cluster; their digits are the padding. */
  readonly clusterNodes: number;
  /** Nodes in use: the first of the list. */
  readonly nNodes: number;
  readonly gpusPerNode: number;
}

/**
 * The mesh of a name: `slurmd-01`, `slurmd-[01-02]`, or `slurmd-01:0,1` for part of one node. Findings are at pointer `""` for the
 * name, `"/nodelist"` for the list.
 */
export function meshFromName(name: string, names: MeshNames): Result<DeviceMesh | null> {
  const { nodelist, prefix, clusterNodes, nNodes, gpusPerNode } = names;
  const findings: Finding[] = [];
  const list = parseNodeList(nodelist, prefix, clusterNodes);
  findings.push(
    ...list.findings.map((finding) => ({
      ...finding,
      at: at("/nodelist", finding.at.kind === "pointer" ? finding.at.range : undefined),
    })),
  );
  const broken = () => findings.some(({ severity }) => severity === "error");
  if (broken()) return { value: null, findings };
  if (list.nodes.length < nNodes) {
    findings.push(
      meshDiagnostics["list-too-short"]({ nodelist, found: list.nodes.length, nNodes }, { at: at("/nodelist") }),
    );
    return { value: null, findings };
  }
  const colon = name.indexOf(":");
  const nodePart = colon < 0 ? name : name.slice(0, colon);
  const own = parseNodeList(nodePart, prefix, clusterNodes);
  // A list without brackets has its warning at the list already.
  findings.push(...own.findings.filter(({ severity }) => severity === "error" || nodePart !== nodelist));
  if (broken()) return { value: null, findings };
  const positions = own.nodes.map((node) => list.nodes.indexOf(node));
  const unknown = own.nodes[positions.indexOf(-1)];
  if (unknown !== undefined) {
    findings.push(meshDiagnostics["node-not-in-list"]({ node: unknown, nodelist }, { at: at("") }));
    return { value: null, findings };
  }
  if (own.nodes.length === 0) {
    findings.push(meshDiagnostics["no-nodes"]({ what: `\`${name}\`` }, { at: at("") }));
    return { value: null, findings };
  }
  const gpus = colon < 0 ? null : gpuIds(name, colon, gpusPerNode);
  if (gpus !== null && own.nodes.length > 1) {
    findings.push(meshDiagnostics["gpus-of-many-nodes"]({ name }, { at: at("") }));
    return { value: null, findings };
  }
  findings.push(...(gpus?.findings ?? []));
  if (broken()) return { value: null, findings };
  const numbers =
    gpus === null
      ? positions.flatMap((position) => Array.from({ length: gpusPerNode }, (_, gpu) => position * gpusPerNode + gpu))
      : gpus.ids.map((gpu) => (positions[0] ?? 0) * gpusPerNode + gpu);
  const distinct = [...new Set(numbers)].sort((a, b) => a - b);
  const first = distinct[0] ?? 0;
  if ((distinct.at(-1) ?? 0) - first + 1 !== distinct.length) {
    findings.push(meshDiagnostics["not-contiguous"]({ name }, { at: at("") }));
    return { value: null, findings };
  }
  const mesh: DeviceMesh = { nNodes: list.nodes.length, gpusPerNode, first, count: distinct.length };
  findings.push(...meshFindings(mesh, `\`${name}\``).map((finding) => ({ ...finding, at: at("") })));
  if (!broken() && first + distinct.length > nNodes * gpusPerNode) {
    findings.push(meshDiagnostics["outside-nodes"]({ name, nNodes }, { at: at("") }));
  }
  return { value: broken() ? null : mesh, findings };
}

/** The mesh as rows of zeros and ones. */
export function meshRows({ nNodes, gpusPerNode, first, count }: DeviceMesh): readonly (readonly number[])[] {
  return Array.from({ length: nNodes }, (_, node) =>
    Array.from({ length: gpusPerNode }, (__, gpu) => {
      const number = node * gpusPerNode + gpu;
      return number >= first && number < first + count ? 1 : 0;
    }),
  );
}

/** The first `size` GPUs and the rest; both must be meshes. */
export function splitMesh(mesh: DeviceMesh, size: number): Result<readonly [DeviceMesh, DeviceMesh] | null> {
  if (!(size >= 1 && size < mesh.count)) {
    return { value: null, findings: [meshDiagnostics["split-size"]({ size, gpus: mesh.count }, { at: at("") })] };
  }
  const head = { ...mesh, count: size };
  const tail = { ...mesh, first: mesh.first + size, count: mesh.count - size };
  const findings = [...meshFindings(head), ...meshFindings(tail)].slice(0, 1);
  return { value: findings.length === 0 ? [head, tail] : null, findings };
}

/** True if two meshes share a GPU. */
export function overlaps(a: DeviceMesh, b: DeviceMesh): boolean {
  return a.first < b.first + b.count && b.first < a.first + a.count;
}

/** True if every GPU of `inner` is in `outer`. */
export function isInside(inner: DeviceMesh, outer: DeviceMesh): boolean {
  return inner.first >= outer.first && inner.first + inner.count <= outer.first + outer.count;
}

function gpuIds(
  name: string,
  colon: number,
  gpusPerNode: number,
): { readonly ids: readonly number[]; readonly findings: readonly Finding[] } {
  const findings: Finding[] = [];
  let offset = colon + 1;
  const ids = name
    .slice(colon + 1)
    .split(",")
    .map((text) => {
      const id = /^\s*\d+\s*$/.test(text) ? Number(text) : Number.NaN;
      if (!(id < gpusPerNode)) {
        findings.push(
          meshDiagnostics["gpu-id"](
            { found: text, gpusPerNode },
            { at: at("", { offset, length: Math.max(1, text.length) }) },
          ),
        );
      }
      offset += text.length + 1;
      return id;
    });
  return { ids, findings };
}
