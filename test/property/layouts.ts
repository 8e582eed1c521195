import * as fc from "fast-check";
import type { ModelCard } from "../../src/manifest/format.ts";
import type { Layout3D } from "../../src/spec/allocation-mode.ts";
import type { InterfaceType } from "../../src/spec/call.ts";

/*
 * Random experiments that are laid out without a mistake, as data. They cover:
 * - clusters of 1 to 32 nodes with 1, 2, 4 or 8 GPUs each, all or some of the nodes in use, or part of one node;
 * - one to four roles and up to seven calls of every kind, with names of any characters where they may have any;
 * - a graph without a circle whose order is not that of the calls, with keys of the dataset and of other calls;
 * - each form of an allocation string: one layout, a list with and without `*`, an engine with GPUs of its own on either side,
 *   and places by hand on all GPUs, on runs of nodes and on parts of a node, with node lists in any order;
 * - sizes that fill the GPUs in every way, with model cards whose heads they divide and whose tensor sizes can sync;
 * - engines that share GPUs with training, roles that share a checkpoint, roles that nobody calls, averaged parameters;
 * - batches as small as they may be and larger ones, with fractions of sequences and with micro-batches.
 */

/** A contiguous run of GPUs in row-major order over the nodes. */
export interface Run {
  readonly first: number;
  readonly count: number;
}

/** A model of a layout. */
export interface LayoutRole {
  readonly role: string;
  readonly checkpoint: string;
  readonly family: string | null;
  readonly trainBackend: "megatron" | "mock_train";
  /** Engine that is asked to generate on GPUs that train. */
  readonly hybrid: "vllm" | "sglang" | null;
  readonly frozen: boolean;
}

/** A call of a layout, with the place that it must get. */
export interface LaidOutCall {
  readonly name: string;
  readonly kind: InterfaceType;
  readonly role: string;
  readonly reads: readonly string[];
  readonly yields: readonly string[];
  /** `null`: those of the first call that says so. */
  readonly nSeqs: number | null;
  readonly minSeqsPerPass: number;
  readonly nMbs: number;
  readonly gpus: Run;
  readonly sizes: Layout3D;
  /** Under `manual` only: name of the mesh, `null` for all GPUs. */
  readonly mesh: string | null;
  /** Has a place by hand, which is read under `manual` only and needed there. */
  readonly byHand: boolean;
  /** Role whose parameters become an average of its own and those that the call trained. */
  readonly averages: string | null;
}

/** A layout in an allocation string and the call that it is for; `*` for all others. */
export interface Entry {
  readonly name: string;
  readonly sizes: Layout3D;
}

/** What an allocation string says. */
export type Allocation =
  | { readonly kind: "manual" }
  | { readonly kind: "shared"; readonly entries: readonly Entry[] }
  | {
      readonly kind: "decoupled";
      readonly engine: "vllm" | "sglang" | "mock";
      readonly side: "left" | "right";
      readonly sizes: Layout3D;
      readonly entries: readonly Entry[];
    };

/** An experiment whose layout is sound. */
export interface Layout {
  readonly cluster: { readonly nodes: number; readonly gpusPerNode: number; readonly prefix: string };
  readonly mode: "slurm" | "ray" | "local";
  readonly nNodes: number | null;
  readonly nGpusPerNode: number | null;
  readonly nodelist: string | null;
  readonly allocation: Allocation;
  /** How the allocation string is written, see {@link writeAllocation}. */
  readonly spelling: readonly number[];
  readonly roles: readonly LayoutRole[];
  /** In the order of an object's properties. */
  readonly calls: readonly LaidOutCall[];
  readonly cards: Readonly<Record<string, ModelCard>>;
  readonly evaluates: boolean;
  readonly maxPromptLen: number | null;
}

/** Keys that the dataset of every layout yields. */
export const DATASET_KEYS = ["packed_prompts", "task_ids"];

export const FORMS = ["one", "list", "decoupled", "manual"] as const;
/** Form of an allocation string. */
export type Form = (typeof FORMS)[number];

/** Layouts whose allocation has one of the forms, each as often as the others. */
export function layouts(...forms: readonly Form[]): fc.Arbitrary<Layout> {
  return fc.gen().map((generate) => draw(new Draws(generate), forms.length === 0 ? FORMS : forms));
}

