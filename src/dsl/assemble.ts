import type { Finding } from "../diagnostics/finding.ts";
import { suggestion } from "../diagnostics/nearest.ts";
import type { LayoutInput } from "../layout/input.ts";
import { layOut } from "../layout/layout.ts";
import { ORIGIN, originOf, withOrigin } from "../origin/call-site.ts";
import {
  automaticEvaluator,
  type ExperimentConfig,
  experimentConfig,
  tensorBoardConfig,
  wandBConfig,
} from "../spec/experiment-config.ts";
import { MODEL_WORKER_DEFAULTS, saveEvalControl } from "../spec/worker.ts";
import type { CommonExperiment } from "./common-experiment.ts";
import type { BuildContext } from "./context.ts";
import { dslDiagnostics } from "./diagnostics.ts";
import type { Flow } from "./flow.ts";
import { layoutCall, modelCall, type NamedCall, type StepSequences } from "./model-call.ts";
import { layoutModel, shardMaker } from "./model-shards.ts";
import { NO_ROLLOUT_WORKERS, ofOptions, pathOption, rolloutWorkers, streamOf } from "./rollouts.ts";

const CLASS = { kind: "class" } as const;

/** Makes a setup of a flow: places its calls and lays its models out. */
export function assembleFlow(flow: Flow, experiment: CommonExperiment, context: BuildContext): ExperimentConfig {
  const named = Object.entries(flow.calls).flatMap(([name, call]) => (call === null ? [] : [{ name, call }]));
  needPaths(flow, context);
  context.useModels(modelOptions(flow, named));
  context.report(roleFindings(flow, named));
  const nSeqs = sequencesOf(named, context);
  const rollouts = experiment.rollouts();
  // Servers answer the calls that generate: no worker runs those.
  const run = rollouts === null ? named : named.filter(({ call }) => call.kind !== "generate");
  // Calls of a role that is not there stay in the graph, so that nobody misses their keys; they are not laid out.
  const placed = named.filter(({ call }) => Object.hasOwn(flow.models, call.role));
  const describe = (each: NamedCall) => layoutCall(each, run.indexOf(each), flow, nSeqs);
  const input: LayoutInput = {
    ...sizesOf(experiment, context),
    launchMode: experiment.mode,
    nodelist: experiment.nodelist,
    allocationMode: experiment.allocationMode,
    heuristic: experiment.heuristic(),
    servers: rollouts === null ? null : { engine: rollouts.engine.definition.type },
    calls: placed.map(describe),
    leftOut: named.flatMap(({ name, call }) =>
      Object.hasOwn(flow.models, call.role) ? [] : [{ name, kind: call.kind }],
    ),
    models: Object.fromEntries(Object.entries(flow.models).map(([role, spec]) => [role, layoutModel(spec)])),
  };
  const tokenizerPath = flow.tokenizer ?? Object.values(flow.models)[0]?.path ?? "";
  const shared = {
    ...MODEL_WORKER_DEFAULTS,
    baseSeed: experiment.seed,
    datasets: rollouts === null ? flow.datasets : [streamOf(rollouts, flow, named)],
    // What rollouts give has no order of its own.
    shuffleDataset: rollouts !== null || experiment.shuffleDataset,
    torchCacheMysophobia: experiment.torchCacheMysophobia,
    cudaCacheCleanliness: experiment.cacheClearFreq !== null,
    cudaCacheClearFreq: experiment.cacheClearFreq,
    tokenizerNameOrPath: tokenizerPath,
  };
  const laidOut = layOut(input, shared, shardMaker(flow, tokenizerPath, context));
  context.report(laidOut.findings);
  const calls = run.map((each) => {
    const position = placed.indexOf(each);
    return modelCall(each, input.calls[position] ?? describe(each), laidOut.calls?.[position] ?? null);
  });
  const { expCtrl, wandb, tensorboard, autoEval, autoEvalConfig } = experiment;
  const evaluator = plain(autoEvalConfig);
  return experimentConfig({
    expCtrl: ofOption(saveEvalControl(plain(expCtrl)), "expCtrl"),
    wandb: ofOption(wandBConfig(plain(wandb) as never), "wandb"),
    tensorboard: ofOption(tensorBoardConfig(plain(tensorboard)), "tensorboard"),
    trackers: experiment.trackers(),
    modelRpcs: calls,
    modelWorker: ofOptions(laidOut.modelWorker, [
      ["shared/baseSeed", "seed"],
      ["shared/shuffleDataset", rollouts === null ? "shuffleDataset" : undefined],
      ["shared/torchCacheMysophobia", "torchCacheMysophobia"],
      ["shared/cudaCacheCleanliness", "cacheClearFreq"],
      ["shared/cudaCacheClearFreq", "cacheClearFreq"],
      ["shared/tokenizerNameOrPath", flow.tokenizer === null ? pathOption(Object.values(flow.models)[0]) : undefined],
    ]),
    ...(rollouts === null || laidOut.servers === null
      ? NO_ROLLOUT_WORKERS
      : rolloutWorkers({ rollouts, flow, tokenizerPath, seed: experiment.seed, servers: laidOut.servers, calls })),
    autoEval,
    evaluator: ofOption(
      automaticEvaluator(
        flow.evaluateFrom === null ? evaluator : { ...evaluator, initialCheckpointPath: flow.evaluateFrom },
      ),
      "autoEvalConfig",
    ),
  });
}

