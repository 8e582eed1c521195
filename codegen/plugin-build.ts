import { existsSync, readFileSync, statSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import type { JsonValue } from "type-fest";
import type { Diagnostic, Finding, Place } from "../src/diagnostics/finding.ts";
import type { PluginDescriptor } from "../src/plugin/descriptor.ts";
import type { PluginKind } from "../src/spec/plugin-kinds.ts";
import { replaceFile } from "./cache/sealed-file.ts";
import { CONFIG_DEFAULTS } from "./config.ts";
import { openSources } from "./discover.ts";
import { systemReason } from "./init/make-files.ts";
import { locateFindings } from "./locate.ts";
import { deriveDescriptor } from "./plugins/derive.ts";
import { typeDiagnostics } from "./plugins/diagnostics.ts";
import { entriesOf } from "./plugins/entries.ts";
import { descriptorPath, isObject, parsed } from "./plugins/find.ts";
import { descriptorText } from "./plugins/text.ts";
import type { SourceReader } from "./source-reader.ts";
import { readTsconfig } from "./tsconfig.ts";
import { Workbench } from "./workbench.ts";
import { insidePath } from "./write/inside.ts";

/** What is asked of {@link buildPlugin}. */
export interface PluginBuildOptions {
  readonly cwd: string;
  /** A folder in the package, as typed. */
  readonly folder: string;
  /** Compares, and writes nothing. */
  readonly check: boolean;
}

/** A descriptor that was made of a package's sources. */
export interface PluginBuildReport {
  /** Absolute folder of the package. */
  readonly root: string;
  /** The descriptor, from the root. */
  readonly file: string;
  readonly package: string | null;
  readonly version: string | null;
  readonly types: readonly { readonly kind: PluginKind; readonly type: string }[];
  readonly codes: readonly string[];
  /** True if the file is another one than before. */
  readonly written: boolean;
  readonly diagnostics: readonly Diagnostic[];
}

const PACKAGE = "package.json";
const IN_PACKAGE: Place = { kind: "span", span: { file: PACKAGE, line: 1, column: 1, length: 0 } };

/** Writes the descriptor of a package from its sources, or says how the one that is there differs. */
export async function buildPlugin({ cwd, folder, check }: PluginBuildOptions): Promise<PluginBuildReport> {
  const start = resolve(cwd, folder);
  const root = packageRoot(start) ?? start;
  const bench = new Workbench({ cache: false });
  try {
    return await buildIn(root, check, bench);
  } finally {
    await bench.close();
  }
}

async function buildIn(root: string, check: boolean, bench: Workbench): Promise<PluginBuildReport> {
  const tsconfig = readTsconfig(root);
  let reader: SourceReader | null = null;
  const sources = openSources(
    root,
    tsconfig.flags,
    { cache: bench.cache(root, CONFIG_DEFAULTS.out), memory: bench.sources },
    () => {
      if (reader === null) throw new Error("sources are read before their reader is there");
      return reader;
    },
  );
  const manifest = manifestOf(root);
  const findings: Finding[] = [...manifest.findings];
  // Plugins need no decorators; settings that can't be read are another matter.
  findings.push(...tsconfig.findings.filter(({ code }) => code === "build/tsconfig"));
  const entries =
    manifest.data === null ? null : entriesOf({ root, manifest: manifest.data, tsconfig, at: IN_PACKAGE });
  findings.push(...(entries?.findings ?? []));
  const modules = entries?.modules ?? [];
  let descriptor: PluginDescriptor | null = null;
  if (entries !== null && modules.length === 0 && entries.findings.length === 0) {
    findings.push(typeDiagnostics["package-json"]({ problem: "its `exports` has no module" }, { at: IN_PACKAGE }));
  }
  if (modules.length > 0) {
    reader = await bench.reader();
    const { limits } = CONFIG_DEFAULTS;
    const derived = await deriveDescriptor(
      modules,
      { package: manifest.name ?? PACKAGE, version: manifest.version ?? "0.0.0", isFile: false },
      {
        root,
        pool: bench.pool({ root, transpile: tsconfig.flags, limits }),
        sources,
        reading: async (act) => act(),
        reader: () => bench.reader(),
        tsconfig: tsconfig.files[0] ?? null,
      },
    );
    findings.push(...derived.findings);
    if (!findings.some(({ severity }) => severity === "error")) ({ descriptor } = derived);
  }
  let written = false;
  if (descriptor !== null) {
    const outcome = settle(root, manifest.file, descriptor, check);
    ({ written } = outcome);
    findings.push(...outcome.findings);
  }
  const context = { text: sources.text, experiment: null, declaration: null, options: [], spans: null };
  return {
    root,
    file: manifest.file,
    package: manifest.name,
    version: manifest.version,
    types: (descriptor?.types ?? []).map(({ kind, type }) => ({ kind, type })),
    codes: (descriptor?.codes ?? []).map(({ code }) => code),
    written,
    diagnostics:
      findings.length === 0 ? [] : inOrder(locateFindings(findings, { ...context, reader: await bench.reader() })),
  };
}

/** Writes the descriptor, or compares it with the one that is there. */
function settle(
  root: string,
  file: string,
  descriptor: PluginDescriptor,
  check: boolean,
): { readonly written: boolean; readonly findings: readonly Finding[] } {
  const path = join(root, file);
  const text = descriptorText(descriptor);
  const before = isFile(path) ? readFileSync(path) : null;
  if (before?.toString("utf8") === text) return { written: false, findings: [] };
  if (check) {
    const differs = before === null ? ["there is no such file"] : differencesIn(parsed(before), descriptor);
    const at: Place = { kind: "span", span: { file, line: 1, column: 1, length: 0 } };
    return {
      written: false,
      findings: [typeDiagnostics["descriptor-stale"]({ file, differs }, { at, notes: differs })],
    };
  }
  try {
    replaceFile(path, text);
    return { written: true, findings: [] };
  } catch (error) {
    const problem = `\`${file}\` can't be written: ${systemReason(error)}`;
    return { written: false, findings: [typeDiagnostics["package-json"]({ problem }, { at: IN_PACKAGE })] };
  }
}

/** What of a descriptor is another, type by type. */
function differencesIn(before: unknown, now: PluginDescriptor): readonly string[] {
  if (!isObject(before)) return ["it is no JSON object"];
  const differs: string[] = [];
  const [old, wanted] = [before, now as unknown as Readonly<Record<string, unknown>>];
  for (const key of new Set([...Object.keys(old), ...Object.keys(wanted)])) {
    if (key === "types" || key === "codes" || isSame(old[key], wanted[key])) continue;
    differs.push(
      `\`${key}\` is ${JSON.stringify(old[key]) ?? "missing"}, and should be ${JSON.stringify(wanted[key])}`,
    );
  }
  for (const [list, nameOf] of [
    ["types", ({ kind, type }: Entry) => `${String(kind)} \`${String(type)}\``],
    ["codes", ({ code }: Entry) => `code \`${String(code)}\``],
  ] as const) {
    const [oldList, newList] = [entriesIn(old[list], nameOf), entriesIn(wanted[list], nameOf)];
    for (const [name, entry] of newList) {
      const known = oldList.get(name);
      if (known === undefined) differs.push(`the ${name} is missing`);
      else if (!isSame(known, entry)) {
        const keys = new Set([...Object.keys(known), ...Object.keys(entry)]);
        const other = [...keys].filter((key) => !isSame(known[key], entry[key])).map((key) => `\`${key}\``);
        differs.push(`the ${name} has another ${other.join(", ")}`);
      }
    }
    for (const name of oldList.keys()) if (!newList.has(name)) differs.push(`the ${name} is no longer there`);
  }
  return differs.length === 0 ? ["it has the same data in another form"] : differs;
}

type Entry = Readonly<Record<string, unknown>>;

function entriesIn(list: unknown, nameOf: (entry: Entry) => string): ReadonlyMap<string, Entry> {
  return new Map(Array.isArray(list) ? list.filter(isObject).map((entry) => [nameOf(entry), entry] as const) : []);
}

/** The order of properties says nothing. */
function isSame(a: unknown, b: unknown): boolean {
  return textOf(a) === textOf(b);
}

function textOf(value: unknown): string {
  return value === undefined ? "" : descriptorText(value as JsonValue as never);
}

interface Manifest {
  readonly data: Readonly<Record<string, unknown>> | null;
  readonly name: string | null;
  readonly version: string | null;
  readonly file: string;
  readonly findings: readonly Finding[];
}

function manifestOf(root: string): Manifest {
  const path = join(root, PACKAGE);
  const data = isFile(path) ? parsed(readFileSync(path)) : null;
  const nothing = { data: null, name: null, version: null, file: "assay-plugin.json" };
  const wrong = (problem: string): Finding =>
    typeDiagnostics["package-json"](
      { problem },
      { at: data === null ? { kind: "nowhere", reason: `there is no \`${PACKAGE}\`` } : IN_PACKAGE },
    );
  if (data === null) return { ...nothing, findings: [wrong(`there is no \`${PACKAGE}\` in the folder or around it`)] };
  if (!isObject(data)) return { ...nothing, findings: [wrong(`its \`${PACKAGE}\` is no JSON object`)] };
  const text = (key: string): string | null => {
    const value = Object.hasOwn(data, key) ? data[key] : undefined;
    return typeof value === "string" && value !== "" ? value : null;
  };
  const [name, version] = [text("name"), text("version")];
  const named = descriptorPath(data);
  const inside = named === null ? null : insidePath(root, named);
  const findings = [
    ...(name === null ? [wrong(`its \`${PACKAGE}\` has no \`name\``)] : []),
    ...(version === null ? [wrong(`its \`${PACKAGE}\` has no \`version\``)] : []),
    ...(inside === null ? [wrong(`\`assay.plugin\` of its \`${PACKAGE}\` names no file of the package`)] : []),
  ];
  return { data, name, version, file: inside === null ? nothing.file : relative(root, inside), findings };
}

/** The nearest folder upward with a `package.json`. */
function packageRoot(start: string): string | null {
  for (let folder = start; ; folder = dirname(folder)) {
    if (isFile(join(folder, PACKAGE))) return folder;
    if (folder === dirname(folder)) return null;
  }
}

function isFile(path: string): boolean {
  return existsSync(path) && statSync(path).isFile();
}

/** In the order of files and places, each once. */
function inOrder(diagnostics: readonly Diagnostic[]): readonly Diagnostic[] {
  const seen = new Set<string>();
  const distinct = diagnostics.filter(({ code, message, primary }) => {
    const key = JSON.stringify([code, message, primary]);
    return seen.has(key) ? false : seen.add(key) !== undefined;
  });
  const keyOf = ({ primary }: Diagnostic): readonly [string, number, number] =>
    primary === null ? ["", 0, 0] : [primary.file, primary.line, primary.column];
  return distinct.sort((a, b) => {
    const [left, right] = [keyOf(a), keyOf(b)];
    if (left[0] !== right[0]) return left[0] < right[0] ? -1 : 1;
    return left[1] - right[1] || left[2] - right[2];
  });
}
