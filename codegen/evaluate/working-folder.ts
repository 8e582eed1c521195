import { posix, win32 } from "node:path";

/** Refuses what is asked of it. */
type Deny = (what: string) => (...args: never[]) => never;

/** `path`, always with `/`. What depends on the working folder, a path of the machine, refuses. */
export function pathModule(deny: Deny): Readonly<Record<string, unknown>> {
  const resolve = (...parts: readonly string[]): string =>
    parts.some((part) => isAbsolute(part)) ? posix.resolve(...parts) : deny("node:path.resolve of relative paths")();
  const relative = (from: string, to: string): string => {
    if (isAbsolute(from) && isAbsolute(to)) return posix.relative(from, to);
    const refused = isAbsolute(from) || isAbsolute(to) || posix.normalize(from).startsWith("..");
    if (refused) return deny("node:path.relative to the working folder")();
    // Deep enough that every `..` leads to a folder, whose name nothing shows.
    const base = `/${"0/".repeat(to.split("/").length)}`;
    return posix.relative(posix.join(base, from), posix.join(base, to));
  };
  const { posix: _posix, win32: _win32, ...pure } = posix;
  const own = { ...pure, resolve, relative };
  const windows = {
    ...win32,
    resolve: deny("node:path.win32.resolve"),
    relative: deny("node:path.win32.relative"),
    toNamespacedPath: deny("node:path.win32.toNamespacedPath"),
  };
  const members = { ...own, posix: own, win32: windows };
  return { ...members, default: members };
}

/** Members of pure modules that look at the machine where they are not told everything. */
export function withoutMachine(
  name: string,
  real: Readonly<Record<string, unknown>>,
  deny: Deny,
): Readonly<Record<string, unknown>> {
  const guarded = (key: string, isTold: (...args: readonly unknown[]) => boolean): unknown => {
    const member = real[key];
    if (typeof member !== "function") return member;
    const refuse = deny(`node:${name}.${key}`);
    return (...args: readonly unknown[]): unknown =>
      isTold(...args) ? Reflect.apply(member, undefined, args) : refuse();
  };
  if (name === "url") return { ...real, pathToFileURL: guarded("pathToFileURL", (path) => isAbsolute(path)) };
  if (name !== "util") return real;
  const hasArguments = (config: unknown): boolean =>
    typeof config === "object" && config !== null && "args" in config && config.args !== undefined;
  const refused = ["getCallSite", "getCallSites", "getSystemErrorName", "getSystemErrorMap", "getSystemErrorMessage"];
  return {
    ...real,
    ...Object.fromEntries(refused.flatMap((key) => (key in real ? [[key, guarded(key, () => false)]] : []))),
    parseArgs: guarded("parseArgs", hasArguments),
  };
}

/** What is no text at all is told by Node itself. */
function isAbsolute(path: unknown): boolean {
  return typeof path !== "string" || posix.isAbsolute(path);
}
