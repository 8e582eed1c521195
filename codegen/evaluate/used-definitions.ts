import type { Finding } from "../../src/diagnostics/finding.ts";
import type { PluginFacts } from "../../src/manifest/format.ts";
import type { CallSite } from "../../src/origin/call-site.ts";
import type { PluginDefinition } from "../../src/plugin/definition.ts";
import type { Realm } from "../../src/realm/realm.ts";
import { differencesOf } from "../plugins/differences.ts";
import { packageDiagnostics } from "../plugins/diagnostics.ts";
import type { JobModules } from "./modules.ts";

/** What is wrong with the definitions that an experiment's pairs were made by, and which findings only follow from it. */
export interface UsedDefinitions {
  readonly findings: readonly Finding[];
  readonly isConsequence: (finding: Finding) => boolean;
}

/**
 * Compares the definitions that pairs were made by with what the descriptors of the project say. Each is told at the call that
 * made its first pair.
 */
export function checkUsed(realm: Realm, facts: PluginFacts, modules: JobModules): UsedDefinitions {
  const own = new Set(realm.defined.map(({ definition }) => definition));
  const told = new Set<string>();
  const findings: Finding[] = [];
  for (const [any, frames] of realm.used) {
    // Those that all jobs share are described by the same build of the library.
    if (!own.has(any)) continue;
    const definition = any as PluginDefinition;
    const finding = findingOf(definition, frames, facts, modules);
    if (finding === null) continue;
    told.add(`${definition.kind} ${definition.type}`);
    findings.push(finding);
  }
  return {
    findings,
    isConsequence: ({ code, data }) =>
      FOLLOWING.has(code) && told.has(`${String(data["kind"])} ${String(data["type"])}`),
  };
}

/** What is said of pairs whose type has no descriptor, or one that is another. */
const FOLLOWING: ReadonlySet<string> = new Set(["plugin/unknown-type", "plugin/args", "plugin/empty-path"]);

function findingOf(
  definition: PluginDefinition,
  frames: readonly CallSite[],
  facts: PluginFacts,
  modules: JobModules,
): Finding | null {
  const { kind, type } = definition;
  const details = { at: { kind: "site", frames, path: [] } } as const;
  const types = facts.types[kind];
  const described = types !== undefined && Object.hasOwn(types, type) ? types[type] : undefined;
  if (described !== undefined) {
    const notes = differencesOf(definition, described);
    if (notes.length === 0) return null;
    const plugin = described.owner;
    return packageDiagnostics["descriptor-differs"]({ plugin, kind, type }, { ...details, notes });
  }
  const exporter = modules.exporterOf((exported) => definitionOf(exported) === definition);
  // Nobody but the experiment's own module could tell of it.
  if (exporter === null) return null;
  const { file } = exporter;
  const owner = file.name.startsWith("node_modules/") ? (modules.packageOf(file)?.name ?? null) : `./${file.name}`;
  if (owner === null) return null;
  const isNamed = Object.values(facts.types).some((known) => Object.values(known).some((one) => one.owner === owner));
  if (!isNamed) return packageDiagnostics["not-named"]({ plugin: owner, kind, type }, details);
  const notes = [`the descriptor has no ${kind} of this name`];
  return packageDiagnostics["descriptor-differs"]({ plugin: owner, kind, type }, { ...details, notes });
}

function definitionOf(exported: unknown): unknown {
  if ((typeof exported !== "object" && typeof exported !== "function") || exported === null) return undefined;
  return Object.getOwnPropertyDescriptor(exported, "definition")?.value;
}
