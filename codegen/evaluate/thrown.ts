import { AssayError } from "../../src/diagnostics/assay-error.ts";
import type { Finding, Place, Span } from "../../src/diagnostics/finding.ts";
import type { CallSite } from "../../src/origin/call-site.ts";
import { evaluateDiagnostics } from "./diagnostics.ts";
import { ABSENT, DENIED, TOO_LARGE } from "./hermetic.ts";
import type { JobScope } from "./library-modules.ts";
import { framesOf, type JobModules } from "./modules.ts";
import type { EvaluateLimits } from "./protocol.ts";
import { undefinedName, undefinedNameFinding } from "./undefined-name.ts";

/** An absent name that was asked of the global object, and the file that did. */
export interface MissedName {
  readonly name: string;
  readonly file: string;
}

export const MOST_MISSED = 1000;

export interface Circumstances {
  readonly modules: JobModules;
  readonly missed: readonly MissedName[];
  readonly limits: EvaluateLimits;
  readonly library: JobScope;
}

/** What a thrown value means: a refusal, a missing export, a limit, or simply an error of the author's. */
export function thrownFindings(
  error: unknown,
  during: string,
  { modules, missed, limits: { buffersMiB }, library }: Circumstances,
): readonly Finding[] {
  if (error instanceof AssayError) return error.findings;
  const { name, message, stack } = errorParts(error);
  const frames = framesOf(stack);
  const at = placeOf(frames, stack, modules);
  const details = { at, ...importedHere(frames, at, modules) };
  const carried = (key: string): unknown =>
    typeof error === "object" && error !== null ? (error as Readonly<Record<string, unknown>>)[key] : undefined;
  const denied = carried(DENIED);
  if (typeof denied === "string") return [evaluateDiagnostics.denied({ what: denied }, details)];
  if (carried(TOO_LARGE) === true) return [evaluateDiagnostics["buffer-limit"]({ buffersMiB }, details)];
  const absent = absentName(name, message, frames, missed);
  if (absent !== null) return [evaluateDiagnostics.denied({ what: absent }, details)];
  const fixed =
    /^Cannot (?:add|define) property (.+?), object is not extensible$/.exec(message)?.[1] ??
    /^Cannot delete property '(.+?)' of /.exec(message)?.[1] ??
    /^Cannot assign to read only property '(.+?)' of (?:object|function) /.exec(message)?.[1];
  if (fixed !== undefined && name === "TypeError" && touchesIntrinsic(frames, modules)) {
    return [evaluateDiagnostics["intrinsic-changed"]({ what: fixed }, details)];
  }
  const exported = /^The requested module '([^']+)' does not provide an export named '([^']+)'/.exec(message);
  if (exported !== null) {
    const [, module = "", wanted = ""] = exported;
    // Not every such error says which file it is about.
    const file = /^([^\s:][^:\n]*):\d+/.exec(stack)?.[1];
    const importing = file ?? modules.importerOf(module, wanted);
    const source = importing === null ? null : modules.source(importing);
    if (importing !== null && source !== null) {
      return [modules.missingExport(module, wanted, { name: importing, source }, [])];
    }
  }
  const undefinedHere = undefinedName(name, message);
  if (undefinedHere !== null && at.kind === "site" && frames[0] === at.frames[0]) {
    return [undefinedNameFinding(undefinedHere, at.frames, modules.source(at.frames[0]?.file ?? ""), library)];
  }
  const told = name === "" ? message : `${name}: ${message}`;
  const inPackage = during === "loading" && frames.every(isOfPackage) ? failedAt(frames, stack) : null;
  const failure = inPackage === null ? null : modules.loadFailure(inPackage.file, told, inPackage);
  if (failure !== null) return [failure];
  // An error without a frame of the project's is Assay's own, unless it came while a module was loaded.
  if (frames.length === 0 && during === "running" && error instanceof Error) throw error;
  return [evaluateDiagnostics.threw({ error: told }, details)];
}

function isOfPackage({ file }: CallSite): boolean {
  return file.startsWith("node_modules/");
}

/** Where the code of a package failed: its nearest frame, or what a syntax error shows above its text. */
function failedAt([first]: readonly CallSite[], stack: string): Span | null {
  if (first !== undefined) return { ...first, length: 0 };
  const [place = "", , marks = ""] = stack.split("\n");
  const [, file, line] = /^([^\s:][^:]*):(\d+)$/.exec(place) ?? [];
  if (file === undefined) return null;
  const length = marks.trim().length;
  return { file, line: Number(line), column: marks.length - marks.trimStart().length + 1, length };
}

function placeOf(frames: readonly CallSite[], stack: string, modules: JobModules): Place {
  const own = frames.filter(({ file }) => !file.startsWith("node_modules/"));
  if (own.length > 0) return { kind: "site", frames: own, path: [] };
  const inPackage = frames[0]?.file ?? /^([^\s:][^:\n]*):\d+/.exec(stack)?.[1];
  return (inPackage === undefined ? null : modules.importOf(inPackage)) ?? { kind: "class" };
}

/** The import that brought the code of a package in which it happened, if the place is another one. */
function importedHere([first]: readonly CallSite[], at: Place, modules: JobModules): Pick<Finding, "related"> {
  if (first === undefined || at.kind !== "site" || !first.file.startsWith("node_modules/")) return {};
  const place = modules.importOf(first.file);
  return place === null ? {} : { related: [{ at: place, message: "it happens in what is imported here" }] };
}

/** The absent global that an error is about. */
function absentName(
  name: string,
  message: string,
  [first]: readonly CallSite[],
  missed: readonly MissedName[],
): string | null {
  if (name === "ReferenceError") {
    const absent = /^([\w$]+) is not defined$/.exec(message)?.[1];
    return absent !== undefined && ABSENT.has(absent) ? absent : null;
  }
  if (name !== "TypeError" || first === undefined) return null;
  // `globalThis.process.env`: the same file asked for `process`, and whatever is undefined should have had an `env`.
  const called = /([\w$]+) is not a (?:function|constructor)$/.exec(message)?.[1];
  const member =
    /^Cannot (?:read|set) properties of undefined \((?:reading|setting) '(.+)'\)$/.exec(message)?.[1] ??
    /^Cannot destructure property '(.+?)' of .* as it is undefined\.$/.exec(message)?.[1];
  return (
    missed.findLast(
      (one) =>
        one.file === first.file && (one.name === called || (member !== undefined && hasMember(one.name, member))),
    )?.name ?? null
  );
}

/** Whether what Node has under a name has such a member; what only browsers have may have any. */
function hasMember(name: string, member: string): boolean {
  const real = (globalThis as Readonly<Record<string, unknown>>)[name];
  return real === undefined || real === null || member in Object(real);
}

/** True if the line that failed names a built-in object. */
function touchesIntrinsic([first]: readonly CallSite[], modules: JobModules): boolean {
  if (first === undefined) return false;
  return /\b(?:prototype|Object|Array|String|Number|Math|JSON|Promise|Map|Set|Symbol|Date|Function|Reflect)\b/.test(
    modules.codeLine(first.file, first.line),
  );
}

/** Frames of a thrown value, nearest first. */
export function framesOfError(error: unknown): readonly CallSite[] {
  return framesOf(errorParts(error).stack);
}

function errorParts(error: unknown): { readonly name: string; readonly message: string; readonly stack: string } {
  if (typeof error !== "object" || error === null)
    return { name: "", message: `${String(error)} was thrown`, stack: "" };
  const text = (key: string): string => {
    try {
      const value: unknown = (error as Readonly<Record<string, unknown>>)[key];
      return typeof value === "string" ? value : "";
    } catch {
      return "";
    }
  };
  return {
    name: text("name"),
    message: text("message") || "an object without a message was thrown",
    stack: text("stack"),
  };
}
