import { atOption, type Finding, type Place } from "../diagnostics/finding.ts";
import { nearest, suggestion } from "../diagnostics/nearest.ts";
import { allocationDiagnostics } from "../spec/allocation-diagnostics.ts";
import {
  type AllocationEntry,
  type AllocationMode,
  entryFor,
  gpusOf,
  type Layout3D,
  parseAllocationMode,
  unusedEntries,
} from "../spec/allocation-mode.ts";
import { meshDiagnostics } from "../spec/mesh-diagnostics.ts";
import { meshFromName } from "../spec/device-mesh.ts";
import { askedFor, clusterFactor, gpuFactors, type SizeFactors } from "./factors.ts";
import { type GpuRun, type LayoutCall, type LayoutInput, type PlacedCall, placeOf } from "./input.ts";
import { layoutsText, nearestLayouts, nearestSplits } from "./nearby.ts";

/** Calls with their GPUs and sizes, before replicas and hooks. */
export type Placement = Omit<PlacedCall, "replicaId" | "preHooks" | "postHooks">;

/** What an allocation string makes of the calls. */
export interface Placed {
  readonly mode: AllocationMode | null;
  /** Calls whose place is sound. */
  readonly calls: readonly Placement[];
  readonly findings: readonly Finding[];
}

const MODE = "allocationMode";

/** Places every call. Where the GPUs that are asked for don't exist, what depends on their number would be noise. */
export function placeCalls(input: LayoutInput): Placed {
  const geometry = geometryFindings(input);
  const parsed = parseAllocationMode(input.allocationMode);
  const mode = parsed.value;
  const all: GpuRun | null = geometry.length > 0 ? null : { first: 0, count: input.nNodes * input.gpusPerNode };
  const placed = mode === null ? NOTHING : placeIn(mode, input, all);
  return {
    mode,
    calls: all === null ? [] : placed.calls,
    findings: [...geometry, ...parsed.findings.map((finding) => inMode(finding)), ...placed.findings],
  };
}

const NOTHING: CallsAndFindings = { calls: [], findings: [] };

function placeIn(mode: AllocationMode, input: LayoutInput, all: GpuRun | null): CallsAndFindings {
  const { servers, allocationMode } = input;
  if (servers !== null && mode.kind !== "decoupled") {
    const facts = { mode: allocationMode, engine: servers.engine };
    return { calls: [], findings: [allocationDiagnostics["async-needs-decoupled"](facts, { at: atOption(MODE) })] };
  }
  switch (mode.kind) {
    case "heuristic":
      return heuristic(input, all);
    case "manual":
      return manual(input, all);
    case "globalHybrid":
      return merge(unused(mode, input), hybrid(mode, input, all));
    case "decoupled":
      return merge(unused(mode, input), decoupled(mode, input, all));
  }
}

