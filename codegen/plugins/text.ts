import type { JsonValue } from "type-fest";
import type { PluginDescriptor } from "../../src/plugin/descriptor.ts";

/** A descriptor as its file has it: the same bytes for the same data, on every machine. */
export function descriptorText(descriptor: PluginDescriptor): string {
  return `${JSON.stringify(sorted(descriptor as unknown as JsonValue), null, 2)}\n`;
}

/** The same data with properties in the order of their UTF-16 units. */
export function sorted(value: JsonValue): JsonValue {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== "object" || value === null) return value;
  const names = Object.keys(value).sort();
  return Object.fromEntries(names.map((name) => [name, sorted((value as Readonly<Record<string, JsonValue>>)[name]!)]));
}
