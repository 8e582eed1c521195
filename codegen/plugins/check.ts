import { Validator } from "@cfworker/json-schema";
import { parseRange } from "../../src/dsl/option-range.ts";
import { toPointer } from "../../src/origin/pointer.ts";
import { codeProblem } from "../../src/plugin/code-areas.ts";
import type { PluginDescriptor } from "../../src/plugin/descriptor.ts";
import { PLUGIN_SCHEMA } from "../../src/plugin/schema.ts";
import { type SchemaProblem, schemaProblems } from "../../src/schema/problems.ts";
import { argsProblems } from "./args-schema.ts";
import { isObject } from "./find.ts";

/** More than these say nothing new: it is something else than a descriptor. */
const MOST_PROBLEMS = 20;
const MOST_LEVELS = 64;

let validator: Validator | undefined;

/** Proves that JSON of somebody else is a descriptor of this version: all that it stands for can be used without a further look. */
export function shapeProblems(value: unknown): readonly SchemaProblem[] {
  if (!isObject(value)) return [{ pointer: "", problem: "it is no JSON object" }];
  const deep = tooDeep(value);
  if (deep !== null) return [{ pointer: deep, problem: `is nested deeper than ${MOST_LEVELS} levels` }];
  validator ??= new Validator(PLUGIN_SCHEMA, "2020-12", false);
  const problems = schemaProblems(validator, value, "a descriptor has no such property").map(
    ({ pointer, problem }): SchemaProblem => ({ pointer, problem: lowered(problem) }),
  );
  // What is checked beyond the schema stands on it.
  return (problems.length > 0 ? problems : meaningProblems(value as unknown as PluginDescriptor)).slice(
    0,
    MOST_PROBLEMS,
  );
}

function lowered(error: string): string {
  return (error.charAt(0).toLowerCase() + error.slice(1)).replace(/\.$/, "");
}

function meaningProblems({ types, codes = [] }: PluginDescriptor): readonly SchemaProblem[] {
  const cards = types.flatMap((type, index) =>
    (type.cards ?? []).map((card, place) => ({ name: card.id, pointer: toPointer(["types", index, "cards", place]) })),
  );
  return [
    ...twice(types.map(({ kind, type }, index) => ({ name: `${kind} ${type}`, pointer: `/types/${index}` }))),
    ...twice(codes.map(({ code }, index) => ({ name: code, pointer: `/codes/${index}` }))),
    ...codes.flatMap(({ code }, index) =>
      codeProblem(code) === "area"
        ? [{ pointer: `/codes/${index}/code`, problem: `\`${code}\` is in an area of Assay's own` }]
        : [],
    ),
    ...twice(cards),
    ...types.flatMap(({ kind, type, args, cards: own = [], options }, index) => [
      ...(args === null ? [] : argsProblems(args)).map(({ pointer, problem }) => ({
        pointer: `/types/${index}/args${pointer}`,
        problem,
      })),
      ...own.flatMap(({ family }, place) =>
        kind === "modelFamily" && family === type
          ? []
          : [
              {
                pointer: toPointer(["types", index, "cards", place, "family"]),
                problem: "is not the family it stands in",
              },
            ],
      ),
      ...(options === undefined ? [] : optionsProblems(kind, options, `/types/${index}/options`)),
    ]),
  ];
}

function optionsProblems(
  kind: string,
  { group, schema }: NonNullable<PluginDescriptor["types"][number]["options"]>,
  pointer: string,
): readonly SchemaProblem[] {
  if (kind !== "backend") return [{ pointer, problem: "only a backend has options" }];
  return [
    ...(group in Object.prototype ? [{ pointer: `${pointer}/group`, problem: "every object has this property" }] : []),
    ...twice(schema.map(({ path }, index) => ({ name: path, pointer: `${pointer}/schema/${index}` }))),
    ...schema.flatMap(({ range }, index) => {
      const parsed = range === null ? null : parseRange(range);
      return parsed !== null && "problem" in parsed
        ? [{ pointer: `${pointer}/schema/${index}/range`, problem: parsed.problem }]
        : [];
    }),
  ];
}

function twice(named: readonly { readonly name: string; readonly pointer: string }[]): readonly SchemaProblem[] {
  const first = new Map<string, string>();
  return named.flatMap(({ name, pointer }) => {
    const known = first.get(name);
    if (known !== undefined) return [{ pointer, problem: `\`${name}\` is at \`${known}\` already` }];
    first.set(name, pointer);
    return [];
  });
}

/** Pointer of a value that lies too deep; found without recursion, which it would exhaust. */
function tooDeep(root: object): string | null {
  const waiting: { readonly value: object; readonly path: readonly string[] }[] = [{ value: root, path: [] }];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    if (next.path.length > MOST_LEVELS) return toPointer(next.path);
    for (const [key, value] of Object.entries(next.value) as [string, unknown][]) {
      if (typeof value === "object" && value !== null) waiting.push({ value, path: [...next.path, key] });
    }
  }
  return null;
}
