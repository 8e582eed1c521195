import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, openSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { RUN_FILES } from "../../launch/store.ts";
import type { Context } from "../context.ts";
import { EXIT, type ExitCode } from "../exit-code.ts";

const POLL_MS = 30;

/**
 * Runs the same command line in a process that goes on when this one has ended; what it prints goes to a file of the run.
 * @param isRunning tells whether workers run that the process of a number keeps.
 * @returns how it ended, if it did so before workers ran; `null` if they run.
 */
export async function runInBackground(
  { host, output }: Context,
  { folder, trial }: { readonly folder: string; readonly trial: string },
  isRunning: (keeper: number) => boolean,
): Promise<ExitCode | null> {
  const file = join(folder, RUN_FILES.output);
  const log = openSync(file, "w");
  const own = host.arguments.filter((argument) => argument !== "--detach");
  const child = spawn(process.execPath, [program(), ...withTrial(own, trial)], {
    cwd: host.cwd,
    env: { ...host.env, PATH: host.env["PATH"] ?? process.env["PATH"] },
    detached: true,
    stdio: ["ignore", log, log],
  });
  closeSync(log);
  const ended = endOf(child);
  let code: number | null = null;
  void ended.then((status) => (code = status));
  while (code === null && !isRunning(child.pid ?? 0)) await sleep(POLL_MS);
  if (code === null) {
    child.unref();
    return null;
  }
  output.write("aside", readFileSync(file, "utf8"));
  return (Object.values(EXIT) as readonly number[]).includes(code) ? code : EXIT.internal;
}

function program(): string {
  const own = fileURLToPath(import.meta.url);
  // The program runs compiled, also where this module does not.
  const folder = own.endsWith(".ts") ? join(dirname(own), "../../../dist/src/cli") : join(dirname(own), "..");
  return join(folder, "bin.js");
}

/** The name of the trial must be the one that this process looks for. */
function withTrial(line: readonly string[], trial: string): readonly string[] {
  return line.some((argument) => argument === "--trial" || argument.startsWith("--trial="))
    ? line
    : [...line, "--trial", trial];
}

function endOf(child: ChildProcess): Promise<ExitCode> {
  return new Promise((settle) => {
    child.once("error", () => settle(EXIT.internal));
    child.once("exit", (code) => settle((code ?? EXIT.internal) as ExitCode));
  });
}
