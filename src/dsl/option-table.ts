import type { OptionDescription, OptionSchema } from "../realm/option-schema.ts";
import { type OptionRange, parseRange } from "./option-range.ts";

/** Options by path, and those that are maps: their keys are values, and any may be set. */
export interface OptionTable {
  readonly byPath: ReadonlyMap<string, OptionDescription>;
  readonly maps: readonly string[];
}

const tables = new WeakMap<OptionSchema, OptionTable>();

/** The table of a schema, made once for all instances that it describes. */
export function tableOf(schema: OptionSchema): OptionTable {
  let table = tables.get(schema);
  if (table === undefined) {
    const byPath = new Map<string, OptionDescription>();
    const maps: string[] = [];
    for (const option of schema) {
      byPath.set(option.path, option);
      if (option.type !== null && isMap(option.type)) maps.push(option.path);
    }
    tables.set(schema, (table = { byPath, maps }));
  }
  return table;
}

/** Numbers that an option takes; `null` if it has no range, or one that can't be read, which has a finding at its doc comment. */
export function rangeOf({ range }: OptionDescription): OptionRange | null {
  return range === null ? null : readRange(range);
}

/** The `typeof` names that an option's type takes, `array` among them, each once; `null` if the type does not tell. */
export function typesOf({ type }: OptionDescription): readonly string[] | null {
  return type === null ? null : readType(type);
}

/** Most options are those of the library, and experiments have their own copies: texts are read once. */
const readRange = once((text) => {
  const range = parseRange(text);
  return "problem" in range ? null : range;
});

const readType = once((written): readonly string[] | null => {
  const types = written.split("|").flatMap((part) => typeNames(part.trim()));
  return types.length > 0 && !types.includes("?") ? TYPE_NAMES.filter((name) => types.includes(name)) : null;
});

/** In the order in which messages name them. */
const TYPE_NAMES = ["string", "number", "boolean", "array", "object"] as const;

const isMap = once((type) => /Record</.test(type));

function typeNames(text: string): readonly string[] {
  if (text === "null" || text === "undefined") return [];
  if (text === "number" || text === "string" || text === "boolean") return [text];
  if (/^["'`]/.test(text)) return ["string"];
  if (/\[\]$|^(readonly |Readonly)?Array</.test(text)) return ["array"];
  if (/Record</.test(text)) return ["object"];
  return ["?"];
}

function once<T extends NonNullable<unknown> | null>(read: (text: string) => T): (text: string) => T {
  const known = new Map<string, T>();
  return (text) => {
    let value = known.get(text);
    if (value === undefined) known.set(text, (value = read(text)));
    return value;
  };
}
