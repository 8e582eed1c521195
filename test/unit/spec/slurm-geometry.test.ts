import { describe, expect, it } from "vitest";
import { slurmGeometry } from "../../../src/spec/slurm-geometry.ts";

const NODE = { gpusPerNode: 8, gpuType: "tesla" };
const job = (count: number, gpu: number, more: object = {}, workerOffset = 0) =>
  slurmGeometry({ count, scheduling: { cpu: 2, gpu, memMiB: 1000, ...more }, workerOffset }, NODE);

describe("the Slurm job of an array", () => {
  it("starts its workers behind those of earlier jobs", () => {
    expect(job(16, 0.5, {}, 100).value.workers.slice(0, 2)).toEqual([
      [100, 101],
      [102, 103],
    ]);
    expect(job(15, 0.5, {}, 100).value.workers.at(-1)).toEqual([114, 114]);
  });

  it.each([
    [0.34, 2],
    [0.75, 1],
    [1 / 49, 49],
    [0.99, 1],
  ])("of %d GPUs a worker puts %d on a GPU", (gpu, shared) => {
    const { value } = job(shared * 8, gpu);
    expect(value).toMatchObject({ workersPerJobstep: shared, jobsteps: 8, gpu: 1, cpu: 2 * shared });
    expect(value.request).toMatchObject({ gres: "gpu:8", nodes: 1, cpusPerTask: 2 * shared });
  });

  it("rounds memory a CPU down, after it was added up", () => {
    expect(job(16, 0.5, { cpu: 3, memMiB: 1001 }).value.request?.memMiBPerCpu).toBe(333);
    expect(job(8, 1, { cpu: 0 }).value.request).toMatchObject({ memMiBPerCpu: 1000, cpusPerTask: 0 });
    expect(job(8, 1, { memMiB: 1 }).value.request?.memMiBPerCpu).toBe(0);
  });

  it.each([
    [3, 4, { tasks: 3, gpu: 4, gpusPerNode: 8 }],
    [8, 3, { tasks: 8, gpu: 3, gpusPerNode: 8 }],
    [16, 1.5, { tasks: 16, gpu: 1.5, gpusPerNode: 8 }],
    [3, 0.5, { tasks: 2, gpu: 1, gpusPerNode: 8 }],
  ])("of %d workers with %d GPUs does not make whole nodes", (count, gpu, data) => {
    const { value, findings } = job(count, gpu);
    expect(findings).toMatchObject([
      { code: "scheduling/whole-nodes", data, at: { kind: "pointer", pointer: "/gpu" } },
    ]);
    expect(value.request).toBeNull();
    expect(value.jobsteps).toBe(data.tasks);
  });

  it("takes amounts that make no sense as they come", () => {
    expect(job(0, 1)).toMatchObject({ findings: [], value: { jobsteps: 0, workers: [], request: { nodes: 0 } } });
    expect(job(8, -1)).toMatchObject({ findings: [], value: { jobsteps: 8, gpu: -1, request: { gres: null } } });
  });
});
