import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { isAbsolute, relative, resolve, sep } from "node:path";
import { pathToFileURL } from "node:url";
import type { AcknowledgedDiagnostic, Diagnostic } from "../diagnostics/finding.ts";
import { COMMAND_LINE } from "../diagnostics/render/region.ts";
import { type Format, RENDERERS } from "../diagnostics/render/renderers.ts";
import type { Style } from "../diagnostics/render/style.ts";
import { maskSecrets, maskSource, withoutSecrets } from "../spec/secrets.ts";
import type { CommandLine } from "./command-line.ts";
import type { Host, Sink } from "./host.ts";
import { packageHomepage, pageFile, pageText, webPage } from "./pages.ts";
import { repositoryRoot } from "./repository.ts";
import { styleOf } from "./styles.ts";

/** One of the two streams. `data` is what was asked for, `aside` what is said about it. */
export type Channel = "data" | "aside";

/** What diagnostics are shown with. */
export interface ReportOptions {
  readonly to: Channel;
  /** Folder that files of spans start from; `null` if there is no project. */
  readonly root: string | null;
  readonly format: Format;
  /** `line`: a document that programs read is one line. `pretty` unless given. */
  readonly form?: "pretty" | "line";
  /** File that stands for what is in none, from `root`. */
  readonly projectFile?: string | undefined;
  /** Warnings that are not told, for forms that say so. */
  readonly acknowledged?: readonly AcknowledgedDiagnostic[];
  /** Texts that are not below `root`, by the file that spans name. */
  readonly sources?: ReadonlyMap<string, string>;
  /** Pages of codes that plugins bring, as Markdown. */
  readonly pages?: Readonly<Record<string, string>>;
}

/** Width that texts are cut and wrapped to where there is no terminal. */
const DEFAULT_WIDTH = 120;

/** Page of a code in the installed package, as a URL; `null` if it has none. */
function installedPage(code: string): string | null {
  const file = pageFile(code);
  return file === null ? null : pathToFileURL(file).href;
}

/** All that a run prints goes through here. */
export class Output {
  readonly #sinks: Readonly<Record<Channel, Sink>>;
  readonly #styles: Readonly<Record<Channel, Style>>;
  readonly #host: Pick<Host, "cwd" | "env">;
  readonly #version: string;
  readonly #commandLine: CommandLine;
  #status = "";

  constructor(host: Host, commandLine: CommandLine, color: boolean | null) {
    this.#sinks = { data: host.stdout, aside: host.stderr };
    this.#styles = {
      data: styleOf(host.stdout, host.env, color),
      aside: styleOf(host.stderr, host.env, color),
    };
    this.#host = host;
    this.#version = host.version;
    this.#commandLine = commandLine;
  }

  style(channel: Channel): Style {
    return this.#styles[channel];
  }

  /** Width of the terminal, or `null`: nothing need be cut. */
  columns(channel: Channel): number | null {
    return this.#sinks[channel].columns;
  }

  /** Width to wrap texts to. */
  width(channel: Channel): number {
    return this.columns(channel) ?? DEFAULT_WIDTH;
  }

  write(channel: Channel, text: string): void {
    this.clearStatus();
    this.#sinks[channel].write(text);
  }

  /** Prints diagnostics; nothing if there are none, but in a form that programs read. */
  diagnostics(
    diagnostics: readonly Diagnostic[],
    { to, root, format, form = "pretty", sources, projectFile, acknowledged = [], pages = {} }: ReportOptions,
  ): void {
    if (diagnostics.length === 0 && (format === "pretty" || to === "aside")) return;
    const read = new Map<string, string | null>();
    const readOnce = (file: string): string | null => {
      const known = read.get(file);
      const source = known === undefined ? this.#sourceOf(file, root) : known;
      if (known === undefined) read.set(file, source);
      return source;
    };
    // Services place what they are told by paths from the repository's root, whatever folder the command runs in.
    const from = format === "sarif" || format === "github" ? repositoryRoot(this.#host) : this.#host.cwd;
    // What is said of a command line quotes it.
    const text = RENDERERS[format](withoutSecrets(diagnostics, []), {
      acknowledged,
      ...(projectFile === undefined ? {} : { projectFile }),
      style: this.style(to),
      width: this.width(to),
      form,
      sourceOf: (file) => {
        const text = sources?.get(file) ?? readOnce(file);
        // What is shown of a source goes into logs.
        if (text === null) return null;
        return file === COMMAND_LINE ? maskSecrets(text) : maskSource(text);
      },
      showFile: (file) => this.#shown(from, file, sources?.has(file) === true ? null : root),
      pageOf: (code) => webPage(code) ?? installedPage(code),
      pageTextOf: (code) => pageText(code) ?? (Object.hasOwn(pages, code) ? (pages[code] ?? null) : null),
      webPageOf: webPage,
      tool: { version: this.#version, homepage: packageHomepage() },
      digest: (content) => createHash("sha256").update(content).digest("hex").slice(0, 32),
    });
    this.write(to, text);
  }

  /** Shows how far a long run is, in one line that the next one replaces. Only on a terminal. */
  status(text: string): void {
    const { isTerminal, columns, write } = this.#sinks.aside;
    if (!isTerminal || text === this.#status) return;
    write(`\r\u001B[2K${text.slice(0, (columns ?? DEFAULT_WIDTH) - 1)}`);
    this.#status = text;
  }

  clearStatus(): void {
    if (this.#status === "") return;
    this.#sinks.aside.write("\r\u001B[2K");
    this.#status = "";
  }

  #sourceOf(file: string, root: string | null): string | null {
    if (file === COMMAND_LINE) return this.#commandLine.text;
    if (root === null) return null;
    try {
      return readFileSync(resolve(root, file), "utf8");
    } catch {
      return null;
    }
  }

  /** A path as it leads from a folder: from the working folder, terminals can open it. What is below no root stays as typed there. */
  #shown(folder: string, file: string, root: string | null): string {
    const { cwd } = this.#host;
    if (isAbsolute(file) || (root === null && folder === cwd)) return file;
    return relative(folder, resolve(root ?? cwd, file))
      .split(sep)
      .join("/");
  }
}
