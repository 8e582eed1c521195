import type { Finding } from "../src/diagnostics/finding.ts";
import { suggestion } from "../src/diagnostics/nearest.ts";
import { dslDiagnostics } from "../src/dsl/diagnostics.ts";
import type { Declared } from "../src/manifest/format.ts";
import type { OptionSchema } from "../src/realm/option-schema.ts";
import type { ProjectSources } from "./discover.ts";
import {
  type ClassSources,
  earlyReadFindings,
  type JoinedOption,
  type JoinedOptions,
  joinOptions,
  type LibraryClasses,
  schemaOf,
} from "./option-schema.ts";
import type { JoinedExperiment, SourceMemory } from "./source-memory.ts";
import { withoutWrittenSecrets } from "./written-secrets.ts";
import type { DeclaredAcknowledgement, DeclaredExperiment } from "./source-reader.ts";

/** An experiment as all of its sources show it. */
export interface ProjectExperiment {
  readonly declared: DeclaredExperiment;
  /** Class that its options come from, and the name that its module exports it under; `null` if syntax shows none. */
  readonly type: { readonly name: string; readonly file: string; readonly exportedAs: string | null } | null;
  readonly options: readonly JoinedOption[];
  readonly schema: OptionSchema;
  /** Modules beside its own that register what it stands on: files of the project, or the library's experiments. */
  readonly bases: readonly string[];
  /** Names of presets on its class, in source order. */
  readonly presets: readonly string[];
  /** Codes of the warnings that its class, or one that this extends, acknowledges. */
  readonly acknowledgements: readonly DeclaredAcknowledgement[];
  readonly findings: readonly Finding[];
  /** Files that this depends on, besides its modules. */
  readonly files: readonly string[];
}

/** Experiments of a project, and names that are taken twice. */
export interface ProjectExperiments {
  readonly experiments: readonly ProjectExperiment[];
  /** By name: experiments that share it are not built. */
  readonly twice: ReadonlySet<string>;
  readonly findings: readonly Finding[];
}

/** What is looked up besides the project's own files. */
export interface KnownClasses {
  readonly library: LibraryClasses;
  readonly backendGroups: ClassSources["backendGroups"];
}

/** Module of the shipped experiments. */
const SHIPPED = "assay/experiments";

/** Runs what reads sources, with whatever it takes to parse files that are not known yet. */
export type Reading = <T>(act: () => T) => Promise<T>;

/**
 * Collects the experiments that the files register.
 * @param found is told each experiment as soon as its own file is read, so that it can be evaluated while others are.
 */
export async function declaredExperiments(
  sources: ProjectSources,
  files: readonly string[],
  { known, memory }: { readonly known: KnownClasses; readonly memory: Pick<SourceMemory, "joined"> },
  reading: Reading,
  found: (experiment: ProjectExperiment) => void,
): Promise<ProjectExperiments> {
  const byName = new Map<string, DeclaredExperiment>();
  const made = new Map<string, ProjectExperiment>();
  const twice = new Set<string>();
  const findings: Finding[] = [];
  const make = async (declared: DeclaredExperiment): Promise<void> => {
    const experiment = await reading(() => joinedExperiment(declared, byName, sources, known, memory));
    made.set(declared.name, experiment);
    found(experiment);
  };
  for (const file of files) {
    for (const declared of (await reading(() => sources.file(file)))?.experiments ?? []) {
      const first = byName.get(declared.name);
      if (first !== undefined) {
        twice.add(declared.name);
        findings.push(registeredTwice(declared, first));
        continue;
      }
      byName.set(declared.name, declared);
      // What a preset stands on may be in a file that comes later.
      if (declared.kind !== "preset") await make(declared);
    }
  }
  for (const declared of byName.values()) if (declared.kind === "preset") await make(declared);
  const experiments = [...byName.keys()].flatMap((name) => made.get(name) ?? []);
  return { experiments, twice, findings };
}

/** An experiment with all that its sources say, or what an earlier build made of the same ones. */
function joinedExperiment(
  declared: DeclaredExperiment,
  byName: ReadonlyMap<string, DeclaredExperiment>,
  sources: ProjectSources,
  known: KnownClasses,
  memory: Pick<SourceMemory, "joined">,
): ProjectExperiment {
  const last = memory.joined.get(declared.name);
  if (last !== undefined && last.experiment.declared === declared && stillHolds(last, sources, known)) {
    return last.experiment;
  }
  const { value, files, resolved } = sources.tracked(() => experimentOf(declared, byName, sources, known));
  const experiment = { ...value, files };
  // A preset stands on other experiments, too.
  if (declared.kind !== "preset") {
    const stands = files.map((file) => [file, sources.file(file)] as const);
    memory.joined.set(declared.name, { experiment, ...known, files: stands, resolved });
  }
  return experiment;
}

