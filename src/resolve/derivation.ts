import { parsePointer } from "../origin/pointer.ts";
import { nearest } from "../diagnostics/nearest.ts";
import type { Manifest } from "../manifest/format.ts";
import type { SpansFile } from "../origin/spans-file.ts";
import { modelNameText } from "../spec/model-name.ts";
import { callModelName } from "../spec/call.ts";
import { WORKER_KINDS } from "../spec/worker.ts";
import { questionAt } from "./derivation/asked-by-place.ts";
import { callFact, hooksFact } from "./derivation/calls.ts";
import { countFact, isKind, workerFieldFact, workerFields } from "./derivation/counts.ts";
import { type DerivationSource, type Fact, fact, setupsOf } from "./derivation/fact.ts";
import { edgeFact, graphQuestions, keyFact } from "./derivation/graph.ts";
import { memoryFact, memoryOfFact, memoryQuestions } from "./derivation/memory.ts";
import { modelFact, startFact, topologyFact } from "./derivation/models.ts";
import { groupFact, optionFact } from "./derivation/options.ts";
import { dataPairFact, syncPairFact } from "./derivation/pairs.ts";
import { partFact, partPaths } from "./derivation/parts.ts";
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
export function askable(source: DerivationSource): Askable {
  const facts: string[] = [];
  for (const each of setupsOf(source)) {
    const { config, resolved: setup } = each;
    for (const call of config.modelRpcs) {
      facts.push(call.name);
      if (call.preHooks.length + call.postHooks.length > 0) facts.push(`hook ${call.name}`);
    }
    for (const model of setup.modelNames) facts.push(`replica ${model}`, `topology ${model}`, `instantiation ${model}`);
    facts.push(...graphQuestions(each));
    facts.push(...memoryQuestions(each));
    for (const [from, to] of setup.dataTransferPairs) facts.push(`pair data ${from} ${to}`);
    for (const [from, to] of setup.syncParamPairs) facts.push(`pair sync ${from} ${to}`);
    for (const kind of WORKER_KINDS) if (setup.counts[kind] > 0) facts.push(`count ${kind}`);
    facts.push(...workerFields(each));
  }
  return { options: source.spans.options.map(({ path }) => path), facts: [...new Set(facts)] };
}

/**
 * Derives the answer to a question: a tree whose root is what was asked for, and whose branches say why it is so. Pure; `null`
 * if nothing of that name is there.
 */
export function derive(source: DerivationSource, question: string): Fact | null {
  return named(source, question) ?? pointed(source, question.trim());
}

/** The answer to a question that names something. */
function named(source: DerivationSource, question: string): Fact | null {
  const [word = "", ...rest] = question.trim().split(/\s+/);
  return (
    byWord(source, word, rest) ??
    (rest.length > 0
      ? overviewFact(source, [word, ...rest].join(" "))
      : (optionFact(source, word) ??
        callFact(source, word) ??
        modelFact(source, word) ??
        groupFact(source, word) ??
        workerFieldFact(source, word) ??
        memoryIn(source, word) ??
        overviewFact(source, word) ??
        partFact(source, word)))
  );
}

/** All of the memory, or that of a call or a model after a dot. */
function memoryIn(source: DerivationSource, word: string): Fact | null {
  if (word === "memory") return memoryFact(source);
  return word.startsWith("memory.") ? memoryOfFact(source, word.slice("memory.".length)) : null;
}

/** What a question that has no answer may have meant, whole names, at most three: those that end so, else the nearest. */
export function nearestQuestions(source: DerivationSource, question: string): readonly string[] {
  const names = [...new Set(askableNames(source))];
  const ending = names.filter((name) => name.endsWith(`.${question}`) || name.endsWith(` ${question}`));
  if (ending.length > 0) return ending.slice(0, MOST_NAMES);
  const near = nearest(question, names);
  // With a mistake in the middle, the other names of the same group are near, too.
  const last = question.split(".").at(-1);
  const alike = near.filter((name) => name.split(".").at(-1) === last);
  if (near.length > 0) return last !== question && alike.length > 0 ? alike : near;
  // A path whose beginning is left out, with a mistake in the rest.
  const length = question.split(".").length;
  const ends = names.map((name) => [name.split(".").slice(-length).join("."), name] as const);
  const nearEnds = new Set(
    nearest(
      question,
      ends.map(([end]) => end),
    ),
  );
  return ends.flatMap(([end, name]) => (nearEnds.has(end) ? [name] : [])).slice(0, MOST_NAMES);
}

