import type { Connection } from "vscode-languageserver/node";
import { NO_REPORT, type PlacedDiagnostic, type PlacedReport, rebase, showDiagnostic } from "./diagnostics.ts";
import type { OpenDocuments } from "./documents.ts";
import type { Edit } from "./edits.ts";

/** Keeps what the last run of each project said, and tells the client where that is now. */
export class Publisher {
  readonly #connection: Connection;
  readonly #documents: OpenDocuments;
  readonly #reports = new Map<string, PlacedReport>();

  constructor(connection: Connection, documents: OpenDocuments) {
    this.#connection = connection;
    this.#documents = documents;
  }

  /** Takes the place of what the project's run before said; files that had diagnostics and have none now are cleared. */
  replace(project: string, report: PlacedReport): void {
    const before = this.#reports.get(project) ?? NO_REPORT;
    this.#reports.set(project, report);
    for (const path of new Set([...before.files.keys(), ...report.files.keys()])) this.publish(path);
  }

  /** Forgets a project that is closed. */
  remove(project: string): void {
    this.replace(project, NO_REPORT);
    this.#reports.delete(project);
  }

  /** Tells the client all about one file again. */
  publish(path: string): void {
    const document = this.#documents.get(path);
    const diagnostics = this.of(path).flatMap(
      ({ placed, texts }) => showDiagnostic(placed, texts, this.#documents) ?? [],
    );
    const sent = this.#connection.sendDiagnostics({
      uri: this.#documents.uriOf(path),
      ...(document === null ? {} : { version: document.version }),
      diagnostics,
    });
    // A connection that has gone ends the process by itself.
    sent.catch(() => undefined);
  }

  /** Tells the client about a file again, if there is anything to tell. */
  publishIfAny(path: string): void {
    if (this.of(path).length > 0) this.publish(path);
  }

  /** A file was saved, with edits that moved what is known of it. */
  saved(path: string, edits: readonly Edit[]): void {
    const text = this.#documents.get(path)?.getText();
    if (text === undefined) return;
    for (const [project, report] of this.#reports) this.#reports.set(project, rebase(report, path, edits, text));
  }

  /** What all projects say of a file, with the texts that the places count in. */
  of(path: string): readonly { readonly placed: PlacedDiagnostic; readonly texts: PlacedReport["texts"] }[] {
    return [...this.#reports.values()].flatMap(({ files, texts }) =>
      (files.get(path) ?? []).map((placed) => ({ placed, texts })),
    );
  }
}
