import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import type { RunRecord } from "../../src/launch/record.ts";
import { assay, PATIENCE_MS, recordOf, runProject, start, textsBelow, until, withArgument } from "./project.ts";

const bash = (script: string, ...args: readonly string[]) => ({
  // Braces of the script are no placeholders.
  command: ["bash", "-c", script.replaceAll(/[{}]/g, "$&$&"), "worker", "{workerType}", "{workerIndex}", ...args],
  resources: "none",
});
/** Time that nothing else sleeps for, so that what is left of a test is found. */
const LONG = `${9_000_000 + process.pid}`;

const project = runProject({
  long: bash(`echo "$1 up"; sleep ${LONG} & setsid sleep ${LONG} & wait`),
  // The first attempt of one worker fails.
  flaky: bash(
    'echo "$1 $2 attempt $ASSAY_ATTEMPT recover $ASSAY_RECOVER save $ASSAY_SAVE_RECOVER"; [ "$1 $2 $ASSAY_ATTEMPT" = "modelWorker 1 0" ] && { echo "out of memory" >&2; exit 3; }; sleep 0.5; [ $ASSAY_ATTEMPT != 0 ] || sleep 9999',
  ),
  failing: bash('echo "$1 $2 begins"; [ $1 = modelWorker ] && exit $((4 + $2)); sleep 9999'),
  killed: bash("[ $1 = modelWorker ] && [ $2 = 0 ] && kill -9 $$; sleep 9999"),
  server: bash('[ $1 = masterWorker ] && exit 0; trap "exit 0" TERM; while :; do sleep 0.05; done'),
  absent: { command: ["no-such-program-anywhere"], resources: "none" },
  greedy: { command: ["true"] },
  tells: {
    ...bash(
      'printf "%s\\n" "$3" "$4" "$ODD"; printf %s "$TOKEN" | wc -c',
      "{trial}",
      "{{ $(touch spoiled) ' \" \\ `id` }}",
    ),
    env: { TOKEN: "${secret:TOKEN}", ODD: "$(touch spoiled); '\" \n x" },
  },
});
afterAll(() => {
  for (const { trial } of (JSON.parse(assay(project, ["status", "--json"]).out) as { runs: RunRecord[] }).runs)
    assay(project, ["stop", `answers/${trial}`]);
  expect(withArgument(LONG)).toEqual([]);
  project.remove();
}, PATIENCE_MS);

const run = (runtime: string, trial: string, ...more: readonly string[]) => [
  "run",
  "answers.small",
  "--runtime",
  runtime,
  "--trial",
  trial,
  "--on",
  "here",
  ...more,
];
const supervisors = (trial: string) => withArgument(recordOf(project, trial).attempts.at(-1)?.folder ?? "-");

