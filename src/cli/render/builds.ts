import type { ExperimentReport, IndexedBuild, PresetReport } from "../../../codegen/report.ts";
import { buildName } from "../build-name.ts";
import type { Style } from "../../diagnostics/render/style.ts";
import { WORKER_KINDS } from "../../spec/worker.ts";
import { renderTable } from "./table.ts";

/** One build in the table of `show`. */
export interface BuildRow {
  readonly name: string;
  readonly build: Omit<PresetReport, "status"> & { readonly status: PresetReport["status"] | IndexedBuild["status"] };
}

/** Experiments of a report or of an index. */
export interface TabledExperiment extends Pick<ExperimentReport, "name"> {
  readonly builds: readonly BuildRow["build"][];
  readonly points?: readonly (BuildRow["build"] & { readonly point: string })[];
}

/** Rows of all builds that were asked for, points of sweeps behind them. */
export function rowsOf(experiments: readonly TabledExperiment[]): readonly BuildRow[] {
  return experiments.flatMap(({ name, builds, points = [] }) => [
    ...builds.flatMap((build) => (build.status === "skipped" ? [] : [{ name: buildName(name, build.preset), build }])),
    ...points.map((build) => ({ name: buildName(name, build.preset, build.point), build })),
  ]);
}

/** The table of builds: what runs where, and how large its manifest is. */
export function renderBuilds(rows: readonly BuildRow[], style: Style, width: number | null): string {
  return renderTable(
    [
      { head: "experiment" },
      { head: "status" },
      { head: "GPUs", isNumber: true },
      { head: "by role" },
      { head: "workers" },
      { head: "layout" },
      { head: "manifest", isNumber: true },
      { head: "authored" },
      { head: "resolved" },
    ],
    rows.map(withoutUnsound).map(({ name, build }) => [
      name,
      build.status === "needs" ? `needs ${build.needs.join(", ")}` : build.status,
      build.summary === null ? "" : String(build.summary.gpus),
      Object.entries(build.summary?.gpusByRole ?? {})
        .map(([role, gpus]) => `${role} ${gpus}`)
        .join(", "),
      WORKER_KINDS.flatMap((kind) => {
        const count = build.summary?.workers[kind] ?? 0;
        return count === 0 ? [] : [`${kind} ${count}`];
      }).join(", "),
      (build.summary?.calls ?? []).map(({ name: call, layout }) => `${call} ${layout ?? "-"}`).join(", "),
      build.manifestBytes === 0 ? "" : bytesText(build.manifestBytes),
      shortHash(build.hashes?.authored),
      shortHash(build.hashes?.resolved),
    ]),
    style,
    width,
  );
}

/** What a build with errors would have made is not to be relied on: it is not shown. */
function withoutUnsound({ name, build }: BuildRow): BuildRow {
  if (build.status !== "failed") return { name, build };
  return { name, build: { ...build, summary: null, manifestBytes: 0, hashes: null } };
}

/** A size for people: `812 B`, `12.3 kB`, `1.0 MB`. */
export function bytesText(bytes: number): string {
  if (bytes < 1000) return `${bytes} B`;
  return bytes < 999_950 ? `${(bytes / 1000).toFixed(1)} kB` : `${(bytes / 1_000_000).toFixed(1)} MB`;
}

function shortHash(hash: string | undefined): string {
  return hash === undefined ? "" : hash.slice(0, 8);
}
