import { createHash } from "node:crypto";
import { rmSync } from "node:fs";
import { join } from "node:path";
import type { JsonObject, JsonValue } from "type-fest";
import { makeLauncher } from "../../../dsl/load-launcher.ts";
import { canonicalJson } from "../../../manifest/canonical.ts";
import type { LauncherDefinition } from "../../../plugin/definition.ts";
import {
  FINAL_STATES,
  LaunchError,
  type LaunchHandle,
  type LaunchProblem,
  type LaunchRequest,
  type LaunchStep,
  type LogLine,
  WORKER_INDEX,
  workerEnvironment,
} from "../../../plugin/launcher.ts";
import { type ClusterSpec, clusterSpec } from "../../../spec/cluster.ts";
import { type ContractCase, contractCase, ContractError } from "../case.ts";
import { plainProblem } from "../plain.ts";
import { type FileAddress, pathOf, type Subject } from "../subject.ts";
import { type FreshLauncher, inFreshProcess } from "./fresh-process.ts";
import { bindText, DEFAULT_FOLDER, filesBelow, isAliveHere, SECRETS, Stage, type StageSetup } from "./stage.ts";
import { printedLines } from "./worker.ts";

/** What the suite of a launcher needs: it runs real workers, programs of Node. */
export interface LauncherSetup {
  /** Module of JavaScript that exports the factory, and the factory's name there: other processes make the launcher from it. */
  readonly module: FileAddress;
  readonly exported: string;
  /** Cluster to start on; one node of 8 GPUs unless given. */
  readonly cluster?: ClusterSpec;
  /** Node on the engine's machines; this process's unless given. */
  readonly node?: string;
  /** What each worker asks for, beside one CPU, no GPU and 256 MiB. */
  readonly resources?: StageSetup["resources"];
  /** Folder that the engine's machines see, too; the temporary one unless given. */
  readonly folder?: string;
  /**
   * Whether a process that a worker told of still runs; on this machine unless given. Numbers come again, in every namespace: the process
   * that is meant has `folder` among its arguments.
   */
  readonly isAlive?: (pid: number, folder: string) => boolean | Promise<boolean>;
  /** How long a state is waited for; 120 unless given: engines and machines may be busy. */
  readonly patienceSeconds?: number;
  /** Commands and requests that a submission really made, as the engine tells them while it runs; compared with the preview. */
  readonly performed?: (handle: LaunchHandle) => readonly LaunchStep[] | Promise<readonly LaunchStep[]>;
}

/** Texts that a shell, a file format or a list of arguments would spoil. */
const ODD_ARGUMENTS: readonly string[] = [
  "",
  "a b",
  " ",
  "it's",
  '"quoted"',
  "line\nbreak\r\n\ttab",
  "$(touch spoiled)",
  "`touch spoiled`",
  "'; touch spoiled; '",
  "$HOME ${HOME} $1",
  "\\ \\n %t %o %s {index} {0}",
  "*?[a]~",
  "-n",
  "--",
  "#!&|<>;",
  "ä測🦉\u202E\u0007",
  "é é",
];

/** Ids that are none, and would do harm where they are believed. */
const ODD_IDS: readonly JsonValue[] = [
  "../x",
  "1; touch spoiled",
  "",
  "-1",
  "0",
  "1",
  0,
  1,
  -1,
  1e300,
  "9".repeat(400),
  null,
  [],
  {},
  "\u0000",
  "__proto__",
];

const BOTH = ["alpha", "beta"] as const;