/** Nodes and GPUs that are asked for, against those that the cluster has. */
function geometryFindings(input: LayoutInput): readonly Finding[] {
  const { cluster, nNodes, gpusPerNode, launchMode } = input;
  const nodesHere = askedFor(input).filter(({ gives }) => gives?.includes("nNodes"));
  const clusterGives = (...factors: readonly string[]) => clusterFactor(input, factors);
  const findings: Finding[] = [];
  let wrongNode = false;
  if (nNodes > cluster.nodes) {
    findings.push(
      allocationDiagnostics["too-many-nodes"](
        { nNodes, cluster: cluster.name, nodes: cluster.nodes },
        { at: atOption("nNodes"), gives: ["nNodes"], related: [clusterGives("nodes")] },
      ),
    );
  }
  if (gpusPerNode > cluster.gpusPerNode) {
    wrongNode = true;
    findings.push(
      allocationDiagnostics["too-many-gpus-per-node"](
        { nGpusPerNode: gpusPerNode, cluster: cluster.name, gpusPerNode: cluster.gpusPerNode },
        { at: atOption("nGpusPerNode"), gives: ["nGpusPerNode"], related: [clusterGives("gpusPerNode")] },
      ),
    );
  } else if (nNodes > 1 && gpusPerNode !== cluster.gpusPerNode) {
    wrongNode = true;
    findings.push(
      allocationDiagnostics["partial-nodes"](
        { nNodes, nGpusPerNode: gpusPerNode, gpusPerNode: cluster.gpusPerNode },
        {
          at: atOption("nGpusPerNode"),
          gives: ["nGpusPerNode"],
          related: [
            ...nodesHere,
            clusterGives("gpusPerNode", ...(input.sizedBy.nNodes === "cluster" ? ["nNodes"] : [])),
          ],
        },
      ),
    );
  }
  if (nNodes > 1 && launchMode === "local") {
    findings.push(
      allocationDiagnostics["local-multi-node"](
        { nNodes },
        {
          at: input.sizedBy.nNodes === "cluster" ? atOption("cluster") : atOption("nNodes"),
          gives: ["nNodes"],
          related: [{ at: atOption("mode"), message: "the run is local by this" }],
        },
      ),
    );
  }
  if (!wrongNode && (gpusPerNode & (gpusPerNode - 1)) !== 0) {
    findings.push(notPowerOfTwo(input));
  }
  return findings;
}

/** A node is split in halves only: its GPUs, or those that are taken of it, are 1, 2, 4, ... */
function notPowerOfTwo({ gpusPerNode, cluster, sizedBy }: LayoutInput): Finding {
  const smaller = 2 ** Math.floor(Math.log2(gpusPerNode));
  const sizes = [smaller, 2 * smaller].filter((size) => size >= 1 && size <= cluster.gpusPerNode);
  return meshDiagnostics["gpus-not-power-of-two"](
    { gpusPerNode },
    {
      at: atOption("nGpusPerNode"),
      gives: ["gpusPerNode"],
      related: [clusterFactor({ cluster }, sizedBy.gpusPerNode === "cluster" ? ["gpusPerNode"] : [])],
      ...(sizes.length === 0 ? {} : { help: `take ${sizes.join(" or ")} GPUs of a node` }),
    },
  );
}

type CallsAndFindings = Pick<Placed, "calls" | "findings">;

function hybrid(
  mode: Extract<AllocationMode, { kind: "globalHybrid" }>,
  input: LayoutInput,
  all: GpuRun | null,
): CallsAndFindings {
  return placeEach(input, input.calls, (call) => entryFor(mode, call.name), all, 0);
}

/** Places calls by their entries on `gpus`, which are those that `engine` GPUs leave. */
function placeEach(
  input: LayoutInput,
  calls: readonly LayoutCall[],
  entryOf: (call: LayoutCall) => AllocationEntry | undefined,
  gpus: GpuRun | null,
  engine: number,
): CallsAndFindings {
  const findings: Finding[] = [];
  const reported = new Set<AllocationEntry>();
  const placed = calls.flatMap((call): Placement[] => {
    const entry = entryOf(call);
    if (entry === undefined) {
      findings.push(noLayout(call, input));
      return [];
    }
    if (gpus === null) return [];
    const product = gpusOf(entry.layout);
    if (product === gpus.count) return [placement(call, gpus, entry)];
    // One entry that serves several calls is one mistake.
    if (!reported.has(entry)) findings.push(productFinding(call, entry, product, input, gpus.count + engine, engine));
    reported.add(entry);
    return [];
  });
  return { calls: placed, findings };
}

