import { join, relative, sep } from "node:path";
import type { JsonObject } from "type-fest";
import type { Finding, Place } from "../../src/diagnostics/finding.ts";
import { parsePointer } from "../../src/origin/pointer.ts";
import { codeProblem } from "../../src/plugin/code-areas.ts";
import {
  descriptorOf,
  type PluginDescriptor,
  type PluginTypeDescriptor,
  type TypeDetails,
} from "../../src/plugin/descriptor.ts";
import type { ProjectSources } from "../discover.ts";
import type { EvaluationPool, FoundDefinition } from "../evaluate/protocol.ts";
import { readLibraryClasses } from "../library-classes.ts";
import { LIBRARY_ROOT } from "../library-root.ts";
import { groupSchema } from "../option-schema.ts";
import type { SourceReader } from "../source-reader.ts";
import { loadTypeProgram } from "../ts-morph-reader.ts";
import { shapeProblems } from "./check.ts";
import { packageDiagnostics, typeDiagnostics } from "./diagnostics.ts";
import { optionsClassFile } from "./options-class.ts";
import { DESCRIPTOR_NAME } from "./shipped.ts";
import { typeSchema } from "./type-schema.ts";

/** A module of plugins. */
export interface PluginModule {
  /** Path from the root. */
  readonly file: string;
  /** Name under which it is imported: a subpath of the package, or the file itself. */
  readonly subpath: string;
}

/** What a descriptor is derived with. */
export interface Deriving {
  /** Absolute folder that files are named from. */
  readonly root: string;
  readonly pool: Pick<EvaluationPool, "plugins">;
  readonly sources: ProjectSources;
  /** Runs what reads sources, with a reader that is loaded when it is needed. */
  readonly reading: <T>(act: () => T) => Promise<T>;
  readonly reader: () => Promise<SourceReader>;
  /** Absolute path of the compiler's settings. */
  readonly tsconfig: string | null;
}

/** Whose plugins they are. */
export interface PluginOwner {
  readonly package: string;
  readonly version: string;
  /** A single file of a project: definitions that it imports from others are theirs. */
  readonly isFile: boolean;
}

/** A descriptor that was derived from sources. */
export interface Derived {
  /** `null` if there are findings. */
  readonly descriptor: PluginDescriptor | null;
  readonly findings: readonly Finding[];
  /** Files that it stands on, and those that were looked for in vain: from the root, or absolute if they are outside of it. */
  readonly files: readonly string[];
}

const HOOKS: ReadonlySet<string> = new Set(["tracker", "launcher", "rule", "mutator"]);

/** Derives the descriptor of plugins from their modules. All mistakes are found at once. */
export async function deriveDescriptor(
  modules: readonly PluginModule[],
  owner: PluginOwner,
  deriving: Deriving,
): Promise<Derived> {
  const outcome = await deriving.pool.plugins(modules.map(({ file }) => file));
  const findings = outcome.findings.map((finding) => asLoadFailure(finding, owner, modules));
  const own = outcome.definitions.filter(
    ({ exports, frames }) => !owner.isFile || exports.length > 0 || frames[0]?.file === modules[0]?.file,
  );
  const files = outcome.modules.map(({ file }) => file);
  if (own.length === 0 && findings.length === 0) findings.push(noDefinitions(modules));
  // What a module exports is not known, if it can't be loaded.
  const isLoaded = findings.length === 0;
  findings.push(
    ...own.flatMap((definition) => definitionFindings(definition, modules, isLoaded)),
    ...twiceFindings(own),
  );

  const types = await typedArgs(own, deriving);
  findings.push(...types.findings);
  const described = await deriving.reading(() =>
    own.map((definition) => {
      const { options, problem } = optionsOf(definition, files, deriving);
      if (problem !== null) findings.push(problem);
      return { definition, options };
    }),
  );
  const reader = own.length === 0 ? null : await deriving.reader();
  const entries = described.map(({ definition, options }) => {
    const { entry } = definition;
    const description = reader === null ? "" : descriptionOf(definition, reader, deriving.sources);
    const subpath = subpathOf(definition, modules);
    const type: PluginTypeDescriptor = {
      ...entry,
      ...(description === "" ? {} : { description }),
      ...(HOOKS.has(entry.kind) && subpath !== "." ? { module: subpath } : {}),
      ...(types.schemas.has(definition) ? { args: types.schemas.get(definition) ?? true } : {}),
      ...(options === null ? {} : { options }),
    };
    return { definition, type };
  });
  const descriptor = descriptorOf(
    entries.map(({ type }) => type),
    own.flatMap(({ codes }) => codes),
    owner,
  );
  findings.push(...entries.flatMap((entry) => descriptorFindings(descriptorOf([entry.type], [], owner), [entry])));
  // What is checked beyond the single definitions stands on them.
  if (findings.length === 0) findings.push(...descriptorFindings(descriptor, entries));
  return {
    descriptor: findings.some(({ severity }) => severity === "error") ? null : descriptor,
    findings,
    files: [...new Set([...files, ...types.files])],
  };
}

