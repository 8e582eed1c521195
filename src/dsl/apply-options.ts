import type { JsonValue } from "type-fest";
import type { Finding, Place } from "../diagnostics/finding.ts";
import { suggestion } from "../diagnostics/nearest.ts";
import type { OptionDescription, OptionSchema } from "../realm/option-schema.ts";
import { ORIGIN } from "../origin/call-site.ts";
import type { OptionOrigin, OptionValue } from "./author-protocol.ts";
import { optionDiagnostics } from "./diagnostics.ts";
import { optionKeys } from "./option.ts";
import { describeRange, inRange, nearestIn } from "./option-range.ts";
import { rangeOf, tableOf, typesOf } from "./option-table.ts";
import { isModelSpec } from "./model-spec.ts";
import { isGroup, plainGroup } from "./plain-group.ts";

/** One value for one option, and who gave it. */
export interface Assignment {
  readonly path: string;
  readonly value: unknown;
  readonly origin: OptionOrigin;
  /** Where a finding about the value lands. */
  readonly at: Place;
  /** Where one about the path does, if not beside the value. */
  readonly keyAt?: Place;
}

/** Where findings about one assignment land. */
interface Places {
  readonly value: Place;
  readonly key: Place;
}

/**
 * The options of one instance: what they are, what they were set to, and by whom. Values are checked as they are set; one
 * that does not fit is reported and left out.
 */
export class InstanceOptions {
  readonly #instance: Record<string, unknown>;
  readonly #experiment: string;
  readonly #schema: ReadonlyMap<string, OptionDescription>;
  readonly #origins = new Map<string, OptionOrigin>();
  readonly #findings: Finding[] = [];
  readonly #keys: readonly string[];
  /** Options that are maps: their keys are values, and any may be set. */
  readonly #maps: Set<string>;

  constructor(instance: object, experiment: string, schema: OptionSchema) {
    this.#instance = instance as Record<string, unknown>;
    this.#experiment = experiment;
    const { byPath, maps } = tableOf(schema);
    this.#schema = byPath;
    this.#maps = new Set(maps);
    this.#keys = optionKeys(instance);
    for (const key of this.#keys) {
      const value = this.#instance[key];
      this.#instance[key] = isGroup(value) ? withOptionOrigin(plainGroup(value), key) : value;
    }
    for (const { path, value } of this.values()) {
      // A group without keys is a map: what it may hold is not written anywhere.
      if (isGroup(value)) this.#maps.add(path);
      this.#checkDefault(path, value);
    }
  }

  get findings(): readonly Finding[] {
    return this.#findings;
  }

  /** Sets one option, or each of a group. */
  set({ path, value, origin, at, keyAt = keyOf(at) }: Assignment): void {
    const [first = "", ...rest] = path.split(".");
    if (!this.#keys.includes(first)) return this.#unknown(path, this.#keys, "", keyAt);
    this.#setIn(this.#instance, first, [], rest, value, origin, { value: at, key: keyAt });
  }

  /** All options, leaves only, in the order of their declaration. */
  values(): readonly OptionValue[] {
    const values: OptionValue[] = [];
    for (const key of this.#keys) this.#addLeaves(values, key, this.#instance[key], DEFAULT);
    return values;
  }

  /** Required options that have no value. */
  needs(): readonly string[] {
    return this.#keys.filter((key) => {
      const value = this.#instance[key];
      if (value === undefined) return true;
      return value === "" && (this.#schema.get(key)?.required ?? false);
    });
  }

  /** Options that are models. */
  modelKeys(): readonly string[] {
    return this.#keys.filter((key) => isModelSpec(this.#instance[key]));
  }

  /** Options that only a launcher reads. */
  launchKeys(): readonly string[] {
    return this.#keys.filter((key) => this.#schema.get(key)?.launch ?? false);
  }

  #setIn(
    owner: Record<string, unknown>,
    key: string,
    before: readonly string[],
    rest: readonly string[],
    value: unknown,
    origin: OptionOrigin,
    places: Places,
  ): void {
    const path = [...before, key].join(".");
    const current = Object.hasOwn(owner, key) ? owner[key] : undefined;
    const [next, ...further] = rest;
    if (next !== undefined) {
      if (!isGroup(current) || next === "__proto__") {
        // A group that is switched off has no options to set; anything else has none at all.
        return this.#unknown([...before, key, ...rest].join("."), [], path, places.key);
      }
      if (!Object.hasOwn(current, next) && !this.#isMap(path)) {
        return this.#unknown([...before, key, ...rest].join("."), Object.keys(current), path, places.key);
      }
      const group = { ...current };
      owner[key] = group;
      return this.#setIn(group, next, [...before, key], further, value, origin, places);
    }
    if (isGroup(current) && !this.#isMap(path) && isGroup(value)) {
      for (const [inner, innerValue] of Object.entries(value)) {
        if (innerValue === undefined) continue;
        const place = deeper(places.value, inner);
        const deeperOrigin = deeperIn(origin, inner);
        this.set({ path: `${path}.${inner}`, value: innerValue, origin: deeperOrigin, at: place });
      }
      return;
    }
    const problem = this.#problem(path, current, value);
    if (problem !== null) {
      this.#findings.push(problem(places.value));
      return;
    }
    owner[key] = isGroup(value) ? plainGroup(value) : value;
    this.#origins.set(path, origin);
  }