function decoupled(
  mode: Extract<AllocationMode, { kind: "decoupled" }>,
  input: LayoutInput,
  all: GpuRun | null,
): CallsAndFindings {
  const { layout, range } = mode.gen;
  const world = gpusOf(layout);
  const place = { at: atOption(MODE, range) };
  const findings: Finding[] = [];
  const generating = input.calls.filter(({ kind }) => kind === "generate");
  const served = [...generating, ...input.leftOut.filter(({ kind }) => kind === "generate")];
  // Without a call that generates there is no engine's part, be it sound or not.
  if (served.length === 0) {
    return { calls: [], findings: [allocationDiagnostics["no-generate-call"]({ engine: mode.engine }, place)] };
  }
  if (served.length > 1) {
    const calls = served.map(({ name }) => name);
    findings.push(allocationDiagnostics["two-generate-calls"]({ calls }, place));
  }
  const split = all === null ? [] : splitFindings(world, all.count, input, place);
  findings.push(...split);
  if (layout.pipe !== 1) findings.push(allocationDiagnostics["generate-pipeline"]({ pipe: layout.pipe }, place));
  const rest = all !== null && split.length === 0 ? { first: world, count: all.count - world } : null;
  const others = input.calls.filter(({ kind }) => kind !== "generate");
  const placed = placeEach(input, others, (call) => entryFor(mode, call.name), rest, world);
  const apart = generating.map((call): Placement => ({
    call,
    gpus: { first: 0, count: world },
    sizes: layout,
    sequenceParallel: false,
    range,
  }));
  const byCall = new Map([...placed.calls, ...(findings.length === 0 ? apart : [])].map((each) => [each.call, each]));
  return {
    calls: input.calls.flatMap((call) => byCall.get(call) ?? []),
    findings: [...findings, ...placed.findings],
  };
}

/** Both parts of the GPUs must be meshes: part of one node, or whole nodes. */
function splitFindings(
  world: number,
  all: number,
  input: LayoutInput,
  place: { readonly at: Place },
): readonly Finding[] {
  const { gpusPerNode } = input;
  const sizes = nearestSplits(world, all, gpusPerNode);
  const help = `give generation ${sizes.join(" or ")} of the ${all} GPUs`;
  const related = gpuFactors(input, { nNodes: ["all"], gpusPerNode: ["all", "gpusPerNode"] });
  const details = { ...place, gives: ["generation"], related, ...(sizes.length === 0 ? {} : { help }) };
  const partial = (gpus: number) => gpus >= gpusPerNode && gpus % gpusPerNode !== 0;
  if (partial(world)) return [allocationDiagnostics["generate-size"]({ gpus: world, gpusPerNode, all }, details)];
  if (world >= all) return [meshDiagnostics["split-size"]({ size: world, gpus: all }, details)];
  const rest = all - world;
  return partial(rest) ? [meshDiagnostics["partial-nodes"]({ gpus: rest, first: world, gpusPerNode }, details)] : [];
}

/** A mesh that is the whole of the GPUs is given by both of their sizes. */
const MESH: SizeFactors = { nNodes: ["gpus"], gpusPerNode: ["gpus"] };

/** GPUs of a node where a rule of an experiment's own may lay its calls out. */
const HEURISTIC_GPUS_PER_NODE = 8;

