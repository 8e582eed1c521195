import { createHash } from "node:crypto";
import { existsSync, readFileSync, statSync } from "node:fs";
import { dirname, join, relative, resolve, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { resolveExports, resolveImports } from "resolve-pkg-maps";
import type { Finding } from "../../src/diagnostics/finding.ts";
import { DESCRIPTOR_NAME } from "../plugins/shipped.ts";
import { transpile } from "../transpile.ts";
import type { Positions } from "./positions.ts";
import type { ModuleUse, TranspileFlags } from "./protocol.ts";

/** A file of the project or of a package, ready to run. */
export interface LoadedFile {
  /** Absolute path. */
  readonly path: string;
  /** Name in places and in the cache's key: from the project's folder, or from `node_modules` on. */
  readonly name: string;
  readonly kind: "module" | "commonjs" | "json";
  readonly source: string;
  readonly code: string;
  readonly sha256: string;
  readonly findings: readonly Finding[];
  /** V8's code cache of the module, once it was compiled. */
  cached: Buffer | undefined;
}

/** Reads, resolves and transpiles for all jobs of a worker; each file once. */
export class Files {
  readonly #root: string;
  readonly #flags: TranspileFlags;
  readonly #positions: Positions;
  readonly #loaded = new Map<string, LoadedFile | null>();
  readonly #earlier = new Map<string, LoadedFile>();
  readonly #resolved = new Map<string, Resolved>();
  readonly #packages = new Map<string, PackageJson | null>();

  constructor(root: string, flags: TranspileFlags, positions: Positions) {
    this.#root = root;
    this.#flags = flags;
    this.#positions = positions;
  }

  /** A file; `null` if it is not there. The first answer stays until {@link renew}. */
  load(path: string): LoadedFile | null {
    let loaded = this.#loaded.get(path);
    if (loaded === undefined) {
      loaded = this.#again(path) ?? this.#read(path);
      this.#loaded.set(path, loaded);
    }
    return loaded;
  }

  /** Looks at every file anew; what turns out to be unchanged need not be transpiled again. */
  renew(): void {
    for (const [path, file] of this.#loaded) {
      if (file === null) this.#earlier.delete(path);
      else this.#earlier.set(path, file);
    }
    this.#loaded.clear();
    this.#resolved.clear();
    this.#packages.clear();
  }

  /** What is known of a file whose bytes are the same as before. */
  #again(path: string): LoadedFile | null {
    const known = this.#earlier.get(path);
    if (known === undefined) return null;
    try {
      return hashOf(readFileSync(path)) === known.sha256 ? known : null;
    } catch {
      return null;
    }
  }

  /** Where a specifier leads to, and the files that decided it. */
  resolve(specifier: string, from: string, conditions: readonly string[]): Resolved {
    const key = `${conditions[0]} ${specifier.startsWith(".") ? dirname(from) : from} ${specifier}`;
    let resolved = this.#resolved.get(key);
    if (resolved === undefined) {
      resolved = this.#resolve(specifier, from, conditions);
      this.#resolved.set(key, resolved);
    }
    return resolved;
  }

  /** Where a subpath (`.` or `./rules`) of a folder leads to that is a package, or like one. */
  resolveInFolder(folder: string, subpath: string, conditions: readonly string[]): Resolved {
    const own = this.#package(folder);
    const inner = subpath.replace(/^\.\/?/, "");
    if (own !== null) return { path: this.#inPackage(own, inner, conditions), uses: [own.use] };
    const candidates = this.#candidates(join(folder, inner === "" ? "index" : inner), ["require"], folder);
    const path = existing(candidates);
    const absent = path === null ? candidates.map((file) => ({ file: this.nameOf(file), sha256: null })) : [];
    return { path, uses: absent };
  }

  /** Name of a path in places and keys. */
  nameOf(path: string): string {
    const inPackages = path.lastIndexOf(`${sep}node_modules${sep}`);
    const own = relative(this.#root, path);
    return (inPackages >= 0 ? path.slice(inPackages + 1) : own).split(sep).join("/");
  }

  /** Folder and name of the package that a file belongs to; `null` if it belongs to none that has a name. */
  packageOf(path: string): { readonly folder: string; readonly name: string; readonly hasPlugins: boolean } | null {
    for (let folder = dirname(path); ; folder = dirname(folder)) {
      const own = this.#package(folder);
      const name = own?.data["name"];
      if (own !== null && typeof name === "string") {
        const { assay } = own.data as { readonly assay?: { readonly plugin?: unknown } };
        const hasPlugins = typeof assay?.plugin === "string" || existsSync(join(folder, DESCRIPTOR_NAME));
        return { folder, name, hasPlugins };
      }
      if (dirname(folder) === folder) return null;
    }
  }

  #read(path: string): LoadedFile | null {
    let bytes: Buffer;
    try {
      bytes = readFileSync(path);
    } catch {
      return null;
    }
    const name = this.nameOf(path);
    const source = bytes.toString("utf8").replace(/^\uFEFF/, "");
    const sha256 = hashOf(bytes);
    const common = { path, name, source, sha256, cached: undefined };
    if (path.endsWith(".json")) return { ...common, kind: "json", code: source, findings: [] };
    if (/\.[cm]?tsx?$/.test(path)) {
      const { code, map, findings } = transpile(name, source, this.#flags);
      this.#positions.add(name, map, source, code);
      return { ...common, kind: "module", code, findings };
    }
    const isModule =
      path.endsWith(".mjs") || (path.endsWith(".js") && this.#packageOf(path)?.data["type"] === "module");
    return { ...common, kind: isModule ? "module" : "commonjs", code: source, findings: [] };
  }

  #resolve(specifier: string, from: string, conditions: readonly string[]): Resolved {
    const uses: ModuleUse[] = [];
    const found = (path: string | null): Resolved => ({ path, uses });
    const look = (paths: readonly string[]): string | null => {
      const path = existing(paths);
      // If one of them appears, the answer is another.
      if (path === null) uses.push(...paths.map((absent) => ({ file: this.nameOf(absent), sha256: null })));
      return path;
    };
    if (specifier.startsWith("file:")) return found(existing([fileURLToPath(specifier)]));
    if (specifier.startsWith(".") || specifier.startsWith("/")) {
      const target = specifier.startsWith("/") ? specifier : resolve(dirname(from), specifier);
      return found(look(this.#candidates(target, conditions, from)));
    }
    for (const target of mappedPaths(this.#flags.paths, specifier)) {
      const path = look(this.#candidates(resolve(this.#root, target), ["require"], from));
      if (path !== null) return found(path);
    }
    if (specifier.startsWith("#")) {
      const own = this.#packageOf(from);
      if (own === null) return found(null);
      uses.push(own.use);
      return found(
        firstOf(own, conditions, (chosen) => resolveImports(own.data["imports"] as never, specifier, chosen)),
      );
    }
    const [name, subpath] = packageName(specifier);
    for (let folder = dirname(from); ; folder = dirname(folder)) {
      const own = this.#package(join(folder, "node_modules", name));
      if (own !== null) {
        uses.push(own.use);
        return found(this.#inPackage(own, subpath, conditions));
      }
      if (dirname(folder) === folder) return found(look([join(this.#root, "node_modules", name, "package.json")]));
    }
  }

  #inPackage(own: PackageJson, subpath: string, conditions: readonly string[]): string | null {
    const { exports, main, module } = own.data;
    if (exports !== undefined && exports !== null) {
      return firstOf(own, conditions, (chosen) => resolveExports(exports as never, subpath, chosen));
    }
    if (subpath !== "") return existing(this.#candidates(join(own.folder, subpath), ["require"], own.folder));
    const entry = typeof main === "string" ? main : typeof module === "string" ? module : "index.js";
    return existing(this.#candidates(join(own.folder, entry), ["require"], own.folder));
  }

  /** Places where a file may be. The written extension of a source stands for its compiled one, and the other way round. */
  #candidates(target: string, conditions: readonly string[], from: string): readonly string[] {
    const compiled = /\.([mc]?)js$/.exec(target);
    const isSource = /\.[cm]?tsx?$/.test(from);
    const source = compiled === null ? [] : [target.replace(/js$/, "ts"), target.replace(/js$/, "tsx")];
    const loose =
      conditions[0] === "require" || isSource
        ? [`${target}.ts`, `${target}.tsx`, `${target}.js`, `${target}.cjs`, `${target}.json`]
        : [];
    const index = conditions[0] === "require" || isSource ? [join(target, "index.ts"), join(target, "index.js")] : [];
    return [target, ...source, ...loose, ...index];
  }

  /** The `package.json` that a file belongs to. */
  #packageOf(path: string): PackageJson | null {
    for (let folder = dirname(path); ; folder = dirname(folder)) {
      const own = this.#package(folder);
      if (own !== null || dirname(folder) === folder) return own;
    }
  }

  #package(folder: string): PackageJson | null {
    let known = this.#packages.get(folder);
    if (known === undefined) {
      known = this.#readPackage(folder);
      this.#packages.set(folder, known);
    }
    return known;
  }

  #readPackage(folder: string): PackageJson | null {
    try {
      const path = join(folder, "package.json");
      const bytes = readFileSync(path);
      const sha256 = hashOf(bytes);
      const data = JSON.parse(bytes.toString("utf8")) as Readonly<Record<string, unknown>>;
      return { folder, data, use: { file: this.nameOf(path), sha256 } };
    } catch {
      return null;
    }
  }
}

/** Where a specifier leads to. */
export interface Resolved {
  /** Absolute; `null` if there is nothing. */
  readonly path: string | null;
  readonly uses: readonly ModuleUse[];
}

interface PackageJson {
  readonly folder: string;
  readonly data: Readonly<Record<string, unknown>>;
  readonly use: ModuleUse;
}

/** There is no Node here: what a package has for anybody is taken before what it has for Node. */
function firstOf(
  { folder }: PackageJson,
  conditions: readonly string[],
  targets: (conditions: readonly string[]) => readonly string[],
): string | null {
  for (const chosen of [conditions, [...conditions, "node"]]) {
    try {
      const found = existing(targets(chosen).map((target) => join(folder, target)));
      if (found !== null) return found;
    } catch {
      // The map has no such entry.
    }
  }
  return null;
}

function hashOf(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}

function packageName(specifier: string): readonly [name: string, subpath: string] {
  const parts = specifier.split("/");
  const length = specifier.startsWith("@") ? 2 : 1;
  return [parts.slice(0, length).join("/"), parts.slice(length).join("/")];
}

function mappedPaths(paths: TranspileFlags["paths"], specifier: string): readonly string[] {
  return Object.entries(paths).flatMap(([pattern, candidates]) => {
    const star = pattern.indexOf("*");
    if (star < 0) return pattern === specifier ? candidates : [];
    const [head, tail] = [pattern.slice(0, star), pattern.slice(star + 1)];
    if (!specifier.startsWith(head) || !specifier.endsWith(tail)) return [];
    const matched = specifier.slice(head.length, specifier.length - tail.length);
    return candidates.map((candidate) => candidate.replace("*", () => matched));
  });
}

function existing(paths: readonly string[]): string | null {
  return paths.find((path) => existsSync(path) && statSync(path).isFile()) ?? null;
}
