import { type CallHook, callModelName, type ModelFunctionCall } from "../../spec/call.ts";
import { numbersOf } from "../../spec/column.ts";
import { modelNameText } from "../../spec/model-name.ts";
import { groupsOf } from "../../spec/scheduling.ts";
import type { WorkerKind } from "../../spec/worker.ts";
import { type DerivationSource, type Fact, fact, firstOf, listText, type Setup } from "./fact.ts";
import { callsOf, layoutOf, modelFact } from "./models.ts";
import { madeFacts } from "./pointers.ts";

/** A call: its model and place, what it waits for, and its hooks. */
export function callFact(source: DerivationSource, name: string): Fact | null {
  return firstOf(source, (setup) => {
    const found = callIn(setup, name);
    if (found === null) return null;
    const { call, pointer } = found;
    const model = modelNameText(callModelName(call));
    const replica = modelFact(source, model);
    const hooks = hooksIn(source, setup, found);
    return fact(
      `call \`${name}\` runs \`${model}\` as ${layoutOf(setup, model)}, with ${call.nSeqs} sequences a step`,
      [
        ...madeFacts(source, pointer),
        ...(replica === null ? [] : [replica]),
        ...waitFacts(setup, call),
        ...(hooks === null ? [] : hooks.because),
      ],
    );
  });
}

/** The hooks of a call, each with its reason. */
export function hooksFact(source: DerivationSource, name: string): Fact | null {
  return firstOf(source, (setup) => {
    const found = callIn(setup, name);
    return found === null ? null : (hooksIn(source, setup, found) ?? fact(`call \`${name}\` has no hooks`));
  });
}

/** The number of workers of a kind, as the setup and the scheduling have it. */
export function countFact(source: DerivationSource, kind: WorkerKind): Fact | null {
  return firstOf(source, (setup) => {
    const count = setup.resolved.counts[kind];
    const scheduled = groupsOf(source.manifest.authored.scheduling[kind]).reduce((sum, group) => sum + group.count, 0);
    const holders = kind === "modelWorker" ? modelFacts(setup) : [];
    const made = kind === "masterWorker" ? [fact("a setup has one master worker")] : setFacts(source, setup, kind);
    return fact(`there ${count === 1 ? "is 1 worker" : `are ${count} workers`} of kind \`${kind}\``, [
      ...made,
      fact(`the scheduling asks for ${scheduled}`, madeFacts(source, `/scheduling/${kind}`)),
      ...holders,
    ]);
  });
}

interface FoundCall {
  readonly call: ModelFunctionCall;
  readonly pointer: string;
}

function callIn({ config, index }: Setup, name: string): FoundCall | null {
  const at = config.modelRpcs.findIndex((call) => call.name === name);
  const call = config.modelRpcs[at];
  return call === undefined ? null : { call, pointer: `/setups/${index}/modelRpcs/${at}` };
}

function waitFacts({ resolved: { graph } }: Setup, { name, inputKeys }: ModelFunctionCall): readonly Fact[] {
  const edges = graph.edges.filter(({ to }) => to === name);
  if (edges.length === 0) {
    return [fact(inputKeys.length === 0 ? "it reads no data" : `it reads ${listText(inputKeys)} from the dataset`)];
  }
  return edges.map(({ from, keys }) => fact(`it waits for \`${from}\`, which yields ${listText(keys)}`));
}

function hooksIn(source: DerivationSource, setup: Setup, { call, pointer }: FoundCall): Fact | null {
  const sides = [
    { hooks: call.preHooks, field: "preHooks", when: "before" },
    { hooks: call.postHooks, field: "postHooks", when: "after" },
  ] as const;
  const because = sides.flatMap(({ hooks, field, when }) =>
    hooks.map((hook, at) => {
      const made = madeFacts(source, `${pointer}/${field}/${at}`);
      return fact(`${when} \`${call.name}\`: ${hookText(hook)}`, [hookReason(setup, call, hook), ...made]);
    }),
  );
  return because.length === 0 ? null : fact(`call \`${call.name}\` has ${counted(because.length, "hook")}`, because);
}

function hookText(hook: CallHook): string {
  if (hook.kind === "offload") return "its model leaves the GPUs";
  const mix = hook.eta === 1 ? "" : `, mixed in with eta ${hook.eta}`;
  if (hook.source !== null) return `its parameters come from \`${modelNameText(hook.source)}\`${mix}`;
  return `its parameters go to \`${hook.target === null ? "" : modelNameText(hook.target)}\`${mix}`;
}

function hookReason(setup: Setup, call: ModelFunctionCall, hook: CallHook): Fact {
  const own = modelNameText(callModelName(call));
  if (hook.kind === "offload") {
    const sharing = sharingCalls(setup, own);
    return fact(
      sharing.length === 0
        ? "no other call runs on its GPUs"
        : `no call trains its role, and ${listText(sharing)} ${sharing.length === 1 ? "runs" : "run"} on the same GPUs`,
    );
  }
  const other = modelNameText(hook.source ?? hook.target ?? callModelName(call));
  const trains = callsOf(setup, other).filter(({ interfaceType }) => interfaceType === "trainStep");
  const whose =
    trains.length === 0 ? "another model" : `the replica that ${listText(trains.map(({ name }) => name))} trains`;
  return fact(`\`${other}\` is ${whose}, and \`${call.name}\` has \`${own}\``, [
    fact(`\`${other}\` is ${layoutOf(setup, other)}`),
    fact(`\`${own}\` is ${layoutOf(setup, own)}`),
  ]);
}

/** Calls of other models with a worker in common. */
function sharingCalls({ resolved, config }: Setup, model: string): readonly string[] {
  const workers = new Set(numbersOf(resolved.msid2mwid[model] ?? ""));
  return config.modelRpcs
    .filter((call) => {
      const other = modelNameText(callModelName(call));
      if (other === model) return false;
      for (const worker of numbersOf(resolved.msid2mwid[other] ?? "")) if (workers.has(worker)) return true;
      return false;
    })
    .map(({ name }) => name);
}

function setFacts(source: DerivationSource, { config, index }: Setup, kind: Exclude<WorkerKind, "masterWorker">) {
  const set = config[kind];
  if (set === null || set === undefined) return [fact("the setup has none")];
  return [fact(`the setup has ${set.count}`, madeFacts(source, `/setups/${index}/${kind}`))];
}

function modelFacts(setup: Setup): readonly Fact[] {
  return setup.resolved.modelNames.map((model) => fact(`\`${model}\` is ${layoutOf(setup, model)}`));
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}
