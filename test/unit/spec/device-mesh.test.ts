import { readFileSync } from "node:fs";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Result } from "../../../src/diagnostics/finding.ts";
import {
  covers,
  type DeviceMesh,
  deviceMesh,
  isInside,
  meshFromName,
  meshFromRows,
  meshName,
  meshRows,
  overlaps,
  splitMesh,
} from "../../../src/spec/device-mesh.ts";
import { formatNodeList, parseNodeList } from "../../../src/spec/node-list.ts";
import { ownFindings } from "../../../src/spec/noun.ts";
import { parallelStrategies, subMeshes, subMeshesInside } from "../../../src/spec/sub-meshes.ts";

type Rows = readonly (readonly number[])[];

type Input =
  | { readonly op: "new" | "strategies"; readonly mapping: Rows }
  | { readonly op: "split"; readonly mapping: Rows; readonly n: number }
  | { readonly op: "overlap" | "contain" | "contained_by"; readonly mapping: Rows; readonly other: Rows }
  | { readonly op: "sub"; readonly mapping: Rows; readonly min_n_gpus: number }
  | { readonly op: "name"; readonly nodelist: string; readonly name: string; readonly n_gpus_per_node: number }
  | { readonly op: "parse"; readonly nodelist: string; readonly prefix: string }
  | { readonly op: "format"; readonly nodes: readonly string[]; readonly prefix: string };

interface Case {
  readonly name: string;
  readonly input: Input;
  readonly expected: unknown;
}

const cases = readFileSync(new URL("../../goldens/device-mesh/cases.jsonl", import.meta.url), "utf8")
  .trim()
  .split("\n")
  .map((line) => JSON.parse(line) as Case);

const CLUSTER = { prefix: "slurmd-", clusterNodes: 32 };
const REASON_CODES: Readonly<Record<string, string>> = {
  "mesh-not-contiguous": "mesh/not-contiguous",
  "mesh-partial-nodes": "mesh/partial-nodes",
  "mesh-values": "mesh/values",
};

function map<A, B>({ value, findings }: Result<A | null>, project: (value: A) => B): Result<B | null> {
  return { value: value === null ? null : project(value), findings };
}

function sound(rows: Rows): DeviceMesh {
  const { value, findings } = meshFromRows(rows);
  if (value === null) throw new Error(findings[0]?.message);
  return value;
}

/** What our functions give for a case, in the goldens' spelling. */
function answer(input: Input): Result<unknown> {
  switch (input.op) {
    case "new":
      return map(meshFromRows(input.mapping), (mesh) => {
        expect(meshRows(mesh)).toEqual(input.mapping);
        return { valid: true };
      });
    case "split":
      return map(splitMesh(sound(input.mapping), input.n), ([first, second]) => ({
        first: meshRows(first),
        second: meshRows(second),
      }));
    case "overlap":
      return { value: { result: overlaps(sound(input.mapping), sound(input.other)) }, findings: [] };
    case "contain":
      return { value: { result: isInside(sound(input.mapping), sound(input.other)) }, findings: [] };
    case "contained_by":
      return { value: { result: covers(sound(input.mapping), sound(input.other)) }, findings: [] };
    case "sub":
      return map(subMeshes(sound(input.mapping), input.min_n_gpus), (meshes) => ({ meshes: meshes.map(meshRows) }));
    case "name": {
      const names = { ...CLUSTER, nodelist: input.nodelist, gpusPerNode: input.n_gpus_per_node };
      return map(meshFromName(input.name, names), (mesh) => ({ mapping: meshRows(mesh) }));
    }
    case "parse":
      return map(parseNodeList(input.nodelist, input.prefix, 32), (nodes) => ({ nodes }));
    case "format":
      return map(formatNodeList(input.nodes, input.prefix, 32), (nodelist) => ({ nodelist }));
    case "strategies":
      return {
        value: {
          strategies: parallelStrategies(sound(input.mapping)).map(({ pipe, tensor, data }) => ({
            pp: pipe,
            tp: tensor,
            dp: data,
          })),
        },
        findings: [],
      };
  }
}

