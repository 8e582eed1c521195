import type { Validator } from "@cfworker/json-schema";
import type { JsonObject, JsonValue } from "type-fest";
import { parsePointer } from "../origin/pointer.ts";
import { inWords } from "../schema/problems.ts";
import { nearest } from "../diagnostics/nearest.ts";
import { isObject, own } from "../spec/own.ts";

/** One thing that is wrong with arguments. */
export interface ArgsProblem {
  /** JSON pointer of the value, from the arguments; of what should hold it, for one that is missing. */
  readonly pointer: string;
  /** Path of the argument that it is about: `optimizer.lr`. */
  readonly path: string;
  /** What is wrong, after the path: "is missing". */
  readonly problem: string;
  /** What the schema says of the argument; `null` if nothing. */
  readonly description: string | null;
  /** Names that could stand there instead: of arguments that are not given, or texts that are admitted. */
  readonly known: readonly string[];
  /** What the known names stand in for: the argument's name, its value (a text), or nothing. */
  readonly mistaken: "key" | "value" | null;
}

type SchemaError = ReturnType<Validator["validate"]>["errors"][number];

/** Keywords whose errors say that something inside is wrong. */
const CONTAINERS: ReadonlySet<string> = new Set([
  "$ref",
  "additionalProperties",
  "allOf",
  "dependentSchemas",
  "if",
  "items",
  "patternProperties",
  "prefixItems",
  "properties",
  "unevaluatedItems",
  "unevaluatedProperties",
]);

/** All that is wrong with arguments, the innermost values first named; what is missing once for each name. */
export function argsProblems(
  validator: Validator,
  args: JsonObject,
  schema: JsonObject | boolean,
): readonly ArgsProblem[] {
  const { valid, errors } = validator.validate(args);
  if (valid) return [];
  const found = withoutOtherChoices(located(errors)).filter(({ keyword }) => !CONTAINERS.has(keyword));
  const problems = found.map((error) => describe(error, args, schema));
  const meant = new Set(problems.flatMap(misspelt));
  // Of one value the first problem is told; an argument under a misspelt name is not missing.
  return problems.filter(
    ({ pointer, path, problem }, index) =>
      problems.findIndex((other) => other.pointer === pointer && other.path === path) === index &&
      !(problem === MISSING && meant.has(path)),
  );
}

const MISSING = "is missing";

/** Path of the argument that was meant by a name that is none, if one is near. */
function misspelt({ known, mistaken, path }: ArgsProblem): readonly string[] {
  if (mistaken !== "key") return [];
  const segments = path.split(".");
  const [meant] = nearest(segments.at(-1) ?? "", known);
  return meant === undefined ? [] : [[...segments.slice(0, -1), meant].join(".")];
}

/** A property that is none has no keyword of its own: its place in the schema is that of what refuses it. */
function located(errors: readonly SchemaError[]): readonly SchemaError[] {
  return errors.map((error, index) => {
    const before = errors[index - 1];
    return error.keyword === "false" && before !== undefined
      ? { ...error, keywordLocation: `${before.keywordLocation}/false` }
      : error;
  });
}

/**
 * Where a value fits none of several forms, what counts is the form that is meant: the only one whose constants it has. What is
 * wrong with the others says nothing.
 */
function withoutOtherChoices(errors: readonly SchemaError[]): readonly SchemaError[] {
  const choice = errors.find(({ keyword }) => keyword === "oneOf" || keyword === "anyOf");
  if (choice === undefined) return errors;
  const { keywordLocation: place, instanceLocation } = choice;
  const inside = errors.filter((error) => error.keywordLocation.startsWith(`${place}/`));
  const outside = errors.filter((error) => error !== choice && !inside.includes(error));
  const forms = new Map<string, SchemaError[]>();
  for (const error of inside) {
    const form = error.keywordLocation.slice(place.length + 1).split("/")[0] ?? "";
    forms.set(form, [...(forms.get(form) ?? []), error]);
  }
  const excludes = (error: SchemaError): boolean => {
    if (error.instanceLocation === instanceLocation) return error.keyword === "type" || isConstant(error);
    const rest = error.instanceLocation.slice(instanceLocation.length + 1);
    return error.instanceLocation.startsWith(`${instanceLocation}/`) && !rest.includes("/") && isConstant(error);
  };
  const meant = [...forms.values()].filter((own) => !own.some(excludes));
  const kept = meant.length === 1 ? (meant[0] ?? []) : [mergedConstants(choice, [...forms.values()])];
  return [...withoutOtherChoices(outside), ...(meant.length === 1 ? withoutOtherChoices(kept) : kept)];
}

