import { createHash } from "node:crypto";
import { rmSync } from "node:fs";
import { userInfo } from "node:os";
import { join } from "node:path";
import type { JsonValue } from "type-fest";
import { AssayError } from "../../diagnostics/assay-error.ts";
import { hasErrors } from "../../diagnostics/finding.ts";
import { didYouMean } from "../../diagnostics/nearest.ts";
import { launchDiagnostics } from "../../launch/diagnostics.ts";
import { keepRun } from "../../launch/keep.ts";
import { type HeldLock, lockHolder, takeLock } from "../../launch/lock.ts";
import { type LauncherChoice, RUN_VERSION, type RunRecord, runName } from "../../launch/record.ts";
import { RECOVER_MODES, type RecoverMode, type RecoverySettings, savesCheckpoints } from "../../launch/recovery.ts";
import { type RequestPlan, requestOf } from "../../launch/request.ts";
import { OWN_RUNTIMES, type Runtime, type RuntimeRun, runtimeOf } from "../../launch/runtimes.ts";
import { RUN_FILES, RUNS, RunStore, writeAtomically } from "../../launch/store.ts";
import { bind as bindValues } from "../../manifest/bindings.ts";
import { canonicalJson } from "../../manifest/canonical.ts";
import type { Manifest } from "../../manifest/format.ts";
import type { Launcher } from "../../plugin/launcher.ts";
import { type Command, type Context, printJson, reportAside, reportFindings } from "../context.ts";
import { cliDiagnostics } from "../diagnostics.ts";
import { EXIT, type ExitCode } from "../exit-code.ts";
import { runInBackground } from "../launch/background.ts";
import { asking, launcherOf, LOCAL, makeLauncher } from "../launch/launcher.ts";
import { identityOf, stateOf } from "../launch/state.ts";
import { Teller } from "../launch/teller.ts";
import { previewText } from "../launch/preview.ts";
import { buildName } from "../build-name.ts";
import { parseArguments } from "../overrides.ts";
import { nowhere, placeNames } from "../places.ts";
import type { ProjectLaunch } from "../tools.ts";

/** Proves an experiment, starts its workers, and keeps them to the end. */
export const run: Command = async (context, positional, own) => {
  const parsed = parseArguments(positional, context.commandLine);
  const [named, ...others] = parsed.names;
  const findings = [...parsed.findings, ...usageFindings(context, own, named, others)];
  if (findings.length > 0 || named === undefined) {
    reportFindings(context, findings);
    return EXIT.usage;
  }
  const { host, settings, tools } = context;
  const project = await tools.launch({ cwd: host.cwd, config: settings.config });
  reportAside(context, project.diagnostics, project.root);
  const { root, outDir } = project;
  if (root === null || outDir === null) return EXIT.errors;
  const name = own["preset"] === undefined ? named : buildName(named, String(own["preset"]));
  const options = { cwd: host.cwd, config: settings.config, write: false, keepGoing: false, only: [name] };
  context.output.status(`proving ${name}`);
  const built = await tools.buildOne({ ...options, overrides: parsed.overrides, cache: settings.cache }, name);
  context.output.clearStatus();
  reportAside(context, placeNames(built.diagnostics, [named, name], context.commandLine), built.root);
  const { manifest } = built;
  if (hasErrors(built.diagnostics) || (settings.denyWarnings && built.diagnostics.length > 0)) return EXIT.errors;
  if (manifest === null) {
    const problem = `\`${name}\` lacks values that it needs: give a preset, or the values as overrides`;
    reportFindings(context, [cliDiagnostics.usage({ problem }, { at: context.commandLine.placeOf(named) })]);
    return EXIT.usage;
  }
  const overrides = Object.fromEntries(parsed.overrides.map(({ path, value }) => [path, value]));
  return new Start(context, { root, outDir, project, manifest, overrides, own }).go();
};