describe("a run", { timeout: PATIENCE_MS }, () => {
  it("of the rehearsal ends well, each worker with its own config", () => {
    const { code, out, err } = assay(project, [
      "run",
      "answers",
      "--preset",
      "small",
      "--rehearse",
      "--trial",
      "first",
    ]);
    expect([code, err]).toEqual([0, expect.stringContaining("answers/first is COMPLETE")]);
    expect(out.trim().split("\n").sort()).toEqual([
      expect.stringMatching(/^masterWorker\.0 \| masterWorker 0 of 1: its own config has \d+ fields$/),
      expect.stringMatching(/^modelWorker\.0 \| modelWorker 0 of 2: its own config has \d+ fields$/),
      expect.stringMatching(/^modelWorker\.1 \| modelWorker 1 of 2: its own config has \d+ fields$/),
    ]);
    const record = recordOf(project, "first");
    expect(record).toMatchObject({
      assayRun: 1,
      experiment: "answers",
      preset: "small",
      trial: "first",
      status: "COMPLETE",
      reason: null,
      launcher: {
        name: "local",
        type: "local",
      },
      runtime: "rehearsal",
      overrides: {},
      attempts: [
        {
          attempt: 0,
          outcome: "completed",
          failure: null,
          isRecovery: false,
        },
      ],
    });
    expect(assay(project, ["run", "answers.small", "--rehearse", "--trial", "first"]).err).toContain(
      "launch/already-complete",
    );
  });

  it("of an experiment with errors is not started", () => {
    const { code, err } = assay(project, [
      "run",
      "answers.small",
      "allocationMode=d3p1m1",
      "--rehearse",
      "--trial",
      "wrong",
    ]);
    expect([code, err]).toEqual([1, expect.stringContaining("error[allocation/gpu-product]")]);
    expect(() => recordOf(project, "wrong")).toThrow("ENOENT");
  });

  it("keeps its overrides, and the manifest that they make", () => {
    const { code } = assay(project, ["run", "answers.small", "--rehearse", "--trial", "lr", "model.optimizer.lr=3e-4"]);
    expect(code).toBe(0);
    const { overrides, manifest } = recordOf(project, "lr");
    expect(overrides).toEqual({ "model.optimizer.lr": 3e-4 });
    expect(readFileSync(manifest.file, "utf8")).toContain('"lr":0.0003');
  });

  it("that is dry shows all that is sent, and writes nothing", () => {
    const { code, out } = assay(project, [...run("tells", "dry"), "--dry-run", "--json"], { TOKEN: "open sesame" });
    expect(code).toBe(0);
    const { steps } = JSON.parse(out) as {
      readonly steps: readonly { readonly kind: string; readonly stdin?: string }[];
    };
    expect(steps.map(({ kind }) => kind)).toEqual(["file", "file", "command"]);
    expect(steps.at(-1)?.stdin).toContain('"TOKEN":"${secret:TOKEN}"');
    expect(out).not.toContain("open sesame");
    expect(() => recordOf(project, "dry")).toThrow("ENOENT");
  });

  it("hands texts over as they are, and secrets to workers only", () => {
    const { code, out, err } = assay(project, run("tells", "odd"), { TOKEN: "open sesame" });
    expect(code, err).toBe(0);
    const lines = out.split("\n").flatMap((line) => (line.startsWith("masterWorker.0 | ") ? [line.slice(17)] : []));
    expect(lines).toEqual(["odd", "{ $(touch spoiled) ' \" \\ `id` }", "$(touch spoiled); '\" ", " x", "11"]);
    const texts = textsBelow(join(project.root, ".assay/runs/answers/odd"));
    expect(texts.length).toBeGreaterThan(5);
    expect([...texts, out, err].filter((text) => text.includes("open sesame"))).toEqual([]);
    expect(() => readFileSync(join(project.root, "spoiled"))).toThrow("ENOENT");
  });

  it("whose secret nobody gives starts nothing", () => {
    const { code, err } = assay(project, run("tells", "unbound"));
    expect([code, err]).toEqual([1, expect.stringContaining("${secret:TOKEN}")]);
    expect(recordOf(project, "unbound")).toMatchObject({
      status: "ABORTED",
      attempts: [{ outcome: "refused", handle: null }],
    });
  });

  it("that a launcher refuses says why", () => {
    const greedy = assay(
      project,
      ["run", "answers.small", "--runtime", "greedy", "--trial", "g", "nGpusPerNode=8", "allocationMode=d8p1m1"],
      {
        CUDA_VISIBLE_DEVICES: "0,1",
      },
    );
    expect(greedy.err).toContain(
      "error[launch/refused]: the launcher `local` can't start it: the workers need 8 GPUs (modelWorker 8 x 1), and 2 are free",
    );
    const absent = assay(project, run("absent", "a"));
    expect([absent.code, absent.err]).toEqual([
      1,
      expect.stringContaining("worker modelWorker.0 can't be started: spawn no-such-program"),
    ]);
  });

  it("whose master is done is complete, and servers are ended", () => {
    const { code } = assay(project, run("server", "server"));
    expect([code, recordOf(project, "server").status]).toEqual([0, "COMPLETE"]);
  });
});