const MOST_NAMES = 3;

/** Every name that a question may be meant to have: options and the groups around them, facts, models. */
function askableNames(source: DerivationSource): readonly string[] {
  const { options, facts } = askable(source);
  const groups = options.flatMap((path) => {
    const segments = path.split(".");
    return segments.slice(1).map((_, index) => segments.slice(0, index + 1).join("."));
  });
  const models = source.manifest.authored.setups.flatMap(({ modelRpcs }) =>
    modelRpcs.map((call) => modelNameText(callModelName(call))),
  );
  return [...options, ...groups, ...facts, ...models, ...partPaths(source)];
}

/** The source of derivations that the two files of a build make. */
export function derivationSource(
  manifest: Manifest,
  spans: SpansFile,
  bare: SpansFile | null = null,
): DerivationSource {
  return { manifest, spans, bare, places: { defaults: {}, presets: {} } };
}

/** Words of a question, and how many names follow each. */
const NAMES_AFTER: Readonly<Record<string, number>> = {
  option: 1,
  call: 1,
  replica: 1,
  model: 1,
  topology: 1,
  instantiation: 1,
  edge: 2,
  key: 1,
  hook: 1,
  hooks: 1,
  count: 1,
  memory: 1,
  pair: 3,
};

function byWord(source: DerivationSource, word: string, rest: readonly string[]): Fact | null {
  const [first = "", second = "", third = ""] = rest;
  if (word === "setup") return ofOneSetup(source, first, rest.slice(1).join(" "));
  if (!Object.hasOwn(NAMES_AFTER, word) || rest.length !== NAMES_AFTER[word]) return null;
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
    case "instantiation":
      return startFact(source, first);
    case "edge":
      return edgeFact(source, first, second);
    case "key":
      return keyFact(source, first);
    case "hook":
    case "hooks":
      return hooksFact(source, first);
    case "count":
      return isKind(first) ? countFact(source, first) : null;
    case "memory":
      return memoryOfFact(source, first);
    case "pair":
      if (first === "data") return dataPairFact(source, second, third);
      return first === "sync" ? syncPairFact(source, second, third) : null;
    default:
      return null;
  }
}

function ofOneSetup(source: DerivationSource, number: string, question: string): Fact | null {
  if (!/^\d+$/.test(number) || question === "" || source.manifest.authored.setups[Number(number)] === undefined)
    return null;
  return derive({ ...source, setup: Number(number) }, question);
}

/** Words that ask for everything of one kind, and how questions about one of them begin. */
const OVERVIEWS: Readonly<Record<string, string>> = {
  hook: "hook",
  hooks: "hook",
  replica: "replica",
  replicas: "replica",
  replicaId: "replica",
  topology: "topology",
  topologies: "topology",
  layout: "topology",
  instantiation: "instantiation",
  pair: "pair",
  pairs: "pair",
  "pair data": "pair data",
  "pair sync": "pair sync",
  edge: "edge",
  edges: "edge",
  graph: "edge",
  key: "key",
  keys: "key",
  count: "count",
  counts: "count",
  workers: "count",
};

/** Everything of one kind, each in a line: what to ask for more stands with it. */
function overviewFact(source: DerivationSource, word: string): Fact | null {
  const begin = Object.hasOwn(OVERVIEWS, word) ? OVERVIEWS[word] : undefined;
  if (begin === undefined) return null;
  const questions = askable(source).facts.filter((question) => question.startsWith(`${begin} `));
  const answers = questions.flatMap((question) => {
    const found = derive(source, question);
    if (found === null) return [];
    // What hooks do stands one step further in.
    const inner = begin === "hook" ? found.because.map(({ text }) => fact(text)) : [];
    return [fact(`\`${question}\`: ${found.text}`, inner)];
  });
  const head =
    answers.length === 1 ? "1 answer; ask for it to see why" : `${answers.length} answers; ask for one to see why`;
  return fact(answers.length === 0 ? `there is no ${begin}` : head, answers);
}

function pointed(source: DerivationSource, text: string): Fact | null {
  const pointer = toManifestPointer(text);
  if (pointer === null) return null;
  const question = questionAt(source.manifest, parsePointer(pointer));
  return (question === null ? null : named(source, question)) ?? pointerFact(source, pointer);
}
