import { Validator } from "@cfworker/json-schema";
import type { JsonObject } from "type-fest";
import type { FindingDetails } from "../diagnostics/define.ts";
import { at, type Finding, type Place } from "../diagnostics/finding.ts";
import { suggestion } from "../diagnostics/nearest.ts";
import type { Authored, PluginFacts, TypeFacts } from "../manifest/format.ts";
import { parsePointer } from "../origin/pointer.ts";
import { INTERFACE_TYPES, type ModelFunctionCall } from "../spec/call.ts";
import type { ExperimentConfig } from "../spec/experiment-config.ts";
import { isObject, own } from "../spec/own.ts";
import type { TypeArgs } from "../spec/pair.ts";
import { fieldOf, type PlacedPair } from "../spec/placed-pairs.ts";
import { pairDiagnostics } from "./diagnostics.ts";
import { everyPair } from "./every-pair.ts";
import { type ArgsProblem, argsProblems } from "./args-problems.ts";
import { callFactsOf, knowsKind, strings, typeFacts } from "./facts.ts";

/** A validator depends on nothing but the facts: a build resolves hundreds of manifests against the same ones. */
const validators = new WeakMap<PluginFacts, Map<string, Validator>>();

function validatorsOf(facts: PluginFacts): Map<string, Validator> {
  let known = validators.get(facts);
  if (known === undefined) validators.set(facts, (known = new Map()));
  return known;
}

/** Checks types, arguments and interfaces of a setup against what plugins say of them. */
export class PairChecker {
  readonly #facts: PluginFacts;
  readonly #validators: Map<string, Validator>;
  /** The same pair with the same problem is one mistake, be it in every shard. */
  readonly #seen = new Set<string>();

  constructor(facts: PluginFacts) {
    this.#facts = facts;
    this.#validators = validatorsOf(facts);
  }

