import type { JsonObject, JsonValue } from "type-fest";
import type { PluginFacts, TypeFacts } from "../manifest/format.ts";
import type { InterfaceType } from "../spec/call.ts";
import { isObject, own } from "../spec/own.ts";
import type { TypeArgs } from "../spec/pair.ts";

/** What plugins say of a type, if the facts hold its kind at all: `undefined` where nobody could know. */
export function typeFacts(facts: PluginFacts, kind: string, type: string): TypeFacts | undefined {
  const types = own(facts.types, kind);
  return types === undefined ? undefined : own(types, type);
}

/** Kinds of which the library ships none: where anything is known, all of them are. */
const NOT_SHIPPED: ReadonlySet<string> = new Set(["tracker", "launcher", "rule", "mutator"]);

/** True if facts of this kind were given, so that an unknown type is a mistake rather than ignorance. */
export function knowsKind(facts: PluginFacts, kind: string): boolean {
  return own(facts.types, kind) !== undefined || (NOT_SHIPPED.has(kind) && Object.keys(facts.types).length > 0);
}

/** Keys that an interface takes and gives in one kind of call. */
export interface CallFacts {
  /** `null`: takes whatever it is given. */
  readonly reads: { readonly required: readonly string[]; readonly optional: readonly string[] } | null;
  /** `null`: gives whatever it is asked for. */
  readonly yields: { readonly always: readonly string[]; readonly optional: readonly string[] } | null;
}

/** What an interface's facts say of each kind of call it offers; `null` if they say nothing. */
export function callFactsOf(facts: JsonObject): Readonly<Partial<Record<InterfaceType, CallFacts>>> | null {
  const calls = facts["calls"];
  if (!isObject(calls)) return null;
  return Object.fromEntries(
    Object.entries(calls).map(([kind, value]) => {
      const call = isObject(value) ? value : {};
      const reads = call["reads"];
      const yields = call["yields"];
      return [
        kind,
        {
          reads: isObject(reads)
            ? { required: strings(reads["required"]), optional: strings(reads["optional"]) }
            : null,
          yields: isObject(yields)
            ? { always: strings(yields["always"]), optional: strings(yields["optional"]) }
            : null,
        },
      ];
    }),
  );
}

/** The strings of a list; anything else is an empty one. */
export function strings(value: JsonValue | undefined): readonly string[] {
  return Array.isArray(value) ? value.filter((item): item is string => typeof item === "string") : [];
}

/** Columns of whose values some plugin says which there may be, under the names that these datasets give them. */
export function listedColumns({ types }: PluginFacts, datasets: readonly TypeArgs[]): ReadonlySet<string> {
  const listed = new Set<string>();
  const all = Object.values(types).flatMap((kind) => Object.values(kind).map(({ facts }) => facts));
  for (const { columns, covers } of all) {
    for (const [name, column] of Object.entries(isObject(columns) ? columns : {})) {
      if (!isObject(column)) continue;
      if (column["values"] !== undefined) listed.add(name);
      for (const other of Object.keys(isObject(column["rows"]) ? column["rows"] : {})) listed.add(other);
    }
    for (const name of Object.keys(isObject(covers) ? covers : {})) listed.add(name);
  }
  for (const { type, args } of datasets) {
    const columns = own(own(types, "dataset") ?? {}, type)?.facts["columns"];
    for (const [name, column] of Object.entries(isObject(columns) ? columns : {})) {
      const namedBy = isObject(column) ? column["namedBy"] : undefined;
      const named = typeof namedBy === "string" ? own(args, namedBy) : undefined;
      if (listed.has(name) && typeof named === "string") listed.add(named);
    }
  }
  return listed;
}
