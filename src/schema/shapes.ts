import type { Schema } from "@cfworker/json-schema";

/** Properties by name; a name that ends with `?` may be missing. */
type Properties = Readonly<Record<string, Schema>>;

/** An object with at least these properties. */
export function open(properties: Properties): Schema {
  return { type: "object", ...members(properties) };
}

/** An object with just these properties. */
export function object(properties: Properties): Schema {
  return { ...open(properties), additionalProperties: false };
}

/** Just these properties, if it is an object. Says nothing of values of other types. */
export function fields(properties: Properties): Schema {
  return { ...members(properties), additionalProperties: false };
}

export function listOf(items: Schema): Schema {
  return { type: "array", items };
}

export function orNull(schema: Schema): Schema {
  return { ...schema, type: [schema.type as "string", "null"] };
}

function members(properties: Properties): Schema {
  const names = Object.keys(properties);
  return {
    properties: Object.fromEntries(
      Object.entries(properties).map(([name, schema]) => [name.endsWith("?") ? name.slice(0, -1) : name, schema]),
    ),
    required: names.filter((name) => !name.endsWith("?")),
  };
}