  /** True for a map, and for all that lies in one. */
  #isMap(path: string): boolean {
    return climb(path, (part) => this.#maps.has(part) || undefined) ?? false;
  }

  #unknown(path: string, siblings: readonly string[], parent: string, at: Place): void {
    const segment =
      parent === "" ? (path.split(".")[0] ?? path) : (path.slice(parent.length + 1).split(".")[0] ?? path);
    const { help, fix } = suggestion(segment, siblings);
    const around = parent === "" ? "" : `${parent}.`;
    const rest = path.slice(around.length + segment.length);
    const known = new Set(this.values().map((option) => option.path));
    // The whole path, where what follows is right.
    const whole = (name: string) => (known.has(`${around}${name}${rest}`) ? `${around}${name}${rest}` : around + name);
    const qualified = help?.replaceAll(/`([^`]+)`/g, (_, name: string) => `\`${whole(name)}\``);
    this.#findings.push(
      optionDiagnostics.unknown(
        { path, experiment: this.#experiment },
        {
          at,
          ...(qualified === undefined ? {} : { help: qualified }),
          ...(fix === undefined ? {} : renamed(at, path, { before: around, segment, fix })),
        },
      ),
    );
  }

  /** What keeps a value from being that of an option. */
  #problem(path: string, current: unknown, value: unknown): ((at: Place) => Finding) | null {
    const schema = this.#schema.get(path);
    if (value === null) {
      // Without a schema nobody knows what may be null; what has no value yet must get one.
      const nullable =
        schema === undefined ? current !== undefined || this.#isMap(path) : schema.nullable || current === null;
      return nullable ? null : this.#typeProblem(path, expectedOf(current, schema), value);
    }
    if (!fits(current, schema, value)) return this.#typeProblem(path, expectedOf(current, schema), value);
    if (schema?.choices !== null && schema?.choices !== undefined && typeof value === "string") {
      const { choices } = schema;
      if (!choices.includes(value)) {
        return (at) => optionDiagnostics.choice({ path, choices, found: value }, { at, ...suggestion(value, choices) });
      }
    }
    return this.#rangeProblem(path, schema, value);
  }

  #typeProblem(path: string, expected: string, value: unknown): (at: Place) => Finding {
    return (at) => optionDiagnostics.type({ path, expected, found: shown(value) }, { at });
  }

  #rangeProblem(path: string, schema: OptionDescription | undefined, value: unknown): ((at: Place) => Finding) | null {
    if (schema === undefined || typeof value !== "number") return null;
    const range = rangeOf(schema);
    if (range === null || inRange(range, value)) return null;
    const near = nearestIn(range, value);
    const help = near === null ? {} : { help: `write a number of that range, e.g. ${near}` };
    return (at) => {
      const declared = {
        at: { kind: "option", path, part: "declaration" },
        message: "its range stands here",
        gives: ["range"],
      } as const;
      return optionDiagnostics.range(
        { path, range: describeRange(range), found: value },
        { at, gives: ["found"], related: [declared], ...help },
      );
    };
  }

  #checkDefault(path: string, value: unknown): void {
    if (typeof value === "number" && !Number.isFinite(value)) return;
    const problem =
      this.#rangeProblem(path, this.#schema.get(path), value) ??
      (typeof value === "string" && value !== "" ? this.#problem(path, value, value) : null);
    if (problem === null) return;
    const finding = problem({ kind: "option", path });
    const standIn = this.#standIn(path, value);
    this.#findings.push(standIn === null ? finding : { ...finding, data: { ...finding.data, standIn } });
  }

  /** What is built on a number out of its range would be found once more everywhere: one near it stands in. */
  #standIn(path: string, value: unknown): number | null {
    const schema = this.#schema.get(path);
    const range = schema === undefined ? null : rangeOf(schema);
    const near = range === null || typeof value !== "number" ? null : nearestIn(range, value);
    if (near === null) return null;
    const keys = path.split(".");
    const last = keys.pop() ?? "";
    const owner = keys.reduce<unknown>((group, key) => (isGroup(group) ? group[key] : undefined), this.#instance);
    if (typeof owner === "object" && owner !== null) (owner as Record<string, unknown>)[last] = near;
    return near;
  }

  /** @param around origin of the group that the value stands in. */
  #addLeaves(values: OptionValue[], path: string, value: unknown, around: OptionOrigin): void {
    const origin = this.#origins.get(path) ?? around;
    if (!isGroup(value) || this.#maps.has(path) || isEmpty(value)) {
      values.push({ path, value: (value ?? null) as JsonValue, origin });
      return;
    }
    for (const key of Object.keys(value)) this.#addLeaves(values, `${path}.${key}`, value[key], origin);
  }
}

