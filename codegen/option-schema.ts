import type { Finding } from "../src/diagnostics/finding.ts";
import { dslDiagnostics } from "../src/dsl/diagnostics.ts";
import type { OptionDescription, OptionSchema } from "../src/realm/option-schema.ts";
import type {
  DeclaredAlias,
  DeclaredClass,
  DeclaredFile,
  DeclaredFunction,
  DeclaredOption,
  EarlyRead,
  TypeUse,
} from "./source-reader.ts";

/** Where classes are looked up: files of the project by path, and what packages bring, by name. */
export interface ClassSources {
  readonly files: Pick<ReadonlyMap<string, DeclaredFile>, "get" | "has">;
  /** File that a module specifier leads to; `null` outside the project. */
  readonly resolve: (from: string, specifier: string) => string | null;
  /** Classes and functions of the library and of packages, whatever file of theirs has them. */
  readonly library: LibraryClasses;
  /** Options that models carry for backends, by group. */
  readonly backendGroups: Readonly<Record<string, OptionSchema>>;
}

/**
 * Classes by name, and for functions the name of the class that they return. Their `file` must be no path that the project
 * could have, too.
 */
export interface LibraryClasses {
  readonly classes: Readonly<Record<string, DeclaredClass>>;
  readonly functions: Readonly<Record<string, string>>;
  /** Class of each shipped experiment, by the name that it is registered under. */
  readonly experiments: Readonly<Record<string, string>>;
}

/** An option together with the class that declares it. */
export type JoinedOption = DeclaredOption & { readonly owner: DeclaredClass };

/** All options of a class, its bases' first, nested ones by dotted path, each with the class that declares it. */
export interface JoinedOptions {
  readonly options: readonly JoinedOption[];
  readonly earlyReads: readonly EarlyRead[];
  /** The class and its bases as far as they are known, the base first. */
  readonly chain: readonly DeclaredClass[];
}

/** Names of all that a file may declare under one name. */
type Kind = "classes" | "functions" | "aliases";
type Declared<K extends Kind> = DeclaredFile[K][number];

/** A declaration and the file it is in; the library's stand for themselves. */
export interface Found<T> {
  readonly declared: T;
  readonly file: string;
}

const MODEL = "ModelSpec";
const MODEL_FIELDS = "ModelOptions";

/** Joins what syntax says of a class with what it says of its bases and of the classes of its groups. */
export function joinOptions(
  sources: ClassSources,
  file: string,
  className: string,
  module: string | null = null,
): JoinedOptions {
  const chain = chainOf(sources, file, { name: className, module });
  const own = new Map<string, JoinedOption>();
  for (const owner of chain) {
    for (const option of owner.options) {
      // A new declaration of a group replaces what the old one held.
      if (!option.path.includes(".")) removeGroup(own, option.path);
      own.set(option.path, { ...option, ...saidBefore(option, own.get(option.path)), owner });
    }
    for (const field of owner.fields) redefault(own, field);
  }
  const options = [...own.values()].flatMap((option): JoinedOption[] => [
    withAlias(sources, option.owner.file, option),
    ...nestedOptions(sources, option.owner.file, option, []).filter(({ path }) => !own.has(path)),
  ]);
  return { options, earlyReads: chain.flatMap(({ earlyReads }) => earlyReads), chain };
}

/**
 * Findings for options that are read before they are set, in the classes that the project itself declares. Experiments with a
 * common base give that base's findings each.
 */
export function earlyReadFindings({ files }: Pick<ClassSources, "files">, joined: JoinedOptions): readonly Finding[] {
  const names = new Set(joined.options.map(({ path }) => path));
  return joined.earlyReads.flatMap(({ name, span, through, by }) => {
    if (!names.has(name) || !files.has(span.file)) return [];
    const related =
      through === null ? [] : [{ at: { kind: "span" as const, span: through }, message: `\`${name}\` is read here` }];
    return [
      dslDiagnostics["option-read-too-early"](
        { option: name, by },
        { at: { kind: "span", span }, ...(related.length === 0 ? {} : { related }) },
      ),
    ];
  });
}

/** The part of an option that values are checked against. */
export function schemaOf({ options }: Pick<JoinedOptions, "options">): OptionSchema {
  return options.map(describe);
}

/** Options of a group's class, by path inside it. */
export function groupSchema(sources: ClassSources, file: string, className: string): OptionSchema {
  return groupOptions(sources, file, { name: className, module: null }, []).map(describe);
}