/** GPUs in use. */
export function gpusOf(layout: Pick<Layout, "cluster" | "nNodes" | "nGpusPerNode">): number {
  return (layout.nNodes ?? layout.cluster.nodes) * (layout.nGpusPerNode ?? layout.cluster.gpusPerNode);
}

/** Fewest sequences that a call can take, as the workers multiply them: in doubles, from left to right. */
export function leastSequences({ kind, sizes, minSeqsPerPass, nMbs }: LaidOutCall): number {
  return (kind === "trainStep" && sizes.pipe > 1 ? 2 : 1) * sizes.data * sizes.pipe * minSeqsPerPass * nMbs;
}

/** The call that has replica 0 of a role: the one that trains it, else its first inference, else its first. */
export function mainCall(calls: readonly LaidOutCall[], role: string): LaidOutCall | undefined {
  const own = calls.filter((call) => call.role === role);
  return own.find(({ kind }) => kind === "trainStep") ?? own.find(({ kind }) => kind === "inference") ?? own[0];
}

/**
 * Model of each call, `role@replica` by name of the call: the main call's is replica 0, which calls on the same GPUs with the same
 * sizes share unless an engine of their own generates beside training; each other call has the next replica.
 */
export function modelsOf({ calls, roles }: Pick<Layout, "calls" | "roles">): ReadonlyMap<string, string> {
  const next = new Map<string, number>();
  return new Map(
    calls.map((call) => {
      const main = mainCall(calls, call.role) as LaidOutCall;
      const hybrid = roles.find(({ role }) => role === call.role)?.hybrid ?? null;
      const apart = hybrid !== null && call.kind === "generate" && main.kind === "trainStep";
      const id = samePlace(call, main) && !apart ? 0 : (next.get(call.role) ?? 1);
      if (id > 0) next.set(call.role, id + 1);
      return [call.name, `${call.role}@${id}`];
    }),
  );
}

/** True for the same GPUs and the same sizes. */
export function samePlace(a: LaidOutCall, b: LaidOutCall): boolean {
  return JSON.stringify(a.gpus) === JSON.stringify(b.gpus) && sizesText(a.sizes) === sizesText(b.sizes);
}

/** Calls whose models have real parameters: an engine with GPUs of its own loads its checkpoint by itself. */
export function callsWithWeights({ allocation, calls }: Pick<Layout, "allocation" | "calls">): readonly LaidOutCall[] {
  return calls.filter(({ kind }) => allocation.kind !== "decoupled" || kind !== "generate");
}

const LETTERS = ["dpm", "dmp", "pdm", "pmd", "mdp", "mpd"] as const;
const AXES = { d: "data", p: "pipe", m: "tensor" } as const;

/**
 * Writes an allocation string. Each number of `spelling` says how one layout is written, in turn: the order of its letters, its
 * leading zeros, and whether one for all calls has its `*`.
 */
export function writeAllocation(allocation: Allocation, spelling: readonly number[]): string {
  let next = 0;
  const number = () => spelling[next++ % spelling.length] ?? 0;
  const write = (sizes: Layout3D) => {
    const how = number();
    const zeros = "0".repeat(Math.floor(how / 6) % 3);
    return [...(LETTERS[how % 6] as string)].map((letter) => letter + zeros + sizes[AXES[letter as "d"]]).join("");
  };
  const list = (entries: readonly Entry[]) => {
    const [only] = entries;
    if (entries.length === 1 && only?.name === "*" && number() % 2 === 0) return write(only.sizes);
    return entries.map(({ name, sizes }) => `${name}:${write(sizes)}`).join(",");
  };
  switch (allocation.kind) {
    case "manual":
      return "manual";
    case "shared":
      return list(allocation.entries);
    case "decoupled": {
      const engine = `${allocation.engine}.${write(allocation.sizes)}`;
      const others = list(allocation.entries);
      return allocation.side === "left" ? `${engine}+${others}` : `${others}+${engine}`;
    }
  }
}

/** True for a name that can stand in an allocation string; beside an engine's part some mean something else. */
export function isWritable(name: string, decoupled: boolean): boolean {
  return /^[A-Za-z0-9_-]+$/.test(name) && !(decoupled && ["gen", "vllm", "sglang", "mock"].includes(name));
}

