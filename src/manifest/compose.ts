import { canonicalJson } from "./canonical.ts";
import { type Declared, type Manifest, MANIFEST_VERSION } from "./format.ts";

/** A manifest's parts, of which the hashed ones are canonical JSON already. */
export interface ComposedParts {
  readonly name: string;
  readonly preset: string | null;
  /** Canonical JSON, see {@link declaredText}. */
  readonly declared: string;
  readonly authored: string;
  readonly resolved: string;
  readonly hashes: Manifest["hashes"];
}

/** The text of a manifest's file: canonical JSON (RFC 8785), without writing its parts once more. */
export function composeManifest({ name, preset, declared, authored, resolved, hashes }: ComposedParts): string {
  const members: Readonly<Record<keyof Manifest, string>> = {
    assayManifest: String(MANIFEST_VERSION),
    authored,
    declared,
    hashes: canonicalJson(hashes),
    name: canonicalJson(name),
    preset: canonicalJson(preset),
    resolved,
  };
  const keys = Object.keys(members).sort() as (keyof Manifest)[];
  return `{${keys.map((key) => `"${key}":${members[key]}`).join(",")}}`;
}

const optionTexts = new WeakMap<object, string>();

/** Canonical JSON of what syntax shows. Most options are those of the library: each is written once a process. */
export function declaredText({ options, ...rest }: Declared, sources: readonly object[]): string {
  const texts = options.map((option, index) => {
    const source = sources[index] ?? option;
    let text = optionTexts.get(source);
    if (text === undefined) {
      text = canonicalJson(option);
      optionTexts.set(source, text);
    }
    return text;
  });
  const members = Object.entries(rest).map(([key, value]) => [key, canonicalJson(value)] as const);
  const all = [...members, ["options", `[${texts.join(",")}]`] as const].sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${all.map(([key, text]) => `"${key}":${text}`).join(",")}}`;
}
