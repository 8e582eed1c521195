import type { JsonObject, JsonValue } from "type-fest";
import { plainGroup } from "../../../dsl/plain-group.ts";
import { ModelOptions } from "../../../dsl/model-spec.ts";
import { inRange, parseRange } from "../../../dsl/option-range.ts";
import { canonicalJson } from "../../../manifest/canonical.ts";
import type { BackendDefinition, ModelDefinition, ShardRequest } from "../../../plugin/definition.ts";
import type { OptionDescription } from "../../../realm/option-schema.ts";
import { isObject, own } from "../../../spec/own.ts";
import { checker } from "../arguments.ts";
import type { ContractCase } from "../case.ts";
import { ODD_NAMES, ODD_TEXTS } from "../hostile.ts";
import { deepFrozen, plainProblem } from "../plain.ts";
import type { Subject } from "../subject.ts";
import { problemCase } from "./names.ts";

/** What backends and models promise of shards: arguments that fit, whatever an author may set. */
export function shardCases(
  subject: Subject<BackendDefinition> | Subject<ModelDefinition>,
  models: readonly JsonObject[],
): readonly ContractCase[] {
  const { definition, schema } = subject;
  const of = `\`${definition.type}\``;
  const check = checker(schema);
  const requests = () => requestsOf(subject, models);
  const answer = (request: ShardRequest): JsonObject | Error => {
    try {
      return definition.shard(request);
    } catch (error) {
      return error instanceof Error ? error : new Error(String(error));
    }
  };
  return [
    problemCase(
      "shard: answers fit the arguments",
      `\`shard\` of ${of} makes arguments that fit its schema, whatever a model's options are`,
      "widen the schema to all that options admit, or bound the options by `@range`",
      () => {
        for (const { what, request } of requests()) {
          const made = answer(request);
          const problem =
            made instanceof Error ? `${made.name}: ${made.message}` : (plainProblem(made) ?? check(made)[0]);
          if (problem !== null && problem !== undefined) return `${what}: ${problem}`;
        }
        return null;
      },
    ),
    problemCase(
      "shard: gives the same each time",
      `\`shard\` of ${of} gives the same for the same model`,
      "use neither counters nor clock nor chance",
      () => {
        for (const { what, request } of requests()) {
          const [first, second] = [textOf(answer(request)), textOf(answer(request))];
          if (first !== second) return { what, first, second };
        }
        return null;
      },
    ),
    problemCase(
      "shard: leaves the model alone",
      `\`shard\` of ${of} changes nothing of the model`,
      "copy what is changed",
      () => {
        for (const { what, request } of requests()) {
          const before = JSON.stringify(request);
          const copy = structuredClone(request);
          answer(copy);
          if (JSON.stringify(copy) !== before) return what;
          // What changes something and puts it back shows where nothing can be changed.
          if (answer(deepFrozen(structuredClone(request))) instanceof TypeError && !(answer(copy) instanceof Error))
            return what;
        }
        return null;
      },
    ),
    ...(definition.kind === "backend" ? backendCases(subject as Subject<BackendDefinition>, models) : []),
  ];
}

function textOf(made: JsonObject | Error): string {
  if (made instanceof Error) return made.name;
  try {
    return canonicalJson(made);
  } catch {
    return JSON.stringify(made);
  }
}

function backendCases(subject: Subject<BackendDefinition>, models: readonly JsonObject[]): readonly ContractCase[] {
  const { definition, described } = subject;
  const { type, options, captures, server, group } = definition;
  const of = `the backend \`${type}\``;
  const defaults = (): JsonObject => (options === null ? {} : (plainGroup(options()) as JsonObject));
  const described_ = described?.options?.schema ?? [];
  return [
    problemCase(
      "options: each is documented",
      `${of} says in words what each of its options is`,
      "write a doc comment above the field, and build the descriptor anew",
      () => {
        const known = leavesOf(defaults());
        const missing = known.find(
          (path) => !described_.some((option) => option.path === path || path.startsWith(`${option.path}.`)),
        );
        return missing ?? described_.find(({ help }) => help.trim() === "")?.path;
      },
    ),
    problemCase(
      "options: defaults are in their range",
      `defaults of ${of} are values that its options take`,
      "correct the default or its `@range`",
      () =>
        described_.find((option) => {
          const value = valueAt(defaults(), option.path);
          const range = option.range === null ? null : parseRange(option.range);
          return typeof value === "number" && range !== null && !("problem" in range) && !inRange(range, value);
        })?.path,
    ),
    problemCase(
      "options: a new object each time",
      `${of} makes its options anew for each model`,
      "return a new object from the class",
      () => (options !== null && options() === options() ? (group ?? type) : null),
    ),
    problemCase(
      "captures: are options",
      `options by which ${of} bounds captured graphs are there`,
      "correct `captures`",
      () => {
        if (captures === null) return null;
        const of = defaults();
        if (!(typeof own(of, captures.limit) === "number")) return `\`${captures.limit}\` is no number`;
        return typeof own(of, captures.unless) === "boolean" ? null : `\`${captures.unless}\` is no switch`;
      },
    ),
    problemCase(
      "server: answers fit the arguments",
      `\`server\` of ${of} makes arguments that fit its schema but for the checkpoint`,
      "leave `modelPath` out, and give what the schema requires",
      () => {
        if (server === null) return null;
        const check = checker(subject.schema);
        for (const { what, request } of requestsOf(subject, models)) {
          const args = server(request);
          if (Object.hasOwn(args, "modelPath")) return `${what}: \`modelPath\` is there`;
          const problem = plainProblem(args) ?? check({ modelPath: "", ...args })[0];
          if (problem !== null && problem !== undefined) return `${what}: ${problem}`;
        }
        return null;
      },
    ),
  ];
}

