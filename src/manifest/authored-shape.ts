import { type Schema, Validator } from "@cfworker/json-schema";
import { type SchemaProblem, schemaProblems } from "../schema/problems.ts";
import type { Authored } from "./format.ts";
import { MANIFEST_SCHEMA } from "./schema.ts";

/** More than these say nothing new. */
const MOST_PROBLEMS = 20;

let validator: Validator | undefined;

/** What keeps an authored part from having the shape that a manifest's schema gives it; pointers lead into the part. */
export function authoredProblems(authored: Authored): readonly SchemaProblem[] {
  const { $defs, properties } = MANIFEST_SCHEMA;
  const schema: Schema = { ...(properties?.["authored"] as Schema), ...($defs === undefined ? {} : { $defs }) };
  validator ??= new Validator(schema, "2020-12", false);
  return schemaProblems(validator, authored, "a manifest has nothing here").slice(0, MOST_PROBLEMS);
}