/** What a layout shows of the forms that there are: counted, so that the generator can't quietly lose one. */
export function formsOf(layout: Layout): readonly string[] {
  const { allocation, calls, cluster, roles } = layout;
  const gpusPerNode = layout.nGpusPerNode ?? cluster.gpusPerNode;
  const nNodes = layout.nNodes ?? cluster.nodes;
  const held = new Set(roles.map(({ checkpoint }) => checkpoint));
  const byModel = calls.map(({ role, gpus, sizes }) => [role, JSON.stringify([gpus, sizes])] as const);
  const shows: Readonly<Record<string, boolean>> = {
    [`gpus per node: ${cluster.gpusPerNode}`]: true,
    [`launch mode: ${layout.mode}`]: true,
    "nodes: one": nNodes === 1,
    "nodes: several": nNodes > 1,
    "nodes: more than 16": nNodes > 16,
    "nodes: some of the cluster's": nNodes < cluster.nodes,
    "part of a node": gpusPerNode < cluster.gpusPerNode,
    ...Object.fromEntries(calls.map(({ kind }) => [`call: ${kind}`, true])),
    "name: outside of allocation strings": calls.some(({ name }) => !isWritable(name, true)),
    "role: with a space or a letter beyond ASCII": roles.some(({ role }) => /[^!-~]/u.test(role)),
    "role: named as a property of every object": roles.some(({ role }) => role in {}),
    "role: without a call": roles.some(({ role }) => !calls.some((call) => call.role === role)),
    "role: two layouts": byModel.some(([role, place]) =>
      byModel.some((other) => other[0] === role && other[1] !== place),
    ),
    "role: several calls on one layout": new Set(byModel.map(String)).size < calls.length,
    "checkpoint: shared": held.size < roles.length,
    "hybrid engine that generates beside training": roles.some(
      ({ role, hybrid }) =>
        hybrid !== null &&
        allocation.kind !== "decoupled" &&
        ["generate", "trainStep"].every((kind) => calls.some((call) => call.role === role && call.kind === kind)),
    ),
    "hybrid engine that generates only": roles.some(
      ({ role, hybrid }) =>
        hybrid !== null &&
        allocation.kind !== "decoupled" &&
        calls.some((call) => call.role === role) &&
        calls.every((call) => call.role !== role || call.kind === "generate"),
    ),
    "averaged parameters": calls.some(({ averages }) => averages !== null),
    "keys between calls": calls.some(({ reads }) => reads.some((key) => !DATASET_KEYS.includes(key))),
    "calls: a reader ahead of its producer": calls.some(({ reads }, index) =>
      calls.slice(index + 1).some(({ yields }) => yields.some((key) => reads.includes(key))),
    ),
    "sequences: part of one in a pass": calls.some(({ minSeqsPerPass }) => !Number.isInteger(minSeqsPerPass)),
    "sequences: as few as can be": calls.some((call) => call.nSeqs === Math.ceil(leastSequences(call))),
    "sequences: of another call": calls.some(({ nSeqs }) => nSeqs === null),
    "micro-batches": calls.some(({ nMbs }) => nMbs > 1),
    "sizes: all three above one": calls.some(({ sizes: { data, pipe, tensor } }) => Math.min(data, pipe, tensor) > 1),
    "sizes: no power of two": calls.some(({ gpus }) => !Number.isInteger(Math.log2(gpus.count))),
    ...allocationForms(layout),
  };
  return Object.keys(shows).filter((form) => shows[form]);
}

