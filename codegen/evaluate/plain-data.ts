import type { JsonValue } from "type-fest";
import { at, type Finding } from "../../src/diagnostics/finding.ts";
import type { Origin } from "../../src/origin/call-site.ts";
import { ORIGIN } from "../../src/origin/call-site.ts";
import { toPointer } from "../../src/origin/pointer.ts";
import { evaluateDiagnostics } from "./diagnostics.ts";
import { DENIED } from "./hermetic.ts";

/** A value as plain data, where its nouns were made, and what of it is no plain data. */
export interface PlainData {
  readonly value: JsonValue;
  readonly origins: ReadonlyMap<string, Origin>;
  readonly findings: readonly Finding[];
}

/** Beyond this something else is wrong. */
const MOST_FINDINGS = 50;
const MAX_DEPTH = 200;
/** As it was before any author code ran. */
const tagOf = Object.prototype.toString;
const HALF_CHARACTER = /\p{Surrogate}/u;

/**
 * Copies a value without its symbols. What JSON can't hold is told with its place: promises, maps, sets, dates, big and
 * infinite numbers, functions, class instances, cycles, getters that throw. `undefined` properties are left out.
 */
export function plainData(root: unknown): PlainData {
  const origins = new Map<string, Origin>();
  const findings: Finding[] = [];
  const path: (string | number)[] = [];
  const above = new Set<object>();

  const refuse = (found: string): null => {
    if (findings.length < MOST_FINDINGS) {
      findings.push(
        evaluateDiagnostics["not-plain-data"]({ path: path.join("."), found }, { at: at(toPointer(path)) }),
      );
    }
    return null;
  };

  const copy = (value: unknown): JsonValue | undefined => {
    switch (typeof value) {
      case "string":
        return HALF_CHARACTER.test(value) ? refuse("a string with half of a character") : value;
      case "boolean":
        return value;
      case "number":
        return Number.isFinite(value) ? value : refuse(String(value));
      case "undefined":
        return undefined;
      case "bigint":
        return refuse("a BigInt");
      case "symbol":
        return refuse("a symbol");
      case "function":
        return refuse(/^class\b/.test(Function.prototype.toString.call(value)) ? "a class" : "a function");
      case "object":
        return value === null ? null : copyObject(value);
    }
  };

  const copyObject = (value: object): JsonValue => {
    const problem = objectProblem(value);
    if (problem !== null) return refuse(problem);
    if (above.has(value)) return refuse("an object that contains itself");
    if (path.length > MAX_DEPTH) return refuse("nested too deeply");
    above.add(value);
    const origin = originOf(value);
    if (origin !== undefined) origins.set(toPointer(path), origin);
    const result = Array.isArray(value) ? copyList(value as readonly unknown[]) : copyProperties(value);
    above.delete(value);
    return result;
  };

  const copyList = (list: readonly unknown[]): JsonValue => {
    const result: JsonValue[] = [];
    for (let index = 0; index < list.length; index += 1) {
      path.push(index);
      const made = index in list ? copy(get(list, index)) : undefined;
      result.push(made === undefined ? refuse(index in list ? "undefined" : "a hole") : made);
      path.pop();
    }
    return result;
  };

  const copyProperties = (value: object): JsonValue => {
    const entries: [string, JsonValue][] = [];
    for (const key of Object.keys(value)) {
      path.push(key);
      if (HALF_CHARACTER.test(key)) refuse("named by half of a character");
      const made = copy(get(value, key));
      if (made !== undefined) entries.push([key, made]);
      path.pop();
    }
    // `fromEntries` defines properties: a key `__proto__` stays data.
    return Object.fromEntries(entries);
  };

  /** A getter may throw, and may have been refused something. */
  const get = (owner: object, key: PropertyKey): unknown => {
    try {
      return (owner as Record<PropertyKey, unknown>)[key];
    } catch (error) {
      // Of another realm than this one's, and maybe no error at all.
      const { [DENIED]: denied, message } = Object(error) as Readonly<Record<string, unknown>>;
      if (typeof denied === "string") {
        findings.push(evaluateDiagnostics.denied({ what: denied }, { at: at(toPointer(path)) }));
      } else refuse(`a getter that throws (${typeof message === "string" ? message : typeof error})`);
      return null;
    }
  };

  return { value: copy(root) ?? null, origins, findings };
}

function originOf(value: object): Origin | undefined {
  return (value as { readonly [ORIGIN]?: Origin })[ORIGIN];
}

/** Why an object is no plain one; objects of every realm are. */
function objectProblem(value: object): string | null {
  if (Array.isArray(value)) return null;
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype === null) return null;
  const tag = tagOf.call(value).slice("[object ".length, -1);
  if (tag !== "Object") return /^[AEIO]/.test(tag) ? `an ${tag}` : `a ${tag}`;
  // The prototype of plain objects is the one that has none itself.
  if (Object.getPrototypeOf(prototype) === null && Object.hasOwn(prototype as object, "hasOwnProperty")) return null;
  const name = (value as { readonly constructor?: { readonly name?: unknown } }).constructor?.name;
  return typeof name === "string" && name !== "" ? `an instance of class \`${name}\`` : "an instance of a class";
}
