/** Name and version of the package that a project depends on. */
export interface Dependency {
  readonly name: string;
  readonly version: string;
}

/** What a project's `package.json` becomes. */
export interface MergedPackage {
  readonly text: string;
  /** What was added, as paths: `scripts.check`. Empty if all was there. */
  readonly added: readonly string[];
  /** What has another value already, and keeps it. */
  readonly kept: readonly string[];
}

type JsonObject = Readonly<Record<string, unknown>>;

const SCRIPTS: Readonly<Record<string, string>> = {
  check: "assay check",
  build: "assay build",
  watch: "assay build --watch",
  types: "tsc -p .",
};

/** Some editors write one. */
const BYTE_ORDER_MARK = "\uFEFF";

/** Where a project may name a package already. */
const DEPENDENCIES = ["dependencies", "devDependencies", "peerDependencies", "optionalDependencies"];

/** What a project needs: the library, and the compiler that checks roles, keys and options of the project's own code. */
export interface Needs {
  readonly library: Dependency;
  readonly compiler: Dependency;
}

/** The `package.json` of a new project. */
export function newPackage(name: string, { library, compiler }: Needs): string {
  const fields = {
    name,
    private: true,
    type: "module",
    scripts: SCRIPTS,
    dependencies: rangeOf(library),
    devDependencies: rangeOf(compiler),
  };
  return `${JSON.stringify(fields, null, 2)}\n`;
}

/**
 * Completes a `package.json` that is there: fields are added and never changed. `type` stays as it is, since it would give
 * the project's other files another meaning, and experiments need none.
 * @returns why it can't be done, if it can't.
 */
export function mergePackage(text: string, { library, compiler }: Needs): MergedPackage | { readonly problem: string } {
  const given = parsed(text);
  if (!isObject(given)) return { problem: "it is no JSON object" };
  if (given["name"] === library.name) return { problem: "it is Assay's own" };
  const { scripts = {}, dependencies = {}, devDependencies = {} } = given;
  if (!isObject(scripts)) return { problem: "its `scripts` are no object" };
  if (!isObject(dependencies)) return { problem: "its `dependencies` are no object" };
  if (!isObject(devDependencies)) return { problem: "its `devDependencies` are no object" };
  const missing = Object.entries(SCRIPTS).filter(([name]) => !Object.hasOwn(scripts, name));
  const kept = Object.entries(SCRIPTS).flatMap(([name, command]) =>
    Object.hasOwn(scripts, name) && scripts[name] !== command ? [`scripts.${name}`] : [],
  );
  const hasLibrary = isNamed(given, library.name);
  const hasCompiler = isNamed(given, compiler.name);
  const added = [
    ...missing.map(([name]) => `scripts.${name}`),
    ...(hasLibrary ? [] : [`dependencies.${library.name}`]),
    ...(hasCompiler ? [] : [`devDependencies.${compiler.name}`]),
  ];
  if (added.length === 0) return { text, added, kept };
  const merged = {
    ...given,
    ...(missing.length === 0 ? {} : { scripts: { ...scripts, ...Object.fromEntries(missing) } }),
    ...(hasLibrary ? {} : { dependencies: { ...dependencies, ...rangeOf(library) } }),
    ...(hasCompiler ? {} : { devDependencies: { ...devDependencies, ...rangeOf(compiler) } }),
  };
  const indent = /^[ \t]+(?=")/m.exec(text)?.[0] ?? "  ";
  const mark = text.startsWith(BYTE_ORDER_MARK) ? BYTE_ORDER_MARK : "";
  const end = text.endsWith("\n") ? "\n" : "";
  const whole = `${mark}${JSON.stringify(merged, null, indent)}${end}`;
  return { text: text.includes("\r\n") ? whole.replaceAll("\n", "\r\n") : whole, added, kept };
}

function isNamed(given: JsonObject, name: string): boolean {
  return DEPENDENCIES.some((field) => {
    const named = given[field];
    return isObject(named) && Object.hasOwn(named, name);
  });
}

function rangeOf({ name, version }: Dependency): JsonObject {
  return { [name]: `^${version}` };
}

/** What a `package.json` says of its package manager: `pnpm@9.1.0`; `null` if it says nothing. */
export function packageManagerField(text: string): string | null {
  const given = parsed(text);
  const field = isObject(given) ? given["packageManager"] : undefined;
  return typeof field === "string" ? field : null;
}

/** The name that a `package.json` gives; `null` if it gives none. */
export function packageName(text: string): string | null {
  const given = parsed(text);
  const name = isObject(given) ? given["name"] : undefined;
  return typeof name === "string" && name !== "" ? name : null;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text.startsWith(BYTE_ORDER_MARK) ? text.slice(BYTE_ORDER_MARK.length) : text);
  } catch {
    return undefined;
  }
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
