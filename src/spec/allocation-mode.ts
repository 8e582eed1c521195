import { at, type Finding, type Result, type TextRange } from "../diagnostics/finding.ts";
import { allocationDiagnostics } from "./allocation-diagnostics.ts";

/** Sizes of a 3D layout. */
export interface Layout3D {
  readonly data: number;
  readonly pipe: number;
  readonly tensor: number;
}

/** A layout and the calls that it is for. Ranges are characters of the whole allocation string. */
export interface AllocationEntry {
  /** A call's name, or `*` for all calls without one of their own. */
  readonly name: string;
  readonly layout: Layout3D;
  /** Name, colon and layout; a bare layout has one range for all three. */
  readonly range: TextRange;
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
      /** Side of the `+` on which the engine's part stands. */
      readonly side: "left" | "right";
      /** An entry `gen` written by hand is left out: the engine's part replaces it. */
      readonly entries: readonly AllocationEntry[];
    };

/** A mode that holds layouts. */
export type AllocationWithEntries = Extract<AllocationMode, { readonly entries: unknown }>;

/** What was read, and what is wrong with it; places are character ranges at pointer `""`. */
export type ParsedAllocation = Result<AllocationMode | null>;

const NAME = /^(?:[A-Za-z0-9_-]+|\*)$/;
const AXES = { d: "data", p: "pipe", m: "tensor" } as const;

/**
 * Reads an allocation string: `manual`, `heuristic`, `d4p1m2` (letters in any order), `call:d4p1m2,*:d8p1m1`, and
 * `sglang.d4p1m1+d4p1m2` with the engine on either side of the `+`.
 *
 * Gives `allocation/syntax` for all that can't be read; once everything can, `allocation/zero-degree` and
 * `allocation/repeated-name`.
 */
export function parseAllocationMode(text: string): ParsedAllocation {
  if (text === "manual" || text === "heuristic") return { value: { kind: text }, findings: [] };
  const reading: Reading = { text, findings: [] };
  const mode = readMode(reading);
  if (mode === null) return { value: null, findings: reading.findings };
  const findings = [...zeroDegrees(text, mode), ...repeatedNames(mode.entries)];
  if (findings.length > 0) return { value: null, findings };
  if (mode.kind === "globalHybrid") return { value: mode, findings };
  return { value: { ...mode, entries: mode.entries.filter(({ name }) => name !== "gen") }, findings };
}

/** Writes a mode; {@link parseAllocationMode} reads the same mode back, but for ranges. */
export function formatAllocationMode(mode: AllocationMode): string {
  switch (mode.kind) {
    case "manual":
    case "heuristic":
      return mode.kind;
    case "globalHybrid":
      return formatEntries(mode.entries);
    case "decoupled": {
      const engine = `${mode.engine}.${formatLayout(mode.gen.layout)}`;
      // Both halves are needed; without calls of its own the other one repeats what is ignored there.
      const other = mode.entries.length > 0 ? formatEntries(mode.entries) : `gen:${formatLayout(mode.gen.layout)}`;
      return mode.side === "left" ? `${engine}+${other}` : `${other}+${engine}`;
    }
  }
}

/** Writes a layout, `d4p1m2`. */
export function formatLayout({ data, pipe, tensor }: Layout3D): string {
  return `d${data}p${pipe}m${tensor}`;
}

/** Number of GPUs of a layout. */
export function gpusOf({ data, pipe, tensor }: Layout3D): number {
  return data * pipe * tensor;
}

/** The entry of a call: its own, else that of `*`. */
export function entryFor(mode: AllocationWithEntries, call: string): AllocationEntry | undefined {
  return mode.entries.find(({ name }) => name === call) ?? mode.entries.find(({ name }) => name === "*");
}

/** Entries whose name no call has. */
export function unusedEntries(mode: AllocationWithEntries, calls: readonly string[]): readonly AllocationEntry[] {
  return mode.entries.filter(({ name }) => name !== "*" && !calls.includes(name));
}

function formatEntries(entries: readonly AllocationEntry[]): string {
  const [only] = entries;
  if (only?.name === "*" && entries.length === 1) return formatLayout(only.layout);
  return entries.map(({ name, layout }) => `${name}:${formatLayout(layout)}`).join(",");
}