describe("the measured device meshes", () => {
  it.each(cases.map((one) => [one.name, one] as const))("%s", (_, { input, expected }) => {
    const { value, findings } = answer(input);
    const { error } = expected as { error?: { reason: string } };
    if (error === undefined) {
      expect(findings).toEqual([]);
      expect(value).toEqual(expected);
    } else {
      expect(findings.map(({ code }) => code)).toEqual([REASON_CODES[error.reason] ?? `mesh/${error.reason}`]);
    }
  });
});

function codesOf({ findings }: Result<unknown>): readonly string[] {
  return findings.map(({ code }) => code);
}

describe("a mesh", () => {
  it("has all GPUs unless told otherwise", () => {
    const mesh = deviceMesh({ nNodes: 2, gpusPerNode: 4 });
    expect(mesh).toMatchObject({ nNodes: 2, gpusPerNode: 4, first: 0, count: 8 });
    expect(ownFindings(mesh)).toEqual([]);
  });

  it.each([
    [{ nNodes: 0, gpusPerNode: 8 }, "mesh/shape", "/nNodes"],
    [{ nNodes: 1.5, gpusPerNode: 8 }, "mesh/shape", "/nNodes"],
    [{ nNodes: 1, gpusPerNode: 6 }, "mesh/gpus-not-power-of-two", "/gpusPerNode"],
    [{ nNodes: 1, gpusPerNode: 0 }, "mesh/gpus-not-power-of-two", "/gpusPerNode"],
    [{ nNodes: 1, gpusPerNode: 8, count: 0 }, "mesh/not-contiguous", "/count"],
    [{ nNodes: 1, gpusPerNode: 8, first: 4 }, "mesh/shape", "/count"],
    [{ nNodes: 1, gpusPerNode: 8, first: -1, count: 2 }, "mesh/shape", "/count"],
    [{ nNodes: 3, gpusPerNode: 8, first: 4, count: 8 }, "mesh/partial-nodes", "/count"],
    [{ nNodes: 3, gpusPerNode: 8, first: 8, count: 12 }, "mesh/partial-nodes", "/count"],
  ])("%j is %s at %s", (input, code, pointer) => {
    const findings = ownFindings(deviceMesh(input));
    expect(findings.map((finding) => [finding.code, finding.at])).toEqual([[code, { kind: "pointer", pointer }]]);
  });

  it("has rows of one length", () => {
    const ragged = meshFromRows([[1, 1], [1]]);
    expect(ragged.value).toBeNull();
    expect(ragged.findings.map(({ code, data }) => [code, data])).toEqual([
      ["mesh/shape", { expected: "the same number of GPUs in each row", found: "2, 1" }],
    ]);
    expect(codesOf(meshFromRows([]))).toEqual(["mesh/shape"]);
  });

  it("is split into two meshes or not at all", () => {
    const mesh = deviceMesh({ nNodes: 1, gpusPerNode: 8 });
    expect(codesOf(splitMesh(mesh, 0))).toEqual(["mesh/not-contiguous"]);
    expect(codesOf(splitMesh(mesh, -1))).toEqual(["mesh/split-size"]);
    expect(codesOf(splitMesh(mesh, 8))).toEqual(["mesh/split-size"]);
    expect(codesOf(splitMesh(mesh, 2.5))).toEqual(["mesh/split-size"]);
  });

  it("covers what is inside it", () => {
    const node = deviceMesh({ nNodes: 2, gpusPerNode: 8, count: 8 });
    const half = deviceMesh({ nNodes: 2, gpusPerNode: 8, first: 4, count: 4 });
    const other = deviceMesh({ nNodes: 2, gpusPerNode: 8, first: 8, count: 8 });
    expect([isInside(half, node), isInside(node, half), covers(node, half), covers(half, node)]).toEqual([
      true,
      false,
      true,
      false,
    ]);
    expect([overlaps(node, other), overlaps(half, node)]).toEqual([false, true]);
  });
});

