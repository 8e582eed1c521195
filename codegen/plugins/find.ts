import { readFileSync, realpathSync, statSync } from "node:fs";
import { dirname, join, relative, resolve, sep } from "node:path";
import { insidePath } from "../write/inside.ts";
import { DESCRIPTOR_NAME } from "./shipped.ts";

/** A plugin that a config names, as its files have it. */
export interface FoundPlugin {
  /** Descriptor, absolute, and as messages name it: by the package, or as typed. */
  readonly file: string;
  readonly shown: string;
  readonly bytes: Uint8Array;
  /** What its `package.json` says; `null` for a file that lies beside none. */
  readonly owner: { readonly name: string; readonly version: string } | null;
}

/** Why there is no descriptor. */
export interface NotFound {
  readonly code: "not-found" | "no-descriptor";
  readonly problem: string;
}

/** Which files were read, and which were looked for in vain. All absolute. */
export interface Looked {
  readonly files: Set<string>;
  readonly absent: Set<string>;
}

const PACKAGE_NAME = /^(@[a-z0-9~-][a-z0-9._~-]*\/)?[a-z0-9~-][a-z0-9._~-]*$/i;
const LOCAL = /^\.\.?[/\\]/;
const MODULE = /(?<!\.d)\.[cm]?[jt]sx?$/;

/** Path from the root of an entry that names a module in the project: its descriptor is derived from it. `null` for all others. */
export function localModule(root: string, named: string): string | null {
  if (!LOCAL.test(named) || !MODULE.test(named)) return null;
  const file = insidePath(root, named);
  if (file === null || !isFile(file) || !isReallyInside(root, file)) return null;
  return relative(root, file).split(sep).join("/");
}

/** Finds what one entry of a config's `plugins` names: a package, or a descriptor in the project. */
export function findPlugin(root: string, named: string, looked: Looked): FoundPlugin | NotFound {
  if (LOCAL.test(named)) return findLocal(root, named, looked);
  if (!PACKAGE_NAME.test(named)) {
    return notFound("that is no name of a package, and the path of a descriptor begins with `./`");
  }
  const file = packageFile(root, named, looked);
  if (file === null) return notFound("no `node_modules` of the project or of a folder around it has it");
  return findInPackage(dirname(file), file, named, looked);
}

function findLocal(root: string, named: string, looked: Looked): FoundPlugin | NotFound {
  const file = insidePath(root, named);
  if (file === null || !isReallyInside(root, file)) return notFound("the path leads out of the project's folder");
  const bytes = readOrNull(file, looked);
  if (bytes === null) return notFound("there is no such file");
  const owner = readOrNull(join(dirname(file), "package.json"), looked);
  return { file, shown: named, bytes, owner: owner === null ? null : ownerOf(parsed(owner)) };
}

function findInPackage(folder: string, packageJson: string, named: string, looked: Looked): FoundPlugin | NotFound {
  const manifest = parsed(readOrNull(packageJson, looked) ?? new Uint8Array());
  if (!isObject(manifest)) return noDescriptor("its `package.json` is no JSON object");
  const path = descriptorPath(manifest);
  if (path === null) return noDescriptor("`assay.plugin` of its `package.json` is no string");
  const file = insidePath(folder, path);
  if (file === null || !isReallyInside(folder, file)) {
    return noDescriptor(`\`${path}\`, which its \`package.json\` names, is not inside of the package`);
  }
  const bytes = readOrNull(file, looked);
  if (bytes === null) return noDescriptor(`it has no file \`${path}\``);
  const shown = `${named}/${path.replace(/^(\.\/+)+/, "")}`;
  // The name in the config is the name that the package is installed under: an alias is no mistake.
  return { file, shown, bytes, owner: ownerOf(manifest) };
}

/** The nearest `package.json` of a package, as Node looks for packages: folder by folder upward, through links. */
function packageFile(root: string, name: string, looked: Looked): string | null {
  for (let folder = resolve(root); ; folder = dirname(folder)) {
    const file = join(folder, "node_modules", name, "package.json");
    if (isFile(file)) return file;
    looked.absent.add(file);
    if (folder === dirname(folder)) return null;
  }
}

/** Path of the descriptor inside of a package, as its `package.json` has it; `null` if that is no string. */
export function descriptorPath(manifest: Readonly<Record<string, unknown>>): string | null {
  const assay = own(manifest, "assay");
  const path = isObject(assay) ? own(assay, "plugin") : undefined;
  if (path === undefined) return DESCRIPTOR_NAME;
  return typeof path === "string" ? path : null;
}

function ownerOf(manifest: unknown): FoundPlugin["owner"] {
  if (!isObject(manifest)) return null;
  const name = own(manifest, "name");
  const version = own(manifest, "version");
  return typeof name === "string" && typeof version === "string" ? { name, version } : null;
}

/** Follows links: one inside of a folder may lead out of it. */
function isReallyInside(folder: string, file: string): boolean {
  if (!isFile(file)) return true;
  const real = realpathSync(folder);
  return insidePath(real, relative(real, realpathSync(file))) !== null;
}

function readOrNull(file: string, { files, absent }: Looked): Uint8Array | null {
  if (!isFile(file)) {
    absent.add(file);
    return null;
  }
  files.add(file);
  return readFileSync(file);
}

function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() ?? false;
}

/** JSON of a file, with or without a byte order mark; `undefined` if it is none. */
export function parsed(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes)) as unknown;
  } catch {
    return undefined;
  }
}

export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function own(value: Readonly<Record<string, unknown>>, key: string): unknown {
  return Object.hasOwn(value, key) ? value[key] : undefined;
}

function notFound(problem: string): NotFound {
  return { code: "not-found", problem };
}

function noDescriptor(problem: string): NotFound {
  return { code: "no-descriptor", problem };
}