function heuristic(input: LayoutInput, all: GpuRun | null): CallsAndFindings {
  const rule = input.heuristic;
  if (rule === null) {
    const finding = allocationDiagnostics["no-heuristic"]({ mode: input.allocationMode }, { at: atOption(MODE) });
    return { calls: [], findings: [finding] };
  }
  const findings: Finding[] = [];
  if (input.gpusPerNode !== HEURISTIC_GPUS_PER_NODE) {
    const { gpusPerNode } = input;
    const facts = { gpusPerNode, wanted: HEURISTIC_GPUS_PER_NODE };
    const at = atOption(input.sizedBy.gpusPerNode);
    findings.push(allocationDiagnostics["heuristic-gpus"](facts, { at, gives: ["gpusPerNode"] }));
  }
  for (const name of Object.keys(rule)) {
    if (input.calls.some((call) => call.name === name)) continue;
    const calls = input.calls.map((call) => call.name);
    findings.push(allocationDiagnostics["unused-name"]({ name, calls }, { at: { kind: "class" } }));
  }
  const calls = input.calls.flatMap((call): Placement[] => {
    const place = Object.hasOwn(rule, call.name) ? rule[call.name] : undefined;
    if (place === undefined) {
      findings.push(noLayout(call, input));
      return [];
    }
    if (all === null) return [];
    const { gpus = all, data, pipe, tensor } = place;
    const product = data * pipe * tensor;
    const inside = gpus.first >= 0 && gpus.count >= 1 && gpus.first + gpus.count <= all.count;
    if (product !== gpus.count || !inside) {
      const facts = { call: call.name, data, pipe, tensor, product, gpus: inside ? gpus.count : all.count };
      const layouts = nearestLayouts({ data, pipe, tensor }, facts.gpus);
      const details = {
        at: { kind: "class" } as const,
        gives: ["layout", ...(inside ? ["gpus"] : [])],
        related: gpuFactors(input, MESH),
        help: productHelp(layouts),
      };
      findings.push(meshDiagnostics.product(facts, details));
      return [];
    }
    const sequenceParallel = place.sequenceParallel ?? (call.kind === "trainStep" && tensor > 1);
    return [{ call, gpus, sizes: { data, pipe, tensor }, sequenceParallel, range: null }];
  });
  return { calls, findings };
}

function manual(input: LayoutInput, all: GpuRun | null): CallsAndFindings {
  const findings: Finding[] = [];
  if (input.nodelist === null) {
    findings.push(allocationDiagnostics["nodelist-required"]({ mode: input.allocationMode }, { at: atOption(MODE) }));
  }
  const { nodelist } = input;
  const calls = input.calls.flatMap((call): Placement[] => {
    const place = call.manual;
    if (place === null) {
      findings.push(noLayout(call, input));
      return [];
    }
    const { parallel, deviceMesh, option } = place;
    if (all === null) return [];
    let gpus = all;
    if (deviceMesh !== null && nodelist === null) return [];
    if (deviceMesh !== null && nodelist !== null) {
      const mesh = meshFromName(deviceMesh, {
        nodelist,
        prefix: input.cluster.nodeNamePrefix,
        clusterNodes: input.cluster.nodes,
        nNodes: input.nNodes,
        gpusPerNode: input.gpusPerNode,
      });
      for (const finding of mesh.findings) {
        const inList = finding.at.kind === "pointer" && finding.at.pointer.startsWith("/nodelist");
        const range = finding.at.kind === "pointer" ? finding.at.range : undefined;
        const at = inList ? atOption("nodelist", range) : meshPlace(call, option, range);
        const factors = finding.factors === undefined ? {} : { gives: ["nodelist"], related: gpuFactors(input) };
        findings.push({ ...finding, at, ...factors });
      }
      if (mesh.value === null) return [];
      gpus = mesh.value;
    }
    const sizes = {
      data: parallel.dataParallelSize,
      pipe: parallel.pipelineParallelSize,
      tensor: parallel.tensorParallelSize,
    };
    const product = gpusOf(sizes);
    if (product !== gpus.count) {
      findings.push(
        meshDiagnostics.product(
          { call: call.name, data: sizes.data, pipe: sizes.pipe, tensor: sizes.tensor, product, gpus: gpus.count },
          {
            at: option === null ? placeOf(call) : atOption(`${option}.parallel`),
            gives: ["layout"],
            related:
              deviceMesh === null
                ? gpuFactors(input, MESH)
                : [
                    {
                      at: meshPlace(call, option, undefined),
                      message: `mesh \`${deviceMesh}\` has ${gpus.count} GPUs`,
                      gives: ["gpus"],
                    },
                  ],
            help: productHelp(nearestLayouts(sizes, gpus.count)),
          },
        ),
      );
      return [];
    }
    return [{ call, gpus, sizes, sequenceParallel: parallel.useSequenceParallel, range: null }];
  });
  // Several calls may name one wrong node list: one mistake.
  const distinct = findings.filter(
    (finding, index) =>
      findings.findIndex(
        (other) => other.code === finding.code && JSON.stringify(other.at) === JSON.stringify(finding.at),
      ) === index,
  );
  return { calls, findings: distinct };
}