/** A launcher starts what it is given as it is given, tells how it goes, and ends all of it: also from another process. */
export function launcherCases(
  { definition, samples }: Subject<LauncherDefinition>,
  setup: LauncherSetup,
): readonly ContractCase[] {
  const of = `the launcher \`${definition.type}\``;
  const cluster = setup.cluster ?? clusterSpec({ name: "contract", type: "local", nodes: 1 });
  const args = samples[0] ?? {};
  const stageSetup: StageSetup = {
    launcher: () => makeLauncher(definition, args, cluster),
    patienceMs: (setup.patienceSeconds ?? 120) * 1000,
    cluster,
    node: setup.node ?? process.execPath,
    resources: setup.resources ?? {},
    isAlive: setup.isAlive ?? isAliveHere,
    folder: setup.folder ?? DEFAULT_FOLDER,
  };
  const fresh: FreshLauncher = { module: pathOf(setup.module) ?? "", exported: setup.exported, args, cluster };
  const staged = (name: string, act: (stage: Stage) => Promise<void>): ContractCase =>
    contractCase(name, async () => {
      const stage = new Stage(stageSetup);
      try {
        await act(stage);
      } finally {
        await stage.close();
      }
    });
  const fail = (promise: string, found: unknown, help: string): never => {
    throw new ContractError(`${of} ${promise}`, found, help);
  };

  return [
    staged("preview: does nothing, and says the same each time", async (stage) => {
      const request = stage.request(stage.group("alpha", "wait", [stage.marks], { env: { A: "${secret:CONTRACT}" } }));
      const before = filesBelow(stage.base);
      const [first, second] = [await stage.launcher.preview(request), await stage.launcher.preview(request)];
      if (canonicalJson(first) !== canonicalJson(second))
        fail("previews the same each time", { first, second }, "take ids from the request, not from chance or clock");
      if (plainProblem(first) !== null) fail("previews plain data", plainProblem(first), "give plain JSON");
      const after = filesBelow(stage.base);
      if (after.join() !== before.join() || stage.pids().length > 0)
        fail("does nothing when it previews", after, "write and start in `submit` only");
    }),
    staged("preview: is what is submitted", async (stage) => {
      const groups = BOTH.map((name) =>
        stage.group(name, "wait", [stage.marks, WORKER_INDEX, ...ODD_ARGUMENTS], { count: 2 }),
      );
      const request = stage.request(...groups);
      const { steps } = await stage.launcher.preview(request);
      const handle = await stage.submit(request);
      await stage.reaches(handle, "running", "running");
      const { steps: again } = await stage.launcher.preview(request);
      if (canonicalJson(steps) !== canonicalJson(again))
        fail("previews the same before and after", again, "let nothing of the attempt's folder into the preview");
      for (const step of steps) {
        if (step.kind !== "file") continue;
        const text = await readText(step.path);
        if (text !== step.text)
          fail(
            "writes the files that it previews",
            { path: step.path, previewed: step.text, written: text },
            "make the steps once, and have `submit` do them",
          );
      }
      const performed = (await setup.performed?.(handle)) ?? [];
      const told = steps.filter(({ kind }) => kind !== "file").map(sentText);
      const unknown = performed.map(sentText).filter((text) => !told.includes(text));
      if (unknown.length > 0)
        fail("does what it previews, and nothing else", unknown, "make the steps once, and have `submit` do them");
      if (setup.performed !== undefined && performed.length === 0)
        fail("tells what it did", performed, "correct `performed`, or have it asked while the run runs");
    }),
    staged("submit: arguments reach the worker byte for byte", async (stage) => {
      const group = stage.group("alpha", "tell", [WORKER_INDEX, ...ODD_ARGUMENTS], { count: 2 });
      const handle = await stage.submit(stage.request(group));
      await stage.reaches(handle, "completed");
      for (const index of [0, 1]) {
        const told = toldBy(await stage.lines(handle, { index }));
        const expected = [String(index), ...ODD_ARGUMENTS];
        if (canonicalJson(told?.argv ?? null) !== canonicalJson(expected)) {
          fail(
            "gives workers the arguments of the request",
            { expected, found: told?.argv ?? "no line that tells" },
            "pass arguments as a list, or quote each one for the shell it goes through",
          );
        }
      }
      refuseSpoiled(stage, fail);
    }),
    staged("submit: the environment reaches the worker byte for byte", async (stage) => {
      const odd = Object.fromEntries(
        ODD_ARGUMENTS.map((text, index) => [`ODD_${index}`, text.replaceAll("${", () => "$${")]),
      );
      const env = {
        ...odd,
        FROM_SECRET: "a ${secret:CONTRACT} b",
        FROM_ENV: "${env:CONTRACT}",
        FROM_TRIAL: "${trial}",
        ASSAY_INDEX: "no",
      };
      const request = stage.request(stage.group("alpha", "tell", [], { env, count: 2 }));
      const handle = await stage.submit(request);
      await stage.reaches(handle, "completed");
      for (const index of [0, 1]) {
        const told = toldBy(await stage.lines(handle, { index }));
        const bound = Object.entries(env).map(([name, text]) => [name, bindText(text)] as const);
        const expected = {
          ...Object.fromEntries(bound),
          ...workerEnvironment(request.run, { name: "alpha", count: 2 }, index),
        };
        const wrong = Object.entries(expected).filter(([name, value]) => told?.env[name] !== sha256(value));
        if (wrong.length > 0)
          fail(
            "gives workers the environment of the request, and what they are",
            wrong.map(([name]) => name),
            "hand values over as they are; `workerEnvironment` comes last",
          );
      }
      refuseSpoiled(stage, fail);
    }),
    staged("submit: secrets reach the worker and nothing else", async (stage) => {
      const env = { TOKEN: "${secret:CONTRACT}" };
      const request = stage.request(stage.group("alpha", "wait", [stage.marks], { env }));
      const preview = JSON.stringify(await stage.launcher.preview(request));
      const handle = await stage.submit(request);
      await stage.reaches(handle, "running");
      await stage.up(1);
      const status = JSON.stringify(await stage.launcher.status(handle));
      const lines = JSON.stringify(await stage.lines(handle));
      const texts = { preview, handle: JSON.stringify(handle), status, logs: lines };
      // The secret as it is, and as JSON writes it.
      const secret = SECRETS["CONTRACT"] ?? "";
      for (const form of ["open sesame", secret]) {
        const told = Object.entries(texts).find(([, text]) => text.includes(form));
        if (told !== undefined)
          fail(
            "shows no secret",
            told[0],
            "bind references while submitting, and hand the value to the worker's environment only",
          );
        const [file] = stage.holding(form);
        if (file !== undefined)
          fail(
            "writes no secret to a file",
            file,
            "hand secrets over in the environment of the program that starts the worker",
          );
      }
    }),
    staged("submit: a reference without a value starts nothing", async (stage) => {
      const first = stage.group("alpha", "wait", [stage.marks]);
      const second = stage.group("beta", "wait", [stage.marks], { env: { TOKEN: "${secret:NOBODY_KNOWS}" } });
      const error = await errorOf(() => stage.submit(stage.request(first, second)));
      if ((error as Error | null)?.name !== "AssayError")
        fail(
          "passes on that a reference has no value",
          error ?? "nothing was thrown",
          "bind all groups before the first one starts, and let the error through",
        );
      await nothingRuns(stage, fail);
    }),
    staged("submit: starts all groups or none", async (stage) => {
      const first = stage.group("alpha", "sleep", [stage.marks]);
      const second = stage.group("beta", "wait", [stage.marks], { argv: [join(stage.base, "no such program"), "x"] });
      const request = stage.request(first, second);
      let handle: LaunchHandle | null = null;
      const error = await errorOf(async () => {
        handle = await stage.submit(request);
      });
      if (error === null && handle !== null) {
        // An engine that finds it out later tells it as a failure.
        await stage.until(
          `${of} tells that a program can't be started`,
          async () => (await stage.launcher.status(handle as never))[1]?.state === "failed",
          () => "no failure",
        );
        return;
      }
      needProblem(error, ["request", "engine"], "refuses a program that is not there", fail);
      await nothingRuns(stage, fail);
    }),
    staged("submit: refuses what can't be meant", async (stage) => {
      const fine = stage.group("alpha", "wait", [stage.marks]);
      const wrong: Readonly<Record<string, LaunchRequest["groups"]>> = {
        "no groups": [],
        "a group of no workers": [{ ...fine, count: 0 }],
        "half a worker": [{ ...fine, count: 1.5 }],
        "two groups of one name": [fine, fine],
        "a name that leads elsewhere": [{ ...fine, name: "../alpha" }],
        "no program": [{ ...fine, argv: [] }],
        "a null byte": [{ ...fine, argv: [...fine.argv, "a\0b"] }],
        "a variable that is none": [{ ...fine, env: { "A=B": "c" } }],
      };
      for (const [what, groups] of Object.entries(wrong)) {
        const request = stage.request(...groups);
        for (const act of [() => stage.launcher.preview(request), () => stage.submit(request)]) {
          needProblem(await errorOf(act), ["request"], `refuses ${what}`, fail);
        }
      }
      await nothingRuns(stage, fail);
    }),
    staged("submit: refuses an attempt that runs already", async (stage) => {
      const request = stage.request(stage.group("alpha", "wait", [stage.marks]));
      const handle = await stage.submit(request);
      await stage.reaches(handle, "running");
      await stage.up(1);
      needProblem(await errorOf(() => stage.submit(request)), ["request"], "refuses to submit one attempt twice", fail);
      await stage.reaches(handle, "running");
      if ((await stage.living()).length !== 1)
        fail(
          "goes on with the attempt that it has",
          await stage.living(),
          "look for the attempt before anything is started",
        );
    }),
    staged("submit: what it waits for is pending, or refused", async (stage) => {
      const later = stage.group("alpha", "wait", [stage.marks]);
      const request = stage.request({ ...later, resources: { ...later.resources, begin: "now+1hours" } });
      let handle: LaunchHandle | null = null;
      const error = await errorOf(async () => {
        handle = await stage.submit(request);
      });
      if (handle === null) needProblem(error, ["request"], "refuses a begin that it can't keep", fail);
      else {
        await stage.reaches(handle, "pending", { never: ["running"] });
        await stage.launcher.cancel(handle);
        await stage.reaches(handle, "cancelled");
      }
      await nothingRuns(stage, fail);
      if (stage.pids().length > 0)
        fail("starts nothing before its time", stage.pids(), "refuse `begin`, or wait for it");
    }),
    staged("status: tells groups in order, and how workers ended", async (stage) => {
      const handle = await stage.submit(
        stage.request(
          stage.group("fine", "exit", ["0"], { count: 2 }),
          stage.group("alpha", "exit", [WORKER_INDEX], { count: 3 }),
          stage.group("killed", "signal", ["SIGKILL"]),
          stage.group("beta", "wait", [stage.marks]),
        ),
      );
      const status = await stage.reaches(handle, "completed", "failed", "failed", "running");
      const names = status.map(({ group }) => group).join();
      if (names !== "fine,alpha,killed,beta")
        fail("tells groups in the order of the request", names, "keep the order in the handle");
      await stage.until(
        `${of} tells the end of each worker`,
        async () => {
          const [, alpha, killed] = await stage.launcher.status(handle);
          // Engines that know whole groups only leave it out.
          return (alpha?.exits?.length ?? 3) === 3 && (killed?.exits?.length ?? 1) === 1;
        },
        () => status,
      );
      const [, alpha, killed] = await stage.launcher.status(handle);
      const codes = alpha?.exits?.map((exit) => ("exitCode" in exit ? exit.exitCode : exit.signal)).join();
      if (codes !== undefined && codes !== "0,1,2")
        fail("tells exit codes by worker", alpha?.exits, "give each worker's own exit code, by its index");
      const [end] = killed?.exits ?? [];
      if (
        end !== undefined &&
        !("signal" in end && end.signal === "SIGKILL") &&
        !("exitCode" in end && end.exitCode === 137)
      ) {
        fail("tells a worker that was killed from one that ended", end, "give the signal");
      }
    }),
    staged("logs: lines come whole, in order, and as they were written", async (stage) => {
      const handle = await stage.submit(stage.request(stage.group("alpha", "print", [WORKER_INDEX], { count: 2 })));
      await stage.reaches(handle, "completed");
      const all = await stage.lines(handle);
      for (const index of [0, 1]) {
        const found = all.filter((line) => line.index === index).map(({ line }) => line);
        const expected = printedLines(index);
        const wrong = expected.findIndex((line, at) => found[at] !== line);
        if (wrong >= 0 || found.length !== expected.length) {
          fail(
            "gives lines as workers write them",
            { line: wrong, expected: short(expected[wrong]), found: short(found[wrong]), lines: found.length },
            "split at line feeds only, decode across chunks, keep long lines whole and one without an end",
          );
        }
      }
    }),
    staged("logs: of one group and of one worker", async (stage) => {
      const handle = await stage.submit(
        stage.request(...BOTH.map((name) => stage.group(name, "drip", [WORKER_INDEX], { count: 2 }))),
      );
      await stage.reaches(handle, "completed", "completed");
      const lines = await stage.lines(handle, { group: "beta", index: 1 });
      const isOther = lines.some(({ group, index }) => group !== "beta" || index !== 1);
      if (isOther || lines.length !== 10)
        fail("gives the lines of the worker that is asked for", lines, "look at `group` and `index`");
      const group = await stage.lines(handle, { group: "alpha" });
      if (group.length !== 20) fail("gives the lines of the group that is asked for", group.length, "look at `group`");
    }),
    staged("logs: are followed to the end of the run", async (stage) => {
      const handle = await stage.submit(stage.request(stage.group("alpha", "drip", [WORKER_INDEX], { count: 2 })));
      const lines = await stage.lines(handle, { follow: true });
      const status = await stage.launcher.status(handle);
      if (lines.length !== 20)
        fail("follows logs to the last line", lines.length, "read once more after the run has ended");
      if (!FINAL_STATES.includes(status[0]?.state ?? "unknown"))
        fail("follows logs until the run has ended", status, "end when all groups have ended");
    }),
    staged("logs: end when nobody wants them any more", async (stage) => {
      const handle = await stage.submit(stage.request(stage.group("alpha", "wait", [stage.marks])));
      const stop = new AbortController();
      const lines: LogLine[] = [];
      for await (const line of stage.launcher.logs(handle, { follow: true, signal: stop.signal })) {
        lines.push(line);
        stop.abort();
      }
      if (lines.map(({ line }) => line).join() !== "up")
        fail("ends lines without an error when its signal fires", lines, "look at `signal` while waiting");
      await stage.reaches(handle, "running");
    }),
    staged("cancel: ends all that workers started", async (stage) => {
      const handle = await stage.submit(
        stage.request(...BOTH.map((name) => stage.group(name, "sleep", [stage.marks]))),
      );
      await stage.up(8);
      await stage.launcher.cancel(handle);
      const left = await stage.living();
      if (left.length > 0)
        fail(
          "ends whole trees of processes before `cancel` returns",
          { left: left.length, of: 8 },
          "end sessions and orphans, too: by a namespace, a control group, or a mark that processes inherit",
        );
      await stage.reaches(handle, "cancelled", "cancelled");
    }),
    staged("cancel: twice, and after the end, changes nothing", async (stage) => {
      const ended = await stage.submit(
        stage.request(stage.group("alpha", "exit", ["0"]), stage.group("beta", "exit", ["3"])),
      );
      await stage.reaches(ended, "completed", "failed");
      const running = await stage.submit(stage.request(stage.group("alpha", "wait", [stage.marks])));
      for (const handle of [ended, running, ended, running]) await stage.launcher.cancel(handle);
      await stage.reaches(ended, "completed", "failed");
      await stage.reaches(running, "cancelled");
    }),
    staged("cancel: right after the submission", async (stage) => {
      const handle = await stage.submit(
        stage.request(...BOTH.map((name) => stage.group(name, "sleep", [stage.marks]))),
      );
      await stage.launcher.cancel(handle);
      await nothingRuns(stage, fail);
      await stage.reaches(handle, "cancelled", "cancelled");
    }),
    staged("attempts: don't mix", async (stage) => {
      const [first, second] = [
        await stage.submit(stage.request(stage.group("alpha", "wait", [stage.otherMarks]))),
        await stage.submit(stage.request(stage.group("alpha", "wait", [stage.marks]))),
      ];
      await stage.reaches(first, "running");
      await stage.reaches(second, "running");
      await stage.up(1, stage.otherMarks);
      await stage.up(1);
      await stage.launcher.cancel(first);
      await stage.reaches(first, "cancelled");
      await stage.reaches(second, "running");
      if ((await stage.living()).length !== 1)
        fail(
          "ends one attempt and leaves the other",
          stage.pids(),
          "find workers by the attempt, not by experiment and trial",
        );
      const lines = await stage.lines(second);
      if (lines.length !== 1) fail("keeps the logs of attempts apart", lines, "keep logs in the attempt's folder");
    }),
    staged("handles: another process goes on after the submitting one was killed", async (stage) => {
      const request = stage.request(
        stage.group("alpha", "sleep", [stage.marks], { count: 2, env: { TOKEN: "${secret:CONTRACT}" } }),
      );
      const handle = (await inFreshProcess(fresh, { act: "submit", request, secrets: SECRETS })) as LaunchHandle;
      stage.note(handle);
      // Whoever submitted was killed by SIGKILL.
      await stage.up(8);
      const status = (await inFreshProcess(fresh, { act: "status", handle })) as readonly { readonly state: string }[];
      if (status[0]?.state !== "running")
        fail(
          "knows a run of another process",
          status,
          "keep all that is needed in the handle and in the attempt's folder",
        );
      const lines = (await inFreshProcess(fresh, { act: "logs", handle })) as readonly LogLine[];
      if (lines.length !== 2)
        fail("has the logs of a run of another process", lines, "have workers write where another process can read");
      await inFreshProcess(fresh, { act: "cancel", handle });
      const left = await stage.living();
      if (left.length > 0) fail("ends a run of another process", left, "find workers by what is in the handle");
    }),
    staged("handles: are plain data, and name the launcher and the run", async (stage) => {
      const request = stage.request(
        stage.group("alpha", "exit", ["0"], { count: 2 }),
        stage.group("beta", "exit", ["0"]),
      );
      const handle = await stage.launcher.submit(request, bindText);
      stage.note(handle);
      const problem = plainProblem(handle);
      const groups = request.groups.map(({ name, count }) => ({ name, count }));
      const expected = { launcher: definition.type, run: request.run, folder: request.folder, groups };
      const { jobs: _jobs, ...rest } = handle;
      if (problem !== null || canonicalJson(rest) !== canonicalJson(expected))
        fail(
          "gives a handle of plain data with the run, its folder and its groups",
          problem ?? rest,
          "write the handle as `LaunchHandle` says",
        );
      await stage.reaches(handle, "completed", "completed");
    }),
    staged("handles: of a run that is gone are borne", async (stage) => {
      const handle = await stage.submit(stage.request(stage.group("alpha", "wait", [stage.marks])));
      await stage.reaches(handle, "running");
      await stage.launcher.cancel(handle);
      rmSync(handle.folder, { recursive: true, force: true });
      const status = await stage.launcher.status(handle);
      if (!["gone", "cancelled"].includes(status[0]?.state ?? ""))
        fail("tells that a run is gone", status, "tell `gone` where the engine answers and does not know it");
      await stage.launcher.cancel(handle);
      await stage.lines(handle, { follow: true });
    }),
    staged("handles: of others, and damaged ones, are refused without harm", async (stage) => {
      const handle = await stage.submit(stage.request(stage.group("alpha", "wait", [stage.marks])));
      await stage.reaches(handle, "running");
      await stage.up(1);
      const before = filesBelow(stage.base).filter((file) => !file.includes(handle.folder));
      for (const { what, damaged, mayBeUnknown } of damagedHandles(handle)) {
        for (const act of [
          () => stage.launcher.status(damaged),
          () => stage.lines(damaged),
          () => stage.launcher.cancel(damaged),
        ]) {
          const error = await errorOf(act);
          // An id that could be one is looked for, and is not there.
          if (error === null && mayBeUnknown) continue;
          needProblem(error, ["handle"], `refuses a handle with ${what}`, fail);
        }
        if ((await stage.living()).length !== 1)
          fail("ends nothing for a damaged handle", what, "believe nothing of a handle unseen");
      }
      await stage.reaches(handle, "running");
      const after = filesBelow(stage.base).filter((file) => !file.includes(handle.folder));
      if (after.join() !== before.join())
        fail("touches no file for a damaged handle", after, "believe nothing of a handle unseen");
      refuseSpoiled(stage, fail);
    }),
  ];
}

