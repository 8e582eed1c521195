import type { Layout3D } from "../../src/spec/allocation-mode.ts";
import {
  type Allocation,
  callsWithWeights,
  type Entry,
  type Form,
  type LaidOutCall,
  type Layout,
  type LayoutRole,
  leastSequences,
  samePlace,
  writeAllocation,
} from "./layouts.ts";

/** A layout with one mistake, and what must be found: one code, so many times. */
export interface Wrong {
  readonly layout: Layout;
  /** The allocation string, where it is none that the layout's allocation would give. */
  readonly allocationMode?: string;
  readonly code: string;
  readonly count: number;
}

/** Takes one of a list that is not empty. */
export type Pick = <T>(list: readonly T[]) => T;

/** A way to break a sound layout. */
export interface Mistake {
  readonly what: string;
  readonly forms: readonly Form[];
  /** `null` for a layout that can't have this mistake. */
  readonly make: (layout: Layout, pick: Pick) => Wrong | null;
}

const ANY: readonly Form[] = ["one", "list", "decoupled", "manual"];
const STRINGS: readonly Form[] = ["one", "list", "decoupled"];

/** Makes a mistake at one thing out of several, if there is one. */
function at<T>(
  what: string,
  forms: readonly Form[],
  places: (layout: Layout) => readonly T[],
  wrong: (layout: Layout, place: T, pick: Pick) => Wrong | null,
): Mistake {
  return {
    what,
    forms,
    make: (layout, pick) => {
      const possible = places(layout);
      return possible.length === 0 ? null : wrong(layout, pick(possible), pick);
    },
  };
}

const always = (test: (layout: Layout) => boolean) => (layout: Layout) => (test(layout) ? [layout] : []);
const calls = (test: (call: LaidOutCall, layout: Layout) => boolean) => (layout: Layout) =>
  layout.calls.filter((call) => test(call, layout));
const withCall = (layout: Layout, { name }: LaidOutCall, change: Partial<LaidOutCall>): Layout => ({
  ...layout,
  calls: layout.calls.map((call) => (call.name === name ? { ...call, ...change } : call)),
});
const withRole = (layout: Layout, own: LayoutRole, change: Partial<LayoutRole>): Layout => ({
  ...layout,
  roles: layout.roles.map((role) => (role === own ? { ...role, ...change } : role)),
});
const roleOf = (layout: Layout, { role }: LaidOutCall) => layout.roles.find((own) => own.role === role) as LayoutRole;
const entriesOf = ({ allocation }: Layout) => (allocation.kind === "manual" ? [] : allocation.entries);
const withEntries = (layout: Layout, entries: readonly Entry[]): Layout => ({
  ...layout,
  allocation: { ...(layout.allocation as Extract<Allocation, { readonly entries: unknown }>), entries },
});
const nodesOf = ({ nNodes, cluster }: Layout) => nNodes ?? cluster.nodes;
const decoupledOf = ({ allocation }: Layout) => allocation as Extract<Allocation, { readonly kind: "decoupled" }>;

/** Calls that an entry is for. */
function servedBy(layout: Layout, { name }: Entry): readonly LaidOutCall[] {
  const { allocation } = layout;
  const others = layout.calls.filter(({ kind }) => allocation.kind !== "decoupled" || kind !== "generate");
  const named = new Set(entriesOf(layout).map((entry) => entry.name));
  // Beside an engine's part `gen` stands for that part, whatever call has the name.
  if (allocation.kind === "decoupled") named.delete("gen");
  if (name === "*") return others.filter((call) => !named.has(call.name) || call.name === "*");
  return others.filter((call) => call.name === name && named.has(name));
}

const inUse = (layout: Layout) => entriesOf(layout).filter((entry) => servedBy(layout, entry).length > 0);
const changed = (sizes: Layout3D, pick: Pick, factor: number): Layout3D => {
  const axis = pick(["data", "pipe", "tensor"] as const);
  return { ...sizes, [axis]: sizes[axis] * factor };
};