function allocationForms({ allocation, calls, ...layout }: Layout): Readonly<Record<string, boolean>> {
  if (allocation.kind === "manual") {
    const gpusPerNode = layout.nGpusPerNode ?? layout.cluster.gpusPerNode;
    const has = (test: (call: LaidOutCall) => boolean) => calls.some(test);
    return {
      "manual: all GPUs": has(({ mesh }) => mesh === null),
      "manual: part of a node": has(({ mesh, gpus }) => mesh !== null && gpus.count < gpusPerNode),
      "manual: one node": has(({ mesh, gpus }) => mesh !== null && gpus.count === gpusPerNode),
      "manual: some nodes": has(({ mesh, gpus }) => mesh !== null && gpus.count > gpusPerNode),
      "manual: list without brackets": !layout.nodelist?.includes("["),
      "manual: list of single nodes": layout.nodelist?.includes(",") ?? false,
      "manual: list of a run": layout.nodelist?.includes("-", layout.cluster.prefix.length) ?? false,
      "manual: names without a prefix": layout.cluster.prefix === "",
    };
  }
  const { entries } = allocation;
  const star = entries.some(({ name }) => name === "*");
  const [where, others] = allocation.kind === "decoupled" ? ["decoupled", calls.length - 1] : ["shared", calls.length];
  return {
    [`${where}: one layout`]: star && entries.length === 1,
    [`${where}: a list with *`]: star && entries.length > 1,
    [`${where}: a list without *`]: !star && others > 0,
    ...(allocation.kind === "decoupled" ? { [`${allocation.engine} on the ${allocation.side}`]: true } : {}),
    "decoupled: no other call": allocation.kind === "decoupled" && others === 0,
    "decoupled: an entry for the engine's part":
      allocation.kind === "decoupled" && entries.some(({ name }) => name === "gen"),
  };
}

const flat = (max: number) => fc.noBias(fc.nat({ max }));

/** Even choices: each alternative as likely as the others, the first one the simplest. */
class Draws {
  readonly #generate: fc.GeneratorValue;

  constructor(generate: fc.GeneratorValue) {
    this.#generate = generate;
  }

  below(count: number): number {
    return count <= 1 ? 0 : this.#generate(flat, count - 1);
  }

  of<T>(list: readonly T[]): T {
    return list[this.below(list.length)] as T;
  }

  /** True once in `times`. */
  once(times: number): boolean {
    return this.below(times) === times - 1;
  }

  /** A list in any order. */
  shuffled<T>(list: readonly T[]): readonly T[] {
    const keys = list.map((item) => ({ item, key: this.below(1 << 20) }));
    return keys.sort((a, b) => a.key - b.key).map(({ item }) => item);
  }

  text(): string {
    return this.#generate(fc.string, { unit: "grapheme", maxLength: 6 });
  }
}

/** A call before it has its name. */
type Unnamed = Omit<LaidOutCall, "name" | "reads" | "yields" | "nSeqs" | "averages">;

function draw(draws: Draws, forms: readonly Form[]): Layout {
  const form = draws.of(forms);
  const where = drawGpus(draws, form);
  const possible = drawRoles(draws, form);
  const kinds = drawKinds(draws, form, possible);
  const trains = (role: LayoutRole) => kinds.some((call) => call.kind === "trainStep" && call.role === role);
  const { placed, decoupled, nodelist } = drawPlaces(draws, form, where, kinds);
  const roles = possible.map((role) => ({
    ...role,
    frozen: !trains(role) && draws.once(2),
    hybrid: decoupled !== null || servesAll(role, placed, where) ? role.hybrid : null,
  }));
  // The calls that `*` serves are those of one layout: they may have any name.
  const others = placed.filter(({ kind }) => decoupled === null || kind !== "generate");
  const starred = others[draws.below(others.length)]?.sizes ?? { data: 1, pipe: 1, tensor: 1 };
  const star = form === "one" || others.length === 0 || draws.once(2) ? sizesText(starred) : null;
  const anyName = ({ kind, sizes }: Unnamed) =>
    form === "manual" || (decoupled !== null && kind === "generate") || sizesText(sizes) === star;
  const names = drawNames(draws, decoupled !== null, placed.map(anyName));
  const calls = withSequences(draws, withKeys(draws, inObjectOrder(placed, names)));
  const entries = drawEntries(draws, form, star, calls, decoupled !== null);
  const allocation: Allocation =
    form === "manual"
      ? { kind: "manual" }
      : decoupled === null
        ? { kind: "shared", entries }
        : { kind: "decoupled", ...decoupled, side: draws.of(["left", "right"]), entries };
  return {
    ...where,
    nodelist,
    allocation,
    spelling: Array.from({ length: 4 }, () => draws.below(18)),
    roles,
    calls: withAverages(draws, calls),
    cards: drawCards(draws, roles, { allocation, calls }),
    evaluates: draws.once(2),
    maxPromptLen: draws.of([null, 256]),
  };
}

type Where = Pick<Layout, "cluster" | "mode" | "nNodes" | "nGpusPerNode">;

