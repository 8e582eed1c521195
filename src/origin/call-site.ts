/** One place in the program text that ran: 1-based line and column, as V8 counts them. */
export interface CallSite {
  /** File of the frame: a `file://` URL or path at run time, a project-relative path inside a build. */
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

/**
 * Where a field of a noun stands in the call that made it: the number of the argument, and the property path inside it.
 * `[0]` is the first argument itself, `[2, "nSeqs"]` a property of the third one, `["#key"]` the property name under
 * which the whole call stands.
 */
export type FieldPlace = readonly [argument: number | "#key", ...path: readonly (string | number)[]];

/** What a noun remembers of its making. */
export interface Origin {
  /** The author's frames, nearest first: the constructor's own call, then the calls around it. */
  readonly frames: readonly CallSite[];
  /**
   * Where a field stands when it is not simply a property of the same name in an object argument. The key is the field, or the
   * path of a value inside it, joined by `/`.
   */
  readonly fields?: Readonly<Record<string, FieldPlace>>;
  /** The option that the library derived this noun (or, by field, a value of it) from. */
  readonly option?: string;
  /** Characters of that option's value, where the noun derives from a part of a text. */
  readonly range?: { readonly offset: number; readonly length: number };
  /** Options behind single values; the key is the path inside the noun, joined by `/`. */
  readonly fieldOptions?: Readonly<Record<string, string>>;
}

/** Symbol key of a noun's {@link Origin}: enumerable, so that it survives a spread; never part of JSON. */
export const ORIGIN: unique symbol = Symbol.for("assay.origin") as never;

const MAX_FRAMES = 6;
/** Deep enough for nearly all calls; the few whose frames near the top are all the library's are looked at again. */
const STACK_DEPTH = 8;
const DEEP_STACK_DEPTH = 50;

/** Folder of this package (`.../dist/` when compiled), whose frames are never the author's. */
const ownFolders: readonly string[] = (() => {
  const here = import.meta.url;
  const compiled = here.lastIndexOf("/dist/src/origin/");
  if (compiled >= 0) return [`${here.slice(0, compiled)}/dist/`];
  const root = here.slice(0, here.lastIndexOf("/src/origin/"));
  return [`${root}/src/`, `${root}/plugins/`, `${root}/codegen/`];
})().flatMap((url) => [url, decodeURIComponent(url.replace(/^file:\/\//, ""))]);

function isAuthors(file: string | null | undefined): file is string {
  if (file === null || file === undefined || file === "") return false;
  if (file.startsWith("node:")) return false;
  if (file.includes("/node_modules/") || file.startsWith("node_modules/")) return false;
  return !ownFolders.some((folder) => file.startsWith(folder));
}

/** True if the last stack had more frames than were looked at. */
let isCut = false;

function structuredStack(_error: Error, stack: readonly NodeJS.CallSite[]): CallSite[] {
  isCut = stack.length >= Error.stackTraceLimit;
  const frames: CallSite[] = [];
  for (const frame of stack) {
    const file = frame.getFileName();
    if (!isAuthors(file)) continue;
    frames.push({ file, line: frame.getLineNumber() ?? 1, column: frame.getColumnNumber() ?? 1 });
    if (frames.length === MAX_FRAMES) break;
  }
  return frames;
}

/** The author's frames above `below` (a function of the library), nearest first. Costs microseconds. */
export function callSites(below: (...args: never[]) => unknown): readonly CallSite[] {
  const frames = sitesWithin(STACK_DEPTH, below);
  return frames.length > 0 || !isCut ? frames : sitesWithin(DEEP_STACK_DEPTH, below);
}

function sitesWithin(depth: number, below: (...args: never[]) => unknown): readonly CallSite[] {
  const { prepareStackTrace, stackTraceLimit } = Error;
  const holder: { stack?: readonly CallSite[] } = {};
  Error.stackTraceLimit = depth;
  Error.prepareStackTrace = structuredStack as never;
  try {
    Error.captureStackTrace(holder, below);
    // The stack is formatted on first access, hence inside the try.
    const frames: unknown = holder.stack;
    return Array.isArray(frames) ? frames : [];
  } finally {
    Error.prepareStackTrace = prepareStackTrace;
    Error.stackTraceLimit = stackTraceLimit;
  }
}

/** Gives `noun` an origin and freezes it. The same object comes back. */
export function withOrigin<T extends object>(noun: T, origin: Origin): T {
  Object.defineProperty(noun, ORIGIN, { value: origin, enumerable: true, configurable: true, writable: true });
  return Object.freeze(noun);
}

/** The origin of a noun, if one was recorded. */
export function originOf(noun: unknown): Origin | undefined {
  if (typeof noun !== "object" || noun === null) return undefined;
  return (noun as { readonly [ORIGIN]?: Origin })[ORIGIN];
}