/** What keeps the modules of plugins from being run, where an experiment's codes would speak of an experiment. */
const OF_EXPERIMENTS: ReadonlySet<string> = new Set([
  "evaluate/threw",
  "evaluate/time-limit",
  "evaluate/heap-limit",
  "evaluate/buffer-limit",
  "evaluate/exited",
  "evaluate/never-settles",
  "evaluate/unhandled-rejection",
]);

function asLoadFailure(finding: Finding, owner: PluginOwner, modules: readonly PluginModule[]): Finding {
  if (!OF_EXPERIMENTS.has(finding.code)) return finding;
  const { data, message, related } = finding;
  const problem = finding.code === "evaluate/threw" ? String(data["error"]) : message.replace("the experiment", "it");
  const file = modules[0]?.file ?? "";
  const at: Place = finding.at.kind === "class" ? startOf(file) : finding.at;
  return packageDiagnostics["load-failed"](
    { plugin: owner.package, problem, file },
    { at, ...(related === undefined ? {} : { related }) },
  );
}

function startOf(file: string): Place {
  return { kind: "span", span: { file, line: 1, column: 1, length: 0 } };
}

function noDefinitions(modules: readonly PluginModule[]): Finding {
  const names = modules.map(({ file }) => file);
  return typeDiagnostics["no-definitions"]({ modules: names }, { at: startOf(names[0] ?? "package.json") });
}

/** A place in the call that made a definition. */
function inCall({ frames }: FoundDefinition, ...path: readonly (string | number)[]): Place {
  return { kind: "site", frames, path };
}

function definitionFindings(
  definition: FoundDefinition,
  modules: readonly PluginModule[],
  isLoaded: boolean,
): readonly Finding[] {
  const { entry, exports, lacks, codes } = definition;
  const { kind, type } = entry;
  const findings: Finding[] = [];
  if (exports.length === 0 && isLoaded) {
    const names = modules.map(({ file }) => file);
    findings.push(typeDiagnostics["not-exported"]({ kind, type, modules: names }, { at: inCall(definition) }));
  }
  if (lacks.length > 0) {
    const at = inCall(definition, 0, kind);
    findings.push(typeDiagnostics["hook-method"]({ kind, type, methods: lacks }, { at }));
  }
  for (const { code } of codes) {
    const at = inCall(definition, 0, "codes", code, "#key");
    const problem = codeProblem(code);
    if (problem === "form") findings.push(typeDiagnostics["code-form"]({ type, code }, { at }));
    if (problem !== "area") continue;
    const area = code.slice(0, code.indexOf("/"));
    findings.push(typeDiagnostics["code-area"]({ type, code, area }, { at }));
  }
  return findings;
}

function twiceFindings(definitions: readonly FoundDefinition[]): readonly Finding[] {
  const first = new Map<string, FoundDefinition>();
  return definitions.flatMap((definition) => {
    const { kind, type } = definition.entry;
    const known = first.get(`${kind} ${type}`);
    if (known === undefined) {
      first.set(`${kind} ${type}`, definition);
      return [];
    }
    const related = [{ at: inCall(known, 0, "type"), message: "the first one is here" }];
    return [typeDiagnostics["defined-twice"]({ kind, type }, { at: inCall(definition, 0, "type"), related })];
  });
}

interface TypedArgs {
  readonly schemas: ReadonlyMap<FoundDefinition, JsonObject | boolean>;
  readonly findings: readonly Finding[];
  readonly files: readonly string[];
}

/** Packages whose types are those of this Assay. */
const OF_ASSAY = /[/\\]node_modules[/\\](?:type-fest|tagged-tag|json-schema-to-ts|ts-algebra|@types|@ts-morph)[/\\]/;

