// Runs the stages of a cold build in one fresh process, one after another, and prints what each took.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import canonicalize from "canonicalize";
import { NO_FACTS, resolve } from "assay";
import { loadSourceReader } from "../../../codegen/ts-morph-reader.ts";
import { writeSet } from "../../../codegen/write.ts";
import { seal } from "../../../src/manifest/seal.ts";
import { originOf } from "../../../src/origin/call-site.ts";
import { corpusFiles } from "../corpus.ts";
import { corpusFacts, loadCorpus, type Proved, proveCorpus, transpile, transpileCorpus } from "../corpus/evaluate.ts";
import { timed } from "../measure.ts";

/** Milliseconds by stage. */
export type Stages = Readonly<Record<string, number>>;

const [kind, folder = "", checkout = ""] = process.argv.slice(2);
const files = corpusFiles();
const sources = [...files.keys()].filter((path) => path.endsWith(".ts"));
const stages = kind === "read" ? await readStages() : await evaluateStages();
console.log(JSON.stringify(stages satisfies Stages));

async function readStages(): Promise<Stages> {
  const texts = new Map<string, string>();
  const load = timed(() => {
    for (const path of sources) texts.set(path, readFileSync(join(folder, path), "utf8"));
  });
  const start = performance.now();
  const reader = await loadSourceReader();
  const imported = performance.now() - start;
  const read = timed(() => {
    for (const [path, text] of texts) reader.read(path, text);
  });
  return { load, imported, read };
}

async function evaluateStages(): Promise<Stages> {
  const start = performance.now();
  await import("assay/plugins");
  const plugins = performance.now() - start;
  const transpiling = timed(() => {
    for (const path of sources) transpile(path, files.get(path) ?? "");
  });
  const compiled = join(folder, "compiled");
  transpileCorpus(files, compiled, checkout);
  const beforeLoad = performance.now();
  await loadCorpus(files, compiled);
  const load = performance.now() - beforeLoad;
  let proved: readonly Proved[] = [];
  const prove = timed(() => {
    proved = proveCorpus(files);
  });
  const facts = corpusFacts();
  const resolving = timed(() => {
    for (const { authored } of proved) resolve({ authored }, facts);
  });
  const withoutFacts = timed(() => {
    for (const { authored } of proved) resolve({ authored }, NO_FACTS);
  });
  const outputs = new Map<string, string>();
  const sealing = timed(() => {
    for (const one of proved) outputs.set(`${outputName(one)}.manifest.json`, seal({ ...one, declared: null }).text);
  });
  for (const one of proved) outputs.set(`${outputName(one)}.spans.json`, spansText(one));
  const bytes = [...outputs.values()].reduce((sum, text) => sum + text.length, 0);
  const write = (): number =>
    timed(() => {
      const { findings } = writeSet(join(folder, "out"), outputs, { root: folder, gen: null });
      if (findings.length > 0) throw new Error(findings[0]?.message);
    });
  return {
    plugins,
    transpiling,
    load,
    prove,
    resolving,
    withoutFacts,
    sealing,
    bytes,
    write: write(),
    rewrite: write(),
  };
}

function outputName({ name, preset }: Proved): string {
  return preset === null ? name : `${name}.${preset}`;
}

/** About what a build writes beside a manifest: the call sites of all nouns. */
function spansText({ name, preset, authored }: Proved): string {
  const nouns: Record<string, unknown> = {};
  const visit = (value: unknown, pointer: string): void => {
    if (typeof value !== "object" || value === null) return;
    const origin = originOf(value);
    if (origin !== undefined) nouns[pointer] = { frames: origin.frames };
    for (const [key, inner] of Object.entries(value)) visit(inner, `${pointer}/${key}`);
  };
  visit(authored, "");
  return canonicalize({ assaySpans: 1, experiment: name, preset, nouns, options: [] }) ?? "";
}