function drawGpus(draws: Draws, form: Form): Where {
  const gpusPerNode = draws.of([8, 4, 2, 1]);
  const least = form === "decoupled" && gpusPerNode === 1 ? 2 : 1;
  const nodes = least + draws.below(draws.of([1, 4, 33 - least]));
  const nNodes = draws.of([null, least + draws.below(nodes - least + 1)]);
  const single = (nNodes ?? nodes) === 1;
  const parts = [1, 2, 4, 8].filter((gpus) => gpus < gpusPerNode && (form !== "decoupled" || gpus > 1));
  return {
    cluster: { nodes, gpusPerNode, prefix: draws.of(["slurmd-", "gpu", ""]) },
    mode: draws.of(single ? ["slurm", "ray", "local"] : ["slurm", "ray"]),
    nNodes,
    nGpusPerNode: draws.of([null, gpusPerNode, ...(single ? parts : [])]),
  };
}

const ROLE_NAMES = ["actor", "critic", "ref", "reward", "7", "constructor", "__proto__", "an actor", "rôle", ""];

function drawRoles(draws: Draws, form: Form): readonly LayoutRole[] {
  const names = distinct(1 + draws.below(4), () =>
    draws.once(4) ? draws.text().replaceAll("@", "a") : draws.of(ROLE_NAMES),
  );
  const made: LayoutRole[] = [];
  for (const role of objectOrder(names)) {
    const shared = made.length > 0 && draws.once(4) ? draws.of(made) : null;
    const hybrid =
      form === "decoupled" ? draws.of([null, "vllm", "sglang"] as const) : draws.of([null, "vllm"] as const);
    made.push({
      role,
      checkpoint: shared?.checkpoint ?? `/models/${made.length}`,
      family: shared === null ? draws.of([null, "llama", "qwen2"]) : shared.family,
      trainBackend: draws.of(["megatron", "mock_train"]),
      hybrid,
      frozen: false,
    });
  }
  return made;
}

interface Kind {
  readonly kind: InterfaceType;
  readonly role: LayoutRole;
}

/** A role is trained once at most; an engine with GPUs of its own serves one call. */
function drawKinds(draws: Draws, form: Form, roles: readonly LayoutRole[]): readonly Kind[] {
  const count = 1 + draws.below(7);
  const generating = form === "decoupled" ? draws.below(count) : -1;
  const trained = new Set<LayoutRole>();
  return Array.from({ length: count }, (_, index): Kind => {
    const role = draws.of(roles);
    if (index === generating) return { kind: "generate", role };
    const kind = draws.of(["trainStep", "inference", "generate", "evaluate"] as const);
    if ((kind === "generate" && generating >= 0) || (kind === "trainStep" && trained.has(role))) {
      return { kind: "inference", role };
    }
    if (kind === "trainStep") trained.add(role);
    return { kind, role };
  });
}

/** An engine fits into a node, and nothing but generation is asked of it: beside training it has a replica of its own. */
function servesAll({ role }: LayoutRole, placed: readonly Unnamed[], { cluster }: Where): boolean {
  const own = placed.filter((call) => call.role === role);
  const generating = own.filter(({ kind }) => kind === "generate");
  const isAlone = own.some(({ kind }) => kind === "trainStep") || generating.length === own.length;
  return isAlone && generating.every(({ sizes }) => sizes.tensor <= cluster.gpusPerNode);
}

interface Places {
  readonly placed: readonly Unnamed[];
  readonly decoupled: { readonly engine: "vllm" | "sglang"; readonly sizes: Layout3D } | null;
  readonly nodelist: string | null;
}

