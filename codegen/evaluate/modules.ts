import { dirname, join } from "node:path";
import vm from "node:vm";
import type { CallSite } from "../../src/origin/call-site.ts";
import { AssayError } from "../../src/diagnostics/assay-error.ts";
import type { Finding, Place, Span } from "../../src/diagnostics/finding.ts";
import { didYouMean } from "../../src/diagnostics/nearest.ts";
import { LIBRARY_ROOT } from "../library-root.ts";
import { packageDiagnostics } from "../plugins/diagnostics.ts";
import { transpile } from "../transpile.ts";
import { builtinModule, isBuiltin } from "./builtins.ts";
import { evaluateDiagnostics } from "./diagnostics.ts";
import type { ContextTools } from "./hermetic.ts";
import { importPlace } from "./import-place.ts";
import type { JobScope } from "./library-modules.ts";
import type { Files, LoadedFile } from "./load-files.ts";
import type { HookAddress, ModuleUse, TranspileFlags } from "./protocol.ts";

/** What the modules of a job are made with. */
export interface ModulesOf {
  readonly context: vm.Context;
  readonly tools: ContextTools;
  readonly files: Files;
  readonly library: JobScope;
  /** Takes bytes from what the job may allocate. */
  readonly take: (bytes: number) => void;
}

const ESM = ["import", "default"];
const CJS = ["require", "default"];
/** How a package's own JavaScript is parsed. */
const PLAIN: TranspileFlags = {
  experimentalDecorators: false,
  emitDecoratorMetadata: false,
  useDefineForClassFields: true,
  paths: {},
};
const HELPERS = "@oxc-project/runtime/";

/** The modules of one job: loaded fresh in its context, linked as ECMAScript says. */
export class JobModules {
  readonly #context: vm.Context;
  readonly #tools: ContextTools;
  readonly #files: Files;
  readonly #library: JobScope;
  readonly #take: (bytes: number) => void;
  readonly #modules = new Map<string, vm.Module>();
  readonly #commonjs = new Map<string, { exports: unknown }>();
  readonly #uses = new Map<string, string | null>();
  /** Who imports a file first, and how. */
  readonly #importers = new Map<string, { readonly file: LoadedFile; readonly specifier: string }>();
  readonly #byName = new Map<string, LoadedFile>();
  readonly #findings: Finding[] = [];
  /** Dynamic imports that are under way. */
  pending = 0;

  constructor({ context, tools, files, library, take }: ModulesOf) {
    this.#context = context;
    this.#tools = tools;
    this.#files = files;
    this.#library = library;
    this.#take = take;
  }

