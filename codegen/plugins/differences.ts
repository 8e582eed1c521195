import type { JsonObject, JsonValue } from "type-fest";
import type { TypeFacts } from "../../src/manifest/format.ts";
import { toPointer } from "../../src/origin/pointer.ts";
import type { PluginDefinition } from "../../src/plugin/definition.ts";

/** More say nothing new. */
const MOST_DIFFERENCES = 3;
const MOST_SHOWN = 60;

/** What the code of a type says otherwise than its descriptor, in words: the first few. */
export function differencesOf(definition: PluginDefinition, described: TypeFacts): readonly string[] {
  const inCode: JsonObject = {
    // What a TypeScript type says is known when the descriptor is made only.
    ...(definition.typedAt === undefined ? { args: definition.args as JsonValue } : {}),
    facts: definition.facts,
  };
  const inDescriptor: JsonObject = {
    ...(definition.typedAt === undefined ? { args: described.args } : {}),
    facts: described.facts,
  };
  const found: string[] = [];
  compare(inCode, inDescriptor, [], found);
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
