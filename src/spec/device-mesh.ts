import { at, type Finding, hasErrors, type Result } from "../diagnostics/finding.ts";
import { meshDiagnostics } from "./mesh-diagnostics.ts";
import { formatNodeList, parseNodeList, under } from "./node-list.ts";
import { noun } from "./noun.ts";

/**
 * A run of GPUs without a gap, counted over nodes in row-major order: part of one node, or whole nodes. It stands for
 * `nNodes` rows of `gpusPerNode` zeros and ones, see {@link meshRows}.
 */
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

/** What is wrong with a mesh; pointers are relative to it. At most one finding: each check rests on those before it. */
export function meshFindings(mesh: DeviceMesh, name = "the mesh"): readonly Finding[] {
  const { nNodes, gpusPerNode, first, count } = mesh;
  const whole = (value: number, least: number) => Number.isSafeInteger(value) && value >= least;
  if (!whole(nNodes, 1)) return [shapeFinding("a whole number of nodes from 1", String(nNodes), "/nNodes")];
  if (!whole(gpusPerNode, 1) || !Number.isInteger(Math.log2(gpusPerNode))) {
    return [meshDiagnostics["gpus-not-power-of-two"]({ gpusPerNode }, { at: at("/gpusPerNode") })];
  }
  if (count === 0) return [meshDiagnostics["not-contiguous"]({ name, gpus: 0 }, { at: at("/count") })];
  if (!whole(first, 0) || !whole(count, 1) || first + count > nNodes * gpusPerNode) {
    return [shapeFinding(`GPUs 0 to ${nNodes * gpusPerNode - 1}`, `${count} GPUs from ${first} on`, "/count")];
  }
  if (count >= gpusPerNode && (first % gpusPerNode !== 0 || count % gpusPerNode !== 0)) {
    return [meshDiagnostics["partial-nodes"]({ gpus: count, first, gpusPerNode }, { at: at("/count") })];
  }
  return [];
}

function shapeFinding(expected: string, found: string, pointer: string): Finding {
  return meshDiagnostics.shape({ expected, found }, { at: at(pointer) });
}

/** Makes a mesh of rows of zeros and ones, one row a node. Places are at the rows as a whole. */
export function meshFromRows(rows: readonly (readonly number[])[]): Result<DeviceMesh | null> {
  const fail = (finding: Finding): Result<null> => ({ value: null, findings: [finding] });
  const [{ length: gpusPerNode } = [], ...others] = rows;
  if (others.some((row) => row.length !== gpusPerNode)) {
    const found = rows.map((row) => row.length).join(", ");
    return fail(shapeFinding("the same number of GPUs in each row", found, ""));
  }
  const flat = rows.flat();
  const odd = flat.find((value) => value !== 0 && value !== 1);
  if (odd !== undefined) return fail(meshDiagnostics.values({ found: odd }, { at: at("") }));
  const count = flat.filter((value) => value === 1).length;
  const mesh = { nNodes: rows.length, gpusPerNode, first: Math.max(0, flat.indexOf(1)), count };
  const [shape] = meshFindings({ ...mesh, first: 0, count: rows.length * gpusPerNode });
  if (shape !== undefined) return fail({ ...shape, at: at("") });
  if (count > 0 && flat.lastIndexOf(1) - mesh.first + 1 !== count) {
    return fail(meshDiagnostics["not-contiguous"]({ name: "the mesh", gpus: count }, { at: at("") }));
  }
  const findings = meshFindings(mesh).map((finding) => ({ ...finding, at: at("") }));
  return { value: findings.length === 0 ? mesh : null, findings };
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
  if (!Number.isSafeInteger(size) || size < 0 || size >= mesh.count) {
    return { value: null, findings: [meshDiagnostics["split-size"]({ size, gpus: mesh.count }, { at: at("") })] };
  }
  const head = { ...mesh, count: size };
  const tail = { ...mesh, first: mesh.first + size, count: mesh.count - size };
  // Where the cut is wrong for both parts, it is one mistake.
  const findings = [...meshFindings(head, "the first part"), ...meshFindings(tail, "the second part")]
    .slice(0, 1)
    .map((finding) => ({ ...finding, at: at("") }));
  return { value: findings.length === 0 ? [head, tail] : null, findings };
}

/** True if two meshes of one cluster share a GPU. */
export function overlaps(a: DeviceMesh, b: DeviceMesh): boolean {
  return a.first < b.first + b.count && b.first < a.first + a.count;
}

/** True if every GPU of `inner` is in `outer`. */
export function isInside(inner: DeviceMesh, outer: DeviceMesh): boolean {
  return inner.first >= outer.first && inner.first + inner.count <= outer.first + outer.count;
}

/** True if `outer` has every GPU of `inner`. */
export function covers(outer: DeviceMesh, inner: DeviceMesh): boolean {
  return isInside(inner, outer);
}

/** What a mesh's name is read against. */
export interface MeshNames {
  readonly nodelist: string;
  /** Node-name prefix of the cluster. */
  readonly prefix: string;
  /** Nodes of the cluster; their digits are the padding. */
  readonly clusterNodes: number;
  /** Nodes in use: the first of the list; all of them if left out. */
  readonly nNodes?: number;
  readonly gpusPerNode: number;
}

/**
 * The mesh of a name: `slurmd-01`, `slurmd-[01-02]`, or `slurmd-01:0,1` for part of one node. It has a row for each node of the
 * list. Findings are at pointer `""` for the name (ranges are its characters), `"/nodelist"` for the list.
 */
