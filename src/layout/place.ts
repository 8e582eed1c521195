import { at, atOption, type Finding, type Place } from "../diagnostics/finding.ts";
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
import type { GpuRun, LayoutCall, LayoutInput, PlacedCall } from "./input.ts";

/** Calls with their GPUs and sizes, before replicas and hooks. */
export type Placement = Omit<PlacedCall, "replicaId" | "preHooks" | "postHooks">;

/** What an allocation string makes of the calls; `null` if nothing sensible is left. */
export interface Placed {
  readonly mode: AllocationMode | null;
  readonly calls: readonly Placement[] | null;
  /** GPUs that a generation engine has to itself. */
  readonly engineGpus: GpuRun | null;
  readonly findings: readonly Finding[];
}

const MODE = "allocationMode";

/** Places every call. Sizes of the cluster come first: what does not fit there makes the rest noise. */
export function placeCalls(input: LayoutInput): Placed {
  const findings: Finding[] = [...geometryFindings(input)];
  const parsed = parseAllocationMode(input.allocationMode);
  findings.push(...parsed.findings.map((finding) => inMode(finding)));
  const mode = parsed.value;
  if (mode === null || findings.some(({ severity }) => severity === "error")) {
    return { mode, calls: null, engineGpus: null, findings };
  }
  const all: GpuRun = { first: 0, count: input.nNodes * input.gpusPerNode };
  switch (mode.kind) {
    case "heuristic":
      findings.push(allocationDiagnostics["no-heuristic"]({ mode: input.allocationMode }, { at: atOption(MODE) }));
      return { mode, calls: null, engineGpus: null, findings };
    case "manual":
      return { mode, engineGpus: null, ...manual(input, all) };
    case "globalHybrid":
      findings.push(...unused(mode, input));
      return { mode, engineGpus: null, ...merge(findings, hybrid(mode, input, all)) };
    case "decoupled":
      findings.push(...unused(mode, input));
      return { mode, ...merge(findings, decoupled(mode, input, all)) };
  }
}