function describe({ path, help, range, choices, type, nullable, required, launch }: DeclaredOption): OptionDescription {
  return { path, help, range, choices, type, nullable, required, launch };
}

/** An override of an option without the decorator changes its default, and what its comment says anew. */
function redefault(options: Map<string, JoinedOption>, field: DeclaredOption): void {
  const option = options.get(field.path);
  if (option === undefined) return;
  options.set(field.path, {
    ...option,
    help: field.help || option.help,
    range: field.range ?? option.range,
    nested: field.nested ?? option.nested,
    defaultText: field.defaultText,
    defaultSpan: field.defaultSpan,
    required: field.required,
  });
}

/** What a comment says of an option holds for a new declaration that has none. */
function saidBefore(
  option: DeclaredOption,
  before: DeclaredOption | undefined,
): Partial<Pick<DeclaredOption, "help" | "range" | "launch">> {
  if (before === undefined || option.help !== "" || option.range !== null || option.launch) return {};
  return { help: before.help, range: option.type === before.type ? before.range : null, launch: before.launch };
}

function removeGroup(options: Map<string, JoinedOption>, group: string): void {
  for (const path of options.keys()) if (path.startsWith(`${group}.`)) options.delete(path);
}

/** Base classes first. */
function chainOf(sources: ClassSources, file: string, use: TypeUse): readonly DeclaredClass[] {
  const chain: DeclaredClass[] = [];
  let next = find(sources, "classes", file, use);
  while (next !== undefined && !chain.includes(next.declared)) {
    const { declared } = next;
    chain.unshift(declared);
    next = declared.base === null ? undefined : find(sources, "classes", next.file, declared.base);
  }
  return chain;
}

/** Options inside a group. What a launcher alone reads of the group, it alone reads of its parts. */
function nestedOptions(
  sources: ClassSources,
  file: string,
  option: DeclaredOption,
  within: readonly DeclaredClass[],
): readonly JoinedOption[] {
  const { nested } = option;
  if (nested === null) return [];
  const group = nested.kind === "class" ? { file, use: nested } : returned(sources, file, nested);
  if (group === undefined) return [];
  return groupOptions(sources, group.file, group.use, within).map((field) => ({
    ...field,
    path: `${option.path}.${field.path}`,
    required: false,
    launch: field.launch || option.launch,
  }));
}

function groupOptions(
  sources: ClassSources,
  file: string,
  use: TypeUse,
  within: readonly DeclaredClass[],
): readonly JoinedOption[] {
  // A model carries the options of every backend beside its own.
  const isModel = use.name === MODEL;
  const chain = chainOf(sources, file, isModel ? { ...use, name: MODEL_FIELDS } : use);
  const innermost = chain.at(-1);
  if (innermost === undefined || within.includes(innermost)) return [];
  // Groups of the library are those of most experiments: each is put together once a build.
  if (innermost.file.startsWith(LIBRARY_FILES) && within.length === 0) {
    return remembered(sources, `${innermost.file} ${use.name}`, () =>
      joinGroup(sources, chain, innermost, isModel, within),
    );
  }
  return joinGroup(sources, chain, innermost, isModel, within);
}

const LIBRARY_FILES = "assay:";
const groups = new WeakMap<ClassSources["backendGroups"], Map<string, readonly JoinedOption[]>>();

function remembered(
  { backendGroups }: ClassSources,
  key: string,
  make: () => readonly JoinedOption[],
): readonly JoinedOption[] {
  let known = groups.get(backendGroups);
  if (known === undefined) groups.set(backendGroups, (known = new Map()));
  let group = known.get(key);
  if (group === undefined) known.set(key, (group = make()));
  return group;
}

function joinGroup(
  sources: ClassSources,
  chain: readonly DeclaredClass[],
  innermost: DeclaredClass,
  isModel: boolean,
  within: readonly DeclaredClass[],
): readonly JoinedOption[] {
  const byPath = new Map<string, JoinedOption>();
  for (const owner of chain) {
    for (const field of [...owner.options, ...owner.fields]) {
      // A new default says no more than that, unless its comment does.
      const base = byPath.get(field.path);
      const said = { help: field.help || (base?.help ?? ""), range: field.range ?? base?.range ?? null };
      byPath.set(field.path, withAlias(sources, owner.file, { ...field, ...said, owner }));
    }
  }
  const own = [...byPath.values()].flatMap((field) => [
    field,
    ...nestedOptions(sources, field.owner.file, field, [...within, innermost]).filter(({ path }) => !byPath.has(path)),
  ]);
  return isModel ? [...own, ...backendOptions(sources, innermost)] : own;
}