function usageFindings(
  { commandLine }: Context,
  own: Readonly<Record<string, unknown>>,
  named: string | undefined,
  others: readonly string[],
) {
  const wrong = (problem: string, flag: string) => cliDiagnostics.usage({ problem }, { at: commandLine.placeOf(flag) });
  const findings = [];
  if (named === undefined) {
    const at = nowhere("it is missing on the command line");
    findings.push(cliDiagnostics.usage({ problem: "`assay run` needs the name of an experiment" }, { at }));
  }
  for (const other of others)
    findings.push(wrong(`\`assay run\` runs one experiment, and \`${other}\` is another`, other));
  if (own["preset"] !== undefined && named?.includes(".") === true)
    findings.push(wrong(`\`${named}\` names a preset already`, "--preset"));
  const mode = own["recover"];
  if (mode !== undefined && !(RECOVER_MODES as readonly unknown[]).includes(mode))
    findings.push(wrong(`\`--recover\` takes ${RECOVER_MODES.join(", ")}, found \`${String(mode)}\``, "--recover"));
  for (const [key, flag] of [
    ["retries", "--retries"],
    ["retryDelay", "--retry-delay"],
  ] as const) {
    const value = own[key];
    if (value !== undefined && !/^\d{1,9}$/.test(String(value)))
      findings.push(wrong(`\`${flag}\` takes a whole number from 0, found \`${String(value)}\``, flag));
  }
  if (own["rehearse"] === true && (own["runtime"] !== undefined || own["on"] !== undefined))
    findings.push(wrong("`--rehearse` is short for `--on local --runtime rehearsal`", "--rehearse"));
  return findings;
}

interface StartInput {
  readonly root: string;
  readonly outDir: string;
  readonly project: ProjectLaunch;
  readonly manifest: Manifest;
  readonly overrides: Readonly<Record<string, JsonValue>>;
  readonly own: Readonly<Record<string, unknown>>;
}

/** One `assay run`, once the experiment is proved. */
class Start {
  readonly #context: Context;
  readonly #input: StartInput;
  readonly #store: RunStore;
  readonly #runtime: Runtime;
  readonly #choice: LauncherChoice;
  readonly #trial: string;
  /** The manifest as it will lie in the run's folder. */
  readonly #text: string;

  constructor(context: Context, input: StartInput) {
    const { own, project, outDir, manifest } = input;
    this.#context = context;
    this.#input = input;
    this.#store = new RunStore(join(outDir, RUNS));
    const rehearse = own["rehearse"] === true;
    this.#choice = launcherNamed(context, rehearse ? "local" : String(own["on"] ?? "local"), project);
    this.#runtime = runtimeNamed(context, rehearse ? "rehearsal" : String(own["runtime"] ?? "realhf"), project);
    this.#trial = trialOf(context, own["trial"]);
    this.#text = canonicalJson(manifest);
  }

