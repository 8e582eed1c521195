import type { Connection, WorkDoneProgressServerReporter } from "vscode-languageserver/node";

/** Shows in the editor which projects are being proved, if the client can show it. */
export class RunProgress {
  readonly #connection: Connection;
  readonly #shown = new Map<string, Promise<WorkDoneProgressServerReporter>>();
  /** False until the client says that it shows progress. */
  isWanted = false;

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  /** A run of a project begins; if one was under way, it goes on. */
  begin(root: string): void {
    if (!this.isWanted || this.#shown.has(root)) return;
    const made = this.#connection.window.createWorkDoneProgress().then((reporter) => {
      reporter.begin("Assay", undefined, "proving experiments", false);
      return reporter;
    });
    made.catch(() => undefined);
    this.#shown.set(root, made);
  }

  /** The run of a project has ended. A client that refused to show it has nothing to be told. */
  end(root: string): void {
    const shown = this.#shown.get(root);
    this.#shown.delete(root);
    shown?.then((reporter) => reporter.done()).catch(() => undefined);
  }
}