describe("sub-meshes", () => {
  const spans = ({ value }: Result<readonly DeviceMesh[] | null>) =>
    value?.map(({ first, count }) => [first, count] as const);
  const upperHalf = deviceMesh({ nNodes: 2, gpusPerNode: 8, first: 12, count: 4 });
  const secondNode = deviceMesh({ nNodes: 3, gpusPerNode: 8, first: 8, count: 8 });

  it("as the reference counts them reach beyond the mesh", () => {
    expect(spans(subMeshes(upperHalf, 2))).toEqual([
      [12, 2],
      [14, 2],
      [0, 8],
    ]);
    expect(spans(subMeshes(deviceMesh({ nNodes: 1, gpusPerNode: 8, first: 1, count: 5 }), 4))).toEqual([
      [1, 4],
      [5, 3],
      [0, 8],
    ]);
  });

  it("stay inside it in the other variant", () => {
    expect(spans(subMeshesInside(upperHalf, 2))).toEqual([
      [12, 2],
      [14, 2],
      [12, 4],
    ]);
    expect(spans(subMeshesInside(secondNode, 4))).toEqual([
      [8, 4],
      [12, 4],
      [8, 8],
    ]);
    const two = deviceMesh({ nNodes: 4, gpusPerNode: 8, first: 16, count: 16 });
    expect(spans(subMeshesInside(two, 16))).toEqual([[16, 16]]);
  });

  it("are parts of a node or whole nodes", () => {
    for (const min of [0, 3, 12, 1.5]) {
      expect(codesOf(subMeshes(secondNode, min))).toEqual(["mesh/whole-nodes"]);
      expect(codesOf(subMeshesInside(secondNode, min))).toEqual(["mesh/whole-nodes"]);
    }
  });
});