/** Schemas of arguments that a TypeScript type says. The checker is loaded only if there are any. */
async function typedArgs(
  definitions: readonly FoundDefinition[],
  { root, tsconfig }: Pick<Deriving, "root" | "tsconfig">,
): Promise<TypedArgs> {
  const typed = definitions.flatMap((definition) => {
    const [site] = definition.typedAt ?? [];
    return site === undefined ? [] : [{ definition, site, path: join(root, site.file) }];
  });
  if (typed.length === 0) return { schemas: new Map(), findings: [], files: [] };
  const types = await loadTypeProgram(tsconfig, [...new Set(typed.map(({ path }) => path))]);
  const nameOf = (path: string): string | null => {
    const name = relative(root, path).split(sep).join("/");
    return name.startsWith("../") || name.includes("node_modules/") ? null : name;
  };
  const schemas = new Map<FoundDefinition, JsonObject | boolean>();
  const findings: Finding[] = [];
  for (const { definition, site, path } of typed) {
    const made = typeSchema(types, { ...site, path }, { nameOf });
    schemas.set(definition, made?.schema ?? true);
    findings.push(...(made?.findings ?? []));
  }
  const files = types.program.getSourceFiles().flatMap((source) => {
    const { fileName } = source;
    if (types.program.isSourceFileDefaultLibrary(source)) return [];
    if (OF_ASSAY.test(fileName) || fileName.startsWith(LIBRARY_ROOT + sep)) return [];
    return [nameOf(fileName) ?? fileName];
  });
  return { schemas, findings, files: tsconfig === null ? files : [...files, tsconfig] };
}

function optionsOf(
  definition: FoundDefinition,
  files: readonly string[],
  { sources }: Pick<Deriving, "sources">,
): { readonly options: NonNullable<TypeDetails["options"]> | null; readonly problem: Finding | null } {
  const { entry, optionsClass } = definition;
  if (optionsClass === null || entry.options === undefined) return { options: null, problem: null };
  const declared = files
    .filter((file) => !file.startsWith("node_modules/") && /\.[cm]?[jt]sx?$/.test(file))
    .flatMap((file) => sources.file(file) ?? []);
  const found = optionsClassFile(declared, optionsClass);
  if ("problem" in found) {
    const problem = `${found.problem} the class \`${optionsClass}\` of its options`;
    const data = { file: DESCRIPTOR_NAME, pointer: "", problem };
    return {
      options: null,
      problem: packageDiagnostics["descriptor-shape"](data, { at: inCall(definition, 0, "options") }),
    };
  }
  const known = { files: sources.files, resolve: sources.resolve, library: readLibraryClasses(), backendGroups: {} };
  const { group } = entry.options;
  return { options: { group, schema: groupSchema(known, found.file, optionsClass) }, problem: null };
}

function descriptionOf({ frames }: FoundDefinition, reader: SourceReader, sources: ProjectSources): string {
  const [site] = frames;
  const text = site === undefined ? null : sources.text(site.file);
  return site === undefined || text === null ? "" : reader.factoryDoc(site.file, text, site);
}

/** The module that users import it from: the package itself, if it is there. */
function subpathOf({ exports }: FoundDefinition, modules: readonly PluginModule[]): string {
  const files = new Set(exports.map(({ module }) => module));
  const subpaths = modules.filter(({ file }) => files.has(file)).map(({ subpath }) => subpath);
  return subpaths.includes(".") ? "." : (subpaths.sort()[0] ?? ".");
}

/** What a reader of the descriptor would refuse, where the sources say it. */
function descriptorFindings(
  descriptor: PluginDescriptor,
  entries: readonly { readonly definition: FoundDefinition; readonly type: PluginTypeDescriptor }[],
): readonly Finding[] {
  return shapeProblems(descriptor).map(({ pointer, problem }) => {
    const [list, index, field, ...path] = parsePointer(pointer);
    const type = list === "types" ? descriptor.types[Number(index)] : undefined;
    const code = list === "codes" ? descriptor.codes?.[Number(index)]?.code : undefined;
    const definition = entries.findLast(
      (one) => one.type === type || one.definition.codes.some((own) => own.code === code),
    )?.definition;
    const at: Place =
      definition === undefined
        ? { kind: "nowhere", reason: "it is about the package as a whole" }
        : code === undefined
          ? inCall(definition, 0, ...(field === "args" || field === "type" ? [field, ...path] : []))
          : inCall(definition, 0, "codes", code);
    if (type !== undefined && field === "args") {
      const within = path.length === 0 ? "" : `/${path.join("/")}`;
      return typeDiagnostics["args-schema"]({ kind: type.kind, type: type.type, pointer: within, problem }, { at });
    }
    return packageDiagnostics["descriptor-shape"]({ file: DESCRIPTOR_NAME, pointer, problem }, { at });
  });
}
