import { at, type Finding, type TextRange } from "../diagnostics/finding.ts";
import { allocationDiagnostics } from "./allocation-diagnostics.ts";

/** Sizes of a 3D layout. */
export interface Layout3D {
  readonly data: number;
  readonly pipe: number;
  readonly tensor: number;
}

/** A layout and the calls that it is for. */
export interface AllocationEntry {
  /** A call's name, or `*` for all calls without one of their own. */
  readonly name: string;
  readonly layout: Layout3D;
  readonly nameRange: TextRange;
  readonly layoutRange: TextRange;
}

/** Engines that can have GPUs of their own. */
export const ENGINES = ["vllm", "sglang", "mock"] as const;
export type Engine = (typeof ENGINES)[number];

/** What an allocation string says. */
export type AllocationMode =
  | { readonly kind: "manual" }
  | { readonly kind: "heuristic" }
  /** All calls share all GPUs. */
  | { readonly kind: "globalHybrid"; readonly entries: readonly AllocationEntry[] }
  /** Generation has GPUs of its own. */
  | {
      readonly kind: "decoupled";
      readonly engine: Engine;
      readonly gen: { readonly layout: Layout3D; readonly range: TextRange };
      readonly entries: readonly AllocationEntry[];
    };

/** What was read, and what is wrong with it; places are character ranges at pointer `""`. */
export interface ParsedAllocation {
  readonly value: AllocationMode | null;
  readonly findings: readonly Finding[];
}

const NAME = /^(?:[A-Za-z0-9_-]+|\*)$/;
const AXES = { d: "data", p: "pipe", m: "tensor" } as const;

/**
 * Reads an allocation string: `manual`, `heuristic`, `d4p1m2` (letters in any order), `call:d4p1m2,*:d8p1m1`, and
 * `sglang.d4p1m1+d4p1m2` on either side of the `+`.
 */
export function parseAllocationMode(text: string): ParsedAllocation {
  if (text === "manual" || text === "heuristic") return { value: { kind: text }, findings: [] };
  return new AllocationReader(text).read();
}

class AllocationReader {
  readonly #text: string;
  readonly #findings: Finding[] = [];

  constructor(text: string) {
    this.#text = text;
  }

  read(): ParsedAllocation {
    const value = this.#mode();
    const broken = this.#findings.some(({ severity }) => severity === "error");
    return { value: broken ? null : value, findings: this.#findings };
  }

  #mode(): AllocationMode | null {
    const text = this.#text;
    if (text === "") return this.#syntax("it is empty", 0, 0);
    const plus = text.indexOf("+");
    if (plus < 0) {
      const entries = this.#entries(0, text.length);
      return entries === null ? null : { kind: "globalHybrid", entries };
    }
    const third = text.indexOf("+", plus + 1);
    if (third >= 0) return this.#syntax("it has more than two parts", third, text.length - third);
    const halves = [
      { start: 0, end: plus },
      { start: plus + 1, end: text.length },
    ] as const;
    const engines = halves.map(({ start, end }) => this.#engineOf(start, end));
    if (engines[0] !== null && engines[1] !== null) {
      return this.#syntax("both parts name an engine", halves[1].start, halves[1].end - halves[1].start);
    }
    const side = engines[0] !== null ? 0 : engines[1] !== null ? 1 : null;
    if (side === null) {
      const named = /^([A-Za-z]+)\./.exec(text) ?? /\+([A-Za-z]+)\./.exec(text);
      if (named !== null) {
        return this.#syntax(
          `\`${named[1]}\` is no engine; engines are ${ENGINES.join(", ")}`,
          named.index + (named[0].startsWith("+") ? 1 : 0),
          (named[1] as string).length,
        );
      }
      return this.#syntax("one part must be an engine's, e.g. `sglang.d4p1m1`", 0, text.length);
    }
    const engine = engines[side] as Engine;
    const own = halves[side];
    const other = halves[side === 0 ? 1 : 0];
    const start = own.start + engine.length + 1;
    const layout = this.#layout(start, own.end);
    const entries = this.#entries(other.start, other.end);
    if (layout === null || entries === null) return null;
    // An entry `gen` by hand is replaced by the engine's part.
    return {
      kind: "decoupled",
      engine,
      gen: { layout, range: { offset: start, length: own.end - start } },
      entries: entries.filter(({ name }) => name !== "gen"),
    };
  }