describe("the name of a mesh", () => {
  const names = { ...CLUSTER, nodelist: "slurmd-[01-04]", nNodes: 2, gpusPerNode: 8 };

  it.each([
    ["slurmd-03", {}, "mesh/outside-nodes", ""],
    ["slurmd-01", { nNodes: 5 }, "mesh/list-too-short", "/nodelist"],
    ["slurmd-09", {}, "mesh/node-not-in-list", ""],
    ["slurmd-[01-02]:0", {}, "mesh/gpus-of-many-nodes", ""],
    ["slurmd-01:8", {}, "mesh/gpu-id", ""],
    ["slurmd-01:-1", {}, "mesh/gpu-id", ""],
    ["slurmd-01:", {}, "mesh/gpu-id", ""],
    ["slurmd-01:0:1", {}, "mesh/gpu-id", ""],
    ["slurmd-01:0,2", {}, "mesh/not-contiguous", ""],
    ["slurmd-[02-01]", {}, "mesh/not-contiguous", ""],
    ["gpu-01", {}, "mesh/node-prefix", ""],
    ["slurmd-[a]", {}, "mesh/node-number", ""],
    ["slurmd-01", { nodelist: "gpu-01" }, "mesh/node-prefix", "/nodelist"],
    ["slurmd-01", { nodelist: "slurmd-[x]" }, "mesh/node-number", "/nodelist"],
    ["slurmd-01", { gpusPerNode: 6 }, "mesh/gpus-not-power-of-two", ""],
  ])("%j with %j is %s at %j", (name, changed, code, pointer) => {
    const { value, findings } = meshFromName(name, { ...names, ...changed });
    expect(value).toBeNull();
    expect(findings.map((finding) => [finding.code, finding.at])).toEqual([
      [code, expect.objectContaining({ kind: "pointer", pointer })],
    ]);
  });

  it("points at the GPU that there is not", () => {
    const { findings } = meshFromName("slurmd-01:0,9", names);
    expect(findings[0]?.at).toEqual({ kind: "pointer", pointer: "", range: { offset: 12, length: 1 } });
  });

  it("reports mistakes of the list and of the name together", () => {
    const { findings } = meshFromName("slurmd-[a]:9", { ...names, nodelist: "slurmd-[b]" });
    expect(findings.map(({ code }) => code)).toEqual(["mesh/node-number", "mesh/node-number", "mesh/gpu-id"]);
  });

  it("may lie anywhere in a list whose length is left open", () => {
    const { nNodes: _, ...open } = names;
    expect(meshFromName("slurmd-04", open)).toEqual({
      value: { nNodes: 4, gpusPerNode: 8, first: 24, count: 8 },
      findings: [],
    });
  });

  it("warns once of a list without brackets", () => {
    const nodelist = "slurmd-01,slurmd-02";
    const { value, findings } = meshFromName(nodelist, { ...names, nodelist, nNodes: 1 });
    expect(value?.count).toBe(8);
    expect(findings.map(({ code, at }) => [code, at.kind === "pointer" && at.pointer])).toEqual([
      ["mesh/list-without-brackets", "/nodelist"],
    ]);
  });

  it.each([
    ["slurmd-01", "slurmd-01,slurmd-02", 1, "mesh/node-not-in-list"],
    ["slurmd-01,slurmd-02", "slurmd-[01-02]", 2, "mesh/node-not-in-list"],
    ["slurmd-01,slurmd-02", "slurmd-01,slurmd-02", 2, "mesh/list-too-short"],
  ])("explains by missing brackets why %s is not in %s", (name, nodelist, nNodes, code) => {
    const { value, findings } = meshFromName(name, { ...names, nodelist, nNodes });
    expect(value).toBeNull();
    expect(findings).toMatchObject([
      {
        code,
        notes: ["`slurmd-01,slurmd-02` has no brackets: it is read as the name of one node"],
        help: expect.stringContaining("in brackets"),
      },
    ]);
  });

  it("is missing for parts of several nodes, and for nodes that the list lacks", () => {
    const across = deviceMesh({ nNodes: 4, gpusPerNode: 8, first: 6, count: 4 });
    expect(ownFindings(across)).toEqual([]);
    expect(codesOf(meshName(across, names))).toEqual(["mesh/gpus-of-many-nodes"]);
    const beyond = deviceMesh({ nNodes: 8, gpusPerNode: 8, first: 32, count: 8 });
    expect(codesOf(meshName(beyond, names))).toEqual(["mesh/list-too-short"]);
    expect(codesOf(meshName(beyond, { ...names, nodelist: "slurmd-[x]" }))).toEqual(["mesh/node-number"]);
  });

  it("is read back as the same mesh", () => {
    const meshes = fc
      .record({
        gpusPerNode: fc.constantFrom(1, 2, 4, 8),
        nNodes: fc.integer({ min: 1, max: 6 }),
        from: fc.nat({ max: 40 }),
        size: fc.integer({ min: 1, max: 48 }),
      })
      .map(({ gpusPerNode, nNodes, from, size }): DeviceMesh => {
        const node = from % nNodes;
        if (size < gpusPerNode) {
          const offset = from % (gpusPerNode - size + 1);
          return { nNodes, gpusPerNode, first: node * gpusPerNode + offset, count: size };
        }
        const nodes = 1 + (size % (nNodes - node));
        return { nNodes, gpusPerNode, first: node * gpusPerNode, count: nodes * gpusPerNode };
      });
    fc.assert(
      fc.property(meshes, fc.constantFrom(32, 128), (mesh, clusterNodes) => {
        const nodelist = `slurmd-[2-${mesh.nNodes + 1}]`;
        const own = { nodelist, prefix: "slurmd-", clusterNodes, gpusPerNode: mesh.gpusPerNode };
        const named = meshName(mesh, own);
        expect(named.findings).toEqual([]);
        expect(meshFromName(named.value as string, own)).toEqual({ value: mesh, findings: [] });
      }),
    );
  });
});

describe("strategies", () => {
  it("fill the mesh", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 512 }), (count) => {
        const strategies = parallelStrategies({ count });
        expect(strategies.map(({ data, pipe, tensor }) => data * pipe * tensor)).toEqual(strategies.map(() => count));
      }),
    );
  });

  it("leave out stages of an odd size", () => {
    expect(parallelStrategies({ count: 3 })).toEqual([{ data: 1, pipe: 3, tensor: 1 }]);
  });
});