interface OddRequest {
  readonly what: string;
  readonly request: ShardRequest;
}

/** Models as authors may make them: each option at its bounds, odd paths and families, on GPUs of their own or not. */
function* requestsOf(
  { definition, described }: Subject<BackendDefinition> | Subject<ModelDefinition>,
  samples: readonly JsonObject[],
): Generator<OddRequest> {
  const group = definition.kind === "backend" ? definition.group : null;
  const options = definition.kind === "backend" && definition.options !== null ? definition.options() : null;
  const base = {
    ...(plainGroup(new ModelOptions()) as JsonObject),
    ...(group === null || options === null ? {} : { [group]: plainGroup(options) as JsonObject }),
    path: "/models/base",
  };
  const request = (model: JsonObject, more: Partial<ShardRequest> = {}): ShardRequest => ({
    model: model as ShardRequest["model"],
    family: "llama",
    tokenizerPath: "/models/tokenizer",
    apart: false,
    ...more,
  });
  const models = [base, ...samples.map((sample) => ({ ...base, ...sample }))];
  for (const [index, model] of models.entries()) {
    const what = index === 0 ? "the default model" : `sample ${index}`;
    yield { what, request: request(model) };
    yield { what: `${what}, on GPUs of its own`, request: request(model, { apart: true }) };
    yield { what: `${what} with an option that nobody knows`, request: request({ ...model, noSuchOption: 1 }) };
    for (const [odd, text] of Object.entries(ODD_TEXTS)) {
      // Halves of characters are refused before.
      if (/\p{Surrogate}/u.test(text)) continue;
      yield {
        what: `${what} at ${odd}`,
        request: request({ ...model, path: text }, { family: text.slice(0, 100), tokenizerPath: text }),
      };
    }
    for (const odd of ODD_NAMES)
      yield { what: `${what} of the family ${JSON.stringify(odd)}`, request: request(model, { family: odd }) };
    for (const option of group === null ? [] : (described?.options?.schema ?? [])) {
      const settings = own(model, group as string);
      if (!isObject(settings)) continue;
      for (const value of valuesOf(option, valueAt(settings, option.path))) {
        const changed = withValue(settings, option.path.split("."), value);
        yield {
          what: `${what} with \`${group}.${option.path}\` ${JSON.stringify(value)}`,
          request: request({ ...model, [group as string]: changed }),
        };
      }
    }
  }
}

/** Values that an option takes, at its bounds. */
function valuesOf({ range, choices, nullable }: OptionDescription, value: JsonValue | undefined): readonly JsonValue[] {
  const empty = nullable ? [null] : [];
  if (choices !== null) return [...empty, ...choices];
  if (typeof value === "boolean") return [...empty, !value];
  if (typeof value === "string") return [...empty, "", "constructor", "ä 測"];
  const parsed = range === null ? null : parseRange(range);
  if (parsed === null || "problem" in parsed) return empty;
  const candidates = [0, 1, -1, 0.5, 1e-9, 2 ** 31, parsed.lower?.at ?? 0, parsed.upper?.at ?? 0];
  return [...empty, ...candidates.filter((number) => Number.isFinite(number) && inRange(parsed, number))];
}

function withValue(settings: JsonObject, [name = "", ...deeper]: readonly string[], value: JsonValue): JsonObject {
  const inner = own(settings, name);
  return { ...settings, [name]: deeper.length > 0 && isObject(inner) ? withValue(inner, deeper, value) : value };
}

function valueAt(settings: JsonObject, path: string): JsonValue | undefined {
  let value: JsonValue | undefined = settings;
  for (const name of path.split(".")) value = isObject(value) ? own(value, name) : undefined;
  return value;
}

/** Paths of all options in a group. */
function leavesOf(settings: JsonObject, path = ""): readonly string[] {
  return Object.entries(settings).flatMap(([name, value]) =>
    isObject(value) && Object.keys(value).length > 0 ? leavesOf(value, `${path}${name}.`) : [`${path}${name}`],
  );
}
