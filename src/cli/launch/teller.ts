import { relative } from "node:path";
import { paint } from "../../diagnostics/render/style.ts";
import { printable } from "../../diagnostics/render/text-width.ts";
import { launchDiagnostics } from "../../launch/diagnostics.ts";
import type { RunEvent } from "../../launch/keep.ts";
import { failureText, type RunRecord, runName, workerText, type WorkerFailure } from "../../launch/record.ts";
import type { Launcher, LaunchHandle } from "../../plugin/launcher.ts";
import { printLine } from "../commands/logs.ts";
import { type Context, reportFindings } from "../context.ts";
import { nowhere } from "../places.ts";

/** Tells how a run goes: what workers print as it comes, and what becomes of them. */
export class Teller {
  readonly #context: Context;
  readonly #record: RunRecord;
  readonly #launcher: Launcher;
  #following: { readonly stop: AbortController; readonly done: Promise<void> } | null = null;

  constructor(context: Context, record: RunRecord, launcher: Launcher) {
    this.#context = context;
    this.#record = record;
    this.#launcher = launcher;
  }

  async tell(event: RunEvent): Promise<void> {
    switch (event.kind) {
      case "submitted": {
        const { attempt, isRecovery, folder } = event.attempt;
        const how = isRecovery ? ", from a checkpoint" : "";
        this.#note(
          `${runName(this.#record)}, attempt ${attempt}${how}: logs are in ${relative(this.#context.host.cwd, folder)}`,
        );
        this.#follow(event.handle);
        return;
      }
      case "silent":
        return this.#note(`the launcher does not answer, and is asked again: ${event.error.message}`);
      case "failed":
        return this.#failed(event.failure, event.lines);
      case "ended":
        return this.#following?.done;
      case "retry": {
        const when = event.delaySeconds === 0 ? "now" : `in ${event.delaySeconds} s`;
        return this.#note(`tries again ${when}: ${event.round} of ${event.of}`);
      }
    }
  }

  /** Ends what is followed. */
  async end(): Promise<void> {
    this.#following?.stop.abort();
    await this.#following?.done;
  }

  /** Says how it all ended. */
  close({ status, reason }: RunRecord): void {
    const { output } = this.#context;
    const ink = status === "COMPLETE" ? "good" : "error";
    this.#note(
      `${runName(this.#record)} is ${paint(status, ink, output.style("aside"))}${reason === null ? "" : `: ${reason}`}`,
    );
  }

  #failed(failure: WorkerFailure, lines: readonly string[]): void {
    const { output } = this.#context;
    const worker = workerText(failure);
    if (lines.length > 0) {
      output.write("aside", `last lines of ${worker}:\n${lines.map((line) => `  ${printable(line)}\n`).join("")}`);
    }
    const data = { failure: failureText(failure) };
    reportFindings(this.#context, [launchDiagnostics["worker-failed"](data, { at: nowhere("the launcher saw it") })]);
  }

  #follow(handle: LaunchHandle): void {
    const { settings } = this.#context;
    if (settings.json || settings.quiet) return;
    const stop = new AbortController();
    this.#following = { stop, done: this.#print(handle, stop.signal) };
  }

  async #print(handle: LaunchHandle, signal: AbortSignal): Promise<void> {
    try {
      for await (const line of this.#launcher.logs(handle, { follow: true, signal })) printLine(this.#context, line);
    } catch (error) {
      // The run goes on without its lines; who wants them asks for them.
      this.#note(`lines of workers can't be told any more: ${(error as Error).message}`);
    }
  }

  #note(text: string): void {
    const { output, settings } = this.#context;
    if (!settings.quiet) output.write("aside", `${text}\n`);
  }
}
