import type { LayoutCall, PlacedCall } from "../layout/input.ts";
import { type FieldPlace, ORIGIN, type Origin, originOf, withOrigin } from "../origin/call-site.ts";
import { findPlugin } from "../plugin/registry.ts";
import { type CallHook, type ModelFunctionCall, makeCall } from "../spec/call.ts";
import type { ModelName } from "../spec/model-name.ts";
import { type CallSettings, defaultKeys, type FlowCall, type HookSetting, keysOf, type OptionPlaces } from "./calls.ts";
import type { Flow } from "./flow.ts";

/** A call of a flow under its name. */
export interface NamedCall {
  readonly name: string;
  readonly call: FlowCall;
}

/** Sequences of a step where a call does not say them, and the option or call that does. */
export interface StepSequences {
  readonly nSeqs: number;
  readonly from: string;
}

/** What a layout needs to know of a call. `index` is its position among the calls of the setup, -1 if it is none of them. */
export function layoutCall(
  { name, call }: NamedCall,
  index: number,
  flow: Flow,
  sequences: StepSequences | null,
): LayoutCall {
  const { kind, role, settings } = call;
  const { allocation } = settings;
  return {
    name,
    pointer: index < 0 ? null : `/setups/0/modelRpcs/${index}`,
    kind,
    role,
    nSeqs: settings.nSeqs ?? sequences?.nSeqs ?? null,
    nSeqsFrom: settings.from?.nSeqs ?? (settings.nSeqs === undefined ? (sequences?.from ?? null) : `call ${name}`),
    minNSeqsPerPass: settings.minSeqsPerPass ?? 1,
    mbSpec: { nMbs: 1, maxTokensPerMb: 1_000_000_000_000, ...allocation?.mbSpec, ...settings.microBatches },
    manual:
      allocation === undefined
        ? null
        : {
            parallel: allocation.parallel,
            deviceMesh: allocation.deviceMesh,
            option: originOf(allocation)?.option ?? null,
          },
    blendInto: settings.blendInto ?? null,
    tokens: generatedTokens(settings, flow),
  };
}

function generatedTokens({ generation, capturedBy }: CallSettings, flow: Flow): LayoutCall["tokens"] {
  if (generation === undefined) return null;
  const { maxPromptLen } = flow;
  const frames = originOf(flow)?.frames ?? [];
  const option = originOf(generation)?.option;
  return {
    prompt: maxPromptLen ?? 0,
    promptPlace:
      maxPromptLen === null || frames.length === 0 ? null : { kind: "site", frames, path: [0, "maxPromptLen"] },
    generated: generation.maxNewTokens,
    option: option === undefined ? null : `${option}.maxNewTokens`,
    engine: capturedBy?.definition.type ?? null,
  };
}

/** Where the fields of a model function call stand in the author's call. */
const CALL_FIELDS: Readonly<Record<string, FieldPlace>> = {
  name: ["#key"],
  modelName: [0],
  interfaceImpl: [1],
  nSeqs: [2, "nSeqs"],
  inputKeys: [2, "reads"],
  outputKeys: [2, "yields"],
  outputKeyRemap: [2, "rename"],
  inputKeyRemap: [2, "renameReads"],
  minNSeqsPerPass: [2, "minSeqsPerPass"],
  mbSpec: [2, "microBatches"],
  logReturnValue: [2, "log"],
  preHooks: [2, "preHooks"],
  postHooks: [2, "postHooks"],
};

/** The call as a node of the graph. */
export function modelCall({ name, call }: NamedCall, layout: LayoutCall, placed: PlacedCall | null): ModelFunctionCall {
  const { settings, interfaceImpl, kind, role } = call;
  const facts = findPlugin("interface", interfaceImpl.type)?.facts["calls"];
  const keys = defaultKeys(call, facts);
  const model: ModelName = withOrigin(
    { role, replicaId: placed?.replicaId ?? 0 },
    { frames: originOf(call)?.frames ?? [], fields: { role: [0] } },
  );
  const made = makeCall(modelCall as never, {
    name,
    nSeqs: layout.nSeqs ?? 1,
    interfaceType: kind,
    interfaceImpl,
    modelName: model,
    inputKeys: settings.reads === undefined ? keys.reads : keysOf(settings.reads),
    inputKeyRemap: settings.renameReads ?? {},
    outputKeys: settings.yields === undefined ? keys.yields : keysOf(settings.yields),
    outputKeyRemap: settings.rename ?? {},
    mbSpec: layout.mbSpec,
    minNSeqsPerPass: layout.minNSeqsPerPass,
    logReturnValue: settings.log ?? kind === "trainStep",
    preHooks: hooks(settings.preHooks, placed?.preHooks ?? []),
    postHooks: hooks(settings.postHooks, placed?.postHooks ?? []),
  });
  return { ...made, [ORIGIN]: callOrigin(call, settings) } as ModelFunctionCall;
}

function callOrigin(call: FlowCall, settings: CallSettings): Origin {
  const frames = originOf(call)?.frames ?? [];
  const allocation = settings.allocation === undefined ? undefined : originOf(settings.allocation)?.option;
  return {
    frames,
    fields: {
      ...CALL_FIELDS,
      ...keyPlaces("inputKeys", "reads", settings),
      ...keyPlaces("outputKeys", "yields", settings),
      ...(settings.blendInto === undefined || settings.blendInto === null ? {} : { postHooks: [2, "blendInto"] }),
    },
    fieldOptions: {
      ...(allocation === undefined ? {} : { mbSpec: `${allocation}.mbSpec` }),
      ...optionPlaces({ ...settings.from, ...(settings.blendInto ? {} : { blendInto: undefined }) }),
    },
  };
}

/** The same by field of the call. */
function optionPlaces({
  nSeqs,
  minSeqsPerPass,
  blendInto,
}: { readonly [P in keyof OptionPlaces]: string | undefined }): Readonly<Record<string, string>> {
  return {
    ...(nSeqs === undefined ? {} : { nSeqs }),
    ...(minSeqsPerPass === undefined ? {} : { minNSeqsPerPass: minSeqsPerPass }),
    ...(blendInto === undefined ? {} : { postHooks: blendInto }),
  };
}

/** Where keys stand in a list from which conditions have left some out. */
function keyPlaces(
  field: string,
  setting: "reads" | "yields",
  settings: CallSettings,
): Readonly<Record<string, FieldPlace>> {
  const written = settings[setting] ?? [];
  if (written.every((key) => typeof key === "string")) return {};
  const places = written.flatMap((key, index) => (typeof key === "string" ? [index] : []));
  return Object.fromEntries(places.map((index, position) => [`${field}/${position}`, [2, setting, index]]));
}

function hooks(setting: HookSetting | undefined, derived: readonly CallHook[]): readonly CallHook[] {
  if (setting === undefined) return derived;
  return typeof setting === "function" ? setting(derived) : setting;
}
