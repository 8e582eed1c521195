import canonicalize from "canonicalize";
import * as fc from "fast-check";
import type { JsonObject, JsonValue } from "type-fest";
import { describe, expect, it } from "vitest";
import { AssayError } from "../../../src/diagnostics/assay-error.ts";
import type { Bindings } from "../../../src/manifest/bindings.ts";
import type { Manifest } from "../../../src/manifest/format.ts";
import { readManifest } from "../../../src/manifest/read.ts";
import { type ManifestParts, seal } from "../../../src/manifest/seal.ts";
import { resolveWorkerConfig, workerCount } from "../../../src/manifest/worker-config.ts";
import { modelNameText } from "../../../src/spec/model-name.ts";
import { type ModelShard, WORKER_KINDS, WORKER_TYPE_NAMES, type WorkerKind } from "../../../src/spec/worker.ts";
import { workersOf } from "../../../src/spec/worker-set.ts";
import { type Answer, askPython, hasPython, type Question } from "./python-reader.ts";
import { manifestParts, text } from "./random-manifest.ts";

const bindings: fc.Arbitrary<Bindings> = fc.record(
  {
    trial: text,
    user: text,
    experiment: text,
    env: fc.dictionary(fc.constantFrom("A", "B"), text, { noNullPrototype: true }),
    secrets: fc.dictionary(fc.constantFrom("A"), text, { noNullPrototype: true }),
  },
  { requiredKeys: ["trial", "user"], noNullPrototype: true },
) as fc.Arbitrary<Bindings>;

const oneCase = fc.record({ parts: manifestParts, bindings });

/** Every worker of every kind and setup, and one beyond the last. */
function questionsOf(manifest: Manifest, number: number, given: Bindings): readonly Question[] {
  return [...manifest.resolved.setups.keys(), manifest.resolved.setups.length].flatMap((setup) =>
    WORKER_KINDS.flatMap((kind) =>
      Array.from({ length: workerCount(manifest, kind, { setup }) + 1 }, (_, index) => ({
        manifest: number,
        kind,
        index,
        setup,
        bindings: given,
      })),
    ),
  );
}

function ask(manifest: Manifest, question: Question): Answer {
  const kind = question.kind as WorkerKind;
  const { index, setup } = question;
  const count = workerCount(manifest, kind, { setup });
  try {
    return { count, value: resolveWorkerConfig(manifest, kind, index, question.bindings, { setup }) };
  } catch (error) {
    if (!(error instanceof AssayError)) throw error;
    return { count, error: error.codes.join() + referencesIn(error) };
  }
}

function referencesIn({ findings: [finding] }: AssayError): string {
  return JSON.stringify([...((finding?.data["references"] as string[] | undefined) ?? [])].sort());
}

/** The Python reader's errors in the same form. */
function sameForm(answer: Answer | undefined): Answer | undefined {
  if (answer === undefined || !("error" in answer)) return answer;
  const [code = "", rest = ""] = answer.error.split(/: (.*)/s);
  const listed = code === "manifest/unbound" ? rest.slice("no value is bound for ".length).split(", ${") : [];
  const references = listed.map((reference, index) => (index === 0 ? reference : `\${${reference}`));
  return { ...answer, error: code + JSON.stringify(references.sort()) };
}

/** The same workers from the whole, expanded sets, with references filled in character by character. */
function expand({ name, authored, resolved }: ManifestParts, question: Question): JsonValue | null {
  const { setup, index, bindings: given } = question;
  const kind = question.kind as WorkerKind;
  const config = authored.setups[setup];
  const own = resolved.setups[setup];
  const set = kind === "masterWorker" ? own?.masterWorker : config?.[kind];
  const workers = set === undefined || set === null ? [] : [...workersOf(set)];
  const worker = workers[index];
  if (worker === undefined || own === undefined || config === undefined) return null;
  const held =
    kind === "modelWorker" ? { shards: ((worker["shards"] ?? []) as unknown as ModelShard[]).map(made) } : {};
  function made(shard: ModelShard) {
    return { ...shard, shouldInstantiate: own?.modelNamesToInstantiate.includes(modelNameText(shard.id.modelName)) };
  }
  const wide = {
    modelRpcs: config.modelRpcs,
    modelTopos: own.modelTopos,
    msid2mwid: own.msid2mwid,
    dataTransferPairs: own.dataTransferPairs,
    syncParamPairs: own.syncParamPairs,
  };
  const filled = fill(
    {
      ...worker,
      ...held,
      ...(kind === "modelWorker" || kind === "masterWorker" ? wide : {}),
    } as unknown as JsonValue,
    { ...given, experiment: given.experiment ?? name },
    authored.cluster.fileroot,
  ) as JsonObject;
  const information = {
    ...(filled["workerInfo"] as JsonObject | null),
    experimentName: given.experiment ?? name,
    trialName: given.trial,
    workerType: WORKER_TYPE_NAMES[kind],
    workerIndex: index,
    workerCount: workers.length,
  };
  return { ...filled, workerInfo: { workerTag: null, hostKey: null, watchKeys: null, ...information } };
}

