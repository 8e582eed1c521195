import type { Finding } from "../../src/diagnostics/finding.ts";
import {
  type ClassSources,
  earlyReadFindings,
  find,
  joinOptions,
  type LibraryClasses,
  returned,
  withAlias,
} from "../option-schema.ts";
import type { DeclaredClass, DeclaredExperiment, DeclaredOption, TypeUse } from "../source-reader.ts";
import type { LibrarySources } from "./sources.ts";

/** What authors use of the library: the classes that its modules export, and those that these stand on. */
export function libraryClasses(sources: LibrarySources): {
  readonly library: LibraryClasses;
  readonly findings: readonly Finding[];
} {
  const table = new ClassTable(classSources(sources));
  const functions: Record<string, string> = {};
  for (const entry of sources.entries) {
    for (const name of exportedNames(sources, entry)) table.addExported(entry, name);
    for (const name of exportedNames(sources, entry)) {
      const returns = table.returnedBy(entry, { name, module: entry });
      if (returns !== null) functions[name] ??= returns;
    }
  }
  const experiments = Object.fromEntries(shippedExperiments(sources).map(([name, made]) => [name, table.made(made)]));
  return { library: { classes: table.all(), functions, experiments }, findings: table.findings() };
}

/** Registered names, and for each the registration that makes its class: its own, or that of the preset's base. */
function shippedExperiments({ files }: LibrarySources): readonly (readonly [string, DeclaredExperiment])[] {
  const byName = new Map(
    [...files.values()].flatMap(({ experiments }) => experiments.map((e) => [e.name, e] as const)),
  );
  return [...byName].map(([name, declared]) => {
    const seen = new Set<DeclaredExperiment>();
    let made: DeclaredExperiment | undefined = declared;
    while (made?.kind === "preset" && !seen.has(made)) {
      seen.add(made);
      made = byName.get(made.base ?? "");
    }
    if (made === undefined) throw new Error(`the shipped experiment \`${name}\` stands on one that is not shipped`);
    return [name, made];
  });
}

/** The library's sources for the joining of options: nothing stands behind them. */
export function classSources({ files, resolve }: LibrarySources): ClassSources {
  return {
    files,
    // A file by its name, too, so that what it exports can be asked for.
    resolve: (from, specifier) => (files.has(specifier) ? specifier : resolve(from, specifier)),
    library: { classes: {}, functions: {}, experiments: {} },
    backendGroups: {},
  };
}

/** Classes under one name each. All uses inside of them are by that name, so that no file is needed to follow them. */
class ClassTable {
  readonly #sources: ClassSources;
  readonly #names = new Map<DeclaredClass, string>();
  readonly #classes = new Map<string, DeclaredClass>();

  constructor(sources: ClassSources) {
    this.#sources = sources;
  }

  addExported(entry: string, name: string): void {
    const declared = find(this.#sources, "classes", entry, { name, module: entry })?.declared;
    if (declared === undefined || this.#names.has(declared) || !this.#isOfUse(declared)) return;
    if (this.#classes.has(name)) throw new Error(`the library exports two classes as \`${name}\``);
    this.#add(declared, name);
  }

  /** Name of the class that a function returns; `null` if it returns none that is of use. */
  returnedBy(file: string, use: TypeUse): string | null {
    const group = returned(this.#sources, file, use);
    const declared = group === undefined ? undefined : find(this.#sources, "classes", group.file, group.use)?.declared;
    return declared === undefined || !this.#isOfUse(declared) ? null : this.#nameOf(declared);
  }

  /** Name of the class of an experiment, of use or not. */
  made({ name, file, className, classModule }: DeclaredExperiment): string {
    const use = className === null ? null : { name: className, module: classModule };
    const declared = use === null ? undefined : find(this.#sources, "classes", file, use)?.declared;
    if (declared === undefined) throw new Error(`the class of the shipped experiment \`${name}\` can't be read`);
    return this.#nameOf(declared);
  }

  all(): Readonly<Record<string, DeclaredClass>> {
    const classes: Record<string, DeclaredClass> = {};
    // Making a class plain may add those that it stands on.
    for (const [name, declared] of this.#classes) classes[name] = this.#plain(declared);
    return classes;
  }

  findings(): readonly Finding[] {
    return [...this.#names.keys()].flatMap(({ file, name }) =>
      earlyReadFindings(this.#sources, joinOptions(this.#sources, file, name)),
    );
  }

  /** Options have defaults, in the class or in a base of it; types of plain data have none. */
  #isOfUse({ file, name }: DeclaredClass): boolean {
    if (!AUTHORING.test(file)) return false;
    const { chain } = joinOptions(this.#sources, file, name);
    return chain.some(
      ({ options, fields }) => options.length > 0 || fields.some(({ defaultText }) => defaultText !== null),
    );
  }

  #add(declared: DeclaredClass, name: string): string {
    this.#names.set(declared, name);
    this.#classes.set(name, declared);
    return name;
  }

  /** Classes that no module exports have their own name, or one that nobody can write. */
  #nameOf(declared: DeclaredClass): string {
    const { file, name } = declared;
    return this.#names.get(declared) ?? this.#add(declared, this.#classes.has(name) ? `${file}#${name}` : name);
  }

  #plain(declared: DeclaredClass): DeclaredClass {
    const { file, base } = declared;
    const found = base === null ? undefined : find(this.#sources, "classes", file, base)?.declared;
    const options = (list: readonly DeclaredOption[]) => list.map((option) => this.#plainOption(file, option));
    return {
      ...declared,
      base: base === null || found === undefined ? null : { ...base, name: this.#nameOf(found), module: null },
      options: options(declared.options),
      fields: options(declared.fields),
    };
  }

  #plainOption(file: string, written: DeclaredOption): DeclaredOption {
    const option = withAlias(this.#sources, file, written);
    const { nested } = option;
    if (nested === null) return option;
    const name =
      nested.kind === "call"
        ? this.returnedBy(file, nested)
        : this.#nameOfFound(find(this.#sources, "classes", file, nested)?.declared);
    return { ...option, nested: name === null ? null : { kind: "class", name, module: null } };
  }

  #nameOfFound(declared: DeclaredClass | undefined): string | null {
    return declared === undefined ? null : this.#nameOf(declared);
  }
}

const AUTHORING = /^assay:(?:src\/dsl|plugins|experiments)\//;

/** All names that a module may export, through all that it hands on. */
function exportedNames({ files, resolve }: LibrarySources, entry: string): ReadonlySet<string> {
  const names = new Set<string>();
  const seen = new Set<string>();
  const visit = (file: string): void => {
    const declared = files.get(file);
    if (declared === undefined || seen.has(file)) return;
    seen.add(file);
    for (const { exportedAs } of declared.classes) if (exportedAs !== null) names.add(exportedAs);
    for (const { name } of declared.functions) names.add(name);
    for (const { exportedAs, module } of declared.reexports) {
      const target = exportedAs === "*" ? resolve(file, module) : null;
      if (target !== null) visit(target);
      else names.add(exportedAs);
    }
  };
  visit(entry);
  return names;
}
