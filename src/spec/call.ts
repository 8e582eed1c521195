import { at, type Finding } from "../diagnostics/finding.ts";
import { suggestion } from "../diagnostics/nearest.ts";
import type { FieldPlace } from "../origin/call-site.ts";
import { callDiagnostics } from "./diagnostics.ts";
import { type ModelName, modelNameText } from "./model-name.ts";
import { noun } from "./noun.ts";
import type { TypeArgs } from "./pair.ts";

/** What a call does with its model. */
export const INTERFACE_TYPES = ["generate", "trainStep", "inference", "evaluate"] as const;
export type InterfaceType = (typeof INTERFACE_TYPES)[number];

/** How a batch is cut into micro-batches. */
export interface MicroBatchSpec {
  readonly nMbs: number;
  /** Upper bound of a micro-batch, in tokens. */
  readonly maxTokensPerMb: number;
}

/** Makes a micro-batch spec: one micro-batch without a bound in practice. */
export function microBatchSpec(input: Partial<MicroBatchSpec> = {}): MicroBatchSpec {
  return noun(microBatchSpec, { nMbs: 1, maxTokensPerMb: 1_000_000_000_000, ...input });
}

/** Parameter reallocation: `target = eta * source + (1 - eta) * target`. The call's own model is the other side. */
export interface ParamReallocHook {
  readonly kind: "paramRealloc";
  readonly source: ModelName | null;
  readonly target: ModelName | null;
  readonly eta: number;
}

/** Moves the call's model off the GPU after the call. */
export interface OffloadHook {
  readonly kind: "offload";
}

export type CallHook = ParamReallocHook | OffloadHook;

/** Makes a reallocation hook; exactly one of `source` and `target` must be given. */
export function paramRealloc(input: {
  readonly source?: ModelName | null;
  readonly target?: ModelName | null;
  readonly eta?: number;
}): ParamReallocHook {
  const { source = null, target = null, eta = 1 } = input;
  const hook: ParamReallocHook = { kind: "paramRealloc", source, target, eta };
  return noun(paramRealloc, hook, { findings: hookFindings(hook) });
}

/** What is wrong with a hook by itself; pointers are relative to it. */
export function hookFindings(hook: CallHook): readonly Finding[] {
  if (hook.kind === "offload") return [];
  const { source, target, eta } = hook;
  const findings: Finding[] = [];
  if (source !== null && target !== null) {
    findings.push(
      callDiagnostics["hook-both"]({ source: modelNameText(source), target: modelNameText(target) }, { at: at("") }),
    );
  }
  if (source === null && target === null) findings.push(callDiagnostics["hook-neither"]({ eta }, { at: at("") }));
  if (!(eta >= 0 && eta <= 1)) findings.push(callDiagnostics.eta({ eta }, { at: at("/eta"), gives: ["eta"] }));
  return findings;
}

/** Makes an offload hook. */
export function offload(): OffloadHook {
  return noun(offload, { kind: "offload" });
}

/** A model function call: one node of the dataflow graph. */
export interface ModelFunctionCall {
  readonly name: string;
  /** Sequences (prompts) that the call takes in a step. */
  readonly nSeqs: number;
  readonly interfaceType: InterfaceType;
  readonly interfaceImpl: TypeArgs;
  /** A plain string means replica 0 of that role. */
  readonly modelName: ModelName | string;
  readonly inputKeys: readonly string[];
  readonly inputKeyRemap: Readonly<Record<string, string>>;
  readonly outputKeys: readonly string[];
  readonly outputKeyRemap: Readonly<Record<string, string>>;
  readonly mbSpec: MicroBatchSpec;
  /** Sequences that each data-parallel rank needs in a forward pass; may be a fraction. */
  readonly minNSeqsPerPass: number;
  readonly logReturnValue: boolean;
  readonly preHooks: readonly CallHook[];
  readonly postHooks: readonly CallHook[];
}

export type ModelFunctionCallInput = Pick<
  ModelFunctionCall,
  "name" | "nSeqs" | "interfaceType" | "interfaceImpl" | "modelName"
> &
  Partial<Omit<ModelFunctionCall, "mbSpec">> & { readonly mbSpec?: Partial<MicroBatchSpec> };

/** Makes a model function call. */
export function modelFunctionCall(input: ModelFunctionCallInput): ModelFunctionCall {
  return makeCall(modelFunctionCall, input);
}

/** As {@link modelFunctionCall}, for makers that lay the fields out differently in their own call. */
export function makeCall(
  maker: (...args: never[]) => unknown,
  input: ModelFunctionCallInput,
  fields?: Readonly<Record<string, FieldPlace>>,
): ModelFunctionCall {
  const call: ModelFunctionCall = {
    inputKeys: [],
    inputKeyRemap: {},
    outputKeys: [],
    outputKeyRemap: {},
    minNSeqsPerPass: 1,
    logReturnValue: false,
    preHooks: [],
    postHooks: [],
    ...input,
    mbSpec: { nMbs: 1, maxTokensPerMb: 1_000_000_000_000, ...input.mbSpec },
  };
  return noun(maker, call, { findings: callFindings(call), ...(fields === undefined ? {} : { fields }) });
}

/** What is wrong with a call by itself; pointers are relative to it. */
export function callFindings(call: ModelFunctionCall): readonly Finding[] {
  const findings: Finding[] = [];
  if (!Number.isSafeInteger(call.nSeqs) || call.nSeqs < 1) {
    findings.push(
      callDiagnostics["n-seqs"]({ call: call.name, nSeqs: call.nSeqs }, { at: at("/nSeqs"), gives: ["nSeqs"] }),
    );
  }
  if (!INTERFACE_TYPES.includes(call.interfaceType)) {
    findings.push(
      callDiagnostics["interface-type"](
        { call: call.name, found: call.interfaceType },
        { at: at("/interfaceType"), ...suggestion(call.interfaceType, INTERFACE_TYPES) },
      ),
    );
  }
  for (const [index, hook] of call.preHooks.entries()) {
    if (hook.kind === "offload") {
      findings.push(callDiagnostics["offload-before"]({ call: call.name }, { at: at(`/preHooks/${index}`) }));
    }
  }
  return findings;
}

/** The model name of a call; a plain string is replica 0 of that role. */
export function callModelName(call: Pick<ModelFunctionCall, "modelName">): ModelName {
  return typeof call.modelName === "string" ? { role: call.modelName, replicaId: 0 } : call.modelName;
}
