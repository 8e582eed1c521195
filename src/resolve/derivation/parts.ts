import type { JsonValue } from "type-fest";
import { BY_MUTATOR } from "./mutations.ts";
import { toPointer } from "../../origin/pointer.ts";
import { callModelName } from "../../spec/call.ts";
import { columnIndexOf } from "../../spec/column.ts";
import { modelNameText } from "../../spec/model-name.ts";
import { groupsOf } from "../../spec/scheduling.ts";
import { WORKER_KINDS, type WorkerKind } from "../../spec/worker.ts";
import { holdingsOf, placementAt } from "../../spec/worker-set.ts";
import { callFact, callIn, hooksFact } from "./calls.ts";
import { countFact, isKind, workerFieldFact } from "./counts.ts";
import { type DerivationSource, type Fact, fact, firstOf, type Setup, setupsOf, valueText } from "./fact.ts";
import { layoutOf, modelFact, startFact, topologyFact } from "./models.ts";
import { FROM_OPTION } from "./options.ts";
import { madeFacts, pointerFact } from "./pointers.ts";

/** Words in front of a name that say what it is the name of: `calls.train.layout`. */
const COLLECTIONS: ReadonlySet<string> = new Set(["calls", "modelRpcs", "models", "roles", "replicas", "workers"]);

/** Parts of a call or a model that its replica answers for. */
const REPLICA_PARTS: ReadonlySet<string> = new Set(["replica", "replicaId", "model", "modelName", "role"]);
const LAYOUT_PARTS: ReadonlySet<string> = new Set([
  "layout",
  "topology",
  "topo",
  "parallel",
  "allocation",
  "workers",
  "gpus",
  "mesh",
  "deviceMesh",
]);
const HOOK_PARTS: ReadonlySet<string> = new Set(["hook", "hooks", "preHooks", "postHooks"]);
const START_PARTS: ReadonlySet<string> = new Set(["instantiation", "shouldInstantiate"]);

/** Other names of a call's fields: those that authors write. */
const CALL_FIELDS: Readonly<Record<string, string>> = {
  reads: "inputKeys",
  yields: "outputKeys",
  interface: "interfaceImpl",
  microBatches: "mbSpec",
  kind: "interfaceType",
};

/** Other names of what a worker is given. */
const SCHEDULING_FIELDS: Readonly<Record<string, string>> = {
  mem: "memMiB",
  memory: "memMiB",
  gpus: "gpu",
  cpus: "cpu",
};

/**
 * A part of something by its dotted path: of a call (`train.nSeqs`, `calls.train.layout`), of a model (`actor@1.topology`), of
 * workers (`modelWorker`, `workers.modelWorker.count`, `modelWorker[3]`), of the scheduling (`scheduling.modelWorker.memMiB`).
 */
export function partFact(source: DerivationSource, text: string): Fact | null {
  const whole = text.replaceAll(/\[(\w+)\]/g, ".$1").split(".");
  const [first = "", second = ""] = whole;
  const isInside = COLLECTIONS.has(first) && second !== "";
  const [name = "", ...rest] = isInside ? whole.slice(1) : whole;
  if (name === "scheduling") return schedulingFact(source, rest);
  if (isKind(name)) return workerPart(source, name, rest);
  return callPart(source, name, rest) ?? modelPart(source, name, rest);
}

/** Paths that lead to an answer here, for nearest names: fields of calls, and what workers are given. */
export function partPaths(source: DerivationSource): readonly string[] {
  const calls = setupsOf(source).flatMap(({ config }) =>
    config.modelRpcs.flatMap((call) =>
      [...Object.keys(call), ...Object.keys(CALL_FIELDS), "hooks", "layout"].map((field) => `${call.name}.${field}`),
    ),
  );
  return [...calls, ...schedulingPaths(source)];
}

function schedulingPaths({ manifest }: DerivationSource): readonly string[] {
  const { scheduling } = manifest.authored;
  return WORKER_KINDS.flatMap((kind) => {
    const [group] = groupsOf(scheduling[kind]);
    const fields = group === undefined ? [] : [...Object.keys(group.scheduling), ...Object.keys(SCHEDULING_FIELDS)];
    return fields.map((field) => `scheduling.${kind}.${field}`);
  });
}

function callPart(source: DerivationSource, name: string, rest: readonly string[]): Fact | null {
  const [part, ...inner] = rest;
  if (part === undefined) return callFact(source, name);
  if (inner.length === 0 && HOOK_PARTS.has(part)) return hooksFact(source, name);
  return firstOf(source, (setup, own) => {
    const found = callIn(setup, name);
    if (found === null) return null;
    const model = modelNameText(callModelName(found.call));
    if (inner.length === 0 && REPLICA_PARTS.has(part)) return modelFact(own, model);
    if (inner.length === 0 && LAYOUT_PARTS.has(part)) return topologyFact(own, model);
    const field = Object.hasOwn(CALL_FIELDS, part) ? CALL_FIELDS[part] : part;
    return pointerFact(own, `${found.pointer}${toPointer([field ?? part, ...inner])}`);
  });
}