function isConstant({ keyword }: SchemaError): boolean {
  return keyword === "const" || keyword === "enum";
}

/** Forms that are told apart by one property have one mistake there, if all of them miss its constant. */
function mergedConstants(choice: SchemaError, forms: readonly (readonly SchemaError[])[]): SchemaError {
  const [first, ...others] = forms.map((errors) => errors.filter(isConstant));
  const shared = first?.find(({ instanceLocation }) =>
    others.every((errors) => errors.some((error) => error.instanceLocation === instanceLocation)),
  );
  if (shared === undefined) return choice;
  return { ...choice, instanceLocation: shared.instanceLocation, keyword: "choice" };
}

function describe(error: SchemaError, args: JsonObject, root: JsonObject | boolean): ArgsProblem {
  const { instanceLocation, keyword } = error;
  const pointer = decodeURIComponent(instanceLocation.slice(1));
  const segments = parsePointer(pointer);
  const schema = schemaAt(root, error);
  const value = valueAt(args, segments);
  const common = { pointer, path: segments.join(".") || "arguments", description: textOf(schema, "description") };
  const plain = { ...common, known: [], mistaken: null };
  switch (keyword) {
    case "required": {
      const name = /required property "(.*)"\.$/s.exec(error.error)?.[1] ?? "";
      const own = propertyOf(schema, name);
      const path = [...segments, name].join(".");
      return { ...plain, path, problem: MISSING, description: textOf(own, "description") };
    }
    case "false": {
      const container = valueAt(args, segments.slice(0, -1));
      const given = isObject(container) ? Object.keys(container) : [];
      const names = Object.keys(isObject(schema["properties"]) ? schema["properties"] : {});
      // One that is given besides is not the one that was meant.
      const known = names.filter((name) => !given.includes(name));
      const isIndex = Array.isArray(container);
      return {
        ...plain,
        problem: isIndex ? "is one too many" : "is no argument of it",
        description: null,
        known,
        mistaken: isIndex ? null : "key",
      };
    }
    case "type":
      return { ...plain, problem: `is ${shown(value)}, and must be ${typesText(schema["type"] ?? null)}` };
    case "enum":
    case "const":
    case "choice": {
      const values = constantsOf(schema, keyword, segments.at(-1) ?? "");
      const known = values.filter((one): one is string => typeof one === "string");
      const choices = values.map((one) => JSON.stringify(one)).join(" or ");
      const problem = `is ${shown(value)}, and must be ${choices}`;
      return { ...plain, problem, known, mistaken: typeof value === "string" ? "value" : null };
    }
    case "oneOf":
    case "anyOf":
      return { ...plain, problem: `is ${shown(value)}, which is none of the forms that it can have` };
    default:
      return { ...plain, problem: problemOf(keyword, schema, value) ?? inWords(keyword, error.error) };
  }
}

