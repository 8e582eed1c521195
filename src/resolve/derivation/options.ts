import type { JsonValue } from "type-fest";
import type { OptionSpans } from "../../origin/spans-file.ts";
import { type DerivationSource, type Fact, fact, type FactPlace, nearestFrame, valueText } from "./fact.ts";
import { mutationFact } from "./mutations.ts";

/** The value of one option: who set it, what it replaced, what it may be, and what follows from it. */
export function optionFact(source: DerivationSource, path: string): Fact | null {
  const option = source.spans.options.find((other) => other.path === path);
  if (option === undefined) return null;
  const description = source.manifest.declared?.options.find((other) => other.path === path);
  const help = description?.help ?? "";
  const uses = usesOf(source, path);
  return fact(`option \`${path}\` is ${valueText(option.value)}`, [
    originFact(source, option),
    ...replacedFacts(source, option),
    ...(help === "" ? [] : [fact(`it means: ${help}`)]),
    ...(description?.range === null || description?.range === undefined
      ? []
      : [fact(`its range is \`${description.range}\``)]),
    ...replacedByMutators(source, uses),
    ...(uses.length === 0 ? [] : [fact(`these parts of the manifest follow from it: ${uses.join(", ")}`)]),
  ]);
}

/** The value of one option and who set it, for lists. */
export interface OptionOrigin {
  readonly path: string;
  readonly value: JsonValue;
  /** Who set it, in words. */
  readonly by: string;
  readonly places: readonly FactPlace[];
}

/** All options in their order. */
export function optionOrigins(source: DerivationSource): readonly OptionOrigin[] {
  return source.spans.options.map((option) => {
    const { text, places } = originFact(source, option);
    return { path: option.path, value: option.value, by: text.replace(/^set by /, ""), places };
  });
}

/** Larger groups are told with what is set in them; what is not is counted. */
const MOST_IN_FULL = 16;

/** All options below a path: each of a small group; of a larger one its own, and what is set in the groups inside. */
export function groupFact(source: DerivationSource, path: string): Fact | null {
  const inside = source.spans.options.filter((option) => option.path.startsWith(`${path}.`));
  if (inside.length === 0) return null;
  const because =
    inside.length <= MOST_IN_FULL
      ? inside.map((option) => inGroupFact(source, option))
      : [...partsOf(path, inside)].map(([part, options]) => partFact(source, part, options));
  return fact(`\`${path}\` is a group of ${inside.length} options`, because);
}

/** Options by the path of the option or of the group right below a path. */
function partsOf(path: string, options: readonly OptionSpans[]): ReadonlyMap<string, readonly OptionSpans[]> {
  const parts = new Map<string, OptionSpans[]>();
  for (const option of options) {
    const [next = ""] = option.path.slice(path.length + 1).split(".");
    const part = `${path}.${next}`;
    const known = parts.get(part);
    if (known === undefined) parts.set(part, [option]);
    else known.push(option);
  }
  return parts;
}

function partFact(source: DerivationSource, path: string, options: readonly OptionSpans[]): Fact {
  const [first] = options;
  if (first !== undefined && options.length === 1) return inGroupFact(source, first);
  const set = options.filter(({ origin }) => origin.kind !== "default");
  const how =
    set.length === 0 ? "all with their defaults" : `of which ${set.length} ${set.length === 1 ? "is" : "are"} set`;
  return fact(
    `\`${path}\` is a group of ${options.length} options, ${how}`,
    set.map((option) => inGroupFact(source, option)),
  );
}

function inGroupFact(source: DerivationSource, option: OptionSpans): Fact {
  const { text, places } = originFact(source, option);
  return fact(`\`${option.path}\` is ${valueText(option.value)}: ${text}`, [], places);
}

/** How a fact that an option gives begins. */
export const FROM_OPTION = "it comes from";

