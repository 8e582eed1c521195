import { at, type Finding, type Result } from "../diagnostics/finding.ts";
import type { ClusterSpec } from "./cluster.ts";
import { schedulingDiagnostics } from "./diagnostics.ts";
import type { Scheduling } from "./scheduling.ts";

/** Workers of one kind that become one Slurm job. */
export interface SlurmArray {
  readonly count: number;
  readonly scheduling: Pick<Scheduling, "cpu" | "gpu" | "memMiB">;
  /** Workers of that kind in jobs before this one. */
  readonly workerOffset: number;
}

/** The shape of a Slurm job: its tasks, what each asks for, and which workers it runs. */
export interface SlurmGeometry {
  /** Number of tasks. */
  readonly jobsteps: number;
  /** Workers of a task; above 1 they share its one GPU. */
  readonly workersPerJobstep: number;
  /** Of one task. */
  readonly cpu: number;
  readonly gpu: number;
  readonly memMiB: number;
  /** Workers of each task, first and last; the last task may have fewer than the others. */
  readonly workers: readonly (readonly [first: number, last: number])[];
  /** What Slurm is asked for; `null` if the GPUs don't make whole nodes. */
  readonly request: SlurmRequest | null;
}

/** Resources as Slurm's options give them. */
export interface SlurmRequest {
  /** GPUs of a node, `gpu:8`; `null` for jobs without. */
  readonly gres: string | null;
  /** 0, which Slurm takes for all memory, below 1 MiB a CPU. */
  readonly memMiBPerCpu: number;
  readonly cpusPerTask: number;
  /** Nodes that the job takes. Jobs without GPUs are filled in where there is room: one, if anything. */
  readonly nodes: number;
}

/**
 * Works out the Slurm job of an array of workers. Below one GPU as many workers as fit share it, and what they ask for is added
 * up. A job with GPUs takes whole nodes (`scheduling/whole-nodes`). Amounts that make no sense (no worker, no CPU, fewer than no GPUs)
 * have findings of their own where they are scheduled, and are taken as they come here.
 */
export function slurmGeometry(
  { count, scheduling, workerOffset }: SlurmArray,
  { gpusPerNode, gpuType }: Pick<ClusterSpec, "gpusPerNode" | "gpuType">,
): Result<SlurmGeometry> {
  const shared = scheduling.gpu > 0 && scheduling.gpu < 1;
  const workersPerJobstep = shared ? Math.floor(1 / scheduling.gpu) : 1;
  const jobsteps = Math.ceil(count / workersPerJobstep);
  const cpu = scheduling.cpu * workersPerJobstep;
  const memMiB = scheduling.memMiB * workersPerJobstep;
  const gpu = shared ? 1 : scheduling.gpu;
  const workers = Array.from({ length: jobsteps }, (_, step) => {
    const first = step * workersPerJobstep;
    const last = Math.min(first + workersPerJobstep, count) - 1;
    return [workerOffset + first, workerOffset + last] as const;
  });
  const findings = gpu > 0 ? wholeNodes(jobsteps, gpu, gpusPerNode) : [];
  const request: SlurmRequest = {
    gres: gpu >= 1 ? `${gpuType === "ppu" ? "ppu" : "gpu"}:${gpusPerNode}` : null,
    memMiBPerCpu: Math.floor(memMiB / Math.max(1, cpu)),
    cpusPerTask: cpu,
    nodes: gpu >= 1 ? (jobsteps * gpu) / gpusPerNode : Math.min(1, jobsteps),
  };
  return {
    value: { jobsteps, workersPerJobstep, cpu, gpu, memMiB, workers, request: findings.length === 0 ? request : null },
    findings,
  };
}

/** Each task must divide a node, and all of them together must fill nodes. */
function wholeNodes(jobsteps: number, gpu: number, gpusPerNode: number): readonly Finding[] {
  if (gpusPerNode % gpu === 0 && (jobsteps * gpu) % gpusPerNode === 0) return [];
  return [
    schedulingDiagnostics["whole-nodes"]({ tasks: jobsteps, gpu, gpusPerNode }, { at: at("/gpu"), gives: ["gpu"] }),
  ];
}