/** Roles of which a model with parameters is made. */
const loaded = (layout: Layout) =>
  layout.roles.filter(({ role }) => callsWithWeights(layout).some((call) => call.role === role));

/** One mistake each. */
export const MISTAKES: readonly Mistake[] = [
  at("sizes that take other GPUs than there are", STRINGS, inUse, (layout, wrong, pick) => ({
    layout: withEntries(
      layout,
      entriesOf(layout).map((entry) =>
        entry === wrong ? { ...entry, sizes: changed(entry.sizes, pick, pick([2, 3])) } : entry,
      ),
    ),
    code: "allocation/gpu-product",
    count: 1,
  })),
  at(
    "sizes by hand that take other GPUs than the mesh has",
    ["manual"],
    calls(() => true),
    (layout, call, pick) => ({
      layout: withCall(layout, call, { sizes: changed(call.sizes, pick, pick([0, 2, 3])) }),
      code: "mesh/product",
      count: 1,
    }),
  ),
  at("a size of zero", STRINGS, entriesOf, (layout, wrong, pick) => ({
    layout: withEntries(
      layout,
      entriesOf(layout).map((entry) => (entry === wrong ? { ...entry, sizes: changed(entry.sizes, pick, 0) } : entry)),
    ),
    code: "allocation/zero-degree",
    count: 1,
  })),
  at(
    "a size of zero in an engine's part",
    ["decoupled"],
    (layout) => [layout],
    (layout, _, pick) => ({
      layout: { ...layout, allocation: { ...decoupledOf(layout), sizes: changed(decoupledOf(layout).sizes, pick, 0) } },
      code: "allocation/zero-degree",
      count: 1,
    }),
  ),
  at(
    "calls without an entry",
    ["list", "decoupled"],
    (layout) => {
      const star = entriesOf(layout).some(({ name }) => name === "*");
      return inUse(layout).filter(({ name }) => entriesOf(layout).length > 1 && star === (name === "*"));
    },
    (layout, entry) => ({
      layout: withEntries(
        layout,
        entriesOf(layout).filter((other) => other !== entry),
      ),
      code: "allocation/no-layout-for-call",
      count: servedBy(layout, entry).length,
    }),
  ),
  at(
    "a call without a place by hand",
    ["manual"],
    calls(() => true),
    (layout, call) => ({
      layout: withCall(layout, call, { byHand: false }),
      code: "allocation/no-layout-for-call",
      count: 1,
    }),
  ),
  at(
    "an entry for a call that is not there",
    STRINGS,
    (layout) => [layout],
    (layout, _, pick) => ({
      layout: withEntries(layout, [...entriesOf(layout), { name: "nobody", sizes: pick(entriesOf(layout)).sizes }]),
      code: "allocation/unused-name",
      count: 1,
    }),
  ),
  at("two entries for one name", STRINGS, entriesOf, (layout, entry) => ({
    layout: withEntries(layout, [...entriesOf(layout), entry]),
    code: "allocation/repeated-name",
    count: 1,
  })),
  at(
    "a character too many",
    ANY,
    (layout) => [layout],
    (layout, _, pick) => ({
      layout,
      allocationMode: `${writeAllocation(layout.allocation, layout.spelling)}${pick(["x", " ", ",", "d2", "+"])}`,
      code: "allocation/syntax",
      count: 1,
    }),
  ),
  at(
    "no rule of its own",
    ANY,
    (layout) => [layout],
    (layout) => ({
      layout,
      allocationMode: "heuristic",
      code: "allocation/no-heuristic",
      count: 1,
    }),
  ),
  at(
    "an engine without a backend",
    ["decoupled"],
    (layout) => [layout],
    (layout) => ({
      layout: { ...layout, allocation: { ...decoupledOf(layout), engine: "mock" } },
      code: "allocation/mock-engine-unsupported",
      count: 1,
    }),
  ),
  at(
    "an engine with stages",
    ["decoupled"],
    always((layout) => decoupledOf(layout).sizes.data > 1),
    (layout) => {
      const { data, tensor } = decoupledOf(layout).sizes;
      return {
        layout: { ...layout, allocation: { ...decoupledOf(layout), sizes: { data: 1, pipe: data, tensor } } },
        code: "allocation/generate-pipeline",
        count: 1,
      };
    },
  ),
  at(
    "an engine without a call",
    ["decoupled"],
    calls(({ kind }) => kind === "generate"),
    (layout, call) => ({
      layout: withCall(layout, call, { kind: "inference" }),
      code: "allocation/no-generate-call",
      count: 1,
    }),
  ),
  at(
    "an engine for two calls",
    ["decoupled"],
    calls(({ kind }) => kind === "inference" || kind === "evaluate"),
    (layout, call) => ({
      layout: withCall(layout, call, { kind: "generate" }),
      code: "allocation/two-generate-calls",
      count: 1,
    }),
  ),
  at(
    "more nodes than the cluster has",
    ANY,
    always(
      ({ mode, nGpusPerNode, cluster }) =>
        mode !== "local" && (nGpusPerNode ?? cluster.gpusPerNode) === cluster.gpusPerNode,
    ),
    (layout) => ({
      layout: { ...layout, nNodes: layout.cluster.nodes + 1 },
      code: "allocation/too-many-nodes",
      count: 1,
    }),
  ),
  at(
    "more GPUs than a node has",
    ANY,
    (layout) => [layout],
    (layout, _, pick) => ({
      layout: { ...layout, nGpusPerNode: layout.cluster.gpusPerNode * pick([2, 3]) },
      code: "allocation/too-many-gpus-per-node",
      count: 1,
    }),
  ),
  at(
    "part of each of several nodes",
    ANY,
    always((layout) => nodesOf(layout) > 1 && layout.cluster.gpusPerNode > 1),
    (layout) => ({
      layout: { ...layout, nGpusPerNode: layout.cluster.gpusPerNode / 2 },
      code: "allocation/partial-nodes",
      count: 1,
    }),
  ),
  at(
    "several nodes on one machine",
    ANY,
    always((layout) => nodesOf(layout) > 1),
    (layout) => ({
      layout: { ...layout, mode: "local" },
      code: "allocation/local-multi-node",
      count: 1,
    }),
  ),
  at(
    "GPUs of a node that are no power of two",
    ANY,
    (layout) => [layout],
    (layout, _, pick) => ({
      layout: { ...layout, cluster: { ...layout.cluster, gpusPerNode: pick([3, 6]) }, nGpusPerNode: null },
      code: "mesh/gpus-not-power-of-two",
      count: 1,
    }),
  ),
  at(
    "places by hand without a node list",
    ["manual"],
    (layout) => [layout],
    (layout) => ({
      layout: { ...layout, nodelist: null },
      code: "allocation/nodelist-required",
      count: 1,
    }),
  ),
  at(
    "a node list that is too short",
    ["manual"],
    always((layout) => nodesOf(layout) > 1 && layout.calls.some(({ mesh }) => mesh !== null)),
    (layout) => ({
      layout: { ...layout, nodelist: `${layout.cluster.prefix}[3]` },
      code: "mesh/list-too-short",
      count: 1,
    }),
  ),
  at(
    "a mesh of a node that is not listed",
    ["manual"],
    calls(() => true),
    (layout, call) => ({
      layout: withCall(layout, call, { mesh: `${layout.cluster.prefix}[9999]` }),
      code: "mesh/node-not-in-list",
      count: 1,
    }),
  ),
  at(
    "a mesh of a GPU that is not there",
    ["manual"],
    calls(({ mesh }) => mesh?.includes(":") ?? false),
    (layout, call) => ({
      layout: withCall(layout, call, { mesh: `${call.mesh?.replace(/:.*/, "")}:${layout.cluster.gpusPerNode}` }),
      code: "mesh/gpu-id",
      count: 1,
    }),
  ),
  at(
    "a mesh with a gap",
    ["manual"],
    calls(
      ({ mesh }, { nGpusPerNode, cluster }) =>
        (mesh?.includes(":") ?? false) && (nGpusPerNode ?? cluster.gpusPerNode) > 2,
    ),
    (layout, call) => ({
      layout: withCall(layout, call, { mesh: `${call.mesh?.replace(/:.*/, "")}:2,0` }),
      code: "mesh/not-contiguous",
      count: 1,
    }),
  ),
  at(
    "one sequence too few",
    ANY,
    calls((call) => leastSequences(call) > 1),
    (layout, call) => {
      // All others say their own: none of them takes this call's.
      const told = layout.calls.find(({ nSeqs }) => nSeqs !== null)?.nSeqs ?? null;
      const all = { ...layout, calls: layout.calls.map((each) => ({ ...each, nSeqs: each.nSeqs ?? told })) };
      return {
        layout: withCall(all, call, { nSeqs: Math.ceil(leastSequences(call)) - 1 }),
        code: "allocation/batch-too-small",
        count: 1,
      };
    },
  ),
  at(
    "heads that a tensor size does not divide",
    ANY,
    (layout) => callsWithWeights(layout).filter(({ sizes }) => sizes.tensor > 1),
    (layout, call) => {
      const { checkpoint } = roleOf(layout, call);
      const card = layout.cards[checkpoint] as Layout["cards"][string];
      // Models of one layout are one finding.
      const sizes = callsWithWeights(layout)
        .filter((other) => other.sizes.tensor > 1 && roleOf(layout, other).checkpoint === checkpoint)
        .map(({ sizes: { data, pipe, tensor } }) => [data, pipe, tensor].join());
      // One more is too many for each tensor size; with other key-value heads the card itself would make no sense.
      const heads = { heads: card.heads + 1, kvHeads: card.heads + 1 };
      return {
        layout: { ...layout, cards: { ...layout.cards, [checkpoint]: { ...card, ...heads } } },
        code: "model/heads-not-divisible",
        count: new Set(sizes).size,
      };
    },
  ),
  at("a checkpoint of which nothing is known", ANY, loaded, (layout, role) => ({
    layout: withRole(layout, role, { checkpoint: "/models/unknown", family: "llama" }),
    code: "model/not-in-catalogue",
    count: 1,
  })),
  at("a family that no plugin brings", ANY, loaded, (layout, role) => ({
    layout: withRole(layout, role, { family: "lamma" }),
    code: "model/family-unknown",
    count: 1,
  })),
  at("a family that can't read the checkpoint", ANY, loaded, (layout, role) => ({
    layout: withRole(layout, role, { family: "gpt2" }),
    code: "model/family-mismatch",
    count: 1,
  })),
  at(
    "tensor sizes that can't sync",
    ["list", "decoupled"],
    calls((call, layout) => {
      const train = layout.calls.find(({ kind, role }) => kind === "trainStep" && role === call.role);
      const own = inUse(layout).some(({ name }) => name === call.name && name !== "*");
      // Generation may have an engine, which has to fit into a node besides.
      const isOther = train !== undefined && train !== call && call.kind !== "generate";
      return isOther && own && unlike(call.gpus.count, train.sizes.tensor) !== null;
    }),
    (layout, call) => {
      const train = layout.calls.find(({ kind, role }) => kind === "trainStep" && role === call.role) as LaidOutCall;
      const tensor = unlike(call.gpus.count, train.sizes.tensor) as number;
      const sizes = { data: call.gpus.count / tensor, pipe: 1, tensor };
      const { checkpoint } = roleOf(layout, call);
      const card = layout.cards[checkpoint] as Layout["cards"][string];
      const split = {
        ...card,
        heads: card.heads * tensor,
        kvHeads: card.kvHeads * tensor,
        vocabSize: card.vocabSize * tensor,
        hiddenSize: card.hiddenSize * tensor,
      };
      const moved = withCall(layout, call, { sizes, nSeqs: 1_000_000 });
      return {
        layout: {
          ...withEntries(
            moved,
            entriesOf(layout).map((entry) => (entry.name === call.name ? { ...entry, sizes } : entry)),
          ),
          cards: { ...layout.cards, [checkpoint]: split },
        },
        code: "graph/tensor-sizes",
        count: 1,
      };
    },
  ),
  at(
    "an engine that can't share its GPUs",
    ["one", "list", "manual"],
    (layout) =>
      layout.roles.filter(({ role }) => layout.calls.some((call) => call.kind === "generate" && call.role === role)),
    (layout, role) => ({
      layout: withRole(layout, role, { hybrid: "sglang" }),
      code: "allocation/sglang-hybrid",
      count: 1,
    }),
  ),
  at(
    "a backend that is not there",
    ANY,
    calls(({ kind }) => kind === "trainStep"),
    (layout, call) => ({
      layout: withRole(layout, roleOf(layout, call), { trainBackend: "megatrom" as "megatron" }),
      code: "allocation/backend",
      count: 1,
    }),
  ),
  at(
    "training of a frozen model",
    ANY,
    calls(({ kind }) => kind === "trainStep"),
    (layout, call) => ({
      layout: withRole(layout, roleOf(layout, call), { frozen: true }),
      code: "dsl/frozen-role",
      count: 1,
    }),
  ),
  at(
    "calls of a role that has no model",
    ANY,
    calls(() => true),
    (layout, { role }) => ({
      layout: { ...layout, roles: layout.roles.filter((own) => own.role !== role) },
      code: "dsl/unknown-role",
      count: layout.calls.filter((call) => call.role === role).length,
    }),
  ),
  at(
    "two calls that train a role",
    ANY,
    calls((call, layout) =>
      layout.calls.some(
        (train) => train !== call && train.kind === "trainStep" && train.role === call.role && samePlace(train, call),
      ),
    ),
    (layout, call) => ({
      layout: withCall(layout, call, { kind: "trainStep", nSeqs: 1_000_000 }),
      code: "graph/two-train-steps",
      count: 1,
    }),
  ),
  at(
    "a key that nothing gives",
    ANY,
    calls(() => true),
    (layout, call) => ({
      layout: withCall(layout, call, { reads: [...call.reads, "a key of nobody"] }),
      code: "graph/unproduced-key",
      count: 1,
    }),
  ),
  at(
    "a call that waits for itself",
    ANY,
    calls(({ yields }) => yields.length > 0),
    (layout, call, pick) => {
      const given = new Set(layout.calls.flatMap(({ yields }) => yields));
      const starts = layout.calls.some((other) => other !== call && other.reads.every((key) => !given.has(key)));
      return {
        layout: withCall(layout, call, { reads: [...call.reads, pick(call.yields)] }),
        code: starts ? "graph/cycle" : "graph/no-source",
        count: 1,
      };
    },
  ),
  at(
    "a key that two calls give",
    ANY,
    calls(({ yields }) => yields.length > 0),
    (layout, call, pick) => {
      const unread = call.yields.filter((key) => !layout.calls.some(({ reads }) => reads.includes(key)));
      const others = layout.calls.filter((other) => other !== call);
      if (unread.length === 0 || others.length === 0) return null;
      const other = pick(others);
      return {
        layout: withCall(layout, other, { yields: [...other.yields, pick(unread)] }),
        code: "graph/key-produced-twice",
        count: 1,
      };
    },
  ),
];

/** A tensor size of so many GPUs that neither divides `tensor` nor is a multiple of it, if there is one. */
function unlike(gpus: number, tensor: number): number | null {
  for (let size = 2; size <= gpus; size += 1) {
    if (gpus % size === 0 && size % tensor !== 0 && tensor % size !== 0) return size;
  }
  return null;
}
