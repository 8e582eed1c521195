import type { JsonObject, JsonValue } from "type-fest";
import type { InterfaceDefinition } from "../../../plugin/definition.ts";
import { INTERFACE_TYPES, type InterfaceType } from "../../../spec/call.ts";
import { isObject, own } from "../../../spec/own.ts";
import { checker } from "../arguments.ts";
import type { ContractCase } from "../case.ts";
import { argumentsOf } from "../generator.ts";
import { factsOfPair, type Subject } from "../subject.ts";
import { namesProblem, problemCase } from "./names.ts";
import { environmentCases } from "./environment.ts";

/** An interface says which keys it reads and yields, and never more for some arguments than for its type. */
export function interfaceCases(subject: Subject<InterfaceDefinition>): readonly ContractCase[] {
  const { definition, schema, samples, make } = subject;
  const of = `the interface \`${definition.type}\``;
  const calls = isObject(definition.facts["calls"]) ? definition.facts["calls"] : {};
  return [
    problemCase(
      "calls: are of kinds that there are",
      `${of} offers kinds of calls`,
      `take ${INTERFACE_TYPES.join(", ")}`,
      () => {
        const names = Object.keys(calls);
        return names.length === 0 ? "none" : names.find((name) => !INTERFACE_TYPES.includes(name as InterfaceType));
      },
    ),
    problemCase(
      "keys: are names, each once",
      `${of} names keys`,
      "correct the names of keys, and say each one once",
      () => {
        for (const [name, call] of Object.entries(calls)) {
          for (const [which, certain] of SIDES) {
            const problem = keysProblem(isObject(call) ? call[which] : undefined, certain);
            if (problem !== null) return `${name}.${which}: ${problem}`;
          }
        }
        return null;
      },
    ),
    problemCase(
      "keys: those of arguments are among those of the type",
      `${of} reads and yields, whatever its arguments, only what its type may read and yield`,
      "add the key to `calls` as an optional one, or take it out of what `callsFor` gives",
      () => {
        const fits = checker(schema);
        const all = argumentsOf(schema ?? true, samples).filter((args) => fits(args).length === 0);
        for (const args of all) {
          const own = factsOfPair(make(args))["calls"];
          const problem = own === undefined ? null : beyondProblem(own, calls);
          if (problem !== null) return { args, problem };
        }
        return null;
      },
    ),
    ...environmentCases(subject),
  ];
}

const SIDES = [
  ["reads", "required"],
  ["yields", "always"],
] as const;

/** What is wrong with the keys of one side of a call. */
function keysProblem(keys: JsonValue | undefined, certain: string): string | null {
  if (keys === "any") return null;
  if (!isObject(keys)) return "no keys, and not `any`";
  const [first, second] = [listOf(keys, certain), listOf(keys, "optional")];
  return namesProblem(first) ?? namesProblem(second) ?? bothProblem(first, second, certain);
}

function bothProblem(first: readonly JsonValue[], second: readonly JsonValue[], certain: string): string | null {
  const both = first.find((key) => second.includes(key));
  return both === undefined ? null : `\`${String(both)}\` is both \`${certain}\` and \`optional\``;
}

function listOf(keys: JsonObject, name: string): readonly JsonValue[] {
  const list = keys[name];
  return Array.isArray(list) ? list : [];
}

/** What calls of one pair go beyond those of the type. */
function beyondProblem(calls: JsonValue, all: JsonObject): string | null {
  if (!isObject(calls)) return "`calls` is no object";
  for (const [name, call] of Object.entries(calls)) {
    const known = own(all, name);
    if (!isObject(known) || !isObject(call)) return `\`${name}\` is no kind of call of the type`;
    for (const [which, certain] of SIDES) {
      const problem = keysProblem(call[which], certain) ?? wider(call[which], known[which], certain);
      if (problem !== null) return `${name}.${which}: ${problem}`;
    }
  }
  return null;
}

function wider(keys: JsonValue | undefined, known: JsonValue | undefined, certain: string): string | null {
  if (known === "any") return null;
  if (keys === "any") return "is `any`, and that of the type is not";
  if (!isObject(keys) || !isObject(known)) return null;
  const allowed = [...listOf(known, certain), ...listOf(known, "optional")];
  const unknown = [...listOf(keys, certain), ...listOf(keys, "optional")].find((key) => !allowed.includes(key));
  if (unknown !== undefined) return `\`${String(unknown)}\` is no key of the type's`;
  const missing = listOf(known, certain).find((key) => !listOf(keys, certain).includes(key));
  return missing === undefined ? null : `\`${String(missing)}\` is \`${certain}\` for the type, and not here`;
}