export function meshFromName(name: string, names: MeshNames): Result<DeviceMesh | null> {
  const { nodelist, prefix, clusterNodes } = names;
  const colon = name.indexOf(":");
  const nodePart = colon < 0 ? name : name.slice(0, colon);
  const list = parseNodeList(nodelist, prefix, clusterNodes);
  const own = parseNodeList(nodePart, prefix, clusterNodes);
  const gpus = colon < 0 ? null : gpuIds(name, colon, names.gpusPerNode);
  const findings = [
    ...under("/nodelist", list.findings),
    // The list has its warning already where the name repeats it.
    ...own.findings.filter(({ severity }) => severity === "error" || nodePart !== nodelist),
    ...(gpus?.findings ?? []),
  ];
  if (hasErrors(findings)) return { value: null, findings };
  const placed = placeNodes(name, own.value, list.value, names, gpus?.value ?? null);
  const [misread] = findings;
  if (misread === undefined || placed.value !== null) return { ...placed, findings: [...findings, ...placed.findings] };
  return { value: null, findings: placed.findings.map((finding) => explainedBy(misread, finding)) };
}

/** A list that is read in another way than it was meant explains what is not found in it: one mistake. */
function explainedBy(misread: Finding, finding: Finding): Finding {
  const { help = finding.help } = misread;
  return { ...finding, notes: [misread.message], ...(help === undefined ? {} : { help }) };
}

function placeNodes(
  name: string,
  nodes: readonly string[],
  list: readonly string[],
  { nodelist, nNodes = list.length, gpusPerNode }: MeshNames,
  gpus: readonly number[] | null,
): Result<DeviceMesh | null> {
  const fail = (finding: Finding): Result<null> => ({ value: null, findings: [finding] });
  if (list.length < nNodes) {
    const short = { nodelist, found: list.length, nNodes };
    return fail(meshDiagnostics["list-too-short"](short, { at: at("/nodelist") }));
  }
  const positions = nodes.map((node) => list.indexOf(node));
  const unknown = nodes[positions.indexOf(-1)];
  if (unknown !== undefined) {
    return fail(meshDiagnostics["node-not-in-list"]({ node: unknown, nodelist }, { at: at("") }));
  }
  if (gpus !== null && nodes.length > 1) {
    return fail(meshDiagnostics["gpus-of-many-nodes"]({ name }, { at: at("") }));
  }
  const ids = gpus ?? Array.from({ length: gpusPerNode }, (_, gpu) => gpu);
  const numbers = new Set(positions.flatMap((position) => ids.map((gpu) => position * gpusPerNode + gpu)));
  const first = [...numbers].reduce((least, number) => Math.min(least, number), Number.POSITIVE_INFINITY);
  const last = [...numbers].reduce((most, number) => Math.max(most, number), -1);
  if (numbers.size === 0 || last - first + 1 !== numbers.size) {
    return fail(meshDiagnostics["not-contiguous"]({ name: `\`${name}\``, gpus: numbers.size }, { at: at("") }));
  }
  const mesh: DeviceMesh = { nNodes: list.length, gpusPerNode, first, count: numbers.size };
  const [wrong] = meshFindings(mesh, `\`${name}\``);
  if (wrong !== undefined) return fail({ ...wrong, at: at("") });
  if (last >= nNodes * gpusPerNode) return fail(meshDiagnostics["outside-nodes"]({ name, nNodes }, { at: at("") }));
  return { value: mesh, findings: [] };
}

function gpuIds(name: string, colon: number, gpusPerNode: number): Result<readonly number[]> {
  const findings: Finding[] = [];
  let offset = colon + 1;
  const ids = name
    .slice(colon + 1)
    .split(",")
    .map((text) => {
      const id = /^\s*\d+\s*$/.test(text) ? Number(text) : Number.NaN;
      if (!(id < gpusPerNode)) {
        // A missing number has no characters of its own: what stands before it does for it.
        const range = text === "" ? { offset: offset - 1, length: 1 } : { offset, length: text.length };
        findings.push(meshDiagnostics["gpu-id"]({ found: text.trim(), gpusPerNode }, { at: at("", range) }));
      }
      offset += text.length + 1;
      return id;
    });
  return { value: ids, findings };
}

/** The name of a mesh, which {@link meshFromName} reads back. Part of several nodes has no name (`mesh/gpus-of-many-nodes`). */
export function meshName(mesh: DeviceMesh, names: Omit<MeshNames, "nNodes">): Result<string | null> {
  const { nodelist, prefix, clusterNodes } = names;
  const { gpusPerNode, first, count } = mesh;
  const list = parseNodeList(nodelist, prefix, clusterNodes);
  const findings = under("/nodelist", list.findings);
  if (hasErrors(findings)) return { value: null, findings };
  const from = Math.floor(first / gpusPerNode);
  const to = Math.floor((first + count - 1) / gpusPerNode);
  if (to >= list.value.length) {
    const short = { nodelist, found: list.value.length, nNodes: to + 1 };
    const tooShort = meshDiagnostics["list-too-short"](short, { at: at("/nodelist") });
    return { value: null, findings: [...findings, tooShort] };
  }
  const node = list.value[from] as string;
  if (count % gpusPerNode === 0) {
    // One node keeps its name as the list has it; a formatted one is padded to two digits, whatever the cluster's size.
    if (from === to) return { value: node, findings };
    const name = formatNodeList(list.value.slice(from, to + 1), prefix, clusterNodes);
    return { value: name.value, findings: [...findings, ...name.findings] };
  }
  const gpus = Array.from({ length: count }, (_, index) => (first % gpusPerNode) + index).join(",");
  if (from === to) return { value: `${node}:${gpus}`, findings };
  const many = meshDiagnostics["gpus-of-many-nodes"]({ name: `${node}:${gpus}` }, { at: at("") });
  return { value: null, findings: [...findings, many] };
}
