import type { JsonObject, JsonValue } from "type-fest";
import type { PluginFacts } from "../manifest/format.ts";
import { typeFacts } from "../resolve/facts.ts";
import { isObject, own } from "../spec/own.ts";
import { isPair } from "../spec/placed-pairs.ts";
import { snakeCase } from "./realhf-names.ts";
import { made, plain } from "./realhf-values.ts";

/** Classes of the reference by whose objects it tells the pairs of each kind. */
const PAIR_CLASSES: Readonly<Record<string, string>> = {
  dataset: "config.DatasetAbstraction",
  interface: "config.ModelInterfaceAbstraction",
  model: "config.ModelAbstraction",
  backend: "config.ModelBackendAbstraction",
  wrapper: "config.ModelWrapperAbstraction",
  agent: "config.AgentAbstraction",
  environment: "config.EnvServiceAbstraction",
};

/** A pair as the reference has it. @param more further fields of its class */
export function pairOf(kind: string, pair: JsonValue, facts: PluginFacts, more: JsonObject = {}): JsonValue {
  // A dataset may be only a name.
  if (!isPair(pair)) return pair;
  const { type, args } = pair;
  return made(PAIR_CLASSES[kind] ?? "config.DatasetAbstraction", {
    type_: type,
    args: argumentsOf(kind, type, args, facts),
    ...more,
  });
}

/**
 * Arguments with the names that they have in the reference. Names of fields are those that the plugin's schema knows; other keys are
 * an author's own, as are all of a map.
 */
export function argumentsOf(kind: string, type: string, args: JsonObject, facts: PluginFacts): JsonValue {
  const known = typeFacts(facts, kind, type);
  const schema = known?.args ?? null;
  const names = schema === null ? null : propertiesOf(schema);
  const inner = own(known?.facts ?? {}, "pairs") ?? {};
  const named = (key: string) => (names === null || names.has(key) ? snakeCase(key) : key);
  const spelled = (value: JsonValue): JsonValue => {
    if (Array.isArray(value)) return value.map(spelled);
    if (!isObject(value)) return value;
    return plain(Object.entries(value).map(([key, held]) => [named(key), spelled(held)]));
  };
  return plain(
    Object.entries(args).map(([key, value]) => {
      const innerKind = isObject(inner) ? own(inner, key) : undefined;
      return [named(key), typeof innerKind === "string" ? innerPairs(innerKind, value, facts) : spelled(value)];
    }),
  );
}

/** One pair, or a list or map of them. */
function innerPairs(kind: string, value: JsonValue, facts: PluginFacts): JsonValue {
  if (isPair(value)) return pairOf(kind, value, facts);
  if (Array.isArray(value)) return value.map((item) => pairOf(kind, item, facts));
  if (!isObject(value)) return value;
  return plain(Object.entries(value).map(([key, held]) => [key, pairOf(kind, held, facts)]));
}

/** Names of properties anywhere in a schema. */
function propertiesOf(schema: JsonValue): ReadonlySet<string> {
  const names = new Set<string>();
  const walk = (value: JsonValue): void => {
    if (Array.isArray(value)) return value.forEach(walk);
    if (!isObject(value)) return;
    for (const [keyword, held] of Object.entries(value)) {
      if (keyword === "properties" && isObject(held)) for (const name of Object.keys(held)) names.add(name);
      walk(held);
    }
  };
  walk(schema);
  return names;
}
