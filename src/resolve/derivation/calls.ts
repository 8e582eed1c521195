import { type CallHook, callModelName, type ModelFunctionCall, type ParamReallocHook } from "../../spec/call.ts";
import { numbersOf } from "../../spec/column.ts";
import { modelNameText } from "../../spec/model-name.ts";
import { type DerivationSource, type Fact, fact, firstOf, listText, type Setup } from "./fact.ts";
import { keyPlaces } from "./graph.ts";
import { callsOf, layoutOf, modelFact, replicaReason, sizeFacts } from "./models.ts";
import { madeFacts } from "./pointers.ts";

/** A call: its model and place, what it waits for, and its hooks. */
export function callFact(source: DerivationSource, name: string): Fact | null {
  return firstOf(source, (setup, own) => {
    const found = callIn(setup, name);
    if (found === null) return null;
    const { call, pointer } = found;
    const model = modelNameText(callModelName(call));
    const replica = modelFact(own, model);
    const hooks = hooksIn(source, setup, found);
    return fact(
      `call \`${call.name}\` runs \`${model}\` as ${layoutOf(setup, model)}, with ${call.nSeqs} sequences a step`,
      [
        ...madeFacts(source, pointer),
        ...(replica === null ? [] : [replica]),
        ...waitFacts(source, setup, call),
        ...(hooks === null ? [] : hooks.because),
      ],
    );
  });
}

/** The hooks of a call, each with its reason. */
export function hooksFact(source: DerivationSource, name: string): Fact | null {
  return firstOf(source, (setup) => {
    const found = callIn(setup, name);
    return found === null ? null : (hooksIn(source, setup, found) ?? fact(`call \`${found.call.name}\` has no hooks`));
  });
}

/** A call, and its pointer into the authored part. */
export interface FoundCall {
  readonly call: ModelFunctionCall;
  readonly pointer: string;
}

/** A call by its name, or by the name of its option: `actorGen` is `actor_gen` where no other call has that name. */
export function callIn({ config, index }: Setup, name: string): FoundCall | null {
  const own = config.modelRpcs.findIndex((call) => call.name === name);
  const at = own >= 0 ? own : config.modelRpcs.findIndex((call) => camelCase(call.name) === name);
  const call = config.modelRpcs[at];
  return call === undefined ? null : { call, pointer: `/setups/${index}/modelRpcs/${at}` };
}

function camelCase(name: string): string {
  return name.replaceAll(/_+([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
}

function waitFacts(source: DerivationSource, setup: Setup, { name, inputKeys }: ModelFunctionCall): readonly Fact[] {
  const { graph } = setup.resolved;
  const edges = graph.edges.filter(({ to }) => to === name);
  if (edges.length === 0) {
    return [fact(inputKeys.length === 0 ? "it reads no data" : `it reads ${listText(inputKeys)} from the dataset`)];
  }
  return edges.map(({ from, keys }) => {
    const [first = ""] = keys;
    const places = keyPlaces(source, setup, name, "inputKeys", first);
    return fact(`it waits for \`${from}\`, which yields ${listText(keys)}`, places);
  });
}

function hooksIn(source: DerivationSource, setup: Setup, { call, pointer }: FoundCall): Fact | null {
  const sides = [
    { hooks: call.preHooks, field: "preHooks", when: "before" },
    { hooks: call.postHooks, field: "postHooks", when: "after" },
  ] as const;
  const because = sides.flatMap(({ hooks, field, when }) =>
    hooks.map((hook, at) => {
      const made = madeFacts(source, `${pointer}/${field}/${at}`);
      const reasons = hookReasons(source, setup, { call, pointer }, hook);
      return fact(`${when} \`${call.name}\`: ${hookText(hook)}`, [...reasons, ...made]);
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

/** Why a call has a hook. */
export function hookReasons(
  source: DerivationSource,
  setup: Setup,
  { call, pointer }: FoundCall,
  hook: CallHook,
): readonly Fact[] {
  return isBlend(call, hook) ? blendReasons(source, pointer, hook) : [hookReason(source, setup, call, hook)];
}

/** True if a hook mixes what the call trains into the parameters of another role. */
function isBlend(call: ModelFunctionCall, hook: CallHook): hook is ParamReallocHook {
  return hook.kind === "paramRealloc" && hook.target !== null && hook.target.role !== callModelName(call).role;
}

function blendReasons(source: DerivationSource, pointer: string, { eta, target }: ParamReallocHook): readonly Fact[] {
  const other = target === null ? "" : modelNameText(target);
  const text = `\`${other}\` follows it as a moving average: ${eta} of what is trained, the rest of its own`;
  return [fact(text, madeFacts(source, `${pointer}/postHooks`))];
}

function hookReason(source: DerivationSource, setup: Setup, call: ModelFunctionCall, hook: CallHook): Fact {
  const own = modelNameText(callModelName(call));
  const laidOut = (model: string) => fact(`\`${model}\` is ${layoutOf(setup, model)}`, sizeFacts(source, setup, model));
  if (hook.kind === "offload") {
    const sharing = sharingCalls(setup, own);
    return fact(
      sharing.length === 0
        ? "no other call runs on its GPUs"
        : `no call trains its role, and ${listText(sharing)} ${sharing.length === 1 ? "runs" : "run"} on the same GPUs`,
      [laidOut(own)],
    );
  }
  const other = modelNameText(hook.source ?? hook.target ?? callModelName(call));
  const trains = callsOf(setup, other).filter(({ interfaceType }) => interfaceType === "trainStep");
  const whose =
    trains.length === 0 ? "another model" : `the replica that ${listText(trains.map(({ name }) => name))} trains`;
  const text = `\`${other}\` is ${whose}, and \`${call.name}\` has \`${own}\``;
  const isAlike = layoutOf(setup, other) === layoutOf(setup, own);
  return fact(text, isAlike ? [replicaReason(source, setup, own)] : [laidOut(other), laidOut(own)]);
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

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}
