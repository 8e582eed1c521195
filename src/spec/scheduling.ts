import { at, type Finding } from "../diagnostics/finding.ts";
import type { ClusterSpec } from "./cluster.ts";
import { schedulingDiagnostics } from "./diagnostics.ts";
import { noun } from "./noun.ts";
import { parseMoment, parseTimeLimit, secondsBetween, type SlurmMoment, UNLIMITED_SECONDS } from "./slurm-time.ts";

/** What one worker process asks of the scheduler. */
export interface Scheduling {
  readonly cpu: number;
  /** GPUs of one worker; a fraction shares a GPU. */
  readonly gpu: number;
  readonly memMiB: number;
  readonly nodelist: string | null;
  readonly exclude: string | null;
  readonly containerImage: string | null;
  readonly envVars: Readonly<Record<string, string>>;
  /** Slurm's `--time`. */
  readonly timeLimit: string | null;
  /** Slurm's `--begin`. */
  readonly begin: string | null;
  /** Slurm's `--deadline`. */
  readonly deadline: string | null;
  readonly partition: string | null;
}

export type SchedulingInput = Pick<Scheduling, "cpu" | "gpu" | "memMiB"> & Partial<Scheduling>;

/** Makes a scheduling. */
export function scheduling(input: SchedulingInput): Scheduling {
  return make(scheduling, input);
}

/** Default of the master worker: 16 CPUs, 20 GiB, no GPU, the cluster's CPU image. */
export function masterWorkerDefault(cluster: ClusterSpec, input: Partial<Scheduling> = {}): Scheduling {
  return make(masterWorkerDefault, { cpu: 16, gpu: 0, memMiB: 20 * 1024, containerImage: cluster.cpuImage, ...input });
}

/** Default of a model worker: 2 CPUs, 60 GiB, one GPU, the cluster's GPU image. */
export function modelWorkerDefault(cluster: ClusterSpec, input: Partial<Scheduling> = {}): Scheduling {
  return make(modelWorkerDefault, { cpu: 2, gpu: 1, memMiB: 60 * 1024, containerImage: cluster.gpuImage, ...input });
}

/** Default of a generation server: 4 CPUs, 60 GiB, one GPU, the cluster's inference image. */
export function generationServerDefault(cluster: ClusterSpec, input: Partial<Scheduling> = {}): Scheduling {
  return make(generationServerDefault, {
    cpu: 4,
    gpu: 1,
    memMiB: 60 * 1024,
    containerImage: cluster.gpuInferImage,
    ...input,
  });
}

/** Default of the generation servers' manager: 4 CPUs, 10 GiB, no GPU, the cluster's GPU image. */
export function gserverManagerDefault(cluster: ClusterSpec, input: Partial<Scheduling> = {}): Scheduling {
  return make(gserverManagerDefault, { cpu: 4, gpu: 0, memMiB: 10 * 1024, containerImage: cluster.gpuImage, ...input });
}

/** Default of a rollout worker: 4 CPUs, 20 GiB, no GPU, the cluster's GPU image. */
export function rolloutWorkerDefault(cluster: ClusterSpec, input: Partial<Scheduling> = {}): Scheduling {
  return make(rolloutWorkerDefault, { cpu: 4, gpu: 0, memMiB: 20 * 1024, containerImage: cluster.gpuImage, ...input });
}

/** `count` workers of one kind with one scheduling. */
export interface TasksGroup {
  readonly count: number;
  readonly scheduling: Scheduling;
}

/** Makes a tasks group. */
export function tasksGroup(count: number, each: Scheduling): TasksGroup {
  const findings: Finding[] = [];
  if (!Number.isSafeInteger(count) || count < 0)
    findings.push(schedulingDiagnostics.count({ found: count }, { at: at("/count"), gives: ["found"] }));
  return noun(tasksGroup, { count, scheduling: each }, { fields: { count: [0], scheduling: [1] }, findings });
}

/** One group or several: workers of a kind may differ in what they ask for. */
export type TasksGroups = TasksGroup | readonly TasksGroup[];

/** The scheduling of all workers of an experiment. */
export interface ExperimentScheduling {
  readonly modelWorker: TasksGroups;
  readonly masterWorker: TasksGroups;
  readonly generationServer: TasksGroups | null;
  readonly gserverManager: TasksGroups | null;
  readonly rolloutWorker: TasksGroups | null;
  /** Image of the controller; the cluster's CPU image if `null`. */
  readonly controllerImage: string | null;
}

export type ExperimentSchedulingInput = Pick<ExperimentScheduling, "modelWorker" | "masterWorker"> &
  Partial<ExperimentScheduling>;

/** Makes an experiment's scheduling. */
export function experimentScheduling(input: ExperimentSchedulingInput): ExperimentScheduling {
  return noun(experimentScheduling, {
    generationServer: null,
    gserverManager: null,
    rolloutWorker: null,
    controllerImage: null,
    ...input,
  });
}