/** A text while it is read. The functions below answer `null` exactly when they have added a finding. */
interface Reading {
  readonly text: string;
  readonly findings: Finding[];
}

/** Characters `start` up to and without `end`. */
interface Part {
  readonly start: number;
  readonly end: number;
}

function readMode(reading: Reading): AllocationWithEntries | null {
  const { text } = reading;
  if (text === "") return refuse(reading, "it is empty", 0, 0);
  const plus = text.indexOf("+");
  if (plus < 0) {
    const engine = engineBeforeDot(text);
    if (engine !== null)
      return refuse(reading, `after \`${engine}\`'s part it needs \`+\` and the other calls'`, 0, text.length);
    const entries = readEntries(reading, { start: 0, end: text.length });
    return entries === null ? null : { kind: "globalHybrid", entries };
  }
  const third = text.indexOf("+", plus + 1);
  if (third >= 0) return refuse(reading, "it has more than two parts", third, text.length - third);
  return readHalves(reading, { start: 0, end: plus }, { start: plus + 1, end: text.length });
}

function readHalves(reading: Reading, left: Part, right: Part): AllocationWithEntries | null {
  const { text } = reading;
  const engines = [left, right].map(({ start, end }) => engineBeforeDot(text.slice(start, end)));
  if (engines[0] && engines[1])
    return refuse(reading, "both parts name an engine", right.start, right.end - right.start);
  const engine = engines[0] ?? engines[1];
  if (!engine) return refuseHalves(reading, left, right);
  const [own, other, side] = engines[0] ? ([left, right, "left"] as const) : ([right, left, "right"] as const);
  const start = own.start + engine.length + 1;
  const layout = readLayout(reading, { start, end: own.end });
  const entries = readEntries(reading, other);
  if (layout === null || entries === null) return null;
  return {
    kind: "decoupled",
    engine,
    gen: { layout, range: { offset: start, length: own.end - start } },
    side,
    entries,
  };
}

/** Says why none of two halves is an engine's. */
function refuseHalves(reading: Reading, left: Part, right: Part): null {
  for (const { start, end } of [left, right]) {
    const [, name = "", mark] = /^([A-Za-z]+)([.:])/.exec(reading.text.slice(start, end)) ?? [];
    if (mark === ".") {
      return refuse(reading, `\`${name}\` is no engine; engines are ${ENGINES.join(", ")}`, start, name.length);
    }
    if (isEngine(name)) return refuse(reading, `engine \`${name}\` needs a \`.\` here`, start + name.length, 1);
  }
  return refuse(reading, "one part must be an engine's, e.g. `sglang.d4p1m1`", 0, reading.text.length);
}

function engineBeforeDot(part: string): Engine | null {
  return ENGINES.find((engine) => part.startsWith(`${engine}.`)) ?? null;
}

function isEngine(name: string): boolean {
  return (ENGINES as readonly string[]).includes(name);
}

function readEntries(reading: Reading, { start, end }: Part): readonly AllocationEntry[] | null {
  const part = reading.text.slice(start, end);
  if (!part.includes(":")) {
    const layout = readLayout(reading, { start, end });
    const range = { offset: start, length: end - start };
    return layout === null ? null : [{ name: "*", layout, range, nameRange: range, layoutRange: range }];
  }
  let from = start;
  const entries = part.split(",").map((piece) => {
    const entry = readEntry(reading, { start: from, end: from + piece.length });
    from += piece.length + 1;
    return entry;
  });
  return entries.includes(null) ? null : (entries as readonly AllocationEntry[]);
}

