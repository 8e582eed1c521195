import type { Finding, Place } from "../../src/diagnostics/finding.ts";
import type { PluginFacts, TypeFacts } from "../../src/manifest/format.ts";
import { toPointer } from "../../src/origin/pointer.ts";
import type { UsedDefinition } from "../evaluate/protocol.ts";
import { packageDiagnostics } from "./diagnostics.ts";

/** More say nothing new. */
const MOST_DIFFERENCES = 3;
const MOST_SHOWN = 60;

/** What is wrong with the definitions that pairs were made by, and which findings only follow from it. */
export interface UsedFindings {
  readonly findings: readonly Finding[];
  readonly isConsequence: (finding: Finding) => boolean;
}

/**
 * Compares the definitions that pairs were made by with what the descriptors of the project say. Each is told at the call that
 * made its first pair.
 */
export function usedFindings(used: readonly UsedDefinition[], facts: PluginFacts): UsedFindings {
  const told = new Set<string>();
  const findings = used.flatMap((definition) => {
    const finding = findingOf(definition, facts);
    if (finding !== null) told.add(`${definition.kind} ${definition.type}`);
    return finding ?? [];
  });
  return {
    findings,
    isConsequence: ({ code, data }) =>
      FOLLOWING.has(code) && told.has(`${String(data["kind"])} ${String(data["type"])}`),
  };
}

/** What is said of pairs whose type has no descriptor, or one that is another. */
const FOLLOWING: ReadonlySet<string> = new Set(["plugin/unknown-type", "plugin/args", "plugin/empty-path"]);

function findingOf(definition: UsedDefinition, facts: PluginFacts): Finding | null {
  const { kind, type, owner, frames } = definition;
  const at: Place = { kind: "site", frames, path: [] };
  const types = facts.types[kind];
  const described = types !== undefined && Object.hasOwn(types, type) ? types[type] : undefined;
  if (described !== undefined) {
    const notes = differencesOf(definition, described);
    if (notes.length === 0) return null;
    return packageDiagnostics["descriptor-differs"]({ plugin: described.owner, kind, type }, { at, notes });
  }
  if (owner === null) return null;
  const isNamed = Object.values(facts.types).some((known) => Object.values(known).some((one) => one.owner === owner));
  if (!isNamed) return packageDiagnostics["not-named"]({ plugin: owner, kind, type }, { at });
  const notes = [`the descriptor has no ${kind} of this name`];
  return packageDiagnostics["descriptor-differs"]({ plugin: owner, kind, type }, { at, notes });
}

/** What the code of a type says otherwise than its descriptor, in words: the first few. */
function differencesOf({ args, facts, isTyped }: UsedDefinition, described: TypeFacts): readonly string[] {
  const found: string[] = [];
  // What a TypeScript type says is known when the descriptor is made only.
  if (!isTyped) compare(args, described.args, ["args"], found);
  compare(facts, described.facts, ["facts"], found);
  return found.slice(0, MOST_DIFFERENCES);
}

/** Properties that are `undefined` are none: JSON has no such value. */
function compare(code: unknown, descriptor: unknown, path: readonly (string | number)[], found: string[]): void {
  if (found.length >= MOST_DIFFERENCES || Object.is(code, descriptor)) return;
  const isList = Array.isArray(code);
  if (isObject(code) && isObject(descriptor) && isList === Array.isArray(descriptor)) {
    const keys = new Set([...Object.keys(code), ...Object.keys(descriptor)]);
    for (const key of keys) compare(own(code, key), own(descriptor, key), [...path, isList ? Number(key) : key], found);
    return;
  }
  const at = toPointer(path);
  if (descriptor === undefined) found.push(`\`${at}\` is not in the descriptor; in the code it is ${shown(code)}`);
  else if (code === undefined) found.push(`\`${at}\` is not in the code; in the descriptor it is ${shown(descriptor)}`);
  else found.push(`\`${at}\` is ${shown(code)} in the code, and ${shown(descriptor)} in the descriptor`);
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null;
}

function own(value: Readonly<Record<string, unknown>>, key: string): unknown {
  return Object.hasOwn(value, key) ? value[key] : undefined;
}

function shown(value: unknown): string {
  const text = JSON.stringify(value) ?? typeof value;
  return text.length > MOST_SHOWN ? `${text.slice(0, MOST_SHOWN)}...` : text;
}
