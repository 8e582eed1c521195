import type { JsonValue } from "type-fest";
import { parsePointer, toPointer } from "../../origin/pointer.ts";
import type { NounSpans } from "../../origin/spans-file.ts";
import { type DerivationSource, type Fact, fact, nearestFrame, valueText } from "./fact.ts";
import { optionBehindFact } from "./options.ts";

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
  if (authored === null)
    return fact(text, [fact("the resolver worked it out; ask for the call, model or pair by name")]);
  return fact(text, madeFacts(source, authored));
}

/** How the value at a pointer into the authored part came to be: by a call in the source, by an option, or by the library. */
export function madeFacts(source: DerivationSource, pointer: string): readonly Fact[] {
  const near = nearestNoun(source, pointer);
  if (near === null) return [fact("the library made it by itself")];
  const { noun, rest } = near;
  const behind = optionBehind(source, noun, rest);
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
  if (behind !== null) facts.push(optionBehindFact(source, behind, rest.length === 0 ? noun.range : undefined));
  return facts.length > 0 ? facts : [fact("the library made it by itself")];
}

/** A noun, its pointer, and the path from it to what was asked for. */
interface NearNoun {
  readonly noun: NounSpans;
  readonly rest: readonly string[];
}

function nearestNoun({ spans }: DerivationSource, pointer: string): NearNoun | null {
  const path = parsePointer(pointer);
  for (let length = path.length; length >= 0; length -= 1) {
    const above = toPointer(path.slice(0, length));
    const noun = Object.hasOwn(spans.nouns, above) ? spans.nouns[above] : undefined;
    if (noun !== undefined) return { noun, rest: path.slice(length) };
  }
  return null;
}

/** The option that a field comes from: the longest path that is listed, else the one behind the whole noun. */
function optionBehind({ spans }: DerivationSource, noun: NounSpans, rest: readonly string[]): string | null {
  for (let length = rest.length; length > 0; length -= 1) {
    const option = noun.fieldOptions?.[rest.slice(0, length).join("/")];
    if (option === undefined) continue;
    const inner = [option, ...rest.slice(length)].join(".");
    return spans.options.some(({ path }) => path === inner) ? inner : option;
  }
  return noun.option ?? null;
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