function readEntry(reading: Reading, { start, end }: Part): AllocationEntry | null {
  const piece = reading.text.slice(start, end);
  if (piece === "") return refuse(reading, "a layout is missing beside `,`", Math.max(0, start - 1), 1);
  const colon = piece.indexOf(":");
  if (colon < 0) return refuse(reading, `\`${piece}\` has no \`:\``, start, piece.length);
  const name = piece.slice(0, colon);
  if (name === "") return refuse(reading, "a name is missing before `:`", start, 1);
  if (!NAME.test(name)) {
    const wrong = /[^A-Za-z0-9_-]/u.exec(name) as RegExpExecArray;
    return refuse(reading, `\`${name}\` is no name of a call`, start + wrong.index, wrong[0].length);
  }
  // Beside an engine's part another engine is never a call that was meant.
  if (isEngine(name) && reading.text.includes("+")) {
    return refuse(reading, `engine \`${name}\` stands where a call's name belongs`, start, colon);
  }
  const layoutStart = start + colon + 1;
  const layout = readLayout(reading, { start: layoutStart, end });
  if (layout === null) return null;
  return {
    name,
    layout,
    range: { offset: start, length: end - start },
    nameRange: { offset: start, length: colon },
    layoutRange: { offset: layoutStart, length: end - layoutStart },
  };
}

function readLayout(reading: Reading, { start, end }: Part): Layout3D | null {
  const part = reading.text.slice(start, end);
  const sizes: Partial<Record<keyof Layout3D, number>> = {};
  let position = 0;
  while (position < part.length && Object.keys(sizes).length < 3) {
    const letter = String.fromCodePoint(part.codePointAt(position) as number);
    if (!isAxisLetter(letter)) {
      return refuse(reading, `unexpected \`${letter}\`, expected d, p or m`, start + position, letter.length);
    }
    const axis = AXES[letter];
    if (sizes[axis] !== undefined) return refuse(reading, `\`${letter}\` is there twice`, start + position, 1);
    const digits = /^\d*/.exec(part.slice(position + 1))?.[0] ?? "";
    if (digits === "") return refuse(reading, `\`${letter}\` needs a number`, start + position, 1);
    if (!Number.isSafeInteger(Number(digits))) {
      return refuse(reading, `${digits} is too large`, start + position + 1, digits.length);
    }
    sizes[axis] = Number(digits);
    position += 1 + digits.length;
  }
  const { data, pipe, tensor } = sizes;
  if (data === undefined || pipe === undefined || tensor === undefined) {
    const missing = (["d", "p", "m"] as const).filter((letter) => sizes[AXES[letter]] === undefined);
    return refuse(
      reading,
      `${missing.join(" and ")} ${missing.length === 1 ? "is" : "are"} missing`,
      start,
      part.length,
    );
  }
  const rest = part.slice(position);
  if (rest !== "") return refuse(reading, `unexpected \`${rest}\` after a layout`, start + position, rest.length);
  return { data, pipe, tensor };
}

function isAxisLetter(letter: string): letter is keyof typeof AXES {
  return Object.hasOwn(AXES, letter);
}

/** Where something is missing at the end, the last character stands for it. */
function refuse({ text, findings }: Reading, problem: string, start: number, characters: number): null {
  const offset = Math.min(start, Math.max(0, text.length - 1));
  const length = Math.min(Math.max(1, characters), text.length - offset);
  findings.push(allocationDiagnostics.syntax({ text, problem }, { at: at("", { offset, length }) }));
  return null;
}

function zeroDegrees(text: string, mode: AllocationWithEntries): readonly Finding[] {
  const ranges = mode.entries.map(({ layoutRange }) => layoutRange);
  if (mode.kind === "decoupled") ranges.push(mode.gen.range);
  return ranges
    .toSorted((a, b) => a.offset - b.offset)
    .flatMap(({ offset, length }) =>
      [...text.slice(offset, offset + length).matchAll(/([dpm])0+(?!\d)/g)].map((zero) =>
        allocationDiagnostics["zero-degree"](
          { axis: AXES[zero[1] as keyof typeof AXES] },
          { at: at("", { offset: offset + zero.index, length: zero[0].length }), gives: ["degree"] },
        ),
      ),
    );
}

function repeatedNames(entries: readonly AllocationEntry[]): readonly Finding[] {
  const first = new Map<string, TextRange>();
  return entries.flatMap(({ name, nameRange }) => {
    const before = first.get(name);
    if (before === undefined) {
      first.set(name, nameRange);
      return [];
    }
    const related = [{ at: at("", before), message: "the first one" }];
    return [allocationDiagnostics["repeated-name"]({ name }, { at: at("", nameRange), related })];
  });
}
