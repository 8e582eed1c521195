import type { Span } from "../../src/diagnostics/finding.ts";
import type { OptionValue } from "../../src/dsl/author-protocol.ts";
import { canonicalJson } from "../../src/manifest/canonical.ts";
import type { CallSite, Origin } from "../../src/origin/call-site.ts";
import { parsePointer } from "../../src/origin/pointer.ts";
import {
  type MutationSpans,
  type NounSpans,
  type OptionSpans,
  SPANS_VERSION,
  type SpansFile,
} from "../../src/origin/spans-file.ts";
import type { MadeChange } from "../../src/plugin/mutations.ts";
import { secretsIn, withoutSecrets } from "../../src/spec/secrets.ts";
import type { Positions } from "./positions.ts";

/** Where the values of a build came from, as the text of its file. */
export function spansText(
  experiment: string,
  preset: string | null,
  origins: ReadonlyMap<string, Origin>,
  options: readonly OptionValue[],
  positions: Positions,
  changes: readonly MadeChange[] = [],
): string {
  const spans: SpansFile = {
    assaySpans: SPANS_VERSION,
    experiment,
    preset,
    nouns: Object.fromEntries([...origins].map(([pointer, origin]) => [pointer, nounSpans(origin, positions)])),
    options: options.map(({ path, value, origin }): OptionSpans =>
      origin.kind === "preset"
        ? { path, value, origin: { ...origin, frames: positions.sites(origin.frames) } }
        : { path, value, origin },
    ),
    ...(changes.length === 0 ? {} : { mutations: changes.map(mutationSpans) }),
  };
  return canonicalJson(spans);
}

function nounSpans({ frames, fields, option, range, fieldOptions }: Origin, positions: Positions): NounSpans {
  return {
    frames: positions.sites(frames),
    ...(fields === undefined ? {} : { fields }),
    ...(option === undefined ? {} : { option }),
    ...(range === undefined ? {} : { range }),
    ...(fieldOptions === undefined ? {} : { fieldOptions }),
  };
}

/** A change, with the entry of the config that made it: its places are those of the source already. */
function mutationSpans({ at, because, was, mutator }: MadeChange): MutationSpans {
  const { at: entry, type, package: owner } = mutator;
  const { frames, path } =
    entry.kind === "site"
      ? { frames: entry.frames, path: entry.path ?? [] }
      : { frames: entry.kind === "span" ? [pointOf(entry.span)] : [], path: [] };
  return { at, type, package: owner, because, ...before(at, was), frames, path };
}

/** The value before, without secrets: that a mutator took one away is no reason to write it down. */
function before(at: string, was: MadeChange["was"]): Pick<MutationSpans, "was"> {
  if (was === undefined) return {};
  const found = secretsIn({ [parsePointer(at).at(-1) ?? ""]: was });
  return withoutSecrets(
    { was },
    found.map(({ text }) => text),
  );
}

function pointOf({ file, line, column }: Span): CallSite {
  return { file, line, column };
}