  /** @param pairFacts facts that depend on a pair's arguments, by its pointer: they come before those of its type */
  check(config: ExperimentConfig, base: string, pairFacts: Authored["facts"] = {}): readonly Finding[] {
    const findings = [...everyPair(config, base, this.#facts)].flatMap((placed) => this.checkPair(placed));
    const calls = config.modelRpcs.flatMap((call, index) => {
      const pointer = `${base}/modelRpcs/${index}`;
      return this.#checkCall(call, pointer, own(pairFacts, `${pointer}/interfaceImpl`));
    });
    return [...findings, ...this.#checkServers(config, base), ...calls];
  }

  /** Arguments of the engine that servers run: those of its backend, but for the checkpoint, which a server has apart. */
  #checkServers(config: ExperimentConfig, base: string): readonly Finding[] {
    if (!knowsKind(this.#facts, "backend")) return [];
    const types = [...fieldOf(config, "generationServer", "backendType", base)];
    return [...fieldOf(config, "generationServer", "backendArgs", base)].flatMap(([args, pointer], index) => {
      const [type, place] = types[index] ?? types[0] ?? [];
      if (typeof type !== "string" || place === undefined || !isObject(args)) return [];
      const facts = typeFacts(this.#facts, "backend", type);
      if (facts === undefined) {
        if (!this.#first(`backend ${type}`)) return [];
        const details = { at: at(place), ...suggestion(type, Object.keys(this.#facts.types["backend"] ?? {})) };
        return [pairDiagnostics["unknown-type"]({ kind: "backend", type }, details)];
      }
      return this.#badArgs("backend", { type, args: { [SERVER_PATH]: "", ...args } }, pointer, facts);
    });
  }

  /** Checks the type and the arguments of one pair, wherever it stands. */
  checkPair({ kind, pair, pointer }: PlacedPair): readonly Finding[] {
    if (!knowsKind(this.#facts, kind)) return [];
    const facts = typeFacts(this.#facts, kind, pair.type);
    if (facts === undefined) {
      if (!this.#first(`${kind} ${pair.type}`)) return [];
      return [
        pairDiagnostics["unknown-type"](
          { kind, type: pair.type },
          { at: at(`${pointer}/type`), ...suggestion(pair.type, Object.keys(this.#facts.types[kind] ?? {})) },
        ),
      ];
    }
    return [...this.#badArgs(kind, pair, `${pointer}/args`, facts), ...this.#emptyPaths(kind, pair, pointer, facts)];
  }

  #emptyPaths(kind: string, pair: TypeArgs, pointer: string, { facts }: TypeFacts): readonly Finding[] {
    return strings(facts["paths"]).flatMap((path) =>
      own(pair.args, path) === "" && this.#first(`${kind} ${pair.type} ${path} ${JSON.stringify(pair.args)}`)
        ? [pairDiagnostics["empty-path"]({ kind, type: pair.type, path }, { at: at(`${pointer}/args/${path}`) })]
        : [],
    );
  }

  #badArgs(kind: string, pair: TypeArgs, pointer: string, facts: TypeFacts): readonly Finding[] {
    if (facts.args === null) return [];
    const { type, args } = pair;
    return this.#argsProblems(kind, pair, facts.args).flatMap((found) => {
      if (!this.#first(`${kind} ${type} ${found.path} ${found.problem}`)) return [];
      const { path, problem } = found;
      const data = { kind, type, path, problem, found: scalarAt(args, found.pointer) };
      const notes = found.description === null ? {} : { notes: [`\`${path}\`: ${found.description}`] };
      const place = `${pointer}${found.pointer}`;
      const where: Place = found.mistaken === "key" ? { kind: "pointer", pointer: place, part: "key" } : at(place);
      return [
        pairDiagnostics.args(data, { at: where, gives: ["problem"], ...notes, ...replacement(found, args, place) }),
      ];
    });
  }

  #argsProblems(kind: string, pair: TypeArgs, schema: JsonObject | boolean): readonly ArgsProblem[] {
    const key = `${kind} ${pair.type}`;
    let validator = this.#validators.get(key);
    if (validator === undefined) {
      validator = new Validator(schema as never, "2020-12", false);
      this.#validators.set(key, validator);
    }
    return argsProblems(validator, pair.args, schema);
  }

  #checkCall(call: ModelFunctionCall, pointer: string, pairFacts: JsonObject = {}): readonly Finding[] {
    const type = call.interfaceImpl.type;
    const facts = typeFacts(this.#facts, "interface", type);
    const offered = facts === undefined ? null : callFactsOf({ ...facts.facts, ...pairFacts });
    if (offered === null) return [];
    const kind = own(
      offered as Readonly<Record<string, NonNullable<(typeof offered)["generate"]>>>,
      call.interfaceType,
    );
    if (kind === undefined) {
      // What no interface could do is a finding of the call itself.
      if (!INTERFACE_TYPES.includes(call.interfaceType)) return [];
      return [
        pairDiagnostics["interface-type"](
          { type, call: call.name, wanted: call.interfaceType, offered: Object.keys(offered) },
          { at: at(`${pointer}/interfaceType`) },
        ),
      ];
    }
    const findings: Finding[] = [];
    const { reads, yields } = kind;
    if (reads !== null) {
      const taken = call.inputKeys.map((key) => own(call.inputKeyRemap, key) ?? key);
      const known = new Set([...reads.required, ...reads.optional]);
      for (const [index, key] of taken.entries()) {
        if (known.has(key)) continue;
        findings.push(this.#keyFinding(call, key, "read", [...known], `${pointer}/inputKeys/${index}`));
      }
      for (const key of reads.required.filter((required) => !taken.includes(required))) {
        findings.push(
          pairDiagnostics["missing-key"](
            { type, call: call.name, key, wanted: call.interfaceType },
            { at: at(`${pointer}/inputKeys`) },
          ),
        );
      }
    }
    if (yields !== null) {
      const given = new Map(Object.entries(call.outputKeyRemap).map(([inner, outer]) => [outer, inner]));
      const known = new Set([...yields.always, ...yields.optional]);
      for (const [index, key] of call.outputKeys.entries()) {
        const inner = given.get(key) ?? key;
        if (!known.has(inner)) {
          findings.push(this.#keyFinding(call, inner, "yield", [...known], `${pointer}/outputKeys/${index}`));
        }
      }
    }
    return findings;
  }

  #keyFinding(
    call: ModelFunctionCall,
    key: string,
    direction: string,
    known: readonly string[],
    pointer: string,
  ): Finding {
    return pairDiagnostics["interface-key"](
      { type: call.interfaceImpl.type, call: call.name, key, direction },
      { at: at(pointer), ...suggestion(key, known) },
    );
  }

  #first(key: string): boolean {
    if (this.#seen.has(key)) return false;
    this.#seen.add(key);
    return true;
  }
}

/** Field of a server that its engine has as an argument elsewhere. */
const SERVER_PATH = "modelPath";

/** What stands at a pointer, if it is short enough to be told: `null` for lists and maps. */
function scalarAt(args: JsonObject, pointer: string): number | string | boolean | null {
  let value: unknown = args;
  for (const segment of parsePointer(pointer)) {
    if (typeof value !== "object" || value === null) return null;
    value = (value as Readonly<Record<string, unknown>>)[segment];
  }
  return typeof value === "number" || typeof value === "string" || typeof value === "boolean" ? value : null;
}

/** The name of an argument, or the text, that there is, for one that there is not. */
function replacement(
  { known, mistaken, pointer: path }: ArgsProblem,
  args: JsonObject,
  place: string,
): Pick<FindingDetails, "help" | "fix" | "replaces" | "fixAt"> {
  if (mistaken === null) return {};
  const name = mistaken === "key" ? (parsePointer(path).at(-1) ?? "") : String(scalarAt(args, path));
  const suggested = suggestion(name, known);
  if (mistaken === "value" || suggested.fix === undefined) {
    return mistaken === "value" || suggested.help?.startsWith("use ") === true ? suggested : {};
  }
  return { ...suggested, fixAt: { kind: "pointer", pointer: place, part: "key" } };
}
