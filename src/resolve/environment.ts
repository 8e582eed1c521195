import { at, type Finding } from "../diagnostics/finding.ts";
import type { Authored, PluginFacts } from "../manifest/format.ts";
import { toPointer } from "../origin/pointer.ts";
import { isObject, own } from "../spec/own.ts";
import { groupsOf } from "../spec/scheduling.ts";
import { WORKER_KINDS } from "../spec/worker.ts";
import { environmentDiagnostics } from "./diagnostics.ts";
import { everyPair } from "./every-pair.ts";
import { typeFacts } from "./facts.ts";

/** A variable that a type reads. */
interface Wanted {
  readonly name: string;
  readonly kind: string;
  readonly type: string;
  readonly pattern: RegExp;
  readonly what: string;
}

/** Checks environment variables of workers against what the types in use want of them. Only what is set is looked at. */
export function checkEnvironment(authored: Authored, facts: PluginFacts): readonly Finding[] {
  const wanted = wantedBy(authored, facts);
  if (wanted.length === 0) return [];
  return WORKER_KINDS.flatMap((kind) => {
    const groups = authored.scheduling[kind];
    return groupsOf(groups).flatMap(({ scheduling }, index) => {
      const pointer = toPointer([
        "scheduling",
        kind,
        ...(Array.isArray(groups) ? [index] : []),
        "scheduling",
        "envVars",
      ]);
      return wanted.flatMap(({ name, pattern, ...by }) => {
        const value = own(scheduling.envVars, name);
        if (value === undefined || pattern.test(value)) return [];
        return [
          environmentDiagnostics["environment-value"](
            { name, value, ...by },
            { at: at(`${pointer}${toPointer([name])}`) },
          ),
        ];
      });
    });
  });
}

/** Two types that want the same of a variable want it once. */
function wantedBy({ setups }: Authored, facts: PluginFacts): readonly Wanted[] {
  const types = new Map<string, { readonly kind: string; readonly type: string }>();
  for (const [setup, config] of setups.entries()) {
    for (const { kind, pair } of everyPair(config, `/setups/${setup}`, facts)) {
      types.set(`${kind} ${pair.type}`, { kind, type: pair.type });
    }
  }
  const wanted = new Map<string, Wanted>();
  for (const { kind, type } of types.values()) {
    const env = typeFacts(facts, kind, type)?.facts["env"];
    for (const [name, value] of Object.entries(isObject(env) ? env : {})) {
      const pattern =
        isObject(value) && typeof value["pattern"] === "string" ? regularExpression(value["pattern"]) : null;
      if (pattern === null || !isObject(value)) continue;
      const key = `${name} ${pattern.source}`;
      if (!wanted.has(key)) wanted.set(key, { name, kind, type, pattern, what: String(value["what"]) });
    }
  }
  return [...wanted.values()];
}

/** `null` for one that can't be read: its package is refused where it is loaded. */
function regularExpression(source: string): RegExp | null {
  try {
    return new RegExp(source, "u");
  } catch {
    return null;
  }
}
