import {
  clusterSpec,
  CommonExperiment,
  evaluate,
  type Flow,
  flow,
  frozen,
  generate,
  inference,
  model,
  modelName,
  paramRealloc,
  registerExperiment,
  trainStep,
} from "assay";
import { defineDataset, defineInterface } from "assay/plugin";
import "assay/plugins";
import { proveExperiment } from "assay/testing";
import type { Finding } from "../../src/diagnostics/finding.ts";
import type { CallSettings, FlowCall } from "../../src/dsl/calls.ts";
import type { Authored, Manifest, PluginFacts, Resolved, ResolvedSetup } from "../../src/manifest/format.ts";
import { readManifest } from "../../src/manifest/read.ts";
import { seal } from "../../src/manifest/seal.ts";
import { factsOfDefinitions } from "../../src/plugin/descriptor.ts";
import { loadedPlugins } from "../../src/plugin/registry.ts";
import { resolve } from "../../src/resolve/resolve.ts";
import type { InterfaceType } from "../../src/spec/call.ts";
import type { ExperimentConfig } from "../../src/spec/experiment-config.ts";
import type { TypeArgs } from "../../src/spec/pair.ts";
import { DATASET_KEYS, type LaidOutCall, type Layout, type LayoutRole, writeAllocation } from "./layouts.ts";

const ANYTHING = { reads: "any", yields: "any" } as const;

const prompts = defineDataset({ type: "layout-prompts", args: { type: "object" } as const, yields: DATASET_KEYS });
const anyCall = defineInterface({
  type: "layout-any-call",
  args: { type: "object" } as const,
  calls: { generate: ANYTHING, inference: ANYTHING, trainStep: ANYTHING, evaluate: ANYTHING },
});
/** The makers of calls without the types that check an author's: roles and keys are only known once they are drawn. */
type MakeCall = (role: string, interfaceImpl: TypeArgs, settings: CallSettings) => FlowCall;
const CALLS = { generate, inference, trainStep, evaluate } as unknown as Readonly<Record<InterfaceType, MakeCall>>;

let current: Layout;

registerExperiment(
  "laid-out",
  class extends CommonExperiment {
    override flow(): Flow {
      return flowOf(current);
    }
  },
);

/** A layout as an author would write it. */
function flowOf({ roles, calls, evaluates, maxPromptLen }: Layout): Flow {
  return flow({
    datasets: [prompts()],
    ...(evaluates ? { evalDataset: prompts(), evalBatchSize: 7 } : {}),
    ...(maxPromptLen === null ? {} : { maxPromptLen }),
    models: Object.fromEntries(roles.map((role) => [role.role, specOf(role)])),
    calls: Object.fromEntries(
      calls.map((call) => [call.name, CALLS[call.kind](call.role, anyCall(), settingsOf(call))]),
    ) as never,
  });
}

function specOf({ checkpoint, family, trainBackend, hybrid, frozen: never }: LayoutRole) {
  const engine = hybrid === null ? {} : { [hybrid]: { hybridTrain: true } };
  const spec = model(checkpoint, { type: { family }, backend: trainBackend, ...engine });
  return never ? frozen(spec) : spec;
}

function settingsOf({ nSeqs, minSeqsPerPass, nMbs, sizes, mesh, averages, ...call }: LaidOutCall): CallSettings {
  const parallel = {
    dataParallelSize: sizes.data,
    pipelineParallelSize: sizes.pipe,
    tensorParallelSize: sizes.tensor,
    useSequenceParallel: sizes.tensor > 1,
  };
  return {
    reads: call.reads,
    yields: call.yields,
    minSeqsPerPass,
    ...(nSeqs === null ? {} : { nSeqs }),
    ...(call.byHand
      ? { allocation: { mbSpec: { nMbs, maxTokensPerMb: 4096 }, parallel, deviceMesh: mesh } }
      : { microBatches: { nMbs } }),
    ...(averages === null
      ? {}
      : { postHooks: (derived) => [...derived, paramRealloc({ target: modelName(averages), eta: 0.5 })] }),
  };
}

/** Warnings that sound layouts may have: workers run them, only not evenly, or an engine in a way that its makers advise against. */
const ADVICE: ReadonlySet<string> = new Set([
  "call/batch-not-divisible",
  "topology/tensor-across-nodes",
  "call/micro-batches-not-divisible",
  "call/padded-length",
  "topology/axis-unsupported",
  "model/engine-heads",
]);

function mistakesOf(findings: readonly Finding[]): readonly Finding[] {
  return findings.filter(({ code }) => !ADVICE.has(code));
}

/** What a proof gives. */
export interface LayoutProof {
  /** What was found, but advice. */
  readonly findings: readonly Finding[];
  readonly authored: Authored;
  readonly resolved: Resolved;
}

/** Makes, lays out and resolves a layout, with another allocation string if one is given. */
export function prove(
  layout: Layout,
  allocationMode = writeAllocation(layout.allocation, layout.spelling),
): LayoutProof {
  const { cluster, mode, nNodes, nGpusPerNode, nodelist, cards } = layout;
  current = layout;
  const { value, findings } = proveExperiment("laid-out", {
    cluster: clusterSpec({
      name: "random",
      nodes: cluster.nodes,
      gpusPerNode: cluster.gpusPerNode,
      nodeNamePrefix: cluster.prefix,
    }),
    overrides: { mode, nNodes, nGpusPerNode, nodelist, allocationMode },
    cards,
  });
  if (value.authored === null || value.resolved === null) throw new Error(JSON.stringify(findings));
  return { findings: mistakesOf(findings), authored: value.authored, resolved: value.resolved };
}

/** A sound layout's proof: anything found is an error of the test or of the library. */
export interface SoundProof extends LayoutProof {
  readonly config: ExperimentConfig;
  readonly setup: ResolvedSetup;
}

/** Proves a layout in which nothing is wrong. @throws if something is found. */
export function proveSound(layout: Layout): SoundProof {
  const proof = prove(layout);
  const [config] = proof.authored.setups;
  const [setup] = proof.resolved.setups;
  if (proof.findings.length > 0 || config === undefined || setup === undefined) {
    throw new Error(proof.findings.map(({ code, message }) => `${code}: ${message}`).join("\n"));
  }
  return { ...proof, config, setup };
}

/** Text of the manifest. */
export function textOf({ authored, resolved }: Pick<LayoutProof, "authored" | "resolved">): string {
  return seal({ name: "laid-out", preset: null, declared: null, authored, resolved }).text;
}

/** The manifest as a reader has it. */
export function manifestOf(proof: LayoutProof): Manifest {
  return readManifest(textOf(proof));
}

/** Resolves a manifest that is one already. */
export function resolveAgain(manifest: Manifest, { cards }: Layout) {
  const { types } = factsOfDefinitions(loadedPlugins());
  const facts: PluginFacts = { types, cards };
  const { findings, ...rest } = resolve(manifest, facts);
  return { ...rest, findings: mistakesOf(findings) };
}
