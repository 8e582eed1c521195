import { type ChildProcess, spawn } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type * as protocol from "vscode-languageserver-protocol/node";
import type {
  CodeAction,
  CodeLens,
  Diagnostic,
  Hover,
  InitializeResult,
  ProtocolConnection,
  PublishDiagnosticsParams,
  Range,
  TextEdit,
} from "vscode-languageserver-protocol/node";
import { TextDocument } from "vscode-languageserver-textdocument";
import { compiledFolder } from "../crash/compiled.ts";

const { CancellationTokenSource, createProtocolConnection, LSPErrorCodes, StreamMessageReader, StreamMessageWriter } =
  createRequire(import.meta.url)("vscode-languageserver-protocol/node") as typeof protocol;

const PATIENCE_MS = 45_000;

/** An editor with the server as its child process: it opens, edits and saves files, and keeps what it is told. */
export class Editor {
  readonly process: ChildProcess;
  readonly connection: ProtocolConnection;
  /** What the server wrote to stderr. */
  stderr = "";
  readonly logs: string[] = [];
  /** Kinds of what was told of progress. */
  readonly progress: string[] = [];
  /** How often lenses were to be asked for again. */
  refreshes = 0;
  readonly #published = new Map<string, PublishDiagnosticsParams[]>();
  readonly #documents = new Map<string, TextDocument>();
  #waiting: (() => void)[] = [];

  constructor(cwd: string, commandLine = [join(compiledFolder(), "src/cli/bin.js"), "lsp", "--stdio"]) {
    this.process = spawn(process.execPath, commandLine, { cwd });
    const { stdin, stdout, stderr } = this.process;
    if (stdin === null || stdout === null || stderr === null) throw new Error("the server has no streams");
    stderr.setEncoding("utf8").on("data", (text: string) => (this.stderr += text));
    this.connection = createProtocolConnection(new StreamMessageReader(stdout), new StreamMessageWriter(stdin));
    this.connection.onNotification("textDocument/publishDiagnostics", (params: PublishDiagnosticsParams) => {
      this.#published.set(params.uri, [...(this.#published.get(params.uri) ?? []), params]);
      this.#wake();
    });
    this.connection.onNotification("window/logMessage", ({ message }: { message: string }) => {
      this.logs.push(message);
      this.#wake();
    });
    this.connection.onRequest("workspace/codeLens/refresh", () => {
      this.refreshes += 1;
      return null;
    });
    this.connection.onRequest("window/workDoneProgress/create", () => null);
    this.connection.onNotification("$/progress", ({ value }: { value: { readonly kind: string } }) => {
      this.progress.push(value.kind);
      this.#wake();
    });
    this.connection.listen();
  }

  async start(folders: readonly string[], processId: number | null = process.pid): Promise<InitializeResult> {
    const result = await this.connection.sendRequest<InitializeResult>("initialize", {
      processId,
      rootUri: null,
      workspaceFolders: folders.map((folder) => ({ uri: uriOf(folder), name: folder })),
      capabilities: {
        window: { workDoneProgress: true },
        workspace: { workspaceFolders: true, codeLens: { refreshSupport: true } },
        textDocument: { hover: { contentFormat: ["markdown"] } },
      },
    });
    await this.connection.sendNotification("initialized", {});
    return result;
  }

  async open(path: string): Promise<void> {
    const document = TextDocument.create(uriOf(path), "typescript", 1, readFileSync(path, "utf8"));
    this.#documents.set(path, document);
    const { uri, languageId, version } = document;
    await this.connection.sendNotification("textDocument/didOpen", {
      textDocument: { uri, languageId, version, text: document.getText() },
    });
  }

  document(path: string): TextDocument {
    const document = this.#documents.get(path);
    if (document === undefined) throw new Error(`${path} is not open`);
    return document;
  }

  /** Changes an open file without saving it. */
  async edit(path: string, edits: readonly TextEdit[]): Promise<void> {
    const document = this.document(path);
    // From the end on, so that ranges hold while they are applied one after another.
    const contentChanges = [...edits]
      .sort((a, b) => document.offsetAt(b.range.start) - document.offsetAt(a.range.start))
      .map(({ range, newText }) => ({ range, text: newText }));
    const { uri, version } = document;
    this.#documents.set(path, TextDocument.update(document, contentChanges, version + 1));
    await this.connection.sendNotification("textDocument/didChange", {
      textDocument: { uri, version: version + 1 },
      contentChanges,
    });
  }

  /** Replaces the only occurrence of a text in an open file. */
  async replace(path: string, old: string, text: string): Promise<void> {
    await this.edit(path, [{ range: this.rangeOf(path, old), newText: text }]);
  }

  async save(path: string): Promise<void> {
    const document = this.document(path);
    writeFileSync(path, document.getText());
    await this.connection.sendNotification("textDocument/didSave", { textDocument: { uri: document.uri } });
  }

