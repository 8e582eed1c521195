import type { JsonObject } from "type-fest";
import type { ExperimentReport, PointReport } from "../../../codegen/report.ts";
import { buildName } from "../build-name.ts";

/** What the points of a sweep would take, before any of them runs. */
export interface Bill {
  readonly points: readonly BilledPoint[];
  /** Points that can run. What follows is of these alone. */
  readonly runnable: number;
  /** GPUs of all points together. */
  readonly gpus: number;
  /** `null` if a point has neither a duration nor a time limit. */
  readonly gpuHours: number | null;
  /** What hours stand on: the duration that was given, or each point's time limits, which are an upper bound. */
  readonly hoursFrom: "duration" | "timeLimits";
  /** Seconds that each point is assumed to run; `null` if no duration was given. */
  readonly durationSeconds: number | null;
}

/** One point on the bill. */
export interface BilledPoint extends Pick<
  PointReport,
  "preset" | "point" | "overrides" | "status" | "needs" | "errors" | "hashes" | "manifestBytes"
> {
  readonly name: string;
  readonly experiment: string;
  readonly overrides: JsonObject;
  /** `null` if it can't run. */
  readonly gpus: number | null;
  readonly gpuHours: number | null;
}

const SECONDS_PER_HOUR = 3600;

/** Adds up what points would take. A point that can't run takes nothing. */
export function billOf(experiments: readonly ExperimentReport[], durationSeconds: number | null): Bill {
  const points = experiments.flatMap(({ name, points: own = [] }) =>
    own.map((point) => billedPoint(name, point, durationSeconds)),
  );
  const runnable = points.filter(({ gpus }) => gpus !== null);
  const hours = runnable.map(({ gpuHours }) => gpuHours);
  return {
    points,
    runnable: runnable.length,
    gpus: runnable.reduce((sum, { gpus }) => sum + (gpus ?? 0), 0),
    gpuHours: hours.includes(null) ? null : hours.reduce<number>((sum, own) => sum + (own ?? 0), 0),
    hoursFrom: durationSeconds === null ? "timeLimits" : "duration",
    durationSeconds,
  };
}

function billedPoint(experiment: string, built: PointReport, durationSeconds: number | null): BilledPoint {
  const { preset, point, overrides, status, needs, errors, hashes, manifestBytes } = built;
  const summary = status === "proved" ? built.summary : null;
  const gpuSeconds = durationSeconds === null ? summary?.gpuSeconds : (summary?.gpus ?? 0) * durationSeconds;
  return {
    name: buildName(experiment, preset, point),
    experiment,
    preset,
    point,
    overrides,
    status,
    needs,
    errors,
    hashes,
    manifestBytes,
    gpus: summary?.gpus ?? null,
    gpuHours: summary === null || gpuSeconds == null ? null : gpuSeconds / SECONDS_PER_HOUR,
  };
}
