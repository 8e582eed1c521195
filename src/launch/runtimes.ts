import { availableParallelism } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { type LaunchGroup, WORKER_INDEX } from "../plugin/launcher.ts";
import { parseTemplate, type Placeholder, type RuntimeConfig } from "../spec/runtime.ts";
import { WORKER_TYPE_NAMES, type WorkerKind } from "../spec/worker.ts";

/** Workers of one kind in one group, as a runtime sees them. */
export interface WorkerGroupFacts {
  readonly kind: WorkerKind;
  /** Number of the group among those of its kind. */
  readonly number: number;
  /** Workers of the group. */
  readonly count: number;
  /** Workers of the kind in earlier groups. */
  readonly offset: number;
  /** Workers of the kind, in all groups. */
  readonly total: number;
}

/** What a runtime is told of the run. */
export interface RuntimeRun {
  readonly experiment: string;
  readonly trial: string;
  readonly manifest: { readonly file: string; readonly sha256: string };
  readonly runFolder: string;
  readonly projectFolder: string;
  /** Type of the launcher. */
  readonly launcher: string;
  readonly isRecovery: boolean;
  readonly savesCheckpoints: boolean;
}

/** Which command workers run. */
export interface Runtime {
  readonly name: string;
  readonly resources: "manifest" | "none";
  readonly argv: (group: WorkerGroupFacts, run: RuntimeRun) => LaunchGroup["argv"];
  /** Variables of every worker, as texts with references. */
  readonly env: (run: RuntimeRun) => Readonly<Record<string, string>>;
  /** Command of the process that brings workers together; `null` if workers do without. */
  readonly controller: ((run: RuntimeRun) => LaunchGroup["argv"]) | null;
}

/** Names of the runtimes that are always there. */
export const OWN_RUNTIMES = ["realhf", "rehearsal"] as const;

/** The runtime of a name; `null` if there is none. */
export function runtimeOf(name: string, configured: Readonly<Record<string, RuntimeConfig>>): Runtime | null {
  if (name === "realhf") return REALHF;
  if (name === "rehearsal") return configuredRuntime(name, rehearsal());
  return Object.hasOwn(configured, name) ? configuredRuntime(name, configured[name] as RuntimeConfig) : null;
}

/** Assay's own: each worker is a process of Node that needs no GPU. */
function rehearsal(): RuntimeConfig {
  const own = fileURLToPath(import.meta.url);
  // Workers run compiled, also where this module does not.
  const folder = own.endsWith(".ts") ? join(dirname(own), "../../dist/src") : join(dirname(own), "..");
  const program = join(folder, "rehearsal", "worker.js").replaceAll(/[{}]/g, "$&$&");
  return {
    command: ["{node}", program, "--manifest", "{manifest}", "--type", "{workerType}", "--index", "{workerIndex}"],
    resources: "none",
  };
}

function configuredRuntime(name: string, { command, env = {}, resources = "manifest" }: RuntimeConfig): Runtime {
  const parsed = command.map((argument) => {
    const parts = parseTemplate(argument);
    if (typeof parts === "string") throw new Error(`the runtime \`${name}\` was not checked: ${parts}`);
    return parts;
  });
  return {
    name,
    resources,
    controller: null,
    env: () => env,
    argv: (group, run) => {
      const values = valuesFor(group, run);
      return parsed.map((parts) => {
        const [first] = parts;
        if (first !== undefined && "placeholder" in first && first.placeholder === "workerIndex")
          return indexFrom(group.offset);
        return parts.map((part) => ("text" in part ? part.text : values[part.placeholder])).join("");
      });
    },
  };
}

function indexFrom(offset: number): LaunchGroup["argv"][number] {
  return offset === 0 ? WORKER_INDEX : { ...WORKER_INDEX, offset };
}

function valuesFor({ kind, total }: WorkerGroupFacts, run: RuntimeRun): Readonly<Record<Placeholder, string>> {
  return {
    manifest: run.manifest.file,
    manifestHash: run.manifest.sha256,
    workerType: kind,
    workerTypeName: WORKER_TYPE_NAMES[kind],
    // Each worker's own.
    workerIndex: "",
    workerCount: String(total),
    experiment: run.experiment,
    trial: run.trial,
    runFolder: run.runFolder,
    project: run.projectFolder,
    node: process.execPath,
  };
}

const REMOTE = ["python3", "-O", "-m", "realhf.apps.remote"] as const;
/** More threads than these help no library that reads the variable. */
const MOST_THREADS = 32;

function named(experiment: string, trial: string): readonly string[] {
  return ["-e", experiment, "-f", trial];
}

/** The reference's own workers. */
const REALHF: Runtime = {
  name: "realhf",
  resources: "manifest",
  controller: ({ experiment, trial }) =>
    [...REMOTE, "controller"].concat(named(experiment, trial), "--raise_worker_error", "--type", "zmq"),
  // One job step a worker: the launcher shares GPUs between workers itself.
  argv: ({ kind, number, count, offset }, { experiment, trial }) => {
    const worker = [...REMOTE, "worker", "-w", WORKER_TYPE_NAMES[kind]].concat(named(experiment, trial));
    const all = String(count);
    return [...worker, "-i", WORKER_INDEX, "-g", all, "-r", String(number), "-p", "1", "-j", all, "-o", String(offset)];
  },
  env: ({ launcher, isRecovery, savesCheckpoints }) => ({
    REAL_MODE: launcher === "local" ? "LOCAL" : launcher.toUpperCase(),
    REAL_RECOVER_RUN: isRecovery ? "1" : "0",
    REAL_SAVE_RECOVER_STATES: savesCheckpoints ? "1" : "0",
    REAL_IS_REMOTE: "1",
    TOKENIZERS_PARALLELISM: "true",
    CUDA_DEVICE_MAX_CONNECTIONS: "1",
    OMP_NUM_THREADS: String(Math.min(availableParallelism(), MOST_THREADS)),
    TORCH_NCCL_AVOID_RECORD_STREAMS: "1",
    NCCL_DEBUG: "WARN",
    LC_ALL: "C",
    LANG: "C",
  }),
};