function placement(call: LayoutCall, gpus: GpuRun, entry: AllocationEntry): Placement {
  const { layout } = entry;
  return {
    call,
    gpus,
    sizes: layout,
    sequenceParallel: call.kind === "trainStep" && layout.tensor > 1,
    range: entry.layoutRange,
  };
}

function productFinding(
  call: LayoutCall,
  entry: AllocationEntry,
  product: number,
  input: LayoutInput,
  gpus: number,
  engine: number,
): Finding {
  const { data, pipe, tensor } = entry.layout;
  return allocationDiagnostics["gpu-product"](
    {
      call: call.name,
      data,
      pipe,
      tensor,
      product,
      nNodes: input.nNodes,
      gpusPerNode: input.gpusPerNode,
      gpus,
      engine,
    },
    {
      at: atOption(MODE, entry.layoutRange),
      gives: ["layout"],
      related: gpuFactors(input),
      ...(gpus > engine ? { help: productHelp(nearestLayouts(entry.layout, gpus - engine)) } : {}),
    },
  );
}

function productHelp(layouts: readonly Layout3D[]): string {
  const [{ data, pipe, tensor }] = layouts as readonly [Layout3D];
  return `make the product ${data * pipe * tensor}, e.g. ${layoutsText(layouts)}`;
}

function noLayout(call: LayoutCall, input: LayoutInput): Finding {
  return allocationDiagnostics["no-layout-for-call"](
    { call: call.name, mode: input.allocationMode },
    { at: atOption(MODE), related: [{ at: placeOf(call), message: "the call" }] },
  );
}

function unused(mode: Extract<AllocationMode, { readonly entries: unknown }>, input: LayoutInput): readonly Finding[] {
  const calls = [...input.calls, ...input.leftOut].map(({ name }) => name);
  // A call that has a layout of its own is not the one that was meant.
  const free = calls.filter((call) => !mode.entries.some(({ name }) => name === call));
  return unusedEntries(mode, calls).map((entry) =>
    allocationDiagnostics["unused-name"](
      { name: entry.name, calls },
      { at: atOption(MODE, entry.nameRange), ...suggestion(entry.name, free) },
    ),
  );
}

function meshPlace(
  call: LayoutCall,
  option: string | null,
  range: { offset: number; length: number } | undefined,
): Place {
  return option === null ? placeOf(call) : atOption(`${option}.deviceMesh`, range);
}

function inMode(finding: Finding): Finding {
  const range = finding.at.kind === "pointer" ? finding.at.range : undefined;
  return { ...finding, at: atOption(MODE, range) };
}

/** Puts entries that no call has beside what else was found. An entry for a call that lacks one is misspelt: one mistake. */
function merge(ofEntries: readonly Finding[], placed: CallsAndFindings): CallsAndFindings {
  const missing = placed.findings.filter(({ code }) => code === "allocation/no-layout-for-call");
  const meant = new Map<Finding, Finding>();
  for (const entry of ofEntries) {
    const [call] = nearest(
      String(entry.data["name"]),
      missing.map(({ data }) => String(data["call"])),
    );
    const finding = missing.find(({ data }) => data["call"] === call);
    if (finding !== undefined && !meant.has(finding)) meant.set(finding, entry);
  }
  const misspelt = new Set(meant.values());
  return {
    ...placed,
    findings: [
      ...ofEntries.filter((finding) => !misspelt.has(finding)),
      ...placed.findings.map((finding) => {
        const entry = meant.get(finding);
        if (entry === undefined) return finding;
        return { ...finding, at: entry.at, help: `write \`${String(finding.data["call"])}\`` };
      }),
    ],
  };
}