describe("a failing worker", { timeout: PATIENCE_MS }, () => {
  it("is named with its end and its last lines, and the others are ended", () => {
    const { code, err } = assay(project, run("failing", "failing"));
    expect(code).toBe(1);
    expect(err).toMatch(/last lines of modelWorker\.([01]):\n {2}modelWorker \1 begins\n/);
    expect(err).toMatch(/error\[launch\/worker-failed\]: worker modelWorker\.([01]) ended with exit code [45]/);
    expect(err).toMatch(/answers\/failing is ABORTED: worker modelWorker\.[01] ended with exit code [45]/);
    expect(recordOf(project, "failing").attempts).toMatchObject([
      { outcome: "failed", failure: { group: "modelWorker" } },
    ]);
    expect(supervisors("failing")).toEqual([]);
  });

  it("is named by its signal if it was killed", () => {
    expect(assay(project, run("killed", "killed")).err).toContain("worker modelWorker.0 was ended by SIGKILL");
  });

  it("is tried again, from a checkpoint and with all others, as often as is said", () => {
    const { code, err, out } = assay(
      project,
      run("flaky", "flaky", "--recover", "fault", "--retries", "2", "--retry-delay", "0"),
    );
    expect(code, err).toBe(0);
    expect(err).toContain("tries again now: 1 of 2");
    expect(out).toContain("modelWorker.1 | modelWorker 1 attempt 0 recover 0 save 1");
    expect(out).toContain("modelWorker.1 | modelWorker 1 attempt 1 recover 1 save 1");
    expect(recordOf(project, "flaky")).toMatchObject({
      status: "COMPLETE",
      attempts: [
        {
          attempt: 0,
          outcome: "failed",
          isRecovery: false,
          failure: { group: "modelWorker", index: 1, end: "ended with exit code 3" },
        },
        { attempt: 1, outcome: "completed", isRecovery: true },
      ],
    });
  });

  it("is tried no more often than that", () => {
    const { code } = assay(
      project,
      run("failing", "often", "--recover", "auto", "--retries", "1", "--retry-delay", "0"),
    );
    expect([code, recordOf(project, "often").attempts.length]).toEqual([1, 2]);
  });

  it.each(["resume", "disabled"])("is not tried again by %s", (mode) => {
    assay(project, run("failing", mode, "--recover", mode, "--retries", "3", "--retry-delay", "0"));
    expect(recordOf(project, mode).attempts).toMatchObject([{ isRecovery: mode === "resume" }]);
  });

  it("of a run that is run again is in a further attempt, and auto goes on from what there is", () => {
    const auto = run("flaky", "again", "--recover", "auto", "--retries", "0");
    expect(assay(project, auto).code).toBe(1);
    writeFileSync(join(project.root, ".assay/runs/answers/again/recover/checkpoint.json"), "{}");
    expect(assay(project, auto).code).toBe(0);
    expect(recordOf(project, "again").attempts).toMatchObject([
      { attempt: 0, isRecovery: false, outcome: "failed" },
      { attempt: 1, isRecovery: true, outcome: "completed" },
    ]);
    const other = assay(project, [...run("flaky", "often"), "model.optimizer.lr=1"]);
    expect(other.err).toContain("launch/other-manifest");
  });
});

