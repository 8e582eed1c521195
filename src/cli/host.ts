/** A stream to write to. */
export interface Sink {
  readonly write: (text: string) => void;
  readonly isTerminal: boolean;
  /** Width; `null` if it is no terminal. */
  readonly columns: number | null;
  /** True if it shows links behind texts (OSC 8) rather than their characters. */
  readonly showsLinks?: boolean;
}

/** What a run gets from the process it runs in: tests hand in their own. */
export interface Host {
  /** Arguments behind the program's name. */
  readonly arguments: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly stdout: Sink;
  readonly stderr: Sink;
  readonly version: string;
  /** Since the process started. */
  readonly elapsedMs: () => number;
  /** The time of day. */
  readonly now: () => Date;
  /** Resolves when the run shall end: by Ctrl-C, by SIGTERM, or because nobody reads what it prints. Until asked, signals kill. */
  readonly interrupted: () => Promise<void>;
}

/** Tells of a stream whether it shows links. */
export type ShowsLinks = (stream: NodeJS.WriteStream) => boolean;

/** The real process. A reader that has gone away (`| head`) is no error: what it does not want is not written. */
export function processHost(version: string, showsLinks: ShowsLinks = () => false): Host {
  let leave: () => void = () => undefined;
  const left = new Promise<void>((resolve) => {
    leave = resolve;
  });
  return {
    arguments: process.argv.slice(2),
    cwd: process.cwd(),
    env: process.env,
    stdout: sinkOf(process.stdout, showsLinks, leave),
    stderr: sinkOf(process.stderr, showsLinks),
    version,
    elapsedMs: () => performance.now(),
    now: () => new Date(),
    interrupted: () => {
      // The second signal kills: what is asked to end may be stuck.
      for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, leave);
      return left;
    },
  };
}

const UNKNOWN_COLUMNS = 80;

function sinkOf(stream: NodeJS.WriteStream, showsLinks: ShowsLinks, onGone: () => void = () => undefined): Sink {
  let gone = false;
  stream.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code !== "EPIPE") throw error;
    gone = true;
    onGone();
  });
  return {
    write: (text) => {
      if (!gone && text !== "") stream.write(text);
    },
    get showsLinks() {
      return showsLinks(stream);
    },
    get isTerminal() {
      return stream.isTTY;
    },
    get columns() {
      // A terminal that does not tell its size says 0.
      return stream.isTTY ? stream.columns || UNKNOWN_COLUMNS : null;
    },
  };
}