  /** Loads a module with all that it imports. @throws {AssayError} with all that is missing. */
  async import(path: string): Promise<vm.Module> {
    const file = this.#files.load(path);
    if (file === null) throw new Error(`${path} is not there`);
    const module = this.#moduleOf(file);
    try {
      if (module.status === "unlinked") {
        await module.link((specifier, from) => this.#link(specifier, from.identifier));
      }
    } catch (error) {
      // What linking stumbles over first is told together with all else that is missing.
      if (this.#findings.length === 0) throw error;
    }
    if (this.#findings.length > 0) throw new AssayError(this.#findings.splice(0));
    return module;
  }

  /** Path of the module of a hook, as a file of the project would import it; `null` if there is none. */
  locate(address: HookAddress, from: string): string | null {
    if (address.kind === "file") return address.path;
    const { path, uses } =
      address.kind === "package"
        ? this.#files.resolve(address.specifier, from, ESM)
        : this.#files.resolveInFolder(address.folder, address.subpath, ESM);
    for (const { file, sha256 } of uses) this.#uses.set(file, sha256);
    return path;
  }

  get uses(): readonly ModuleUse[] {
    return [...this.#uses].map(([file, sha256]) => ({ file, sha256 }));
  }

  /** Source of a file that took part, by its name. */
  source(name: string): string | null {
    return this.#byName.get(name)?.source ?? null;
  }

  /** Name of a file that imports this of a module, as it is written there. */
  importerOf(specifier: string, wanted: string): string | null {
    for (const { name, code } of this.#byName.values()) {
      if (importedNames(code, specifier).includes(wanted)) return name;
    }
    return null;
  }

  /** A line of a file's running code. */
  codeLine(name: string, line: number): string {
    return this.#byName.get(name)?.code.split("\n")[line - 1] ?? "";
  }

  /** Where the project's own code imports what leads to a file of a package. */
  importOf(name: string): Place | null {
    let file = this.#byName.get(name);
    for (let steps = 0; file !== undefined && steps < 100; steps += 1) {
      const importer = this.#importers.get(file.path);
      if (importer === undefined) return null;
      if (!importer.file.name.startsWith("node_modules/")) {
        return { kind: "span", span: importPlace(importer.file.name, importer.file.source, importer.specifier, null) };
      }
      file = importer.file;
    }
    return null;
  }

  /** A file that took part and exports something for which `isIt` holds. */
  exporterOf(isIt: (exported: unknown) => boolean): LoadedFile | null {
    for (const [path, module] of this.#modules) {
      if (module.status !== "evaluated") continue;
      const file = this.#byName.get(module.identifier);
      if (file?.path !== path) continue;
      if (Object.values(module.namespace).some(isIt)) return file;
    }
    return null;
  }

  /** The package that a file belongs to. */
  packageOf(file: LoadedFile): ReturnType<Files["packageOf"]> {
    return this.#files.packageOf(file.path);
  }

  /**
   * What it means that a file can't be loaded, if it belongs to a package with plugins, or to one that such a package needs: told
   * at the project's own import of that package. `null` for all other files.
   * @param own where in the file it is
   */
  loadFailure(name: string, problem: string, own: Span): Finding | null {
    let file = this.#byName.get(name);
    if (file === undefined || !name.startsWith("node_modules/")) return null;
    for (let steps = 0; steps < 100; steps += 1) {
      const importer: { readonly file: LoadedFile; readonly specifier: string } | undefined = this.#importers.get(
        file.path,
      );
      if (importer === undefined) return null;
      if (!importer.file.name.startsWith("node_modules/")) {
        const owner = this.#files.packageOf(file.path);
        if (owner?.hasPlugins !== true) return null;
        const at = importPlace(importer.file.name, importer.file.source, importer.specifier, null);
        return packageDiagnostics["load-failed"](
          { plugin: owner.name, problem, file: own.file },
          {
            at: { kind: "span", span: at },
            related: [{ at: { kind: "span", span: own }, message: "it happens here" }],
          },
        );
      }
      ({ file } = importer);
    }
    return null;
  }

  #use(file: LoadedFile): void {
    this.#uses.set(file.name, file.sha256);
    this.#byName.set(file.name, file);
  }

  #moduleOf(file: LoadedFile): vm.Module {
    const known = this.#modules.get(file.path);
    if (known !== undefined) return known;
    const isHelper = file.name.includes(HELPERS);
    if (!isHelper) this.#use(file);
    this.#refuse(file, file.findings);
    const module = file.kind === "module" && file.findings.length === 0 ? this.#parsed(file) : this.#plain(file);
    this.#modules.set(file.path, module);
    return module;
  }

  /** Notes what keeps a file from being parsed. */
  #refuse(file: LoadedFile, findings: readonly Finding[]): void {
    for (const finding of findings) {
      const span = finding.at.kind === "span" ? finding.at.span : null;
      const failure = span === null ? null : this.loadFailure(file.name, finding.message, span);
      this.#findings.push(failure ?? finding);
    }
  }

