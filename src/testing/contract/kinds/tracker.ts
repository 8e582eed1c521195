import { isSecretByName, secretsIn } from "../../../spec/secrets.ts";
import type { TrackerDefinition } from "../../../plugin/definition.ts";
import { isObject } from "../../../spec/own.ts";
import type { ContractCase } from "../case.ts";
import type { Subject } from "../subject.ts";
import { problemCase } from "./names.ts";

/** What is a secret under a name that says so. */
const LOOKS_SECRET = "9f86d081884c7d659a2feaa0c55ad015";

/** A tracker's arguments stand in manifests: it takes no secret by them. */
export function trackerCases({ definition, schema, samples }: Subject<TrackerDefinition>): readonly ContractCase[] {
  const of = `the tracker \`${definition.type}\``;
  const help =
    "have the tracker take what opens it from the environment of its worker, or take the name of the variable as the argument";
  return [
    problemCase("secrets: no argument asks for one", `${of} asks for no secret by its arguments`, help, () =>
      namesIn(schema).find((name) => isSecretByName(name, LOOKS_SECRET)),
    ),
    problemCase("secrets: the samples hold none", `${of} is made without a secret`, help, () => {
      const [secret] = samples.flatMap((sample) => secretsIn(sample));
      return secret === undefined ? null : `${secret.what} at \`${secret.pointer}\``;
    }),
  ];
}

/** Names of arguments, however deep. */
function namesIn(schema: unknown): readonly string[] {
  if (Array.isArray(schema)) return schema.flatMap(namesIn);
  if (!isObject(schema)) return [];
  const { properties } = schema;
  const own = isObject(properties) ? Object.keys(properties) : [];
  return [...own, ...Object.values(schema).flatMap(namesIn)];
}