type Fail = (promise: string, found: unknown, help: string) => never;

interface DamagedHandle {
  readonly what: string;
  readonly damaged: LaunchHandle;
  /** The engine may look for it in vain. */
  readonly mayBeUnknown: boolean;
}

/** A handle, spoiled in every way in turn. */
function* damagedHandles(handle: LaunchHandle): Generator<DamagedHandle> {
  const odd = (what: string, change: object): DamagedHandle => ({
    what,
    damaged: { ...handle, ...change },
    mayBeUnknown: false,
  });
  yield odd("another launcher", { launcher: "somebody-elses" });
  for (const name of ["run", "folder", "groups", "jobs"] as const) {
    const { [name]: _left, ...rest } = handle;
    yield { what: `no \`${name}\``, damaged: rest as never, mayBeUnknown: false };
    yield odd(`\`${name}\` that is null`, { [name]: null });
  }
  yield odd("a relative folder", { folder: "../x" });
  yield odd("a group that leads elsewhere", { groups: [{ name: "../../etc/passwd", count: 1 }] });
  yield odd("a group of a million million workers of no number", { groups: [{ name: "alpha", count: 1e300 }] });
  for (const path of leavesOf(handle.jobs)) {
    for (const id of ODD_IDS) {
      yield {
        what: `\`jobs.${path.join(".")}\` ${JSON.stringify(id).slice(0, 40)}`,
        damaged: { ...handle, jobs: withLeaf(handle.jobs, path, id) as JsonObject },
        mayBeUnknown: true,
      };
    }
  }
}