  /** A module, or a stand-in for one that is no JavaScript: where that shows, the parser of sources tells. */
  #parsed(file: LoadedFile): vm.Module {
    try {
      return this.#sourceModule(file);
    } catch (error) {
      const { findings } = transpile(file.name, file.source, PLAIN);
      if (findings.length === 0) throw error;
      this.#refuse(file, findings);
      return this.#synthetic(file.name, {});
    }
  }

  #sourceModule(file: LoadedFile): vm.Module {
    const module = new vm.SourceTextModule(file.code, {
      context: this.#context,
      identifier: file.name,
      ...(file.cached === undefined ? {} : { cachedData: file.cached }),
      initializeImportMeta: (meta) => {
        for (const key of ["url", "dirname", "filename", "resolve"]) {
          Object.defineProperty(meta, key, { get: this.#tools.deny(`import.meta.${key}`), enumerable: true });
        }
      },
      importModuleDynamically: (specifier: string) => this.#dynamic(specifier, file),
    } as vm.SourceTextModuleOptions);
    // The types of Node know the option, but not the method that makes its value.
    file.cached ??= (module as unknown as { createCachedData(): Buffer }).createCachedData();
    return module;
  }

  /** CommonJS and JSON modules, and files that can't be parsed: nothing of theirs is linked. */
  #plain(file: LoadedFile): vm.Module {
    if (file.findings.length > 0) return this.#synthetic(file.name, {});
    const value = file.kind === "json" ? (JSON.parse(file.code) as unknown) : this.#require(file);
    const own = (typeof value === "object" || typeof value === "function") && value !== null ? { ...value } : {};
    return this.#synthetic(file.name, { ...own, default: value });
  }

  #synthetic(identifier: string, exported: Readonly<Record<string, unknown>>): vm.Module {
    const names = Object.keys(exported);
    return new vm.SyntheticModule(
      names,
      function set(this: vm.SyntheticModule) {
        for (const name of names) this.setExport(name, exported[name]);
      },
      { context: this.#context, identifier },
    );
  }

  async #link(specifier: string, from: string): Promise<vm.Module> {
    const importer = this.#byName.get(from);
    const shared = await this.#shared(specifier, importer);
    if (shared !== null) return shared;
    const file = this.#find(specifier, importer?.path ?? LIBRARY_ROOT, ESM, importer);
    return file === null ? this.#missing(specifier, importer) : this.#moduleOf(file);
  }

  /** Modules that are not files of this job: the library's, and Node's. */
  async #shared(specifier: string, importer: LoadedFile | undefined): Promise<vm.Module | null> {
    const key = `\0${specifier}`;
    let module = this.#modules.get(key);
    const host = module === undefined || importer !== undefined ? await this.#library.load(specifier) : null;
    if (host !== null && importer !== undefined) this.#checkNames(specifier, host, importer);
    if (module !== undefined) return module;
    if (host !== null) module = this.#synthetic(specifier, host);
    else if (isBuiltin(specifier)) module = this.#synthetic(specifier, this.#builtin(specifier));
    else return null;
    this.#modules.set(key, module);
    return module;
  }

  #builtin(specifier: string): Readonly<Record<string, unknown>> {
    return builtinModule(specifier, { deny: this.#tools.deny, take: this.#take });
  }

  /** All names that a file wants of a shared module and that are not there, at once. */
  #checkNames(specifier: string, host: Readonly<Record<string, unknown>>, { name, code, source }: LoadedFile): void {
    for (const wanted of importedNames(code, specifier)) {
      if (wanted === "default" || Object.hasOwn(host, wanted)) continue;
      this.#findings.push(this.missingExport(specifier, wanted, { name, source }, Object.keys(host)));
    }
  }

  /** Finding for an import that its module does not have; a plugin's package fails by it. */
  missingExport(
    module: string,
    wanted: string,
    { name, source }: Pick<LoadedFile, "name" | "source">,
    known: readonly string[],
  ): Finding {
    const finding = missingExport(module, wanted, name, source, known);
    const span = importPlace(name, source, module, wanted);
    return this.loadFailure(name, finding.message, span) ?? finding;
  }

  #find(
    specifier: string,
    from: string,
    conditions: readonly string[],
    importer: LoadedFile | undefined,
  ): LoadedFile | null {
    // Helpers of the transpiler are the tool's, wherever the code lies that uses them.
    const base = specifier.startsWith(HELPERS) ? join(LIBRARY_ROOT, "package.json") : from;
    const wanted = specifier.startsWith(HELPERS) ? ["import", "default"] : conditions;
    const { path, uses } = this.#files.resolve(specifier, base, wanted);
    if (!specifier.startsWith(HELPERS)) for (const { file, sha256 } of uses) this.#uses.set(file, sha256);
    const file = path === null ? null : this.#files.load(path);
    if (file !== null && importer !== undefined && !this.#importers.has(file.path)) {
      this.#importers.set(file.path, { file: importer, specifier });
    }
    return file;
  }

  /** A stand-in, so that linking goes on and finds what else is missing. */
  #missing(specifier: string, importer: LoadedFile | undefined): vm.Module {
    const at: Place =
      importer === undefined
        ? { kind: "nowhere", reason: "the build imports it" }
        : importer.name.startsWith("node_modules/")
          ? (this.importOf(importer.name) ?? { kind: "class" })
          : { kind: "span", span: importPlace(importer.name, importer.source, specifier, null) };
    this.#findings.push(
      this.#missingFailure(specifier, importer) ?? evaluateDiagnostics["missing-module"]({ module: specifier }, { at }),
    );
    return this.#synthetic(
      specifier,
      Object.fromEntries(importedNames(importer?.code ?? "", specifier).map((name) => [name, undefined])),
    );
  }

  #missingFailure(specifier: string, importer: LoadedFile | undefined): Finding | null {
    if (importer === undefined) return null;
    const span = importPlace(importer.name, importer.source, specifier, null);
    return this.loadFailure(importer.name, `there is no module \`${specifier}\``, span);
  }

  async #dynamic(specifier: string, from: LoadedFile): Promise<vm.Module> {
    if (!hasLiteralImport(from.code, specifier)) return this.#tools.deny("import(computed)")();
    this.pending += 1;
    try {
      const module = await this.#link(specifier, from.name);
      if (this.#findings.length > 0) throw new AssayError(this.#findings.splice(0));
      if (module.status === "unlinked") await module.link((inner, outer) => this.#link(inner, outer.identifier));
      if (module.status === "linked") await module.evaluate();
      return module;
    } finally {
      this.pending -= 1;
    }
  }

  #require(file: LoadedFile): unknown {
    const known = this.#commonjs.get(file.path);
    if (known !== undefined) return known.exports;
    if (!file.name.includes(HELPERS)) this.#use(file);
    const module = { exports: {} as unknown };
    this.#commonjs.set(file.path, module);
    const run = vm.compileFunction(file.code, ["exports", "require", "module", "__filename", "__dirname"], {
      parsingContext: this.#context,
      filename: file.name,
    }) as (...args: unknown[]) => void;
    const require = (specifier: string): unknown => this.#requireFrom(specifier, file);
    Reflect.apply(run, module.exports, [module.exports, require, module, file.name, dirname(file.name)]);
    return module.exports;
  }

  #requireFrom(specifier: string, from: LoadedFile): unknown {
    const shared = this.#library.loaded(specifier);
    if (shared !== null) return shared;
    if (isBuiltin(specifier)) return this.#builtin(specifier)["default"];
    const file = this.#find(specifier, from.path, CJS, from);
    if (file === null) {
      const at = this.importOf(from.name) ?? ({ kind: "class" } as const);
      throw new AssayError([
        this.#missingFailure(specifier, from) ?? evaluateDiagnostics["missing-module"]({ module: specifier }, { at }),
      ]);
    }
    if (file.kind === "json") {
      this.#use(file);
      return JSON.parse(file.code) as unknown;
    }
    return this.#require(file);
  }
}

