import type { JsonValue } from "type-fest";
import type { Manifest, ResolvedSetup } from "../../manifest/format.ts";
import type { CallSite } from "../../origin/call-site.ts";
import type { SpansFile } from "../../origin/spans-file.ts";
import type { ExperimentConfig } from "../../spec/experiment-config.ts";

/** What facts are derived from. */
export interface DerivationSource {
  readonly manifest: Manifest;
  readonly spans: SpansFile;
  /** Spans of the bare experiment, for the values that a preset replaced; `null` if it was not built. */
  readonly bare: SpansFile | null;
  readonly places: OptionPlaces;
  /** Number of the one setup that is asked, from 0; all of them if it is left out. */
  readonly setup?: number;
}

/** Where values of options are written, by path, as far as that is known. */
export interface OptionPlaces {
  readonly defaults: Readonly<Record<string, FactPlace>>;
  /** In the preset that was built. */
  readonly presets: Readonly<Record<string, FactPlace>>;
  /** Entries of mutators in the config, by pointer of what they changed. */
  readonly mutations?: Readonly<Record<string, FactPlace>>;
}

/** A point in the author's source. */
export interface FactPlace {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

/** One statement, and the statements that it follows from. */
export interface Fact {
  /** One plain line. */
  readonly text: string;
  readonly places: readonly FactPlace[];
  readonly because: readonly Fact[];
}

/** Makes a fact. */
export function fact(text: string, because: readonly Fact[] = [], places: readonly FactPlace[] = []): Fact {
  return { text, places, because };
}

/** The nearest frame of a value's making. */
export function nearestFrame(frames: readonly CallSite[]): readonly FactPlace[] {
  return frames.slice(0, 1).map(({ file, line, column }) => ({ file, line, column }));
}

/** One setup as it was written and resolved. */
export interface Setup {
  readonly index: number;
  readonly config: ExperimentConfig;
  readonly resolved: ResolvedSetup;
}

/** The setups that are asked. */
export function setupsOf({ manifest, setup }: DerivationSource): readonly Setup[] {
  return manifest.authored.setups.flatMap((config, index) => {
    const resolved = manifest.resolved.setups[index];
    return resolved === undefined || (setup ?? index) !== index ? [] : [{ index, config, resolved }];
  });
}

/**
 * What the setups answer: the answer of the one that has it, of all that have it if they differ, else of the first.
 * @param answer gets the setup, and the source as if it had no other one.
 */
export function firstOf(
  source: DerivationSource,
  answer: (setup: Setup, own: DerivationSource) => Fact | null,
): Fact | null {
  const answers = setupsOf(source).flatMap((setup) => {
    const found = answer(setup, { ...source, setup: setup.index });
    return found === null ? [] : [{ setup: setup.index, found }];
  });
  const [first, ...others] = answers;
  if (first === undefined) return null;
  const differing = others.filter(({ found }) => JSON.stringify(found) !== JSON.stringify(first.found));
  if (differing.length === 0) return first.found;
  const isOtherText = differing.some(({ found }) => wording(found) !== wording(first.found));
  if (!isOtherText) {
    const numbers = others.map(({ setup }) => setup).join(", ");
    const where = `setup ${numbers} ${others.length === 1 ? "has" : "have"} the same, from other places: ask for \`setup ${others[0]?.setup} ...\``;
    return { ...first.found, because: [...first.found.because, fact(where)] };
  }
  return fact(
    `${answers.length} setups answer differently`,
    answers.map(({ setup, found }) => ({ ...found, text: `setup ${setup}: ${found.text}` })),
  );
}

/** The texts of a derivation without its places. */
function wording({ text, because }: Fact): string {
  return `${text}\n${because.map(wording).join("")}\0`;
}

const LONGEST_VALUE = 80;

/** A value in a line of text; long ones are cut. */
export function valueText(value: JsonValue | undefined): string {
  const text = JSON.stringify(value) ?? "nothing";
  return text.length <= LONGEST_VALUE ? text : `${text.slice(0, LONGEST_VALUE - 1)}…`;
}

/** Names in a sentence. */
export function listText(names: readonly string[]): string {
  return names.map((name) => `\`${name}\``).join(", ");
}