  #engineOf(start: number, end: number): Engine | null {
    const part = this.#text.slice(start, end);
    return ENGINES.find((engine) => part.startsWith(`${engine}.`)) ?? null;
  }

  #entries(start: number, end: number): readonly AllocationEntry[] | null {
    const part = this.#text.slice(start, end);
    if (!part.includes(":") && !part.includes(",")) {
      const layout = this.#layout(start, end);
      const range = { offset: start, length: end - start };
      return layout === null ? null : [{ name: "*", layout, nameRange: range, layoutRange: range }];
    }
    const entries: AllocationEntry[] = [];
    const names = new Map<string, TextRange>();
    let sound = true;
    let from = start;
    for (const piece of part.split(",")) {
      const entry = this.#entry(from, from + piece.length);
      from += piece.length + 1;
      if (entry === null) {
        sound = false;
        continue;
      }
      if (names.has(entry.name)) {
        this.#findings.push(
          allocationDiagnostics["repeated-name"](
            { name: entry.name },
            {
              at: at("", entry.nameRange),
              related: [{ at: at("", names.get(entry.name)), message: "the first one" }],
            },
          ),
        );
      }
      names.set(entry.name, entry.nameRange);
      entries.push(entry);
    }
    return sound ? entries : null;
  }

  #entry(start: number, end: number): AllocationEntry | null {
    const piece = this.#text.slice(start, end);
    if (piece === "") return this.#syntax("a layout is missing", start > 0 ? start - 1 : 0, 1);
    const colon = piece.indexOf(":");
    if (colon < 0) return this.#syntax(`\`${piece}\` has no \`:\``, start, piece.length);
    const name = piece.slice(0, colon);
    if (name === "") return this.#syntax("a name is missing before `:`", start, 1);
    if (!NAME.test(name)) {
      const wrong = name.search(/[^A-Za-z0-9_-]/);
      return this.#syntax(`\`${name}\` is no name of a call`, start + Math.max(0, wrong), 1);
    }
    // Without the dot an engine is read as a name: never what was meant where a `+` follows.
    if (this.#text.includes("+") && (ENGINES as readonly string[]).includes(name)) {
      return this.#syntax(`engine \`${name}\` needs a \`.\``, start + colon, 1);
    }
    const layout = this.#layout(start + colon + 1, end);
    if (layout === null) return null;
    return {
      name,
      layout,
      nameRange: { offset: start, length: colon },
      layoutRange: { offset: start + colon + 1, length: piece.length - colon - 1 },
    };
  }

  #layout(start: number, end: number): Layout3D | null {
    const sizes: Partial<Record<"data" | "pipe" | "tensor", number>> = {};
    let position = start;
    let sound = true;
    while (position < end && Object.keys(sizes).length < 3) {
      const letter = this.#text[position] as string;
      const axis = Object.hasOwn(AXES, letter) ? AXES[letter as keyof typeof AXES] : undefined;
      if (axis === undefined) return this.#syntax(`unexpected \`${letter}\`, expected d, p or m`, position, 1);
      if (sizes[axis] !== undefined) return this.#syntax(`\`${letter}\` is there twice`, position, 1);
      const digits = /^\d+/.exec(this.#text.slice(position + 1, end))?.[0] ?? "";
      if (digits === "") return this.#syntax(`\`${letter}\` needs a number`, position, 1);
      const size = Number(digits);
      if (!Number.isSafeInteger(size)) return this.#syntax(`${digits} is too large`, position + 1, digits.length);
      if (size === 0) {
        sound = false;
        this.#findings.push(
          allocationDiagnostics["zero-degree"](
            { axis },
            { at: at("", { offset: position, length: 1 + digits.length }) },
          ),
        );
      }
      sizes[axis] = size;
      position += 1 + digits.length;
    }
    const { data, pipe, tensor } = sizes;
    if (data === undefined || pipe === undefined || tensor === undefined) {
      const missing = (["d", "p", "m"] as const).filter((letter) => sizes[AXES[letter]] === undefined);
      return this.#syntax(
        `${missing.join(" and ")} ${missing.length === 1 ? "is" : "are"} missing`,
        start,
        Math.max(1, end - start),
      );
    }
    if (position < end) {
      return this.#syntax(`unexpected \`${this.#text.slice(position, end)}\` after a layout`, position, end - position);
    }
    return sound ? { data, pipe, tensor } : null;
  }

  #syntax(problem: string, offset: number, length: number): null {
    this.#findings.push(
      allocationDiagnostics.syntax({ text: this.#text, problem }, { at: at("", { offset, length }) }),
    );
    return null;
  }
}

/** Number of GPUs of a layout. */
export function gpusOf({ data, pipe, tensor }: Layout3D): number {
  return data * pipe * tensor;
}

/** The entry of a call: its own, else that of `*`. */
export function entryFor(
  mode: Extract<AllocationMode, { readonly entries: unknown }>,
  call: string,
): AllocationEntry | undefined {
  return mode.entries.find(({ name }) => name === call) ?? mode.entries.find(({ name }) => name === "*");
}

/** Entries whose name no call has. */
export function unusedEntries(
  mode: Extract<AllocationMode, { readonly entries: unknown }>,
  calls: readonly string[],
): readonly AllocationEntry[] {
  return mode.entries.filter(({ name }) => name !== "*" && !calls.includes(name));
}
