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

/** All setups. Facts are asked of the first one that has them. */
export function setupsOf({ manifest }: DerivationSource): readonly Setup[] {
  return manifest.authored.setups.flatMap((config, index) => {
    const resolved = manifest.resolved.setups[index];
    return resolved === undefined ? [] : [{ index, config, resolved }];
  });
}

/** The first answer that a setup gives. */
export function firstOf(source: DerivationSource, answer: (setup: Setup) => Fact | null): Fact | null {
  for (const setup of setupsOf(source)) {
    const found = answer(setup);
    if (found !== null) return found;
  }
  return null;
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