function leavesOf(value: JsonValue, path: readonly string[] = []): readonly (readonly string[])[] {
  if (typeof value !== "object" || value === null) return [path];
  return Object.entries(value).flatMap(([key, inner]) => leavesOf(inner, [...path, key]));
}

function withLeaf(value: JsonValue, [key, ...deeper]: readonly string[], leaf: JsonValue): JsonValue {
  if (key === undefined) return leaf;
  const copy = structuredClone(value) as Record<string, JsonValue>;
  copy[key] = withLeaf(copy[key] ?? null, deeper, leaf);
  return copy;
}

/** What was thrown; `null` if nothing was. */
async function errorOf(act: () => Promise<unknown>): Promise<unknown> {
  try {
    await act();
    return null;
  } catch (error) {
    return error;
  }
}

function needProblem(error: unknown, problems: readonly LaunchProblem[], promise: string, fail: Fail): void {
  // Another copy of the package has another class.
  const isLaunchError = error instanceof LaunchError || (error as Error | null)?.name === "LaunchError";
  if (isLaunchError && problems.includes((error as LaunchError).problem)) return;
  fail(promise, error ?? "nothing was thrown", `throw a \`LaunchError\` \`${problems.join("` or `")}\``);
}

/** Waits until what was started by mistake would tell of itself, and looks. */
async function nothingRuns(stage: Stage, fail: Fail): Promise<void> {
  for (let look = 0; look < 20; look += 1) {
    const left = await stage.living();
    if (left.length > 0)
      fail("leaves nothing running", left, "end what was started before the error is thrown, all of it");
    await new Promise((settle) => setTimeout(settle, 50));
  }
}