function modelPart(source: DerivationSource, name: string, [part, ...inner]: readonly string[]): Fact | null {
  if (part === undefined || REPLICA_PARTS.has(part)) return modelFact(source, name);
  if (inner.length > 0) return null;
  if (LAYOUT_PARTS.has(part)) return topologyFact(source, name);
  return START_PARTS.has(part) ? startFact(source, name) : null;
}

function workerPart(source: DerivationSource, kind: WorkerKind, rest: readonly string[]): Fact | null {
  const [part = "count", ...inner] = rest;
  if (part === "count" && inner.length === 0) return countFact(source, kind);
  if (/^\d+$/.test(part)) {
    if (inner.length > 0) return workerPart(source, kind, inner);
    return firstOf(source, (setup) => workerFact(setup, kind, Number(part)));
  }
  return workerFieldFact(source, [kind, ...rest].join(".")) ?? schedulingFact(source, [kind, ...rest]);
}

/** One worker of a kind: what it holds. */
function workerFact(setup: Setup, kind: WorkerKind, index: number): Fact | null {
  const count = setup.resolved.counts[kind];
  if (index >= count) return null;
  const text = `\`${kind}[${index}]\` is one of ${count}, numbered from 0`;
  const { modelWorker } = setup.config;
  if (kind !== "modelWorker" || modelWorker === null) return fact(text);
  const held = holdingsOf(modelWorker).flatMap(({ template, workers, placement }) => {
    const position = columnIndexOf(workers, index);
    if (position < 0) return [];
    const { pipe, data, tensor } = placementAt(placement, template.topo, position);
    const model = modelNameText(template.modelName);
    const rank = `pipe ${pipe}, data ${data}, tensor ${tensor}`;
    return [fact(`it holds ${rank} of \`${model}\`, which is ${layoutOf(setup, model)}`)];
  });
  return fact(text, held.length > 0 ? held : [fact("it holds no part of a model")]);
}

/** What the workers of a kind are given, or all kinds. */
function schedulingFact(source: DerivationSource, [kind, ...rest]: readonly string[]): Fact | null {
  const { scheduling } = source.manifest.authored;
  if (kind === undefined) {
    const kinds = WORKER_KINDS.filter((one) => scheduling[one] !== null);
    return fact(
      `${kinds.length} kinds of workers are scheduled`,
      kinds.map((one) => {
        const count = groupsOf(scheduling[one]).reduce((sum, group) => sum + group.count, 0);
        return fact(`${count} of kind \`${one}\`: \`scheduling.${one}\` says what each is given`);
      }),
    );
  }
  if (!isKind(kind)) return null;
  const groups = groupsOf(scheduling[kind]);
  const answers = groups.flatMap((group, at) => {
    const pointer = `/scheduling/${kind}${Array.isArray(scheduling[kind]) ? `/${at}` : ""}`;
    return groupAnswer(source, { kind, pointer, count: group.count, each: { ...group.scheduling } }, rest) ?? [];
  });
  const [first] = answers;
  if (first === undefined) return null;
  return answers.length === 1 ? first : fact(`\`${kind}\` is scheduled in ${answers.length} groups`, answers);
}

/** Workers of one kind that are scheduled alike. */
interface ScheduledGroup {
  readonly kind: WorkerKind;
  readonly pointer: string;
  readonly count: number;
  readonly each: Readonly<Record<string, JsonValue>>;
}

function groupAnswer(source: DerivationSource, group: ScheduledGroup, rest: readonly string[]): Fact | null {
  const { kind, pointer, count, each } = group;
  const [given, ...inner] = rest[0] === "scheduling" ? rest.slice(1) : rest;
  if (given === "count") return countFact(source, kind);
  if (given !== undefined) {
    const field = SCHEDULING_FIELDS[given] ?? given;
    return Object.hasOwn(each, field)
      ? pointerFact(source, `${pointer}${toPointer(["scheduling", field, ...inner])}`)
      : null;
  }
  const fields = Object.entries(each).filter(([, value]) => value !== null && value !== "");
  return fact(`\`${kind}\`: ${count} ${count === 1 ? "worker" : "workers"}, each with`, [
    ...madeFacts(source, `${pointer}/scheduling`),
    ...fields.map(([field, value]) =>
      fact(
        `\`${field}\` ${valueText(value)}`,
        // Where all of them are made is told already.
        madeFacts(source, `${pointer}/scheduling/${field}`).filter(
          ({ text }) => text.startsWith(FROM_OPTION) || text.startsWith(BY_MUTATOR),
        ),
      ),
    ),
  ]);
}