/** The controller's own job: 1 CPU, 1024 MiB, no GPU. Its image: `controllerImage`, else the cluster's CPU image. */
export function controllerScheduling(
  setup: Pick<ExperimentScheduling, "controllerImage">,
  cluster: ClusterSpec,
): Scheduling {
  return make(controllerScheduling, {
    cpu: 1,
    gpu: 0,
    memMiB: 1024,
    containerImage: setup.controllerImage ?? cluster.cpuImage,
  });
}

/** Groups of a kind as a list. */
export function groupsOf(groups: TasksGroups | null): readonly TasksGroup[] {
  if (groups === null) return [];
  return Array.isArray(groups) ? (groups as readonly TasksGroup[]) : [groups as TasksGroup];
}

function make(maker: (...args: never[]) => unknown, input: SchedulingInput): Scheduling {
  const made: Scheduling = {
    nodelist: null,
    exclude: null,
    containerImage: null,
    envVars: {},
    timeLimit: null,
    begin: null,
    deadline: null,
    partition: null,
    ...input,
  };
  return noun(maker, made, { findings: schedulingFindings(made) });
}

/** What is wrong with a scheduling; pointers are relative to it. */
export function schedulingFindings(value: Scheduling): readonly Finding[] {
  const findings: Finding[] = [];
  const amount = (field: "cpu" | "gpu" | "memMiB", fine: boolean, expected: string) => {
    if (!fine)
      findings.push(
        schedulingDiagnostics.amount(
          { field, found: value[field], expected },
          { at: at(`/${field}`), gives: ["found"] },
        ),
      );
  };
  amount("cpu", Number.isSafeInteger(value.cpu) && value.cpu >= 1, "a whole number from 1");
  amount(
    "gpu",
    Number.isFinite(value.gpu) && (Number.isInteger(value.gpu) ? value.gpu >= 0 : value.gpu > 0 && value.gpu < 1),
    "a whole number from 0, or a fraction below 1",
  );
  amount("memMiB", Number.isSafeInteger(value.memMiB) && value.memMiB >= 1, "a whole number of MiB from 1");
  for (const name of Object.keys(value.envVars)) {
    if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name)) {
      findings.push(
        schedulingDiagnostics["environment-name"](
          { name },
          { at: { ...at(`/envVars/${name.replaceAll("~", "~0").replaceAll("/", "~1")}`), part: "key" } as never },
        ),
      );
    }
  }
  findings.push(...timeFindings(value));
  return findings;
}

const TIME_LIMIT_HELP =
  "write minutes, minutes:seconds, hours:minutes:seconds, days-hours, days-hours:minutes, days-hours:minutes:seconds or UNLIMITED";
const MOMENT_HELP =
  "write HH:MM[:SS] [AM|PM], midnight, noon, fika, teatime, today, tomorrow, now[+COUNT[UNIT]], MMDDYY, MM/DD/YY, MM.DD.YY or YYYY-MM-DD[THH:MM[:SS]]";

/** When a job without `begin` may start. */
const SUBMISSION: SlurmMoment = { kind: "relative", seconds: 0 };

function timeFindings({ timeLimit, begin, deadline }: Scheduling): readonly Finding[] {
  const findings: Finding[] = [];
  const limit = timeLimit === null ? null : parseTimeLimit(timeLimit);
  if (timeLimit !== null && limit === null) {
    findings.push(
      schedulingDiagnostics.time(
        { field: "timeLimit", found: timeLimit },
        { at: at("/timeLimit"), help: TIME_LIMIT_HELP },
      ),
    );
  }
  const moments = {
    begin: begin === null ? null : parseMoment(begin),
    deadline: deadline === null ? null : parseMoment(deadline),
  };
  for (const [field, text] of [
    ["begin", begin],
    ["deadline", deadline],
  ] as const) {
    if (text !== null && moments[field] === null) {
      findings.push(schedulingDiagnostics.time({ field, found: text }, { at: at(`/${field}`), help: MOMENT_HELP }));
    }
  }
  const start = begin === null ? SUBMISSION : moments.begin;
  const seconds = timeLimit === null ? 0 : limit;
  if (moments.deadline !== null && start !== null && seconds !== null && seconds !== UNLIMITED_SECONDS) {
    const room = secondsBetween(start, moments.deadline);
    if (room !== null && room < seconds) {
      const earliest = `${begin ?? "now"}${timeLimit === null ? "" : ` + ${timeLimit}`}`;
      const facts = { deadline: deadline ?? "", earliest, begin, timeLimit };
      const related = [
        ...(begin === null ? [] : [{ at: at("/begin"), message: "the job begins by this", gives: ["begin"] }]),
        ...(timeLimit === null
          ? []
          : [{ at: at("/timeLimit"), message: "the job may take this", gives: ["timeLimit"] }]),
      ];
      findings.push(
        schedulingDiagnostics["deadline-too-early"](facts, { at: at("/deadline"), gives: ["deadline"], related }),
      );
    }
  }
  return findings;
}