/** Finding for an import that its module does not have. */
export function missingExport(
  module: string,
  name: string,
  file: string,
  source: string,
  known: readonly string[],
): Finding {
  const help = didYouMean(name, known);
  return evaluateDiagnostics["missing-export"](
    { module, name },
    {
      at: { kind: "span", span: importPlace(file, source, module, name) },
      ...(help === undefined ? {} : { help }),
    },
  );
}

/** Names that transpiled code imports (or hands on) from a module. */
function importedNames(code: string, specifier: string): readonly string[] {
  const names: string[] = [];
  for (const [, clause = "", module] of code.matchAll(
    /\b(?:import|export)\b[^{}"';]*\{([^}]*)\}\s*from\s*["']([^"']+)["']/g,
  )) {
    if (module !== specifier) continue;
    for (const part of clause.split(",")) {
      const name =
        part
          .trim()
          .split(/\s+as\s+/)[0]
          ?.trim() ?? "";
      if (name !== "") names.push(name);
    }
  }
  return names;
}

function hasLiteralImport(code: string, specifier: string): boolean {
  return [...code.matchAll(/\bimport\s*\(\s*(["'`])([^"'`]*)\1\s*[,)]/g)].some(
    ([, , literal]) => literal === specifier,
  );
}

/** Frames as they stand in a stack's text, those of the project's own code only. */
export function framesOf(stack: string): readonly CallSite[] {
  return [...stack.matchAll(/^\s+at (?:.*\()?([^()\s][^()]*?):(\d+):(\d+)\)?$/gm)].flatMap(
    ([, file = "", line, column]) =>
      /^(?:\/|[a-z]+:|<)/i.test(file) ? [] : [{ file, line: Number(line), column: Number(column) }],
  );
}
