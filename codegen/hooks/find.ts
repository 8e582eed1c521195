import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import type { FindingDetails } from "../../src/diagnostics/define.ts";
import type { Finding, Place } from "../../src/diagnostics/finding.ts";
import { suggestion } from "../../src/diagnostics/nearest.ts";
import type { PluginFacts } from "../../src/manifest/format.ts";
import type { PluginDescriptor, PluginTypeDescriptor } from "../../src/plugin/descriptor.ts";
import type { CodeSetting, HookIdentity } from "../../src/plugin/hook-use.ts";
import { pairDiagnostics } from "../../src/resolve/diagnostics.ts";
import { buildDiagnostics, startOf } from "../config-diagnostics.ts";
import { useFindings } from "../config-uses.ts";
import type { HookEntry } from "../config.ts";
import { LIBRARY_ROOT } from "../library-root.ts";
import type { ConfigOutcome, HookModule } from "../evaluate/protocol.ts";
import { findPlugin, parsed } from "../plugins/find.ts";
import type { PluginsFound } from "../plugins.ts";

/** Rules and mutators of a project, and what is wrong with how the config names them. */
export interface HooksFound {
  /** Mutators first, then rules, each in the order of the config. */
  readonly hooks: readonly HookModule[];
  readonly findings: readonly Finding[];
}

/** What entries are looked up in. */
interface Lookup {
  readonly root: string;
  readonly configFile: string;
  readonly outcome: ConfigOutcome;
  readonly plugins: PluginsFound;
}

/**
 * Finds the rules and mutators that a config names among the plugins in use, and checks their arguments and the severities
 * against what descriptors say. None of their code is run.
 * @param root absolute folder of the project.
 */
export function findHooks(root: string, configFile: string, outcome: ConfigOutcome, plugins: PluginsFound): HooksFound {
  const lookup: Lookup = { root, configFile, outcome, plugins };
  const found = [...entriesOf("mutators", lookup), ...entriesOf("rules", lookup)];
  const results = found.map((entry) => lookUp(entry, lookup));
  return {
    hooks: results.flatMap(({ hook }) => (hook === null ? [] : [hook])),
    findings: [...results.flatMap(({ findings }) => findings), ...severityFindings(lookup)],
  };
}

/** An entry of the config. */
interface Entry extends HookEntry {
  readonly kind: HookIdentity["kind"];
  readonly list: "rules" | "mutators";
  readonly place: () => Place;
  /** What is wrong with its arguments. */
  readonly argsFindings: (facts: PluginFacts) => readonly Finding[];
}

function entriesOf(list: "rules" | "mutators", { outcome, configFile }: Lookup): readonly Entry[] {
  const { config, uses, frames } = outcome;
  return config[list].map((entry, index) => {
    const kind = list === "rules" ? "rule" : "mutator";
    const made = uses[`${list}.${index}`];
    const placeOf = (path: readonly (string | number)[]): Place =>
      frames.length === 0 ? startOf(configFile) : { kind: "site", frames, path: [0, ...path] };
    return {
      ...entry,
      kind,
      list,
      // What a factory made stands in its call, wherever that is; a mere object stands in the config.
      place: () => (made === undefined ? placeOf([list, index]) : { kind: "site", frames: made, path: [] }),
      argsFindings: (facts) => useFindings(kind, entry, [list, index], facts, { uses, placeOf }),
    };
  });
}

/** A type of a plugin in use. */
interface Described {
  readonly descriptor: PluginDescriptor;
  /** What the config names it by. */
  readonly named: string;
  readonly described: PluginTypeDescriptor;
}

function lookUp(
  entry: Entry,
  lookup: Lookup,
): { readonly hook: HookModule | null; readonly findings: readonly Finding[] } {
  const { kind, type, args } = entry;
  const of = (wanted: string) => typesOf(wanted, lookup.plugins);
  const found = of(kind).find(({ described }) => described.type === type);
  if (found === undefined) {
    // That its package is not named is told where it is imported.
    const isTold = lookup.plugins.findings.some(
      ({ code, data }) => code === "plugin/not-named" && data["kind"] === kind && data["type"] === type,
    );
    if (isTold) return { hook: null, findings: [] };
    const details = { at: entry.place(), ...unknownHelp(entry, of, lookup) };
    return { hook: null, findings: [pairDiagnostics["unknown-type"]({ kind, type }, details)] };
  }
  const findings = entry.argsFindings(lookup.plugins.facts);
  const { descriptor, named, described } = found;
  const identity = { type, package: descriptor.package, at: entry.place(), args };
  const { severities } = lookup.outcome.config;
  const hook: HookModule["hook"] =
    kind === "rule"
      ? { kind, ...identity, codes: settingsOf(codesOf(descriptor, described), severities) }
      : { kind, ...identity };
  return { hook: { hook, module: moduleOf(lookup.root, named, described.module ?? ".") }, findings };
}

