import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Authored, resolve } from "assay";
import { seal } from "../../src/manifest/seal.ts";
import type { Answer } from "./child/read-worker.ts";
import { Random } from "./corpus/random.ts";
import { largeAuthored, largeFacts, shuffledAuthored } from "./large.ts";
import { nodeAnswer, spreadOf } from "./measure.ts";
import type { Row, Section } from "./report.ts";

const ROUNDS = 5;

/** Sizes of large manifests, and what reading one worker from them takes. */
export function measureManifests(checkout: string): Section {
  const folder = mkdtempSync(join(tmpdir(), "assay-bench-"));
  try {
    return {
      title: "Manifest at 16,384 GPUs",
      rows: [
        ...rowsOf("decoupled", largeAuthored(16_384, "decoupled"), folder, checkout),
        ...rowsOf("shuffled", shuffledAuthored(16_384, new Random(1)), folder, checkout),
      ],
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function rowsOf(what: string, authored: Authored, folder: string, checkout: string): readonly Row[] {
  const { value: resolved } = resolve({ authored }, largeFacts());
  const { text } = seal({ name: authored.experiment, preset: null, declared: null, authored, resolved });
  const file = join(folder, `${what}.json`);
  writeFileSync(file, text);
  const bytes = Buffer.byteLength(text);
  const script = fileURLToPath(new URL("child/read-worker.js", import.meta.url));
  const answers = Array.from({ length: ROUNDS }, () => nodeAnswer<Answer>(script, file));
  const spread = (field: keyof Answer) => spreadOf(answers.map((answer) => answer[field]));
  return [
    { what: `size, ${what}`, value: bytes / 1e6, unit: "MB", bound: 1 },
    {
      what: `one worker's configuration, first call, ${what}`,
      value: spread("firstMs").median,
      unit: "ms",
      bound: 5,
      spread: spread("firstMs"),
      note: `after ${spread("loadMs").median.toFixed(2)} ms of loading, in a fresh process`,
    },
    {
      what: `one worker's configuration, warm, ${what}`,
      value: spread("warmMs").median,
      unit: "ms",
      bound: 5,
      spread: spread("warmMs"),
    },
    pythonRow(what, file, bytes, checkout),
  ];
}

const PYTHON = `
import sys, tracemalloc
import assay_manifest as reader
tracemalloc.start()
manifest = reader.read(sys.argv[1])
reader.worker(manifest, "modelWorker", 12345, {"trial": "t", "user": "u"})
print(tracemalloc.get_traced_memory()[1])
`;

function pythonRow(what: string, file: string, bytes: number, checkout: string): Row {
  const row = { what: `Python reader, peak memory / file, ${what}`, unit: "x", bound: 5 } as const;
  const { status, stdout, stderr } = spawnSync("python3", ["-c", PYTHON, file], {
    encoding: "utf8",
    env: { ...process.env, PYTHONPATH: checkout, PYTHONDONTWRITEBYTECODE: "1" },
  });
  if (status === null) return { ...row, bound: null, value: null, note: "skipped: there is no python3" };
  if (status !== 0) throw new Error(stderr);
  const peak = Number(stdout);
  return { ...row, value: peak / bytes, note: `${(peak / 1024).toFixed(0)} KiB for ${(bytes / 1024).toFixed(0)} KiB` };
}
