import { relative, sep } from "node:path";
import {
  type CancellationToken,
  type CodeAction,
  type CodeActionParams,
  type CodeLens,
  CodeLensRefreshRequest,
  type Connection,
  createConnection,
  type Hover,
  type HoverParams,
  type InitializeParams,
  type InitializeResult,
  LSPErrorCodes,
  MarkupKind,
  ProposedFeatures,
  ResponseError,
  TextDocumentSyncKind,
} from "vscode-languageserver/node";
import type { BuildReport } from "../report.ts";
import type { SourceReader } from "../source-reader.ts";
import { loadSourceReader } from "../ts-morph-reader.ts";
import { codeActions, FIX_ALL } from "./code-actions.ts";
import { CHECK_COMMAND, codeLenses } from "./code-lens.ts";
import { placeDiagnostics } from "./diagnostics.ts";
import { OpenDocuments, pathOf, textOnDisk } from "./documents.ts";
import { hover } from "./hover.ts";
import { counted } from "./hover/markdown.ts";
import type { OpenProject } from "./project.ts";
import { isInside, OpenProjects } from "./projects.ts";
import { RunProgress } from "./progress.ts";
import { Publisher } from "./publisher.ts";
import { protocolStreams } from "./standard-streams.ts";

/** What the client said that it can do. */
interface Client {
  readonly folders: boolean;
  readonly lensRefresh: boolean;
  readonly markdown: boolean;
}

/**
 * Serves the language server protocol over stdin and stdout. Resolves never: the process ends when the client asks it to, when
 * it closes the connection, or when it dies.
 */
export async function serve({ version }: { readonly version: string }): Promise<never> {
  let connection: Connection | null = null;
  const { input, output } = protocolStreams((text) => connection?.console.log(text.trimEnd()));
  connection = createConnection(ProposedFeatures.all, input, output);
  const server = new Server(connection, version);
  server.listen();
  return new Promise<never>(() => undefined);
}

/** One client's server. */
class Server {
  readonly #connection: Connection;
  readonly #version: string;
  readonly #documents = new OpenDocuments();
  readonly #publisher: Publisher;
  readonly #projects: OpenProjects;
  readonly #progress: RunProgress;
  #client: Client = { folders: false, lensRefresh: false, markdown: true };
  #folders: readonly string[] = [];
  #loading: Promise<SourceReader> | null = null;