/** A text of an argument or an id that was run would have left a file. */
function refuseSpoiled(stage: Stage, fail: Fail): void {
  const spoiled = filesBelow(stage.base).filter((file) => file.endsWith("spoiled"));
  if (spoiled.length > 0)
    fail("runs no text that it is given as data", spoiled, "put no argument and no id into a shell's text");
}

/** What a step sends. */
function sentText(step: LaunchStep): string {
  if (step.kind === "command") return JSON.stringify({ argv: step.argv, stdin: step.stdin });
  return JSON.stringify(step.kind === "http" ? { method: step.method, url: step.url, body: step.body } : step);
}

interface Told {
  readonly argv: readonly string[];
  /** Hashes of values, by variable: nobody but the worker sees values. */
  readonly env: Readonly<Record<string, string>>;
}

function toldBy(lines: readonly LogLine[]): Told | null {
  const line = lines.map((one) => one.line).find((text) => text.startsWith("{"));
  return line === undefined ? null : (JSON.parse(line) as Told);
}

function sha256(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

function short(text: string | undefined): string {
  return text === undefined
    ? "no line"
    : text.length > 40
      ? `${text.slice(0, 40)}... (${text.length} characters)`
      : text;
}

async function readText(path: string): Promise<string | null> {
  const { readFile } = await import("node:fs/promises");
  return readFile(path, "utf8").catch(() => null);
}
