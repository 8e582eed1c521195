import type { ExperimentReport } from "../../../codegen/report.ts";
import type { Style } from "../../diagnostics/render/style.ts";
import { renderTable } from "./table.ts";

/** Experiments as one reads them off the source. */
export function renderList(experiments: readonly ExperimentReport[], style: Style, width: number | null): string {
  return renderTable(
    [{ head: "experiment" }, { head: "presets" }, { head: "tags" }, { head: "needs" }, { head: "about" }],
    experiments.map((experiment) => [
      experiment.name,
      experiment.builds.flatMap(({ preset }) => (preset === null ? [] : [preset])).join(", "),
      experiment.tags.join(", "),
      needsOf(experiment).join(", "),
      experiment.doc.split("\n", 1)[0] ?? "",
    ]),
    style,
    width,
  );
}

/** Options that the bare experiment lacks a value of. */
function needsOf({ builds }: ExperimentReport): readonly string[] {
  return builds.find(({ preset }) => preset === null)?.needs ?? [];
}