/** The cluster and the part of it that an experiment uses. */
export function sizesOf(
  experiment: CommonExperiment,
  { cluster }: BuildContext,
): Pick<LayoutInput, "cluster" | "nNodes" | "gpusPerNode" | "sizedBy"> {
  return {
    cluster,
    nNodes: experiment.nNodes ?? cluster.nodes,
    gpusPerNode: experiment.nGpusPerNode ?? cluster.gpusPerNode,
    sizedBy: {
      nNodes: experiment.nNodes === null ? "cluster" : "nNodes",
      gpusPerNode: experiment.nGpusPerNode === null ? "cluster" : "nGpusPerNode",
    },
  };
}

/** Sequences of a step: what the first call says that says it. */
function sequencesOf(named: readonly NamedCall[], context: BuildContext): StepSequences | null {
  const first = named.find(({ call }) => call.settings.nSeqs !== undefined);
  const nSeqs = first?.call.settings.nSeqs;
  if (nSeqs === undefined && named.length > 0) {
    const frames = originOf(named[0]?.call)?.frames ?? [];
    const calls = named.map(({ name }) => name);
    const place = frames.length > 0 ? ({ kind: "site", frames } as const) : CLASS;
    context.report([dslDiagnostics["n-seqs-missing"]({ calls }, { at: place })]);
  }
  if (first === undefined || nSeqs === undefined) return null;
  return { nSeqs, from: first.call.settings.from?.nSeqs ?? `call ${first.name}` };
}

/** A noun whose values are those of a group of options. */
function ofOption<T extends object>(made: T, option: string): T {
  return withOrigin({ ...made }, { frames: originOf(made)?.frames ?? [], option });
}

/** Own values of a group, without its origin: the noun made of it gets one of its own. */
function plain<T extends object>(group: T): T {
  const copy = { ...group } as Record<string | symbol, unknown>;
  delete copy[ORIGIN];
  return copy as T;
}

/** Notes the roles in use that have no checkpoint. */
export function needPaths(flow: Flow, context: BuildContext): void {
  const roles = Object.values(flow.calls).flatMap((call) => (call === null ? [] : [call.role]));
  for (const role of new Set(roles)) {
    const spec = Object.hasOwn(flow.models, role) ? flow.models[role] : undefined;
    if (spec === undefined || spec.path !== "") continue;
    context.need(`${originOf(spec)?.option ?? role}.path`);
  }
}

/** Options that the models of roles in use come from. */
function modelOptions(flow: Flow, named: readonly NamedCall[]): readonly string[] {
  return named.flatMap(({ call }) => {
    const spec = Object.hasOwn(flow.models, call.role) ? flow.models[call.role] : undefined;
    return originOf(spec)?.option ?? [];
  });
}

function roleFindings(flow: Flow, named: readonly NamedCall[]): readonly Finding[] {
  return named.flatMap(({ name, call }) => {
    const place = (argument: number) => ({
      kind: "site" as const,
      frames: originOf(call)?.frames ?? [],
      path: [argument],
    });
    if (!Object.hasOwn(flow.models, call.role)) {
      return [
        dslDiagnostics["unknown-role"](
          { call: name, role: call.role, roles: Object.keys(flow.models) },
          { at: place(0), ...suggestion(call.role, Object.keys(flow.models)) },
        ),
      ];
    }
    if (call.kind === "trainStep" && flow.models[call.role]?.frozen === true) {
      return [dslDiagnostics["frozen-role"]({ call: name, role: call.role }, { at: place(0) })];
    }
    return [];
  });
}
