import type { Manifest } from "../manifest/format.ts";
import type { SpansFile } from "../origin/spans-file.ts";
import { modelNameText } from "../spec/model-name.ts";
import { callModelName } from "../spec/call.ts";
import { WORKER_KINDS, type WorkerKind } from "../spec/worker.ts";
import { callFact, countFact, hooksFact } from "./derivation/calls.ts";
import type { DerivationSource, Fact } from "./derivation/fact.ts";
import { modelFact, topologyFact } from "./derivation/models.ts";
import { groupFact, optionFact } from "./derivation/options.ts";
import { dataPairFact, syncPairFact } from "./derivation/pairs.ts";
import { pointerFact, toManifestPointer } from "./derivation/pointers.ts";

export { type OptionOrigin, optionOrigins } from "./derivation/options.ts";
export type { DerivationSource, Fact, FactPlace, OptionPlaces } from "./derivation/fact.ts";

/** What can be asked of one experiment. */
export interface Askable {
  readonly options: readonly string[];
  /** Questions about what was resolved. */
  readonly facts: readonly string[];
}

/** Everything that can be asked: options first, then resolved facts. */
export function askable({ manifest, spans }: DerivationSource): Askable {
  const facts: string[] = [];
  for (const [index, setup] of manifest.resolved.setups.entries()) {
    for (const call of manifest.authored.setups[index]?.modelRpcs ?? []) {
      facts.push(call.name);
      if (call.preHooks.length + call.postHooks.length > 0) facts.push(`hook ${call.name}`);
    }
    for (const model of setup.modelNames) facts.push(`replica ${model}`, `topology ${model}`);
    for (const [from, to] of setup.dataTransferPairs) facts.push(`pair data ${from} ${to}`);
    for (const [from, to] of setup.syncParamPairs) facts.push(`pair sync ${from} ${to}`);
    for (const kind of WORKER_KINDS) if (setup.counts[kind] > 0) facts.push(`count ${kind}`);
  }
  return { options: spans.options.map(({ path }) => path), facts: [...new Set(facts)] };
}

/**
 * Derives the answer to a question: a tree whose root is what was asked for, and whose branches say why it is so. Pure; `null`
 * if nothing of that name is there.
 */
export function derive(source: DerivationSource, question: string): Fact | null {
  const [word = "", ...rest] = question.trim().split(/\s+/);
  return (
    byWord(source, word, rest) ??
    (rest.length > 0
      ? null
      : (optionFact(source, word) ??
        callFact(source, word) ??
        modelFact(source, word) ??
        groupFact(source, word) ??
        pointed(source, word)))
  );
}

/** Every name that a question may be meant to have, for suggestions. */
export function askableNames(source: DerivationSource): readonly string[] {
  const { options, facts } = askable(source);
  const models = source.manifest.authored.setups.flatMap(({ modelRpcs }) =>
    modelRpcs.map((call) => modelNameText(callModelName(call))),
  );
  return [...options, ...facts, ...models];
}

/** The source of derivations that the two files of a build make. */
export function derivationSource(
  manifest: Manifest,
  spans: SpansFile,
  bare: SpansFile | null = null,
): DerivationSource {
  return { manifest, spans, bare, places: { defaults: {}, presets: {} } };
}

function byWord(source: DerivationSource, word: string, rest: readonly string[]): Fact | null {
  const [first = "", second = "", third = ""] = rest;
  switch (word) {
    case "option":
      return optionFact(source, first) ?? groupFact(source, first);
    case "call":
      return callFact(source, first);
    case "replica":
    case "model":
      return modelFact(source, first);
    case "topology":
      return topologyFact(source, first);
    case "hook":
      return hooksFact(source, first);
    case "count":
      return isKind(first) ? countFact(source, first) : null;
    case "pair":
      if (first === "data") return dataPairFact(source, second, third);
      return first === "sync" ? syncPairFact(source, second, third) : null;
    default:
      return null;
  }
}

function isKind(text: string): text is WorkerKind {
  return (WORKER_KINDS as readonly string[]).includes(text);
}

function pointed(source: DerivationSource, text: string): Fact | null {
  const pointer = toManifestPointer(text);
  return pointer === null ? null : pointerFact(source, pointer);
}
