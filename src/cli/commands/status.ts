import { paint } from "../../diagnostics/render/style.ts";
import { type AttemptRecord, failureText, type RunRecord, runName } from "../../launch/record.ts";
import { type Command, type Context, printJson } from "../context.ts";
import { EXIT } from "../exit-code.ts";
import { asking, launcherOf } from "../launch/launcher.ts";
import { findRun, projectRuns } from "../launch/runs.ts";
import { type RunState, stateOf } from "../launch/state.ts";
import { renderTable } from "../render/table.ts";

/** Tells how runs are: all of them in a table, or one in detail. */
export const status: Command = async (context, [name]) => {
  const runs = await projectRuns(context);
  if (runs === null) return EXIT.errors;
  const { root, store } = runs;
  const look = (record: RunRecord) =>
    asking(record.launcher, () => stateOf(store, record, () => launcherOf(context, root, record), context.host.now()));
  if (name !== undefined) {
    const state = await look(findRun(context, store, name));
    if (context.settings.json) printJson(context, jsonOf(state));
    else printOne(context, state);
    return EXIT.fine;
  }
  const states: RunState[] = [];
  for (const record of store.list()) states.push(await look(record));
  if (context.settings.json) printJson(context, { runs: states.map(jsonOf) });
  else printTable(context, states);
  return EXIT.fine;
};

function jsonOf({ record, isKept }: RunState): object {
  return { ...record, isKept };
}

function printTable({ output }: Context, states: readonly RunState[]): void {
  const rows = states.map((state) => [
    runName(state.record),
    statusText(state),
    state.record.preset ?? "",
    state.record.launcher.name,
    state.record.runtime,
    String(state.record.attempts.length),
    state.record.startedAt,
  ]);
  const heads = ["run", "status", "preset", "launcher", "runtime", "attempts", "started"];
  const columns = heads.map((head) => ({ head, isNumber: head === "attempts" }));
  output.write("data", renderTable(columns, rows, output.style("data"), output.columns("data")));
}

function statusText({ record, isKept }: RunState): string {
  return isKept ? record.status : `${record.status}, but nobody keeps it`;
}

function printOne({ output }: Context, state: RunState): void {
  const { record } = state;
  const style = output.style("data");
  const facts: readonly (readonly [string, string])[] = [
    ["status", record.reason === null ? statusText(state) : `${statusText(state)}: ${record.reason}`],
    ["preset", record.preset ?? ""],
    [
      "overrides",
      Object.entries(record.overrides)
        .map(([path, value]) => `${path}=${JSON.stringify(value)}`)
        .join(" "),
    ],
    ["launcher", record.launcher.name],
    ["runtime", record.runtime],
    ["recovery", recoveryText(record)],
    ["started", record.startedAt],
    ["ended", record.endedAt ?? ""],
  ];
  const told = facts.filter(([, text]) => text !== "").map(([head, text]) => `  ${head.padEnd(9)}  ${text}\n`);
  output.write("data", `${paint(runName(record), "strong", style)}\n${told.join("")}`);
  for (const attempt of record.attempts) output.write("data", attemptText(attempt));
}

function recoveryText({ recovery: { mode, retries, delaySeconds } }: RunRecord): string {
  if (mode !== "auto" && mode !== "fault") return mode;
  return `${mode}, ${retries} ${retries === 1 ? "retry" : "retries"}, ${delaySeconds} s apart`;
}

function attemptText({ attempt, outcome, isRecovery, failure, groups }: AttemptRecord): string {
  const how = isRecovery ? ", from a checkpoint" : "";
  const why = failure === null ? "" : `: ${failureText(failure)}`;
  const lines = groups.map(({ group, state, reason }) => {
    const because = reason === undefined ? "" : `: ${reason}`;
    return `    ${group}  ${state}${because}\n`;
  });
  return `  attempt ${attempt}${how}: ${outcome ?? "running"}${why}\n${lines.join("")}`;
}