function drawPlaces(draws: Draws, form: Form, where: Where, kinds: readonly Kind[]): Places {
  const all: Run = { first: 0, count: gpusOf(where) };
  const nodes = form === "manual" ? drawNodes(draws, where) : null;
  const engine = form === "decoupled" ? drawEngine(draws, where) : null;
  const rest: Run = engine === null ? all : { first: engine.gpus.count, count: all.count - engine.gpus.count };
  const pool = draws.shuffled(factorizations(rest.count)).slice(0, form === "one" ? 1 : 1 + draws.below(3));
  const places = new Map<Kind, Pick<Unnamed, "gpus" | "sizes" | "mesh">>();
  const trained = new Map<LayoutRole, number>();
  // Who trains comes ahead of the other calls of its role: all of them must be able to sync with it.
  const turn = ({ kind }: Kind) => (kind === "trainStep" ? 0 : 1);
  for (const call of kinds.toSorted((a, b) => turn(a) - turn(b))) {
    const { kind, role } = call;
    if (engine !== null && kind === "generate") {
      places.set(call, { gpus: engine.gpus, sizes: engine.sizes, mesh: null });
      continue;
    }
    const generates = engine !== null && kinds.some((other) => other.kind === "generate" && other.role === role);
    const partner = kind === "trainStep" ? (generates ? engine.sizes.tensor : undefined) : trained.get(role);
    const syncs = ({ tensor }: Layout3D) => divides(tensor, partner ?? tensor);
    const { gpus, mesh } = nodes === null ? { gpus: rest, mesh: null } : drawMesh(draws, where, nodes, all);
    const sizes = (nodes === null ? pool : draws.shuffled(factorizations(gpus.count))).filter(syncs);
    const found = sizes.length === 0 ? { data: gpus.count, pipe: 1, tensor: 1 } : draws.of(sizes);
    places.set(call, { gpus, sizes: found, mesh });
    if (kind === "trainStep") trained.set(role, found.tensor);
  }
  const placed = kinds.map((call): Unnamed => ({
    kind: call.kind,
    role: call.role.role,
    minSeqsPerPass: draws.of([1, 1, 2, 1 / 8, 8 / 5]),
    nMbs: draws.of([1, 1, 2, 3]),
    byHand: form === "manual" || draws.once(2),
    ...(places.get(call) as Pick<Unnamed, "gpus" | "sizes" | "mesh">),
  }));
  return {
    placed,
    decoupled: engine === null ? null : { engine: draws.of(["vllm", "sglang"]), sizes: engine.sizes },
    nodelist: nodes === null ? null : writeNodes(draws, where, nodes),
  };
}

/** Part of the GPUs for generation, so that it and the rest are parts of one node, or whole nodes. */
function drawEngine(draws: Draws, where: Where): { readonly gpus: Run; readonly sizes: Layout3D } {
  const gpusPerNode = where.nGpusPerNode ?? where.cluster.gpusPerNode;
  const nNodes = where.nNodes ?? where.cluster.nodes;
  const count = nNodes === 1 ? 1 + draws.below(gpusPerNode - 1) : gpusPerNode * (1 + draws.below(nNodes - 1));
  const fits = ({ pipe, tensor }: Layout3D) => pipe === 1 && tensor <= gpusPerNode;
  return { gpus: { first: 0, count }, sizes: draws.of(factorizations(count).filter(fits)) };
}

/** Numbers of listed nodes, of which the first ones are in use: a run, one with gaps, and one in any order. */
function drawNodes(draws: Draws, { cluster, nNodes }: Where): readonly number[] {
  const first = draws.below(5);
  const run = Array.from({ length: (nNodes ?? cluster.nodes) + draws.below(3) }, (_, index) => first + index);
  const gaps = run.map((node, index) => node + Math.floor(index / 2));
  return draws.of([run, gaps, draws.shuffled(gaps)]);
}

function drawMesh(
  draws: Draws,
  where: Where,
  nodes: readonly number[],
  all: Run,
): { readonly gpus: Run; readonly mesh: string | null } {
  const gpusPerNode = where.nGpusPerNode ?? where.cluster.gpusPerNode;
  const nNodes = where.nNodes ?? where.cluster.nodes;
  const node = draws.below(nNodes);
  const kind = draws.of(["all", "part", "nodes"] as const);
  if (kind === "all") return { gpus: all, mesh: null };
  if (kind === "part") {
    const gpu = draws.below(gpusPerNode);
    // A whole node may be listed GPU by GPU, too.
    const count = 1 + draws.below(gpusPerNode - gpu);
    const ids = draws.shuffled(Array.from({ length: count }, (_, index) => gpu + index));
    return {
      gpus: { first: node * gpusPerNode + gpu, count },
      mesh: `${nodeName(where, nodes[node] as number)}:${ids.join(",")}`,
    };
  }
  const end = node + 1 + draws.below(nNodes - node);
  return {
    gpus: { first: node * gpusPerNode, count: (end - node) * gpusPerNode },
    mesh: writeNodes(draws, where, draws.of([nodes.slice(node, end), draws.shuffled(nodes.slice(node, end))])),
  };
}