function backendOptions({ backendGroups }: ClassSources, owner: DeclaredClass): readonly JoinedOption[] {
  return Object.entries(backendGroups).flatMap(([group, schema]) =>
    schema.map((description) => ({
      ...description,
      path: `${group}.${description.path}`,
      defaultText: null,
      span: owner.span,
      defaultSpan: null,
      nested: null,
      owner,
    })),
  );
}

/** The class that a function returns, and the file whose imports its name is to be read by. */
export function returned(
  sources: ClassSources,
  file: string,
  use: TypeUse,
): { readonly file: string; readonly use: TypeUse } | undefined {
  const found = find(sources, "functions", file, use);
  if (found !== undefined) {
    const { returns, module } = found.declared;
    return { file: found.file, use: { name: returns, module } };
  }
  const name = isProjects(sources, file, use) ? undefined : entry(sources.library.functions, use.name);
  return name === undefined ? undefined : { file, use: { name, module: use.module } };
}

/** An option whose type is an alias of another file takes that alias's choices. */
export function withAlias<O extends DeclaredOption>(sources: ClassSources, file: string, option: O): O {
  const { nested, choices, type } = option;
  if (nested === null || nested.kind !== "class" || choices !== null || type === null) return option;
  const alias = find(sources, "aliases", file, nested)?.declared;
  if (alias === undefined) return option;
  return {
    ...option,
    type: option.nullable && !alias.nullable ? `${alias.type} | null` : alias.type,
    choices: alias.choices,
    nullable: option.nullable || alias.nullable,
    nested: null,
  };
}

/** What a name means in a file: declared there, imported (also through files that hand it on), or the library's. */
export function find<K extends Kind>(
  sources: ClassSources,
  kind: K,
  file: string,
  { name, module }: TypeUse,
): Found<Declared<K>> | undefined {
  const target = module === null ? file : sources.resolve(file, module);
  const known = target === null ? undefined : sources.files.get(target);
  if (known !== undefined) {
    const found = module === null ? local(known, kind, name) : exported(sources, known, kind, name, new Set());
    if (found !== undefined || isProjects(sources, file, { name, module })) return found;
  }
  if (kind !== "classes") return undefined;
  const shipped = entry(sources.library.classes, name);
  return shipped === undefined ? undefined : { declared: shipped as Declared<K>, file: shipped.file };
}

/** True if a name must be found in the files of the project: nothing else may stand for it. */
function isProjects({ files, resolve }: ClassSources, file: string, { module }: TypeUse): boolean {
  const target = module === null ? file : resolve(file, module);
  return target !== null && files.has(target);
}

function local<K extends Kind>(file: DeclaredFile, kind: K, name: string): Found<Declared<K>> | undefined {
  const list: readonly (DeclaredClass | DeclaredFunction | DeclaredAlias)[] = file[kind];
  const declared = list.find((candidate) => candidate.name === name);
  return declared === undefined ? undefined : { declared: declared as Declared<K>, file: file.file };
}

/** What a module exports under a name, itself or by handing on. */
function exported<K extends Kind>(
  sources: ClassSources,
  file: DeclaredFile,
  kind: K,
  name: string,
  seen: Set<string>,
): Found<Declared<K>> | undefined {
  if (seen.has(file.file)) return undefined;
  seen.add(file.file);
  const renamed = kind === "classes" ? file.classes.find(({ exportedAs }) => exportedAs === name)?.name : undefined;
  const own = local(file, kind, renamed ?? name);
  if (own !== undefined) return own;
  for (const handedOn of file.reexports) {
    if (handedOn.exportedAs !== name && (handedOn.exportedAs !== "*" || name === "default")) continue;
    const wanted = handedOn.exportedAs === "*" ? name : handedOn.name;
    const target = sources.resolve(file.file, handedOn.module);
    const next = target === null ? undefined : sources.files.get(target);
    const found = next === undefined ? undefined : exported(sources, next, kind, wanted, seen);
    if (found !== undefined) return found;
  }
  return undefined;
}

function entry<T>(table: Readonly<Record<string, T>>, name: string): T | undefined {
  return Object.hasOwn(table, name) ? table[name] : undefined;
}