function stillHolds(
  { library, backendGroups, files, resolved }: JoinedExperiment,
  sources: ProjectSources,
  known: KnownClasses,
): boolean {
  return (
    library === known.library &&
    backendGroups === known.backendGroups &&
    files.every(([file, declared]) => sources.file(file) === declared) &&
    resolved.every(([from, specifier, target]) => sources.resolve(from, specifier) === target)
  );
}

function registeredTwice(declared: DeclaredExperiment, first: DeclaredExperiment): Finding {
  return dslDiagnostics["registered-twice"](
    { name: declared.name },
    {
      at: { kind: "span", span: declared.span },
      related: [{ at: { kind: "span", span: first.span }, message: "registered here first" }],
    },
  );
}

/** Module of the library's experiments. */
export const SHIPPED_EXPERIMENTS = "assay/experiments";

/** What the manifest's `declared` part says. */
export function declaredPart({ declared, options, presets }: ProjectExperiment): Declared {
  return {
    file: declared.file,
    line: declared.span.line,
    className: declared.className,
    doc: declared.doc,
    tags: declared.tags,
    presets,
    options: options.map(({ path, type, help, range }) => ({ path, type, help, range })),
  };
}

function experimentOf(
  declared: DeclaredExperiment,
  byName: ReadonlyMap<string, DeclaredExperiment>,
  sources: ProjectSources,
  known: KnownClasses,
): Omit<ProjectExperiment, "files"> {
  const chain = chainOf(declared, byName);
  // A preset's own base may be the library's: then the project does not register it.
  const last = chain.at(-1);
  const root = last === undefined || last.kind === "preset" ? null : last;
  const lookUp: ClassSources = { files: sources.files, resolve: sources.resolve, ...known };
  const className = root === null ? shippedClass(declared, byName, known) : root.className;
  const module = root === null ? SHIPPED : root.classModule;
  const joined: JoinedOptions | null =
    className === null ? null : joinOptions(lookUp, root?.file ?? declared.file, className, module);
  const type = joined?.chain.at(-1);
  const isClass = declared.kind === "class";
  const clean = withoutWrittenSecrets(declared, joined?.options ?? []);
  return {
    declared: clean.declared,
    type: type === undefined ? null : { name: type.name, file: type.file, exportedAs: type.exportedAs },
    options: clean.options,
    schema: joined === null ? [] : schemaOf({ ...joined, options: clean.options }),
    bases: [
      ...new Set(chain.map(({ file }) => file).filter((file) => file !== declared.file)),
      ...(root === null && className !== null ? [SHIPPED_EXPERIMENTS] : []),
    ],
    presets: isClass ? [...new Set((type?.presets ?? declared.presets).map(({ name }) => name))] : [],
    // The field of the class replaces those of its bases.
    acknowledgements: joined?.chain.findLast((owner) => owner.acknowledgements !== null)?.acknowledgements ?? [],
    findings: [
      ...clean.findings,
      ...(joined === null ? [] : earlyReadFindings(lookUp, joined)),
      ...(root === null && className === null ? [unknownBase(declared, byName, known)] : []),
    ],
  };
}

/** An experiment, and what it stands on: presets on presets, and last what they are all made of. */
function chainOf(
  declared: DeclaredExperiment,
  byName: ReadonlyMap<string, DeclaredExperiment>,
): readonly DeclaredExperiment[] {
  const chain = new Set<DeclaredExperiment>();
  let next: DeclaredExperiment | undefined = declared;
  while (next !== undefined && !chain.has(next)) {
    chain.add(next);
    next = next.kind === "preset" ? byName.get(next.base ?? "") : undefined;
  }
  return [...chain];
}

/** Class of the shipped experiment that a preset of the project stands on. */
function shippedClass(
  declared: DeclaredExperiment,
  byName: ReadonlyMap<string, DeclaredExperiment>,
  { library }: KnownClasses,
): string | null {
  let base = declared.base ?? "";
  for (let steps = 0; steps < byName.size; steps += 1) base = byName.get(base)?.base ?? base;
  return Object.hasOwn(library.experiments, base) ? (library.experiments[base] ?? null) : null;
}

function unknownBase(
  declared: DeclaredExperiment,
  byName: ReadonlyMap<string, DeclaredExperiment>,
  { library }: KnownClasses,
): Finding {
  const base = declared.base ?? "";
  const names = [...byName.keys(), ...Object.keys(library.experiments)].filter((name) => name !== declared.name);
  return dslDiagnostics["unknown-experiment"](
    { name: base },
    { at: { kind: "span", span: declared.baseSpan ?? declared.span }, ...suggestion(base, names) },
  );
}
