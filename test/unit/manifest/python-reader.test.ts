import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { readManifest } from "../../../src/manifest/read.ts";
import { resolveWorkerConfig } from "../../../src/manifest/worker-config.ts";
import { LARGE_COUNT, largeManifest } from "./large-manifest.ts";
import { hasPython, ROOT, runPython, withFiles } from "./python-reader.ts";

const SCRIPT = join(ROOT, "assay_manifest.py");
const large = largeManifest();

const PEAK = `
import json, sys, tracemalloc
import assay_manifest as reader
tracemalloc.start()
worker = reader.worker(sys.argv[1], "modelWorker", 9999, {"trial": "t", "user": "u"})
print(json.dumps({"peak": tracemalloc.get_traced_memory()[1], "worker": worker}))
`;

/** Runs the reader as a command. */
function command(...argv: readonly string[]) {
  return spawnSync("python3", [SCRIPT, ...argv], { encoding: "utf8" });
}

describe("the Python reader", () => {
  it("has at most 100 lines, of at most 120 characters", () => {
    const lines = readFileSync(SCRIPT, "utf8").trimEnd().split("\n");
    expect(lines.length).toBeLessThanOrEqual(100);
    expect(lines.filter((line) => line.length > 120)).toEqual([]);
  });

  it.skipIf(!hasPython)("is written for Python 3.8 and imports the standard library only (needs python3)", () => {
    const program = `
import ast, sys
tree = ast.parse(open(sys.argv[1]).read(), feature_version=(3, 8))
print(sorted(name.name for node in ast.walk(tree) if isinstance(node, ast.Import) for name in node.names))
print([node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)])
`;
    expect(runPython(["-c", program, SCRIPT])).toBe("['json', 'pathlib', 're', 'sys']\n[]\n");
  });

  it.skipIf(!hasPython)(
    "gets one of 16,384 shuffled workers in less memory than 5 times the file (needs python3)",
    () => {
      expect(large.length).toBeGreaterThan(900_000);
      const { peak, worker } = withFiles([large], (folder) =>
        JSON.parse(runPython(["-c", PEAK, join(folder, "0.json")])),
      ) as { readonly peak: number; readonly worker: unknown };
      const bindings = { trial: "t", user: "u" };
      expect(worker).toEqual(resolveWorkerConfig(readManifest(large), "modelWorker", 9999, bindings));
      expect(peak).toBeGreaterThan(large.length);
      expect(peak / large.length).toBeLessThan(5);
    },
  );

  it.skipIf(!hasPython)("prints a worker as a command, with bindings and setup as arguments (needs python3)", () => {
    withFiles([large], (folder) => {
      const file = join(folder, "0.json");
      const { status, stdout } = command(
        file,
        "modelWorker",
        "7",
        "trial=t=1",
        "user=u",
        "experiment=other",
        "setup=0",
      );
      expect(status).toBe(0);
      const bindings = { trial: "t=1", user: "u", experiment: "other" };
      expect(JSON.parse(stdout)).toEqual(resolveWorkerConfig(readManifest(large), "modelWorker", 7, bindings));
    });
  });

  it.skipIf(!hasPython)("says what is wrong in one line, and exits with 1 (needs python3)", () => {
    withFiles([large, '{"assayManifest":2}', "{}", large.slice(0, 1000)], (folder) => {
      const wrong = (number: number, ...rest: readonly string[]) => {
        const { status, stderr } = command(join(folder, `${number}.json`), ...rest);
        expect(status).toBe(1);
        expect(stderr.trim().split("\n").length).toBe(1);
        return /manifest\/[a-z-]+: .*/.exec(stderr)?.[0];
      };
      expect(wrong(0, "modelWorker", String(LARGE_COUNT), "trial=t", "user=u")).toBe(
        "manifest/no-such-worker: modelWorker 16384 of 16384 in setup 0",
      );
      expect(wrong(0, "masterWorker", "0")).toBe("manifest/unbound: no value is bound for ${trial}");
      expect(wrong(1, "masterWorker", "0")).toBe("manifest/version: 2, not 1");
      expect(wrong(2, "masterWorker", "0")).toBe("manifest/syntax: this is no manifest");
      expect(wrong(3, "masterWorker", "0")).toBe("manifest/syntax: the text ends too early");
    });
  });

  it.skipIf(!hasPython)("reads a manifest that another tool has indented (needs python3)", () => {
    const manifest = readManifest(large);
    withFiles([JSON.stringify(manifest, null, 2)], (folder) => {
      const { stdout } = command(join(folder, "0.json"), "modelWorker", "0", "trial=t", "user=u");
      const expected = resolveWorkerConfig(manifest, "modelWorker", 0, { trial: "t", user: "u" });
      expect(JSON.parse(stdout)).toEqual(expected);
    });
  });
});
