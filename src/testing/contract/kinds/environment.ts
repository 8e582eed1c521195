import { Script, createContext } from "node:vm";
import type { JsonValue } from "type-fest";
import type { EnvironmentDefinition, InterfaceDefinition } from "../../../plugin/definition.ts";
import { isObject } from "../../../spec/own.ts";
import type { ContractCase } from "../case.ts";
import { ODD_TEXTS } from "../hostile.ts";
import type { Subject } from "../subject.ts";
import { problemCase } from "./names.ts";

/** How long one pattern may take for all hostile values: far more than one that does not try everything again needs. */
const MOST_MILLISECONDS = 5_000;
/** Longer values are no values of variables. */
const LENGTHS = [16, 32, 64, 1024, 4096];

/** Environment variables have names, and patterns that end on any value. */
export function environmentCases({
  definition,
}: Subject<EnvironmentDefinition> | Subject<InterfaceDefinition>): readonly ContractCase[] {
  const of = `\`${definition.type}\``;
  const env: readonly (readonly [string, JsonValue])[] = isObject(definition.facts["env"])
    ? Object.entries(definition.facts["env"])
    : [];
  const patterns = env.flatMap(([name, facts]) =>
    isObject(facts) && typeof facts["pattern"] === "string" ? [{ name, pattern: facts["pattern"] }] : [],
  );
  return [
    problemCase(
      "variables: are named as the environment names them, and said in words",
      `${of} names environment variables and says what their values look like`,
      "name a variable by letters, digits and `_`, and give it `pattern` and `what`, words that stand after `needs`",
      () =>
        env.find(
          ([name, facts]) =>
            !/^[A-Za-z_][A-Za-z0-9_]*$/.test(name) ||
            !isObject(facts) ||
            typeof facts["what"] !== "string" ||
            facts["what"].trim() === "",
        ),
    ),
    problemCase(
      "variables: patterns are regular expressions",
      `patterns of ${of} are regular expressions`,
      "correct the pattern; it has the flag `u`",
      () => patterns.find(({ pattern }) => compiled(pattern) === null),
    ),
    problemCase(
      "variables: patterns end on any value",
      `patterns of ${of} end soon, whatever a value is`,
      "write the pattern so that no two of its parts can take the same characters in turn (no `(a+)+`)",
      () => patterns.find(({ pattern }) => compiled(pattern) !== null && !ends(pattern)),
    ),
  ];
}

function compiled(pattern: string): RegExp | null {
  try {
    return new RegExp(pattern, "u");
  } catch {
    return null;
  }
}

/** Whether a pattern ends on values made of its own characters, repeated, and of odd texts. */
function ends(pattern: string): boolean {
  const literals = [...new Set(pattern.replaceAll(/\\[a-z]/gi, "").replaceAll(/[()[\]{}|*+?^$\\]/g, ""))];
  const parts = [...new Set([...literals, "a", "A", "0", " ", "/", ":", "-", ".", "_", "ab", "a0", "a.", "a/", "a b"])];
  const beginnings = ["", ...(/[a-z]+:\/\//i.exec(pattern.replaceAll(/[?\\]/g, "")) ?? [])];
  const values = [
    ...beginnings.flatMap((start) =>
      parts.flatMap((part) =>
        LENGTHS.flatMap((length) => ["", "!", "\n"].map((end) => start + part.repeat(length / part.length) + end)),
      ),
    ),
    ...Object.values(ODD_TEXTS).map((text) => text.slice(0, 4096)),
  ];
  const context = createContext({ pattern, values });
  try {
    new Script("for (const value of values) new RegExp(pattern, 'u').test(value)").runInContext(context, {
      timeout: MOST_MILLISECONDS,
    });
    return true;
  } catch (error) {
    if ((error as { readonly code?: string }).code === "ERR_SCRIPT_EXECUTION_TIMEOUT") return false;
    throw error;
  }
}
