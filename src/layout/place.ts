import { atOption, type Finding, type Place } from "../diagnostics/finding.ts";
import { nearest } from "../diagnostics/nearest.ts";
import { allocationDiagnostics } from "../spec/allocation-diagnostics.ts";
import {
  type AllocationEntry,
  type AllocationMode,
  entryFor,
  gpusOf,
  parseAllocationMode,
  unusedEntries,
} from "../spec/allocation-mode.ts";
import { meshDiagnostics } from "../spec/mesh-diagnostics.ts";
import { meshFromName } from "../spec/device-mesh.ts";
import { type GpuRun, type LayoutCall, type LayoutInput, type PlacedCall, placeOf } from "./input.ts";

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
function geometryFindings({ cluster, nNodes, gpusPerNode, launchMode }: LayoutInput): readonly Finding[] {
  const findings: Finding[] = [];
  let wrongNode = false;
  if (nNodes > cluster.nodes) {
    findings.push(
      allocationDiagnostics["too-many-nodes"](
        { nNodes, cluster: cluster.name, nodes: cluster.nodes },
        { at: atOption("nNodes") },
      ),
    );
  }
  if (gpusPerNode > cluster.gpusPerNode) {
    wrongNode = true;
    findings.push(
      allocationDiagnostics["too-many-gpus-per-node"](
        { nGpusPerNode: gpusPerNode, cluster: cluster.name, gpusPerNode: cluster.gpusPerNode },
        { at: atOption("nGpusPerNode") },
      ),
    );
  } else if (nNodes > 1 && gpusPerNode !== cluster.gpusPerNode) {
    wrongNode = true;
    findings.push(
      allocationDiagnostics["partial-nodes"](
        { nNodes, nGpusPerNode: gpusPerNode, gpusPerNode: cluster.gpusPerNode },
        { at: atOption("nGpusPerNode") },
      ),
    );
  }
  if (nNodes > 1 && launchMode === "local") {
    findings.push(allocationDiagnostics["local-multi-node"]({ nNodes }, { at: atOption("nNodes") }));
  }
  if (!wrongNode && (gpusPerNode & (gpusPerNode - 1)) !== 0) {
    findings.push(meshDiagnostics["gpus-not-power-of-two"]({ gpusPerNode }, { at: atOption("nGpusPerNode") }));
  }
  return findings;
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
  const split = all === null ? [] : splitFindings(world, all.count, input.gpusPerNode, place);
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
  gpusPerNode: number,
  place: { readonly at: Place },
): readonly Finding[] {
  const partial = (gpus: number) => gpus >= gpusPerNode && gpus % gpusPerNode !== 0;
  if (partial(world)) return [allocationDiagnostics["generate-size"]({ gpus: world, gpusPerNode, all }, place)];
  if (world >= all) return [meshDiagnostics["split-size"]({ size: world, gpus: all }, place)];
  const rest = all - world;
  return partial(rest) ? [meshDiagnostics["partial-nodes"]({ gpus: rest, first: world, gpusPerNode }, place)] : [];
}

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
    findings.push(allocationDiagnostics["heuristic-gpus"](facts, { at: atOption("nGpusPerNode") }));
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
      findings.push(meshDiagnostics.product(facts, { at: { kind: "class" } }));
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
        findings.push({ ...finding, at: inList ? atOption("nodelist", range) : meshPlace(call, option, range) });
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
          { at: option === null ? placeOf(call) : atOption(`${option}.parallel`) },
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
    { at: atOption(MODE, entry.layoutRange) },
  );
}

function noLayout(call: LayoutCall, input: LayoutInput): Finding {
  return allocationDiagnostics["no-layout-for-call"](
    { call: call.name, mode: input.allocationMode },
    { at: atOption(MODE), related: [{ at: placeOf(call), message: "the call" }] },
  );
}

function unused(mode: Extract<AllocationMode, { readonly entries: unknown }>, input: LayoutInput): readonly Finding[] {
  const calls = [...input.calls, ...input.leftOut].map(({ name }) => name);
  return unusedEntries(mode, calls).map((entry) =>
    allocationDiagnostics["unused-name"]({ name: entry.name, calls }, { at: atOption(MODE, entry.nameRange) }),
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