class Unbound extends Error {}

function fill(value: JsonValue, given: Bindings, fileroot: string | null): JsonValue {
  if (Array.isArray(value)) return value.map((part) => fill(part as JsonValue, given, fileroot));
  if (typeof value === "object" && value !== null)
    return Object.fromEntries(
      Object.entries(value).map(([key, part]) => [key, fill(part as JsonValue, given, fileroot)]),
    );
  if (typeof value !== "string") return value;
  let done = "";
  for (let at = 0; at < value.length;) {
    const end = value.indexOf("}", at);
    if (value.startsWith("$${", at)) {
      done += "${";
      at += 3;
    } else if (value.startsWith("${", at) && end >= 0) {
      done += valueOf(value.slice(at + 2, end), given, fileroot);
      at = end + 1;
    } else {
      done += value[at];
      at += 1;
    }
  }
  return done;
}

function valueOf(name: string, given: Bindings, fileroot: string | null): string {
  const table: readonly (readonly [string, string])[] = [
    ["trial", given.trial],
    ["user", given.user],
    ["experiment", given.experiment ?? ""],
    ...Object.entries(given.env ?? {}).map(([key, one]) => [`env:${key}`, one] as const),
    ...Object.entries(given.secrets ?? {}).map(([key, one]) => [`secret:${key}`, one] as const),
  ];
  if (name === "cluster.fileroot" && fileroot !== null) return fill(fileroot, given, null) as string;
  const found = table.find(([key]) => key === name);
  if (found === undefined) throw new Unbound();
  return found[1];
}

function expandOrCode(parts: ManifestParts, question: Question): string {
  try {
    const worker = expand(parts, question);
    return worker === null ? "manifest/no-such-worker" : (canonicalize(worker) as string);
  } catch (error) {
    if (error instanceof Unbound) return "manifest/unbound";
    throw error;
  }
}

describe("a worker read from a manifest's text", () => {
  it("is the one that expanding the whole set gives, for every worker of every kind", () => {
    fc.assert(
      fc.property(oneCase, ({ parts, bindings: given }) => {
        const manifest = readManifest(seal(parts).text);
        for (const question of questionsOf(manifest, 0, given)) {
          const answer = ask(manifest, question);
          const got = "value" in answer ? canonicalize(answer.value) : answer.error.replace(/\[.*/s, "");
          expect(got).toBe(expandOrCode(parts, question));
        }
      }),
      { numRuns: 40 },
    );
  });

  it.skipIf(!hasPython)("is the same in the Python reader, errors included (needs python3)", () => {
    fc.assert(
      fc.property(fc.array(oneCase, { minLength: 12, maxLength: 12 }), (cases) => {
        const texts = cases.map(({ parts }) => seal(parts).text);
        const manifests = texts.map((one) => readManifest(one));
        const questions = cases.flatMap(({ bindings: given }, number) =>
          questionsOf(manifests[number] as Manifest, number, given),
        );
        const answers = askPython(texts, questions);
        expect(answers.length).toBe(questions.length);
        for (const [number, question] of questions.entries()) {
          const expected = ask(manifests[question.manifest] as Manifest, question);
          expect(canonicalize(sameForm(answers[number]))).toBe(canonicalize(expected));
        }
      }),
      { numRuns: 5 },
    );
  });
});