const DEFAULT: OptionOrigin = { kind: "default" };

function isEmpty(group: Readonly<Record<string, unknown>>): boolean {
  for (const key in group) if (Object.hasOwn(group, key)) return false;
  return true;
}

/** What a path, or the nearest group around it, has. */
function climb<T>(path: string, find: (path: string) => T | undefined): T | undefined {
  for (let part = path; part !== ""; part = part.slice(0, Math.max(0, part.lastIndexOf(".")))) {
    const found = find(part);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** Marks a group, and groups inside it, as coming from an option: nouns made of it can name the option. */
function withOptionOrigin(group: Record<string, unknown>, path: string): Record<string, unknown> {
  for (const [key, value] of Object.entries(group)) {
    if (isGroup(value)) withOptionOrigin(value, `${path}.${key}`);
  }
  Object.defineProperty(group, ORIGIN, { value: { frames: [], option: path }, enumerable: true, configurable: true });
  return group;
}

function fits(current: unknown, schema: OptionDescription | undefined, value: unknown): boolean {
  if (typeof value === "number" && !Number.isFinite(value)) return false;
  const types = typesTaken(current, schema);
  if (types === null) return true;
  if (Array.isArray(value)) return types.includes("array");
  return types.includes(typeof value);
}

/** The `typeof` names that an option takes; `null` if nothing tells. */
function typesTaken(current: unknown, schema: OptionDescription | undefined): readonly string[] | null {
  const written = schema === undefined ? null : typesOf(schema);
  if (written !== null) return written;
  if (current === null || current === undefined) return null;
  return [Array.isArray(current) ? "array" : typeof current];
}

function expectedOf(current: unknown, schema: OptionDescription | undefined): string {
  return typesTaken(current, schema)?.join(" or ") ?? "another value";
}

function shown(value: unknown): string {
  const text = JSON.stringify(value) ?? String(value);
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
}

/** The fix of one name in a path: it stands alone in nested literals, and among others where the path is one key. */
function renamed(
  at: Place,
  path: string,
  { before, segment, fix }: { readonly before: string; readonly segment: string; readonly fix: string },
): { readonly fix: string; readonly replaces: string } {
  const isWhole = at.kind === "site" && at.path?.at(-2) === path;
  if (!isWhole) return { fix, replaces: segment };
  return { fix: `${before}${fix}${path.slice(before.length + segment.length)}`, replaces: path };
}

/** The place of a property inside a literal at a place. */
function deeper(at: Place, key: string): Place {
  return at.kind === "site" ? { ...at, path: [...(at.path ?? []), key] } : at;
}

function deeperIn(origin: OptionOrigin, key: string): OptionOrigin {
  return origin.kind === "preset" ? { ...origin, path: [...origin.path, key] } : origin;
}

/** The property's name rather than its value. */
function keyOf(at: Place): Place {
  return at.kind === "site" ? { ...at, path: [...(at.path ?? []), "#key"] } : at;
}