/** Nodes and GPUs that are asked for, against those that the cluster has. */
function geometryFindings({ cluster, nNodes, gpusPerNode, launchMode }: LayoutInput): readonly Finding[] {
  const findings: Finding[] = [];
  if (nNodes > cluster.nodes) {
    findings.push(
      allocationDiagnostics["too-many-nodes"](
        { nNodes, cluster: cluster.name, nodes: cluster.nodes },
        { at: atOption("nNodes") },
      ),
    );
  }
  if (gpusPerNode > cluster.gpusPerNode) {
    findings.push(
      allocationDiagnostics["too-many-gpus-per-node"](
        { nGpusPerNode: gpusPerNode, cluster: cluster.name, gpusPerNode: cluster.gpusPerNode },
        { at: atOption("nGpusPerNode") },
      ),
    );
  } else if (nNodes > 1 && gpusPerNode !== cluster.gpusPerNode) {
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
  if (findings.length === 0 && (gpusPerNode & (gpusPerNode - 1)) !== 0) {
    findings.push(meshDiagnostics["gpus-not-power-of-two"]({ gpusPerNode }, { at: atOption("nGpusPerNode") }));
  }
  return findings;
}

type CallsAndFindings = Pick<Placed, "calls" | "findings">;

function hybrid(
  mode: Extract<AllocationMode, { kind: "globalHybrid" }>,
  input: LayoutInput,
  all: GpuRun,
): CallsAndFindings {
  const findings: Finding[] = [];
  const reported = new Set<AllocationEntry>();
  const calls = input.calls.flatMap((call): Placement[] => {
    const entry = entryFor(mode, call.name);
    if (entry === undefined) {
      findings.push(noLayout(call, input));
      return [];
    }
    const product = gpusOf(entry.layout);
    if (product !== all.count && !reported.has(entry)) {
      // One entry that serves several calls is one mistake.
      reported.add(entry);
      findings.push(productFinding(call, entry, product, input, all.count, 0));
    }
    return [placement(call, all, entry)];
  });
  return { calls: findings.length === 0 ? calls : null, findings };
}

function decoupled(
  mode: Extract<AllocationMode, { kind: "decoupled" }>,
  input: LayoutInput,
  all: GpuRun,
): CallsAndFindings & { readonly engineGpus: GpuRun | null } {
  const findings: Finding[] = [];
  const world = gpusOf(mode.gen.layout);
  const genRange = mode.gen.range;
  const generating = input.calls.filter(({ kind }) => kind === "generate");
  if (generating.length === 0) {
    findings.push(allocationDiagnostics["no-generate-call"]({ engine: mode.engine }, { at: atOption(MODE, genRange) }));
    return { calls: null, engineGpus: null, findings };
  }
  if (generating.length > 1) {
    findings.push(
      allocationDiagnostics["two-generate-calls"](
        { calls: generating.map(({ name }) => name) },
        { at: atOption(MODE, genRange) },
      ),
    );
  }
  const whole = world < input.gpusPerNode ? all.count > world : world % input.gpusPerNode === 0 && world < all.count;
  if (!whole) {
    findings.push(
      allocationDiagnostics["generate-size"](
        { gpus: world, gpusPerNode: input.gpusPerNode, all: all.count },
        { at: atOption(MODE, genRange) },
      ),
    );
  }
  if (mode.gen.layout.pipe !== 1) {
    findings.push(
      allocationDiagnostics["generate-pipeline"]({ pipe: mode.gen.layout.pipe }, { at: atOption(MODE, genRange) }),
    );
  }
  const engineGpus: GpuRun = { first: 0, count: world };
  const rest: GpuRun = { first: world, count: all.count - world };
  const reported = new Set<AllocationEntry>();
  const calls = input.calls.flatMap((call): Placement[] => {
    if (call.kind === "generate") {
      return [{ call, gpus: engineGpus, sizes: mode.gen.layout, sequenceParallel: false, range: mode.gen.range }];
    }
    const entry = entryFor(mode, call.name);
    if (entry === undefined) {
      findings.push(noLayout(call, input));
      return [];
    }
    const product = gpusOf(entry.layout);
    if (whole && product + world !== all.count && !reported.has(entry)) {
      reported.add(entry);
      findings.push(productFinding(call, entry, product, input, all.count, world));
    }
    return [placement(call, rest, entry)];
  });
  return { calls: findings.length === 0 ? calls : null, engineGpus, findings };
}

function manual(input: LayoutInput, all: GpuRun): CallsAndFindings {
  const findings: Finding[] = [];
  if (input.nodelist === null) {
    findings.push(allocationDiagnostics["nodelist-required"]({ mode: input.allocationMode }, { at: atOption(MODE) }));
    return { calls: null, findings };
  }
  const nodelist = input.nodelist;
  const calls = input.calls.flatMap((call): Placement[] => {
    const place = call.manual;
    if (place === null) {
      findings.push(noLayout(call, input));
      return [];
    }
    const { parallel, deviceMesh, option } = place;
    let gpus = all;
    if (deviceMesh !== null) {
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
          { at: option === null ? at(call.pointer) : atOption(`${option}.parallel`) },
        ),
      );
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
  return { calls: distinct.some(({ severity }) => severity === "error") ? null : calls, findings: distinct };
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
    { at: atOption(MODE), related: [{ at: at(call.pointer), message: "the call" }] },
  );
}

function unused(mode: Extract<AllocationMode, { readonly entries: unknown }>, input: LayoutInput): readonly Finding[] {
  const names = input.calls.map(({ name }) => name);
  return unusedEntries(mode, names).map((entry) =>
    allocationDiagnostics["unused-name"]({ name: entry.name, calls: names }, { at: atOption(MODE, entry.nameRange) }),
  );
}

function meshPlace(
  call: LayoutCall,
  option: string | null,
  range: { offset: number; length: number } | undefined,
): Place {
  if (option === null) return { kind: "class" };
  return atOption(`${option}.deviceMesh`, range);
}

function inMode(finding: Finding): Finding {
  const range = finding.at.kind === "pointer" ? finding.at.range : undefined;
  return { ...finding, at: atOption(MODE, range) };
}

function merge<T extends CallsAndFindings>(before: readonly Finding[], placed: T): T {
  return { ...placed, findings: [...before, ...placed.findings] };
}
