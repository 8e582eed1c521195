import type { JsonValue } from "type-fest";
import { parsePointer, toPointer } from "../../origin/pointer.ts";
import type { NounSpans } from "../../origin/spans-file.ts";
import { type DerivationSource, type Fact, fact, nearestFrame, valueText } from "./fact.ts";
import { mutationAround, mutationFact, mutationsInside } from "./mutations.ts";
import { classPlace, optionBehindFact } from "./options.ts";

/** A pointer as typed: a JSON pointer into the authored part or the whole manifest, or the same with dots. */
export function toManifestPointer(text: string): string | null {
  if (text.startsWith("/")) return text;
  return text.includes(".") || /^\w+$/.test(text) ? toPointer(text.split(".")) : null;
}

/** A value of the manifest: the noun that it stands in, where that was made, and the option behind it. */
export function pointerFact(source: DerivationSource, pointer: string): Fact | null {
  const found = valueAt(source, pointer);
  if (found === null) return null;
  const { value, authored } = found;
  const text = `\`${pointer}\` is ${valueText(value)}`;
  if (authored === null) {
    const [root = ""] = parsePointer(pointer);
    // The rest of a manifest is what the experiment's declaration says.
    return root === "resolved" || root === "hashes"
      ? fact(text, [fact("it is worked out from the authored part; ask for a call, a model or a pair by name")])
      : fact(text, [fact("the experiment is declared so", [], classPlace(source))]);
  }
  const made = madeFacts(source, authored);
  return fact(text, [...(made.length > 0 ? made : [unsaidFact(source)]), ...mutationsInside(source, authored)]);
}

/**
 * How the value at a pointer into the authored part came to be: by a call in the source, or by an option. Nothing where the
 * library derived it from other values: whoever asks knows from which.
 */
export function madeFacts(source: DerivationSource, pointer: string): readonly Fact[] {
  const mutation = mutationAround(source, pointer);
  if (mutation === null) return authorsFacts(source, pointer);
  const before = authorsFacts(source, mutation.at);
  return [mutationFact(source, mutation, before.length > 0 ? before : [unsaidFact(source)])];
}

/** How a value came to be that no mutator has changed. */
function authorsFacts(source: DerivationSource, pointer: string): readonly Fact[] {
  const [nearest, ...above] = nounsAround(source, pointer);
  if (nearest === undefined) return [];
  const { noun, rest } = nearest;
  const facts: Fact[] = [];
  if (noun.frames.length > 0) {
    const [field] = rest;
    const place = field === undefined ? undefined : noun.fields?.[field];
    const where = place === undefined ? "" : `, ${placeText(place)}`;
    const [, ...outer] = noun.frames;
    facts.push(
      fact(
        rest.length === 0 ? "made here" : `\`${rest.join(".")}\` of what is made here${where}`,
        outer.map((frame) => fact("called from here", [], nearestFrame([frame]))),
        nearestFrame(noun.frames),
      ),
    );
  }
  const behind = optionBehind(source, noun, rest);
  if (behind !== null) facts.push(optionBehindFact(source, behind, rest.length === 0 ? noun.range : undefined));
  if (facts.length > 0) return facts;
  // What the library made stands in a noun that may know the option; calls around it made other things.
  for (const one of above) {
    const option = optionBehind(source, one.noun, one.rest);
    if (option !== null) return [optionBehindFact(source, option)];
  }
  return [];
}

/** What can be said of a value that neither a call nor an option gives: the experiment's methods do, or a default. */
export function unsaidFact(source: DerivationSource): Fact {
  return fact("no option gives it: the methods of the experiment do, or it is a default", [], classPlace(source));
}

/** A noun, its pointer, and the path from it to what was asked for. */
interface NearNoun {
  readonly noun: NounSpans;
  readonly rest: readonly string[];
}

/** The nouns that a value stands in, the nearest first. */
function nounsAround({ spans }: DerivationSource, pointer: string): readonly NearNoun[] {
  const path = parsePointer(pointer);
  return Array.from({ length: path.length + 1 }, (_, outside) => path.length - outside).flatMap((length) => {
    const around = toPointer(path.slice(0, length));
    const noun = Object.hasOwn(spans.nouns, around) ? spans.nouns[around] : undefined;
    return noun === undefined ? [] : [{ noun, rest: path.slice(length) }];
  });
}

/** The option that a field comes from: the longest path that is listed, else the one behind the whole noun. */
function optionBehind({ spans }: DerivationSource, noun: NounSpans, rest: readonly string[]): string | null {
  for (let length = rest.length; length > 0; length -= 1) {
    const option = noun.fieldOptions?.[rest.slice(0, length).join("/")];
    if (option === undefined) continue;
    const inner = [option, ...rest.slice(length)].join(".");
    return spans.options.some(({ path }) => path === inner) ? inner : option;
  }
  if (noun.option === undefined) return null;
  const inner = [noun.option, ...rest].join(".");
  return spans.options.some(({ path }) => path === inner) ? inner : noun.option;
}

function placeText(place: readonly (string | number)[]): string {
  const [argument, ...path] = place;
  if (argument === "#key") return "the name that it stands under";
  const inside = path.length === 0 ? "" : `, \`${path.join(".")}\``;
  return argument === -1 ? `last argument${inside}` : `argument ${Number(argument) + 1}${inside}`;
}

/** A value by its pointer, and its pointer into the authored part if it is there. */
function valueAt(
  { manifest }: DerivationSource,
  pointer: string,
): { readonly value: JsonValue; readonly authored: string | null } | null {
  const path = parsePointer(pointer);
  const own = walk(manifest.authored, path);
  if (own !== undefined) return { value: own, authored: pointer };
  const whole = walk(manifest, path);
  if (whole === undefined) return null;
  return { value: whole, authored: path[0] === "authored" ? toPointer(path.slice(1)) : null };
}

function walk(root: object, path: readonly string[]): JsonValue | undefined {
  let value: unknown = root;
  for (const segment of path) {
    if (typeof value !== "object" || value === null || !Object.hasOwn(value, segment)) return undefined;
    value = (value as Readonly<Record<string, unknown>>)[segment];
  }
  return value as JsonValue;
}