  /** Range of the only occurrence of a text in an open file. */
  rangeOf(path: string, text: string): Range {
    const document = this.document(path);
    const parts = document.getText().split(text);
    if (parts.length !== 2) throw new Error(`\`${text}\` is ${parts.length - 1} times in ${path}`);
    const start = (parts[0] ?? "").length;
    return { start: document.positionAt(start), end: document.positionAt(start + text.length) };
  }

  /** The text of a range in an open file. */
  textAt(path: string, range: Range | undefined): string {
    return range === undefined ? "" : this.document(path).getText(range);
  }

  /** What the server last said of a file. */
  diagnostics(path: string): readonly Diagnostic[] {
    return this.#published.get(uriOf(path))?.at(-1)?.diagnostics ?? [];
  }

  /** How often the server spoke of a file. */
  timesPublished(path: string): number {
    return this.#published.get(uriOf(path))?.length ?? 0;
  }

  /** Waits until the server's last word on a file is as wanted. */
  async until(path: string, wanted: (diagnostics: readonly Diagnostic[]) => boolean): Promise<readonly Diagnostic[]> {
    await this.waitFor(
      () => this.timesPublished(path) > 0 && wanted(this.diagnostics(path)),
      () => `of ${path}: ${JSON.stringify(this.diagnostics(path), null, 1)}`,
    );
    return this.diagnostics(path);
  }

  /** Waits until a project was checked `times` times. */
  async untilChecked(root: string, times = 1): Promise<void> {
    const count = () => this.logs.filter((line) => line.startsWith(`checked ${root} `)).length;
    await this.waitFor(
      () => count() >= times,
      () => `checked ${count()} times`,
    );
  }

  async waitFor(condition: () => boolean, what: () => string): Promise<void> {
    const endMs = Date.now() + PATIENCE_MS;
    while (!condition()) {
      if (Date.now() > endMs) {
        throw new Error(`waited in vain ${what()}\n${this.logs.join("\n")}\n${this.stderr}`);
      }
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, 200);
        this.#waiting.push(() => {
          clearTimeout(timer);
          resolve();
        });
      });
    }
  }

  /** Hovers over a text: over its first character, or the one at `shift`. */
  async hover(path: string, text: string, shift = 0): Promise<{ readonly markdown: string; readonly range: string }> {
    const { start } = this.rangeOf(path, text);
    const found = await this.connection.sendRequest<Hover | null>("textDocument/hover", {
      textDocument: { uri: uriOf(path) },
      position: this.document(path).positionAt(this.document(path).offsetAt(start) + shift),
    });
    const contents = found?.contents as { readonly value: string } | undefined;
    return { markdown: contents?.value ?? "", range: this.textAt(path, found?.range) };
  }

  /** Hovers, and cancels at once: whether the cancellation came in time, and else the answer. */
  async cancelledHover(path: string, text: string): Promise<"cancelled" | string> {
    const source = new CancellationTokenSource();
    const params = { textDocument: { uri: uriOf(path) }, position: this.rangeOf(path, text).start };
    const asked = this.connection.sendRequest<Hover | null>("textDocument/hover", params, source.token);
    source.cancel();
    return asked.then(
      (found) => (found?.contents as { readonly value: string } | undefined)?.value ?? "",
      (error: { readonly code?: number }) => {
        if (error.code === LSPErrorCodes.RequestCancelled) return "cancelled";
        throw error;
      },
    );
  }

  async lenses(path: string): Promise<readonly (readonly [above: string, title: string])[]> {
    const found = await this.connection.sendRequest<CodeLens[]>("textDocument/codeLens", {
      textDocument: { uri: uriOf(path) },
    });
    return found.map(({ range, command }) => [this.textAt(path, range), command?.title ?? ""] as const);
  }

  async actions(path: string, range: Range, only?: readonly string[]): Promise<readonly CodeAction[]> {
    return this.connection.sendRequest<CodeAction[]>("textDocument/codeAction", {
      textDocument: { uri: uriOf(path) },
      range,
      context: { diagnostics: [...this.diagnostics(path)], ...(only === undefined ? {} : { only }) },
    });
  }

  /** Ends the server as editors do, and returns its exit code. */
  async stop(): Promise<number | null> {
    if (this.process.exitCode !== null || this.process.signalCode !== null) return this.process.exitCode;
    const ended = this.ended();
    await this.connection.sendRequest("shutdown");
    await this.connection.sendNotification("exit");
    return ended;
  }

  /** Exit code, once the process has ended. */
  ended(): Promise<number | null> {
    if (this.process.exitCode !== null) return Promise.resolve(this.process.exitCode);
    return new Promise((resolve) => this.process.once("exit", resolve));
  }

  #wake(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const wake of waiting) wake();
  }
}

export function uriOf(path: string): string {
  return pathToFileURL(path).href;
}