/** An option behind another fact: its value and who set it, without what follows. */
export function optionBehindFact(
  source: DerivationSource,
  path: string,
  range?: { readonly offset: number; readonly length: number },
): Fact {
  const option = source.spans.options.find((other) => other.path === path);
  if (option === undefined) return groupBehindFact(source, path);
  const { value } = option;
  const part =
    range === undefined || typeof value !== "string"
      ? ""
      : `the characters \`${value.slice(range.offset, range.offset + range.length)}\` of `;
  return fact(`${FROM_OPTION} ${part}option \`${path}\`, which is ${valueText(value)}`, [
    originFact(source, option),
    ...replacedFacts(source, option),
  ]);
}

/** Options that are told of a group. */
const MOST_OF_GROUP = 3;

/** A group behind another fact: what was set in it, else where it is declared. */
function groupBehindFact(source: DerivationSource, path: string): Fact {
  const set = source.spans.options.filter((one) => one.path.startsWith(`${path}.`) && one.origin.kind !== "default");
  return fact(
    `${FROM_OPTION} option \`${path}\``,
    set.slice(0, MOST_OF_GROUP).map((one) => inGroupFact(source, one)),
    set.length > 0 ? [] : defaultPlace(source, path),
  );
}

function originFact(source: DerivationSource, { path, origin }: OptionSpans): Fact {
  switch (origin.kind) {
    case "default":
      if (path === "cluster")
        return fact("no preset and no override names one: it is the project's default, else its first");
      return fact("set by the default in the class", [], defaultPlace(source, path));
    case "preset": {
      const place = own(source.places.presets, path);
      return fact(`set by preset \`${origin.preset}\``, [], place === null ? nearestFrame(origin.frames) : [place]);
    }
    case "override": {
      const { valueSpan: span = origin.span } = origin;
      if (span === undefined) return fact("set by an override of the program");
      return fact(`set by an override of \`${path}\``, [], [{ file: span.file, line: span.line, column: span.column }]);
    }
    case "environment":
      return fact(`taken from the environment variable \`${origin.name}\``);
  }
}

/** The default that a preset or an override replaced, where the bare experiment was built too. */
function replacedFacts(source: DerivationSource, { path, origin }: OptionSpans): readonly Fact[] {
  if (origin.kind === "default") return [];
  const replaced = source.bare?.options.find((other) => other.path === path);
  if (replaced === undefined || replaced.origin.kind !== "default") return [];
  return [fact(`it replaces the default in the class, ${valueText(replaced.value)}`, [], defaultPlace(source, path))];
}

/** Where the default stands: of the option, of the nearest group around it, or somewhere in the class. */
function defaultPlace(source: DerivationSource, path: string): readonly FactPlace[] {
  const { places } = source;
  for (let at = path; at !== ""; at = at.slice(0, Math.max(0, at.lastIndexOf(".")))) {
    const place = own(places.defaults, at);
    if (place !== null) return [place];
  }
  return classPlace(source);
}

/** Where the experiment is declared, if its manifest says so. */
export function classPlace({ manifest: { declared } }: DerivationSource): readonly FactPlace[] {
  return declared === null ? [] : [{ file: declared.file, line: declared.line, column: 1 }];
}

function own(places: Readonly<Record<string, FactPlace>>, path: string): FactPlace | null {
  return (Object.hasOwn(places, path) ? places[path] : undefined) ?? null;
}

/** What mutators made of the values that follow from an option. */
function replacedByMutators(source: DerivationSource, uses: readonly string[]): readonly Fact[] {
  const { mutations = [] } = source.spans;
  const own = mutations.filter(({ at }) => uses.some((use) => at === use || use.startsWith(`${at}/`)));
  return own.map((mutation) => {
    const { text, places } = mutationFact(source, mutation, []);
    return fact(`\`${mutation.at}\`, which follows from it, is ${text}`, [], places);
  });
}

function usesOf({ spans }: DerivationSource, path: string): readonly string[] {
  const uses: string[] = [];
  for (const [pointer, { option, fieldOptions }] of Object.entries(spans.nouns)) {
    if (option === path) uses.push(pointer === "" ? "/" : pointer);
    for (const [field, behind] of Object.entries(fieldOptions ?? {})) {
      if (behind === path || path.startsWith(`${behind}.`)) uses.push(`${pointer}/${field}`);
    }
  }
  return uses;
}
