import {
  type Bind,
  defineLauncher,
  type GroupStatus,
  type LaunchHandle,
  type LaunchPreview,
  type LaunchRequest,
  type Launcher,
  type LogLine,
  type LogOptions,
  type RunIdentity,
} from "assay/plugin";
import type { LocalEngine } from "./engine.ts";

/** Arguments of the launcher, all optional. */
interface LocalArgs {
  readonly graceSeconds?: number;
  readonly containment?: "auto" | "namespace" | "processes";
}

/** Starts workers as processes of this machine. What does it is loaded with the first use: builds import this module, too. */
class Local implements Launcher {
  readonly #args: LocalArgs;
  #loaded: Promise<LocalEngine> | null = null;

  constructor(args: LocalArgs) {
    this.#args = args;
  }

  async preview(request: LaunchRequest): Promise<LaunchPreview> {
    return (await this.#engine()).preview(request);
  }

  async submit(request: LaunchRequest, bind: Bind): Promise<LaunchHandle> {
    return (await this.#engine()).submit(request, bind);
  }

  async recall(run: RunIdentity, folder: string): Promise<LaunchHandle | null> {
    return (await this.#engine()).recall(run, folder);
  }

  async status(handle: LaunchHandle): Promise<readonly GroupStatus[]> {
    return (await this.#engine()).status(handle);
  }

  async *logs(handle: LaunchHandle, options: LogOptions = {}): AsyncGenerator<LogLine> {
    yield* (await this.#engine()).logs(handle, options);
  }

  async cancel(handle: LaunchHandle): Promise<void> {
    return (await this.#engine()).cancel(handle);
  }

  #engine(): Promise<LocalEngine> {
    const { graceSeconds = 10, containment = "auto" } = this.#args;
    this.#loaded ??= import("./engine.ts").then(
      (module) => new module.LocalEngine({ graceMs: graceSeconds * 1000, containment }),
    );
    return this.#loaded;
  }
}

/**
 * Runs workers as processes of this machine, under a supervisor that outlives whoever started them, and that none of them outlives.
 * @example launchers: { here: local({ graceSeconds: 30 }) }
 */
export const local = defineLauncher({
  type: "local",
  args: {
    type: "object",
    properties: {
      graceSeconds: {
        type: "number",
        minimum: 0,
        description: "Time that processes have to end by themselves after they were asked to; 10 unless given.",
      },
      containment: {
        enum: ["auto", "namespace", "processes"],
        description:
          "What keeps processes from outliving the run: a PID namespace, or a guard that looks for them. `auto` takes the namespace where the machine allows it.",
      },
    },
    additionalProperties: false,
  },
  launcher: Local,
});