function problemOf(keyword: string, schema: JsonObject, value: JsonValue | undefined): string | null {
  const limit = String(schema[keyword]);
  const found = `is ${shown(value)}, and must be`;
  switch (keyword) {
    case "minimum":
      return `${found} at least ${limit}`;
    case "maximum":
      return `${found} at most ${limit}`;
    case "exclusiveMinimum":
      return `${found} more than ${limit}`;
    case "exclusiveMaximum":
      return `${found} less than ${limit}`;
    case "multipleOf":
      return `${found} a multiple of ${limit}`;
    case "minLength":
      return `is ${shown(value)}, and must have at least ${limit} characters`;
    case "maxLength":
      return `is ${shown(value)}, and must have at most ${limit} characters`;
    case "minItems":
      return `has ${sizeOf(value)} elements, and must have at least ${limit}`;
    case "maxItems":
      return `has ${sizeOf(value)} elements, and must have at most ${limit}`;
    case "pattern":
      return `is ${shown(value)}, and must match \`${limit}\``;
    default:
      return null;
  }
}

/** The schema that a keyword of an error stands in. References on the way are followed. */
function schemaAt(root: JsonObject | boolean, { keywordLocation, keyword }: SchemaError): JsonObject {
  const segments = parsePointer(decodeURIComponent(keywordLocation.slice(1)));
  // What refuses a property, and the keyword, are no schemas on the way.
  const way = keyword === "false" ? segments.slice(0, -2) : segments.slice(0, -1);
  let at: JsonValue | undefined = root;
  for (const segment of way) {
    if (segment === "$ref" && isObject(at) && typeof at["$ref"] === "string") at = target(root, at["$ref"]);
    else if (isObject(at)) at = own(at, segment);
    else if (Array.isArray(at)) at = at[Number(segment)];
    else return {};
  }
  return isObject(at) ? at : {};
}

function target(root: JsonObject | boolean, reference: string): JsonValue | undefined {
  let at: JsonValue | undefined = root;
  for (const segment of parsePointer(decodeURIComponent(reference.slice(1)))) {
    at = isObject(at) ? own(at, segment) : Array.isArray(at) ? at[Number(segment)] : undefined;
  }
  return at;
}

/** Values that a place may have: those of the keyword, or of the property in all forms. */
function constantsOf(schema: JsonObject, keyword: string, property: string): readonly JsonValue[] {
  if (keyword === "const") return [schema["const"] ?? null];
  if (keyword === "enum") return Array.isArray(schema["enum"]) ? schema["enum"] : [];
  const forms = schema["oneOf"] ?? schema["anyOf"];
  if (!Array.isArray(forms)) return [];
  return forms.flatMap((form) => {
    const inside = isObject(form) ? propertyOf(form, property) : {};
    return "const" in inside ? [inside["const"] ?? null] : Array.isArray(inside["enum"]) ? inside["enum"] : [];
  });
}

function propertyOf(schema: JsonObject, name: string): JsonObject {
  const properties = schema["properties"];
  const found = isObject(properties) ? own(properties, name) : undefined;
  return isObject(found) ? found : {};
}

function valueAt(args: JsonObject, segments: readonly string[]): JsonValue | undefined {
  let value: JsonValue | undefined = args;
  for (const segment of segments) {
    value = isObject(value) ? own(value, segment) : Array.isArray(value) ? value[Number(segment)] : undefined;
  }
  return value;
}

function textOf(schema: JsonObject, key: string): string | null {
  const text = schema[key];
  return typeof text === "string" && text !== "" ? text : null;
}

const TYPES: Readonly<Record<string, string>> = {
  array: "a list",
  boolean: "true or false",
  integer: "a whole number",
  null: "null",
  number: "a number",
  object: "an object",
  string: "a text",
};

function typesText(type: JsonValue): string {
  const types = (Array.isArray(type) ? type : [type]).map((one) => TYPES[String(one)] ?? String(one));
  return types.join(" or ");
}

const MOST_SHOWN = 60;

function shown(value: JsonValue | undefined): string {
  if (Array.isArray(value)) return "a list";
  if (isObject(value)) return "an object";
  const text = JSON.stringify(value ?? null);
  return text.length > MOST_SHOWN ? `${text.slice(0, MOST_SHOWN)}...` : text;
}

function sizeOf(value: JsonValue | undefined): number {
  return Array.isArray(value) ? value.length : 0;
}
