import type { JsonObject, JsonValue } from "type-fest";
import type { DatasetDefinition, StreamDefinition } from "../../../plugin/definition.ts";
import { defineDataset } from "../../../plugin/define.ts";
import { enterRealm, leaveRealm } from "../../../realm/realm.ts";
import { isObject, own } from "../../../spec/own.ts";
import { checker } from "../arguments.ts";
import { type ContractCase } from "../case.ts";
import { ODD_NAMES } from "../hostile.ts";
import { factsOfPair, type Subject } from "../subject.ts";
import { namesProblem, problemCase } from "./names.ts";

/** A dataset yields keys, and its paths are arguments. */
export function datasetCases({ definition, schema }: Subject<DatasetDefinition>): readonly ContractCase[] {
  const of = `the dataset \`${definition.type}\``;
  const list = (name: string): readonly unknown[] => {
    const value = definition.facts[name];
    return Array.isArray(value) ? value : [];
  };
  const properties = isObject(schema) && isObject(schema["properties"]) ? schema["properties"] : {};
  return [
    problemCase("yields: keys, at least one, each once", `${of} yields keys`, "correct `yields`", () =>
      list("yields").length === 0 ? "no key" : namesProblem(list("yields")),
    ),
    problemCase("paths: are arguments that are texts", `${of} names arguments as paths`, "correct `paths`", () => {
      return list("paths").find((path) => {
        const argument = typeof path === "string" ? own(properties, path) : undefined;
        return !isObject(argument) || ![argument["type"]].flat().includes("string");
      });
    }),
    problemCase(
      "columns: are of types that there are, and name arguments and columns that there are",
      `${of} says what rows must be`,
      "correct `columns`",
      () => columnsProblem(definition.facts["columns"], properties),
    ),
  ];
}

const JSON_TYPES: ReadonlySet<unknown> = new Set(["array", "boolean", "integer", "null", "number", "object", "string"]);

/** What is wrong with what a dataset says of its columns. */
function columnsProblem(facts: JsonValue | undefined, args: JsonObject): string | null {
  const columns = isObject(facts) ? facts : {};
  for (const [name, column] of Object.entries(columns)) {
    if (!isObject(column)) return `\`${name}\` says nothing`;
    const { type, items, values, maxTokens, namedBy, sameLengthAs, rows = {} } = column;
    const types = [type].flat();
    if (types.length === 0 || !types.every((one) => JSON_TYPES.has(one))) return `\`${name}\` is of no type of JSON`;
    if (items !== undefined && (!JSON_TYPES.has(items) || !types.includes("array")))
      return `\`${name}\` has no such items`;
    if (Array.isArray(values) && values.length === 0) return `\`${name}\` may have no value`;
    for (const argument of [maxTokens, namedBy]) {
      if (typeof argument === "string" && own(args, argument) === undefined) return `\`${argument}\` is no argument`;
    }
    if (typeof sameLengthAs === "string" && own(columns, sameLengthAs) === undefined) {
      return `\`${name}\` is as long as \`${sameLengthAs}\`, which is no column`;
    }
    const other = Object.keys(isObject(rows) ? rows : {}).find((one) => own(columns, one) === undefined);
    if (other !== undefined) return `\`${name}\` depends on \`${other}\`, which is no column`;
  }
  return null;
}

/** Keys of a dataset that only a suite has, and of the call that would fill a stream. */
const PROBE = ["contract_probe_key", "contract_probe_mask"] as const;
const GENERATED = "contract_generated_key";

/** A stream yields what its datasets and the call that fills it yield. */
export function streamCases({ definition, schema, samples, make }: Subject<StreamDefinition>): readonly ContractCase[] {
  const of = `the stream \`${definition.type}\``;
  const argument = definition.facts["stream"];
  const name = typeof argument === "string" ? argument : "";
  const stream = make as (args: object, generated?: object) => ReturnType<typeof make>;
  const properties = isObject(schema) && isObject(schema["properties"]) ? schema["properties"] : {};
  return [
    problemCase(
      "datasets: an argument holds them",
      `${of} has an argument for its datasets`,
      "correct `datasets`",
      () => (own(properties, name) === undefined ? name : null),
    ),
    problemCase(
      "yields: those of the datasets and of the call that generates",
      `${of} yields the keys of its datasets and of the call that generates`,
      "have the factory of `defineStreamDataset` make the pair",
      () =>
        withProbe((probe) => {
          const pair = stream({ ...samples[0], [name]: [probe] }, { yields: [GENERATED] });
          const yields = factsOfPair(pair)["yields"];
          return JSON.stringify(yields) === JSON.stringify([...PROBE, GENERATED]) ? null : (yields ?? "no keys");
        }),
    ),
    problemCase(
      "yields: nobody knows those of unknown datasets",
      `${of} claims no keys where a dataset is unknown`,
      "have the factory of `defineStreamDataset` make the pair",
      () =>
        withProbe((probe) => {
          const claims = ODD_NAMES.map((type) =>
            factsOfPair(stream({ ...samples[0], [name]: [probe, { type, args: {} }] }, { yields: [GENERATED] })),
          );
          return claims.find((facts) => facts["yields"] !== undefined) ?? null;
        }),
    ),
    problemCase(
      "stream: makes arguments that fit and hold the datasets",
      `\`stream\` of ${of} makes arguments of a flow's datasets`,
      "give all required arguments, and the datasets as they are",
      () =>
        withProbe((probe) => {
          const args = definition.stream({ datasets: Object.freeze([probe]) });
          const [problem] = checker(schema)(args);
          if (problem !== undefined) return problem;
          const held = own(args, name);
          return JSON.stringify(held) === JSON.stringify([probe]) ? null : (held ?? "no datasets");
        }),
    ),
  ];
}

/** Runs with a dataset that is known while it runs. */
function withProbe<T>(act: (probe: object & ReturnType<Subject["make"]>) => T): T {
  const realm = enterRealm();
  try {
    const probe = defineDataset({
      type: "contract-probe",
      args: { type: "object", properties: {}, additionalProperties: false },
      yields: PROBE,
    });
    return act(probe());
  } finally {
    leaveRealm(realm);
  }
}
