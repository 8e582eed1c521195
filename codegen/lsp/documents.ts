import { readFileSync } from "node:fs";
import { fileURLToPath, pathToFileURL } from "node:url";
import type { Connection, Range } from "vscode-languageserver/node";
import { TextDocuments } from "vscode-languageserver/node";
import { TextDocument } from "vscode-languageserver-textdocument";
import { type Edit, editBetween, moveStretch, offsetBefore, type Stretch } from "./edits.ts";

/** A place as an editor shows it now. */
export interface ShownPlace {
  readonly uri: string;
  readonly range: Range;
  /** True if its characters were edited since the file was saved. */
  readonly touched: boolean;
}

/** The saved text of an open document, and what was edited since. */
interface Unsaved {
  saved: string;
  edits: Edit[];
}

/** What the editor has open. Places are those of saved files, and are told where unsaved edits have moved them to. */
export class OpenDocuments {
  readonly #documents: TextDocuments<TextDocument>;
  readonly #unsaved = new Map<string, Unsaved>();
  /** URIs as the client writes them, by path. */
  readonly #uris = new Map<string, string>();

  constructor() {
    this.#documents = new TextDocuments({
      create: (uri, languageId, version, content) => this.#open(uri, languageId, version, content),
      update: (document, changes, version) => {
        let updated = document;
        for (const change of changes) {
          const before = updated.getText();
          const edit = "range" in change ? editOf(updated, change) : null;
          updated = TextDocument.update(updated, [change], version);
          const found = "range" in change ? edit : editBetween(before, updated.getText());
          if (found !== null) this.#unsaved.get(document.uri)?.edits.push(found);
        }
        return updated;
      },
    });
  }

  /** Listens to a client. `onSave`'s edits are those that the save wrote. */
  listen(
    connection: Connection,
    on: {
      readonly open: (path: string) => void;
      readonly change: (path: string) => void;
      readonly save: (path: string, edits: readonly Edit[]) => void;
      readonly close: (path: string) => void;
    },
  ): void {
    const withPath = (act: (path: string, document: TextDocument) => void) => (event: { document: TextDocument }) => {
      const path = pathOf(event.document.uri);
      if (path !== null) act(path, event.document);
    };
    this.#documents.onDidOpen(withPath((path) => on.open(path)));
    // The first change of a document is that it was opened.
    this.#documents.onDidChangeContent(withPath((path) => on.change(path)));
    this.#documents.onDidSave(
      withPath((path, document) => {
        const edits = this.#unsaved.get(document.uri)?.edits ?? [];
        this.#unsaved.set(document.uri, { saved: document.getText(), edits: [] });
        on.save(path, edits);
      }),
    );
    this.#documents.onDidClose(
      withPath((path, document) => {
        this.#unsaved.delete(document.uri);
        this.#uris.delete(path);
        on.close(path);
      }),
    );
    this.#documents.listen(connection);
  }

  /** An open document. */
  get(path: string): TextDocument | null {
    return this.#documents.get(this.uriOf(path)) ?? null;
  }

  /** Paths of all that is open. */
  paths(): readonly string[] {
    return [...this.#uris.keys()];
  }

  /** URI of a file, as the client wrote it if it did. */
  uriOf(path: string): string {
    return this.#uris.get(path) ?? pathToFileURL(path).href;
  }

  /** Where a stretch of the saved file is now; `null` if it was deleted. `saved` is the text that the stretch counts in. */
  show(path: string, saved: string, stretch: Stretch): ShownPlace | null {
    const uri = this.uriOf(path);
    const document = this.get(path) ?? TextDocument.create(uri, "typescript", 0, saved);
    const moved = moveStretch(this.#unsaved.get(uri)?.edits ?? [], stretch);
    if (moved === null) return null;
    const range = { start: document.positionAt(moved.start), end: document.positionAt(moved.end) };
    return { uri, range, touched: moved.touched };
  }

  /** Offset in the saved file of an offset in the open document. */
  savedOffset(path: string, offset: number): number {
    return offsetBefore(this.#unsaved.get(this.uriOf(path))?.edits ?? [], offset);
  }

  /** Takes note of a file's text on disk: another program, or the editor without telling, may have written it. */
  refresh(path: string, disk: string): void {
    const document = this.get(path);
    const unsaved = this.#unsaved.get(this.uriOf(path));
    if (document === null || unsaved === undefined) return;
    if (disk === document.getText()) {
      unsaved.saved = disk;
      unsaved.edits = [];
    } else if (disk !== unsaved.saved) {
      unsaved.saved = disk;
      unsaved.edits = editsBetween(disk, document.getText());
    }
  }

  #open(uri: string, languageId: string, version: number, content: string): TextDocument {
    const path = pathOf(uri);
    if (path !== null) {
      this.#uris.set(path, uri);
      const saved = textOnDisk(path) ?? content;
      this.#unsaved.set(uri, { saved, edits: editsBetween(saved, content) });
    }
    return TextDocument.create(uri, languageId, version, content);
  }
}

/** Path of a URI; `null` for what is no file. */
export function pathOf(uri: string): string | null {
  if (!uri.startsWith("file:")) return null;
  try {
    return fileURLToPath(uri);
  } catch {
    return null;
  }
}

/** Text of a file that may be gone. */
export function textOnDisk(path: string): string | null {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return null;
  }
}

function editsBetween(before: string, after: string): Edit[] {
  const edit = editBetween(before, after);
  return edit === null ? [] : [edit];
}

function editOf(document: TextDocument, { range, text }: { readonly range: Range; readonly text: string }): Edit {
  const offset = document.offsetAt(range.start);
  return { offset, removed: document.offsetAt(range.end) - offset, inserted: text.length };
}