function typesOf(kind: string, { descriptors, named }: PluginsFound): readonly Described[] {
  return descriptors.flatMap((descriptor, index) =>
    descriptor.types.flatMap((described) =>
      described.kind === kind ? [{ descriptor, named: named[index] ?? descriptor.package, described }] : [],
    ),
  );
}

/** Codes of a rule with their own severities. */
function codesOf(
  { codes = [] }: PluginDescriptor,
  { facts }: PluginTypeDescriptor,
): readonly (readonly [code: string, severity: CodeSetting])[] {
  const own = Array.isArray(facts["codes"]) ? facts["codes"] : [];
  return own.flatMap((code) =>
    typeof code === "string" ? [[code, codes.find((one) => one.code === code)?.severity ?? "error"] as const] : [],
  );
}

function settingsOf(
  codes: ReturnType<typeof codesOf>,
  severities: Readonly<Record<string, CodeSetting>>,
): Readonly<Record<string, CodeSetting>> {
  return Object.fromEntries(
    codes.map(([code, severity]) => [
      code,
      Object.hasOwn(severities, code) ? (severities[code] ?? severity) : severity,
    ]),
  );
}

/** Why a type is unknown: another list is its place, its package is not named, or it is misspelt. */
function unknownHelp(
  { type, kind, list }: Entry,
  of: (kind: string) => readonly Described[],
  { root, outcome }: Lookup,
): Omit<FindingDetails, "at"> {
  const other = kind === "rule" ? "mutator" : "rule";
  if (of(other).some(({ described }) => described.type === type)) {
    return { help: `move it to \`${other}s\`: \`${type}\` is a ${other}` };
  }
  const unnamed = packagesOf(outcome).find((name) => brings(root, name, kind, type));
  if (unnamed !== undefined) {
    return { help: `add ${JSON.stringify(unnamed)} to \`plugins\`: it brings the ${kind}, and is not among them` };
  }
  const known = of(kind).map(({ described }) => described.type);
  if (known.length === 0)
    return { help: `add the package that brings it to \`plugins\`, or take it out of \`${list}\`` };
  return suggestion(type, known);
}

/** Packages that the config imports and does not name. */
function packagesOf({ modules, config }: ConfigOutcome): readonly string[] {
  const names = modules.flatMap(({ file }) => /^node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(file)?.[1] ?? []);
  return [...new Set(names)].filter((name) => !config.plugins.includes(name));
}

function brings(root: string, name: string, kind: string, type: string): boolean {
  const found = findPlugin(root, name, { files: new Set(), absent: new Set() });
  if ("problem" in found) return false;
  const types = (parsed(found.bytes) as Partial<PluginDescriptor> | undefined)?.types;
  return (
    Array.isArray(types) && types.some((one: Partial<PluginTypeDescriptor>) => one.kind === kind && one.type === type)
  );
}

/** Where the code of a hook is. */
function moduleOf(root: string, named: string, subpath: string): HookModule["module"] {
  if (!/^\.\.?[/\\]/.test(named)) return { kind: "package", specifier: `${named}${subpath.slice(1)}` };
  const path = join(root, named);
  return path.endsWith(".json") ? { kind: "folder", folder: dirname(path), subpath } : { kind: "file", path };
}

function severityFindings({ outcome: { config, frames }, plugins, configFile }: Lookup): readonly Finding[] {
  const known = new Set(
    typesOf("rule", plugins).flatMap(({ descriptor, described }) =>
      codesOf(descriptor, described).map(([code]) => code),
    ),
  );
  return Object.entries(config.severities).flatMap(([named, setting]) => {
    if (known.has(named) || (setting === "error" && isOwnCode(named))) return [];
    const at: Place =
      frames.length === 0 ? startOf(configFile) : { kind: "site", frames, path: [0, "severities", named, "#key"] };
    if (isOwnCode(named)) return [buildDiagnostics["severity-own"]({ named }, { at })];
    return [buildDiagnostics["severity-code"]({ named }, { at, ...suggestion(named, known) })];
  });
}

/** True for codes of Assay's own: each has a page. */
function isOwnCode(code: string): boolean {
  return /^[a-z-]+\/[a-z0-9-]+$/.test(code) && existsSync(join(LIBRARY_ROOT, "docs", "codes", `${code}.md`));
}