function nodeName({ cluster }: Where, node: number): string {
  return `${cluster.prefix}${String(node).padStart(String(cluster.nodes).length, "0")}`;
}

/** Nodes in their order: one by its name, several in brackets, one by one or with runs. */
function writeNodes(draws: Draws, where: Where, nodes: readonly number[]): string {
  const [only] = nodes;
  if (nodes.length === 1 && draws.once(2)) return nodeName(where, only as number);
  const runs: { first: number; last: number }[] = [];
  const joins = draws.once(2);
  for (const node of nodes) {
    const run = runs.at(-1);
    if (joins && run !== undefined && node === run.last + 1) run.last = node;
    else runs.push({ first: node, last: node });
  }
  const texts = runs.map(({ first, last }) => (first === last ? String(first) : `${first}-0${last}`));
  return `${where.cluster.prefix}[${texts.join(",")}]`;
}

/** Every way to fill GPUs with data, pipeline and tensor parallelism. */
function factorizations(count: number): readonly Layout3D[] {
  const divisors = Array.from({ length: count }, (_, index) => index + 1).filter((size) => count % size === 0);
  return divisors.flatMap((data) =>
    divisors.flatMap((pipe) => {
      const tensor = count / data / pipe;
      return Number.isInteger(tensor) ? [{ data, pipe, tensor }] : [];
    }),
  );
}

function divides(a: number, b: number): boolean {
  return a % b === 0 || b % a === 0;
}

function sizesText({ data, pipe, tensor }: Layout3D): string {
  return `${data} ${pipe} ${tensor}`;
}

const ANY_NAMES =
  "actor_gen actorTrain ref-inf 12 rew_inf critic-train toString x __proto__ d4p1m1 gen vllm sglang mock heuristic"
    .split(" ")
    .concat("*", "a call", "appel à l'aide", "a:d1p1m1,b");

/** Names of calls; of some they must be names that can be written. */
function drawNames(draws: Draws, decoupled: boolean, any: readonly boolean[]): readonly string[] {
  const taken = new Set<string>();
  const writable = ANY_NAMES.filter((name) => isWritable(name, decoupled));
  return any.map((free) => {
    const wanted = free && draws.once(4) ? draws.text() : draws.of(free ? ANY_NAMES : writable);
    let name = wanted;
    for (let next = 1; taken.has(name); next += 1) name = `${wanted}${free ? "~" : "-"}${next}`;
    taken.add(name);
    return name;
  });
}

function distinct(count: number, make: () => string): readonly string[] {
  const names = new Set<string>();
  while (names.size < count) {
    const name = make();
    names.add(names.has(name) ? `${name}~${names.size}` : name);
  }
  return [...names];
}

/** Names in the order in which an object has them as properties: whole numbers ahead. */
function objectOrder(names: readonly string[]): readonly string[] {
  return Object.keys(Object.fromEntries(names.map((name) => [name, null])));
}

type Named = Omit<LaidOutCall, "reads" | "yields" | "nSeqs" | "averages">;

function inObjectOrder(calls: readonly Unnamed[], names: readonly string[]): readonly Named[] {
  const named = calls.map((call, index) => ({ ...call, name: names[index] as string }));
  return objectOrder(names).map((name) => named.find((call) => call.name === name) as Named);
}

const KEY_NAMES = ["packed_input_ids", "rewards", "values", "logprobs", "__proto__", "a key", "2", ""];

/** Keys along an order of the calls that is not theirs: each reads what the dataset and calls ahead of it give. */
function withKeys(draws: Draws, calls: readonly Named[]): readonly Omit<LaidOutCall, "nSeqs" | "averages">[] {
  const keys = new Map<string, Pick<LaidOutCall, "reads" | "yields">>();
  const given = [...DATASET_KEYS];
  for (const { name } of draws.shuffled(calls)) {
    const reads = draws.shuffled(given).slice(0, draws.below(4));
    const yields = Array.from({ length: draws.below(3) }, () => draws.of(KEY_NAMES)).map((key, index) =>
      given.includes(key) ? `${key} of ${name} ${index}` : key,
    );
    keys.set(name, { reads, yields: [...new Set(yields)] });
    given.push(...(keys.get(name)?.yields ?? []));
  }
  return calls.map((call) => ({ ...call, ...(keys.get(call.name) as Pick<LaidOutCall, "reads" | "yields">) }));
}