describe("a run that goes on", { timeout: PATIENCE_MS }, () => {
  const isUp = (trial: string) => () => {
    try {
      return recordOf(project, trial).attempts.at(-1)?.handle !== null && supervisors(trial).length > 0;
    } catch {
      return false;
    }
  };

  it("ends with Ctrl-C, all of it", async () => {
    const going = start(project, run("long", "ctrl-c"));
    await until(() => going.output().split(" up\n").length === 4, going.output);
    expect(withArgument(LONG).length).toBe(6);
    going.child.kill("SIGINT");
    expect(await going.ended).toBe(1);
    expect(withArgument(LONG)).toEqual([]);
    expect(recordOf(project, "ctrl-c")).toMatchObject({ status: "ABORTED", reason: "it was stopped" });
  });

  it("is not started twice, and stop ends it from elsewhere", async () => {
    const going = start(project, run("long", "twice"));
    await until(isUp("twice"), going.output);
    expect(assay(project, run("long", "twice")).err).toContain(
      `error[launch/already-running]: the run \`answers/twice\` is going on already: process ${going.child.pid} of`,
    );
    expect(assay(project, ["status"]).out).toMatch(/^answers\/twice +RUNNING +small +here +long +1 /m);
    expect(assay(project, ["stop", "answers/twice"]).out).toBe("answers/twice is stopped\n");
    expect(await going.ended).toBe(1);
    expect(withArgument(LONG)).toEqual([]);
  });

  it.each(["here", "guarded"])("outlives who started it, is found by others, and is kept again (%s)", async (on) => {
    const trial = `orphan-${on}`;
    const line = [...run("long", trial), "--on", on];
    const going = start(project, line);
    await until(() => withArgument(LONG).length === 6 && isUp(trial)(), going.output);
    going.child.kill("SIGKILL");
    await going.ended;
    const status = JSON.parse(assay(project, ["status", `answers/${trial}`, "--json"]).out) as RunRecord & {
      isKept: boolean;
    };
    expect([status.status, status.isKept]).toEqual(["RUNNING", false]);
    const logs = assay(project, ["logs", `answers/${trial}`, "--worker", "modelWorker.1"]).out;
    expect(logs).toBe("modelWorker.1 | modelWorker up\n");
    expect(assay(project, [...line, "--runtime", "killed"]).err).toContain("launch/already-running");
    const again = start(project, line);
    await until(() => again.output().includes("modelWorker up"), again.output);
    expect(withArgument(LONG).length).toBe(6);
    expect(recordOf(project, trial).attempts.length).toBe(1);
    again.child.kill("SIGKILL");
    await again.ended;
    assay(project, ["stop", `answers/${trial}`]);
    expect(withArgument(LONG)).toEqual([]);
    expect(recordOf(project, trial)).toMatchObject({ status: "ABORTED", attempts: [{ outcome: "stopped" }] });
  });

  it("whose end nobody saw is not RUNNING for ever", async () => {
    const going = start(project, run("long", "unseen"));
    await until(isUp("unseen"), going.output);
    going.child.kill("SIGKILL");
    await going.ended;
    for (const pid of supervisors("unseen")) process.kill(pid, "SIGKILL");
    await until(() => withArgument(LONG).length === 0);
    const { out } = assay(project, ["status", "answers/unseen"]);
    expect(out).toContain("ABORTED: it ended while nobody kept it");
    expect(out).toContain("the supervisor of its workers was killed, and they with it");
  });

  it("is found again even if who started it was killed before it could write down what it had started", async () => {
    const going = start(project, run("long", "unwritten"));
    await until(() => withArgument(LONG).length === 6 && isUp("unwritten")(), going.output);
    going.child.kill("SIGKILL");
    await going.ended;
    const { attempts, ...record } = recordOf(project, "unwritten");
    const forgotten = { ...record, attempts: attempts.map((attempt) => ({ ...attempt, handle: null })) };
    writeFileSync(join(project.root, ".assay/runs/answers/unwritten/run.json"), JSON.stringify(forgotten));
    expect(assay(project, ["status"]).out).toMatch(/^answers\/unwritten +RUNNING, but nobody keeps it /m);
    assay(project, ["stop", "answers/unwritten"]);
    expect(withArgument(LONG)).toEqual([]);
  });

  it("whose supervisor is killed is tried again", async () => {
    const going = start(project, run("long", "fenced", "--recover", "fault", "--retries", "1", "--retry-delay", "0"));
    await until(() => withArgument(LONG).length === 6 && isUp("fenced")(), going.output);
    const [first] = supervisors("fenced");
    for (const pid of supervisors("fenced")) process.kill(pid, "SIGKILL");
    await until(() => recordOf(project, "fenced").attempts.length === 2 && isUp("fenced")(), going.output);
    expect(supervisors("fenced")).not.toContain(first);
    await until(() => withArgument(LONG).length === 6);
    going.child.kill("SIGTERM");
    await going.ended;
    expect(withArgument(LONG)).toEqual([]);
  });

  it("in the background is a process of its own", async () => {
    const { code, out } = assay(project, [...run("long", "background"), "--detach"]);
    expect([code, out]).toEqual([0, "answers/background runs; see `assay status` and `assay logs -f`\n"]);
    expect(recordOf(project, "background").status).toBe("RUNNING");
    const follow = start(project, ["logs", "answers/background", "-f"]);
    await until(() => follow.output().split(" up\n").length === 4, follow.output);
    assay(project, ["stop", "answers/background"]);
    expect(await follow.ended).toBe(0);
    expect(withArgument(LONG)).toEqual([]);
    const other = assay(project, [...run("long", "background"), "--detach"]);
    expect(other.code).toBe(0);
    const twice = assay(project, [...run("long", "background"), "--detach"]);
    expect([twice.code, twice.err]).toEqual([1, expect.stringContaining("launch/already-running")]);
    assay(project, ["stop", "answers/background"]);
    const refused = assay(project, [...run("absent", "background-2"), "--detach"]);
    expect([refused.code, refused.err]).toEqual([1, expect.stringContaining("launch/refused")]);
  });
});