  async go(): Promise<ExitCode> {
    const { root, manifest, own } = this.#input;
    const launcher = await makeLauncher(this.#context, root, this.#choice, manifest.authored.cluster);
    if (own["dryRun"] === true) return this.#preview(launcher);
    if (own["detach"] === true) return this.#detach();
    const begun = await this.#begin();
    try {
      return await this.#keep(launcher, begun.record);
    } finally {
      begun.lock.release();
    }
  }

  /** Takes the run's lock, and writes its record: a new one, or one that goes on. */
  async #begin(): Promise<{ readonly lock: HeldLock; readonly record: RunRecord }> {
    const fresh = this.#record();
    const folder = this.#store.make(fresh);
    const earlier = this.#store.read(fresh);
    // What ended while nobody looked has ended.
    if (earlier !== null) await this.#look(earlier);
    const lock = takeLock(folder);
    if (!("release" in lock)) throw this.#refused("already-running", `process ${lock.pid} of ${lock.host} keeps it`);
    try {
      const record = this.#goOn(fresh, this.#store.read(fresh));
      rmSync(join(folder, RUN_FILES.stop), { force: true });
      writeAtomically(fresh.manifest.file, this.#text);
      this.#store.write(record);
      return { lock, record };
    } catch (error) {
      lock.release();
      throw error;
    }
  }

  #look(earlier: RunRecord): Promise<unknown> {
    const { root } = this.#input;
    const make = () => launcherOf(this.#context, root, earlier);
    return asking(earlier.launcher, () => stateOf(this.#store, earlier, make, this.#context.host.now()));
  }

  /** The record to go on with: that of an earlier run of the same trial keeps its attempts. */
  #goOn(fresh: RunRecord, earlier: RunRecord | null): RunRecord {
    if (earlier === null) return fresh;
    if (earlier.status === "COMPLETE") throw this.#refused("already-complete");
    const isSame = earlier.manifest.sha256 === fresh.manifest.sha256;
    if (earlier.status === "RUNNING") {
      // Its workers run, and whoever started them has ended: they are kept again, if they are what is wanted.
      const isLauncher = canonicalJson(earlier.launcher) === canonicalJson(fresh.launcher);
      if (!isSame || !isLauncher || earlier.runtime !== fresh.runtime) {
        throw this.#refused("already-running", `its workers run on \`${earlier.launcher.name}\``);
      }
    }
    if (!isSame) throw this.#refused("other-manifest");
    return { ...fresh, attempts: earlier.attempts, startedAt: earlier.startedAt };
  }

  async #keep(launcher: Launcher, record: RunRecord): Promise<ExitCode> {
    const { host, settings } = this.#context;
    const teller = new Teller(this.#context, record, launcher);
    const ended = await asking(this.#choice, () =>
      keepRun(
        {
          store: this.#store,
          launcher,
          plan: (attempt) => this.#plan(record, attempt),
          bind: (text) => this.#bind(text),
          stopped: host.interrupted(),
          onEvent: (event) => teller.tell(event),
          pollMs: this.#choice.type === "local" ? LOCAL_POLL_MS : POLL_MS,
          now: () => host.now(),
        },
        record,
      ),
    ).finally(() => teller.end());
    if (settings.json) printJson(this.#context, ended);
    else teller.close(ended);
    return ended.status === "COMPLETE" ? EXIT.fine : EXIT.errors;
  }

  async #preview(launcher: Launcher): Promise<ExitCode> {
    const record = this.#record();
    const folder = join(this.#store.folderOf(record), RUN_FILES.attempts, "0");
    const { request } = this.#plan(record, { attempt: 0, folder, isRecovery: false });
    const preview = await asking(this.#choice, () => launcher.preview(request));
    const file = { kind: "file", path: record.manifest.file, text: this.#text } as const;
    const steps = [file, ...preview.steps];
    if (this.#context.settings.json) printJson(this.#context, { run: request.run, steps });
    else this.#context.output.write("data", previewText(steps, this.#context.output.style("data")));
    return EXIT.fine;
  }

  /** Has another process do it, which goes on when this one has ended. */
  async #detach(): Promise<ExitCode> {
    const record = this.#record();
    const folder = this.#store.make(record);
    const ended = await runInBackground(this.#context, { folder, trial: this.#trial }, (keeper) => {
      // Those of an earlier process may run still.
      if (lockHolder(folder)?.pid !== keeper) return false;
      const now = this.#store.read(record);
      return now !== null && now.attempts.some(({ handle, outcome }) => handle !== null && outcome === null);
    });
    if (ended !== null) return ended;
    if (this.#context.settings.json) printJson(this.#context, this.#store.read(record));
    else this.#context.output.write("data", `${runName(record)} runs; see \`assay status\` and \`assay logs -f\`\n`);
    return EXIT.fine;
  }

  #plan(
    record: RunRecord,
    {
      attempt,
      folder,
      isRecovery,
    }: { readonly attempt: number; readonly folder: string; readonly isRecovery: boolean },
  ): RequestPlan {
    const { manifest, root } = this.#input;
    const runFolder = this.#store.folderOf(record);
    const facts: RuntimeRun = {
      experiment: record.experiment,
      trial: record.trial,
      manifest: record.manifest,
      runFolder,
      projectFolder: root,
      launcher: this.#choice.type,
      isRecovery,
      savesCheckpoints: savesCheckpoints(record.recovery),
    };
    return requestOf({
      manifest,
      runtime: this.#runtime,
      run: facts,
      identity: identityOf(record, attempt),
      user: record.user,
      folder,
      recoverFolder: join(runFolder, RUN_FILES.recover),
    });
  }

  /** Values of references: variables of this process, secrets by their own names. */
  #bind(text: string): string {
    const { env } = this.#context.host;
    const known = Object.fromEntries(
      Object.entries(env).filter((entry): entry is [string, string] => entry[1] !== undefined),
    );
    const { name, authored } = this.#input.manifest;
    const scope = { trial: this.#trial, user: userName(), experiment: name, fileroot: authored.cluster.fileroot };
    return bindValues(text, { ...scope, env: known, secrets: known }) as string;
  }

  #record(): RunRecord {
    const { manifest, overrides } = this.#input;
    const identity = { experiment: manifest.name, trial: this.#trial };
    return {
      assayRun: RUN_VERSION,
      ...identity,
      preset: manifest.preset,
      user: userName(),
      overrides,
      manifest: {
        file: join(this.#store.folderOf(identity), RUN_FILES.manifest),
        sha256: createHash("sha256").update(this.#text).digest("hex"),
      },
      launcher: this.#choice,
      runtime: this.#runtime.name,
      recovery: recoveryOf(this.#input),
      status: "RUNNING",
      reason: null,
      startedAt: this.#context.host.now().toISOString(),
      endedAt: null,
      attempts: [],
    };
  }

  #refused(code: "already-running" | "already-complete" | "other-manifest", by = ""): AssayError {
    const run = runName({ experiment: this.#input.manifest.name, trial: this.#trial });
    const at = this.#context.commandLine.placeOf(this.#input.own["trial"] === undefined ? "run" : this.#trial);
    return new AssayError([
      code === "already-running"
        ? launchDiagnostics["already-running"]({ run, by }, { at })
        : launchDiagnostics[code]({ run }, { at }),
    ]);
  }
}

const LOCAL_POLL_MS = 100;
/** Schedulers are shared. */
const POLL_MS = 2000;

function launcherNamed({ commandLine }: Context, name: string, { launchers }: ProjectLaunch): LauncherChoice {
  if (Object.hasOwn(launchers, name)) return launchers[name] as LauncherChoice;
  if (name === LOCAL.name) return LOCAL;
  const help = didYouMean(name, [LOCAL.name, ...Object.keys(launchers)]);
  const at = commandLine.placeOf(name);
  throw new AssayError([launchDiagnostics["unknown-launcher"]({ name }, help === undefined ? { at } : { at, help })]);
}

function runtimeNamed({ commandLine }: Context, name: string, { runtimes }: ProjectLaunch): Runtime {
  const found = runtimeOf(name, runtimes);
  if (found !== null) return found;
  const help = didYouMean(name, [...OWN_RUNTIMES, ...Object.keys(runtimes)]);
  const at = commandLine.placeOf(name);
  throw new AssayError([launchDiagnostics["unknown-runtime"]({ name }, help === undefined ? { at } : { at, help })]);
}

/** The trial's name; without one, the time of day. */
function trialOf({ host, commandLine }: Context, given: unknown): string {
  if (given === undefined) return host.now().toISOString().slice(0, 19).replaceAll(/[-:]/g, "").replace("T", "-");
  const trial = String(given);
  if (/^[A-Za-z0-9][A-Za-z0-9.-]{0,99}$/.test(trial)) return trial;
  throw new AssayError([launchDiagnostics["trial-name"]({ trial }, { at: commandLine.placeOf(trial) })]);
}

/** How the run recovers: what the command line says, else the experiment's options. */
function recoveryOf({ manifest, own }: StartInput): RecoverySettings {
  const { launch } = manifest.authored;
  const mode = own["recover"] ?? launch["recoverMode"];
  const numberOf = (given: unknown, option: unknown, otherwise: number): number => {
    const value = Number(given ?? option ?? otherwise);
    return Number.isFinite(value) && value >= 0 ? value : otherwise;
  };
  return {
    mode: (RECOVER_MODES as readonly unknown[]).includes(mode) ? (mode as RecoverMode) : "disabled",
    retries: numberOf(own["retries"], launch["recoverRetries"], 1),
    delaySeconds: numberOf(own["retryDelay"], launch["recoverAfter"], 10),
  };
}

function userName(): string {
  try {
    return userInfo().username;
  } catch {
    // A user id without a name, as containers have them.
    return String(process.getuid?.() ?? "unknown");
  }
}