/** Sequences of a step: the first call that says them says them for all that don't. */
function withSequences(
  draws: Draws,
  calls: readonly Omit<LaidOutCall, "nSeqs" | "averages">[],
): readonly LaidOutCall[] {
  const whole = calls.map((call): LaidOutCall => ({ ...call, nSeqs: null, averages: null }));
  const least = (call: LaidOutCall) => Math.max(1, Math.ceil(leastSequences(call)));
  const says = whole.map(() => draws.once(2));
  const first = Math.max(0, says.indexOf(true));
  return whole.map((call, index) => {
    if (index !== first && says[index] !== true) return call;
    const silent = index === first ? whole.filter((_, other) => other !== first && says[other] !== true) : [];
    return { ...call, nSeqs: Math.max(...[call, ...silent].map(least)) + draws.of([0, 1, 100]) };
  });
}

function drawEntries(
  draws: Draws,
  form: Form,
  star: string | null,
  calls: readonly LaidOutCall[],
  decoupled: boolean,
): readonly Entry[] {
  if (form === "manual") return [];
  const served = calls.filter(({ kind }) => !decoupled || kind !== "generate");
  const byName = served.flatMap(({ name, sizes }): Entry[] => {
    const own = sizesText(sizes) !== star || (form !== "one" && isWritable(name, decoupled) && draws.once(4));
    return own ? [{ name, sizes }] : [];
  });
  const [data = 1, pipe = 1, tensor = 1] = (star ?? "").split(" ").map(Number);
  const all = star === null ? byName : [...byName, { name: "*", sizes: { data, pipe, tensor } }];
  return draws.shuffled(
    decoupled && draws.once(4) ? [...all, { name: "gen", sizes: { data: 3, pipe: 1, tensor: 1 } }] : all,
  );
}

/** A reference model may follow the model that is trained; both must be able to sync. */
function withAverages(draws: Draws, calls: readonly LaidOutCall[]): readonly LaidOutCall[] {
  return calls.map((call) => {
    if (call.kind !== "trainStep" || !draws.once(3)) return call;
    const others = [...new Set(calls.map(({ role }) => role))].filter((role) => {
      const main = mainCall(calls, role);
      return role !== call.role && main !== undefined && divides(main.sizes.tensor, call.sizes.tensor);
    });
    return others.length === 0 ? call : { ...call, averages: draws.of(others) };
  });
}

/** Cards whose heads and words every tensor size divides, and whose layers every number of stages does. */
function drawCards(
  draws: Draws,
  roles: readonly LayoutRole[],
  layout: Pick<Layout, "allocation" | "calls">,
): Layout["cards"] {
  const weights = callsWithWeights(layout);
  return Object.fromEntries(
    [...new Set(roles.map(({ checkpoint }) => checkpoint))].map((checkpoint) => {
      const own = roles.filter((role) => role.checkpoint === checkpoint);
      const sizes = weights.filter(({ role }) => own.some((each) => each.role === role)).map((call) => call.sizes);
      const tensors = sizes.map(({ tensor }) => tensor);
      const stages = sizes.map(({ pipe }) => pipe);
      const kvHeads = tensors.reduce(leastCommonMultiple, 1) * draws.of([1, 2, 3]);
      const heads = kvHeads * draws.of([1, 4]);
      const card: ModelCard = {
        id: checkpoint,
        family: own[0]?.family ?? "qwen2",
        hiddenSize: heads * 64,
        layers: stages.reduce(leastCommonMultiple, 1) * draws.of([1, 2]),
        heads,
        kvHeads,
        headDim: 64,
        ffnSize: null,
        vocabSize: heads * 1024,
        tiedEmbeddings: false,
        maxPositions: null,
        params: null,
      };
      return [checkpoint, card];
    }),
  );
}

function leastCommonMultiple(a: number, b: number): number {
  let [large, small] = [a, b];
  while (small > 0) [large, small] = [small, large % small];
  return (a / large) * b;
}
