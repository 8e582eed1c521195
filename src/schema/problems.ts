import type { Validator } from "@cfworker/json-schema";

/** What is wrong with a value, and where in it. */
export interface SchemaProblem {
  /** JSON pointer. */
  readonly pointer: string;
  readonly problem: string;
}

/** Keywords whose errors only repeat that something inside is wrong. */
const CONTAINERS: ReadonlySet<string> = new Set([
  "$ref",
  "allOf",
  "if",
  "additionalProperties",
  "properties",
  "items",
  "prefixItems",
  "propertyNames",
]);

/** The innermost problems, one a place. `unknownProperty` is what is said of a property that the schema does not have. */
export function schemaProblems(validator: Validator, value: object, unknownProperty: string): readonly SchemaProblem[] {
  const problems = new Map<string, string>();
  for (const { instanceLocation, keyword, error } of validator.validate(value).errors) {
    if (CONTAINERS.has(keyword)) continue;
    const pointer = decodeURIComponent(instanceLocation.slice(1));
    if (!problems.has(pointer))
      problems.set(pointer, keyword === "false" ? unknownProperty : `it ${inWords(keyword, error)}`);
  }
  return [...problems].map(([pointer, problem]) => ({ pointer, problem }));
}

/** What an error says of a value, as a reader would: the validator speaks of instances and keywords. */
export function inWords(keyword: string, error: string): string {
  const [, found = "", expected = ""] = /^Instance type "(.*?)" is invalid\. Expected "(.*)"\.$/.exec(error) ?? [];
  if (expected !== "") return `must be ${typesText(expected.split('", "'))}, found ${typesText([found])}`;
  const [, number = "", bound = ""] = /^(.+) is (?:less|greater) than (?:or equal to )?(.+)\.$/.exec(error) ?? [];
  const than = BOUNDS[keyword];
  if (than !== undefined && bound !== "") return `must be ${than} ${bound}, found ${number}`;
  return error
    .replace(/^Instance does not match any of (\[.*\])\.$/, (_, list: string) => `must be one of ${listText(list)}`)
    .replace(/^Instance does not have required property "(.*)"\.$/, "lacks `$1`")
    .replace(/^Instance does not match (?!any)(.*)\.$/, "must be $1")
    .replace(/^Instance does not match any .*$/, "fits none of the forms that it may have")
    .replace(/^(?:String|Array|Object) (?=is|has|does)/, "")
    .replace(/^does not match pattern\.?$/, "does not have the form that it must have")
    .replace(/^(?:Instance )/, "")
    .replace(/^(?!must|lacks|fits|is|has|does)/, "is not valid: ")
    .replace(/\.$/, "");
}

const BOUNDS: Readonly<Record<string, string>> = {
  minimum: "at least",
  exclusiveMinimum: "more than",
  maximum: "at most",
  exclusiveMaximum: "less than",
};

/** A list in JSON as a sentence has it. */
function listText(list: string): string {
  return (JSON.parse(list) as readonly unknown[]).map((item) => JSON.stringify(item)).join(", ");
}

/** Types of JSON as a sentence has them. */
function typesText(types: readonly string[]): string {
  return types.map((type) => (type === "null" ? type : `${/^[aeiou]/.test(type) ? "an" : "a"} ${type}`)).join(" or ");
}
