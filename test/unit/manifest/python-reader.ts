import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Bindings } from "../../../src/manifest/bindings.ts";

/** Folder of `assay_manifest.py`. */
export const ROOT = fileURLToPath(new URL("../../..", import.meta.url));

/** False where the tests of the Python reader have to be skipped. */
export const hasPython = spawnSync("python3", ["--version"]).status === 0;

/** One question to the Python reader; `manifest` is the number of a text. */
export interface Question {
  readonly manifest: number;
  readonly kind: string;
  readonly index: number;
  readonly setup: number;
  readonly bindings: Bindings;
}

/** What it said: a configuration, or the text of its error. */
export type Answer = { readonly count: number } & ({ readonly value: unknown } | { readonly error: string });

const DRIVER = `
import json, sys
import assay_manifest as reader
folder = sys.argv[1]
opened = {}
for line in sys.stdin:
    one = json.loads(line)
    path = f"{folder}/{one['manifest']}.json"
    manifest = opened.setdefault(path, None) or opened.update({path: reader.read(path)}) or opened[path]
    answer = {"count": reader.count(manifest, one["kind"], one["setup"])}
    try:
        answer["value"] = reader.worker(manifest, one["kind"], one["index"], one["bindings"], one["setup"])
    except reader.ManifestError as error:
        answer["error"] = str(error)
    print(json.dumps(answer))
`;

/** Puts all questions to one Python process. */
export function askPython(texts: readonly string[], questions: readonly Question[]): readonly Answer[] {
  return withFiles(texts, (folder) => {
    const input = questions.map((question) => JSON.stringify(question)).join("\n");
    const output = runPython(["-c", DRIVER, folder], input);
    return output
      .split("\n")
      .filter((line) => line !== "")
      .map((line) => JSON.parse(line) as Answer);
  });
}

/** Standard output of a Python process that can import the reader. */
export function runPython(argv: readonly string[], input = ""): string {
  return execFileSync("python3", argv, {
    input,
    encoding: "utf8",
    maxBuffer: 1 << 28,
    env: { ...process.env, PYTHONPATH: ROOT, PYTHONDONTWRITEBYTECODE: "1" },
  });
}

/** Runs `use` with a folder that holds the texts as `0.json`, `1.json`, ... */
export function withFiles<T>(texts: readonly string[], use: (folder: string) => T): T {
  const folder = mkdtempSync(join(tmpdir(), "assay-manifest-"));
  try {
    for (const [number, text] of texts.entries()) writeFileSync(join(folder, `${number}.json`), text);
    return use(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}