  constructor(connection: Connection, version: string) {
    this.#connection = connection;
    this.#version = version;
    this.#publisher = new Publisher(connection, this.#documents);
    this.#progress = new RunProgress(connection);
    this.#projects = new OpenProjects({
      onStart: ({ root }) => this.#progress.begin(root),
      onReport: (project, report, elapsedMs) => this.#reported(project, report, elapsedMs),
      onFailure: (error) => this.#failed(error),
    });
  }

  listen(): void {
    const connection = this.#connection;
    connection.onInitialize((params) => this.#initialize(params));
    connection.onInitialized(() => this.#initialized());
    connection.onShutdown(() => this.#projects.close());
    connection.onHover((params, token) => this.#safely(token, null, () => this.#hover(params)));
    connection.onCodeLens(({ textDocument }, token) => this.#safely(token, [], () => this.#lenses(textDocument.uri)));
    connection.onCodeAction((params, token) => this.#safely(token, [], async () => [...(await this.#actions(params))]));
    connection.onExecuteCommand(({ command, arguments: [uri] = [] }, token) =>
      this.#safely(token, null, async () => {
        if (command === CHECK_COMMAND) await this.#check(typeof uri === "string" ? pathOf(uri) : null);
        return null;
      }),
    );
    this.#documents.listen(connection, {
      open: (path) => {
        if (this.#projects.ofFile(path)?.report != null) this.#publisher.publishIfAny(path);
      },
      change: (path) => this.#publisher.publishIfAny(path),
      save: (path, edits) => {
        this.#publisher.saved(path, edits);
        this.#publisher.publishIfAny(path);
        void this.#projects.ofFile(path)?.check();
      },
      close: (path) => this.#publisher.publishIfAny(path),
    });
    connection.listen();
  }

  #initialize({ capabilities, workspaceFolders, rootUri }: InitializeParams): InitializeResult {
    this.#client = {
      folders: capabilities.workspace?.workspaceFolders === true,
      lensRefresh: capabilities.workspace?.codeLens?.refreshSupport === true,
      markdown: capabilities.textDocument?.hover?.contentFormat?.includes(MarkupKind.Markdown) ?? true,
    };
    this.#progress.isWanted = capabilities.window?.workDoneProgress === true;
    const uris = workspaceFolders?.map(({ uri }) => uri) ?? (rootUri == null ? [] : [rootUri]);
    this.#folders = uris.flatMap((uri) => pathOf(uri) ?? []);
    return {
      capabilities: {
        textDocumentSync: { openClose: true, change: TextDocumentSyncKind.Incremental, save: { includeText: false } },
        hoverProvider: true,
        codeLensProvider: { resolveProvider: false },
        codeActionProvider: { codeActionKinds: ["quickfix", FIX_ALL] },
        executeCommandProvider: { commands: [CHECK_COMMAND] },
        workspace: { workspaceFolders: { supported: true, changeNotifications: true } },
      },
      serverInfo: { name: "assay", version: this.#version },
    };
  }

  #initialized(): void {
    for (const folder of this.#folders) this.#projects.ofFolder(folder);
    if (!this.#client.folders) return;
    this.#connection.workspace.onDidChangeWorkspaceFolders(({ added, removed }) => {
      const left = removed.flatMap(({ uri }) => pathOf(uri) ?? []);
      const more = added.flatMap(({ uri }) => pathOf(uri) ?? []);
      this.#folders = [...this.#folders.filter((folder) => !left.includes(folder)), ...more];
      for (const folder of more) this.#projects.ofFolder(folder);
      for (const folder of left) void this.#leave(folder);
    });
  }

  async #leave(folder: string): Promise<void> {
    const isWanted = (root: string) =>
      this.#folders.some((other) => isInside(other, root) || isInside(root, other)) ||
      this.#documents.paths().some((path) => isInside(path, root));
    for (const root of await this.#projects.closeIn(folder, isWanted)) {
      this.#progress.end(root);
      this.#publisher.remove(root);
    }
  }

  #reported({ root, configFile }: OpenProject, report: BuildReport, elapsedMs: number): void {
    const { diagnostics, output } = report;
    this.#progress.end(root);
    for (const path of this.#documents.paths()) {
      const text = isInside(path, root) ? textOnDisk(path) : null;
      if (text !== null) this.#documents.refresh(path, text);
    }
    this.#publisher.replace(root, placeDiagnostics(root, configFile, diagnostics));
    for (const [name, text] of Object.entries(output)) this.#connection.console.log(`output of ${name}:\n${text}`);
    const errors = diagnostics.filter(({ severity }) => severity === "error").length;
    const found = `${counted(errors, "error")}, ${counted(diagnostics.length - errors, "warning")}`;
    this.#connection.console.info(`checked ${root} in ${Math.round(elapsedMs)} ms: ${found}`);
    if (this.#client.lensRefresh) void this.#connection.sendRequest(CodeLensRefreshRequest.type).catch(() => undefined);
  }

  async #check(path: string | null): Promise<void> {
    const project = path === null ? null : this.#projects.ofFile(path);
    const projects = project === null ? this.#projects.all : [project];
    await Promise.all(projects.map((one) => one.check()));
  }

  #actions(params: CodeActionParams): Promise<readonly CodeAction[]> {
    return codeActions(params, {
      publisher: this.#publisher,
      documents: this.#documents,
      projectOf: (path) => {
        const project = this.#projects.ofFile(path);
        return project?.report == null ? null : { root: project.root, report: project.report };
      },
      reader: () => this.#reader(),
    });
  }

  async #hover({ textDocument: { uri }, position }: HoverParams): Promise<Hover | null> {
    const path = pathOf(uri);
    const document = path === null ? null : this.#documents.get(path);
    const project = path === null ? null : this.#projects.ofFile(path);
    if (path === null || document === null || project === null) return null;
    const reader = await this.#reader();
    const offset = document.offsetAt(position);
    const request = {
      document,
      file: relativeTo(project.root, path),
      offset,
      saved: { offset: this.#documents.savedOffset(path, offset), text: textOnDisk(path) ?? "" },
    };
    const answer = await project.ask((insight) => hover(reader, insight, request));
    if (answer === null) return null;
    const kind = this.#client.markdown ? MarkupKind.Markdown : MarkupKind.PlainText;
    return { contents: { kind, value: answer.markdown }, range: answer.range };
  }

  async #lenses(uri: string): Promise<CodeLens[]> {
    const path = pathOf(uri);
    const document = path === null ? null : this.#documents.get(path);
    const project = path === null ? null : this.#projects.ofFile(path);
    if (path === null || document === null || project === null) return [];
    const file = relativeTo(project.root, path);
    const declared = (await this.#reader()).read(file, document.getText());
    return [...codeLenses(declared, { file, uri, report: project.report })];
  }

  #reader(): Promise<SourceReader> {
    this.#loading ??= loadSourceReader();
    return this.#loading;
  }

  /** Answers a request, whatever happens: a bug is told in the log, and the editor goes on without the answer. */
  async #safely<T>(token: CancellationToken, otherwise: T, answer: () => Promise<T>): Promise<T | ResponseError<void>> {
    try {
      const found = await answer();
      return token.isCancellationRequested ? new ResponseError(LSPErrorCodes.RequestCancelled, "cancelled") : found;
    } catch (error) {
      this.#failed(error);
      return otherwise;
    }
  }

  #failed(error: unknown): void {
    this.#connection.console.error(error instanceof Error ? (error.stack ?? error.message) : String(error));
  }
}

/** A path as spans name it. */
function relativeTo(root: string, path: string): string {
  return relative(root, path).split(sep).join("/");
}
