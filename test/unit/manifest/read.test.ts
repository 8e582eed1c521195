import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { AssayError } from "../../../src/diagnostics/assay-error.ts";
import { bind, type Scope } from "../../../src/manifest/bindings.ts";
import { readManifest } from "../../../src/manifest/read.ts";
import { resolveWorkerConfig, workerCount } from "../../../src/manifest/worker-config.ts";
import { LARGE_COUNT, largeManifest } from "./large-manifest.ts";

function messageOf(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    if (error instanceof AssayError) return error.message;
    throw error;
  }
  return "nothing was thrown";
}

describe("reading a manifest", () => {
  const text = largeManifest();

  it("takes text, or an object as it is", () => {
    const manifest = readManifest(text);
    expect(manifest.name).toBe("large");
    expect(readManifest(manifest)).toBe(manifest);
  });

  it.each([
    ["no JSON", "{", "manifest/syntax"],
    ["no object", "[1]", "manifest/syntax: this is no manifest: it holds no JSON object"],
    ["null", "null", "manifest/syntax: this is no manifest: it holds no JSON object"],
    ["another document", '{"name":"x"}', "manifest/syntax: this is no manifest: it has no property `assayManifest`"],
    ["a later version", '{"assayManifest":2}', "manifest/version: the manifest has version 2, this reader knows 1"],
    [
      "a version as text",
      '{"assayManifest":"1"}',
      'manifest/version: the manifest has version "1", this reader knows 1',
    ],
  ])("refuses %s", (_, source, message) => {
    expect(messageOf(() => readManifest(source))).toContain(message);
  });

  it("counts workers, and none of kinds and setups that are not there", () => {
    const manifest = readManifest(text);
    expect(workerCount(manifest, "modelWorker")).toBe(LARGE_COUNT);
    expect(workerCount(manifest, "masterWorker", { setup: 0 })).toBe(1);
    expect(workerCount(manifest, "modelWorker", { setup: 1 })).toBe(0);
    expect(workerCount(manifest, "toString" as never)).toBe(0);
  });

  it.each([
    ["modelWorker", LARGE_COUNT, 0, "0 to 16383; worker 16384 was asked for"],
    ["modelWorker", -1, 0, "worker -1 was asked for"],
    ["modelWorker", 0.5, 0, "worker 0.5 was asked for"],
    ["modelWorker", Number.NaN, 0, "worker NaN was asked for"],
    ["rolloutWorker", 0, 0, "setup 0 has no workers of kind `rolloutWorker`"],
    ["masterWorker", 0, 1, "setup 1 has no workers of kind `masterWorker`"],
    ["constructor", 0, 0, "setup 0 has no workers of kind `constructor`"],
  ])("refuses %s %d of setup %d", (kind, index, setup, message) => {
    const manifest = readManifest(text);
    const run = () => resolveWorkerConfig(manifest, kind as "modelWorker", index, { trial: "t", user: "u" }, { setup });
    expect(messageOf(run)).toContain("manifest/no-such-worker");
    expect(messageOf(run)).toContain(message);
  });

  it("hands out configurations that share nothing with the manifest", () => {
    const manifest = readManifest(text);
    const worker = resolveWorkerConfig(manifest, "modelWorker", 0, { trial: "t", user: "u" });
    const changed = worker["modelRpcs"] as { name: string }[];
    (changed[0] as { name: string }).name = "changed";
    expect(JSON.stringify(readManifest(text))).toBe(JSON.stringify(manifest));
  });

  it("names every missing value at once, a trial without a name among them", () => {
    const manifest = readManifest(text.replaceAll("/qwen", "/${secret:KEY}/${env:HOME}/${env:HOME}"));
    const run = () => resolveWorkerConfig(manifest, "modelWorker", 5, { user: "u" } as never);
    expect(messageOf(run)).toBe(
      "manifest/unbound: no value is bound for ${env:HOME}, ${secret:KEY}, ${trial} (give the values in the bindings)",
    );
  });
});

describe("bindings", () => {
  const scope: Scope = {
    trial: "t1",
    user: "${trial}",
    experiment: "e",
    fileroot: "/data/${env:TEAM}",
    env: { TEAM: "rl", "": "empty" },
    secrets: { KEY: "s" },
  };

  it.each([
    ["${trial}-${trial}", "t1-t1"],
    ["what a binding brings in stays: ${user}", "what a binding brings in stays: ${trial}"],
    ["${cluster.fileroot}/x", "/data/rl/x"],
    ["${secret:KEY}${env:}", "sempty"],
    ["$${trial} $$${trial} $ { ${", "${trial} $${trial} $ { ${"],
  ])("fill %s", (text, expected) => {
    expect(bind(text, scope)).toBe(expected);
  });

  it.each(["${Trial}", "${}", "${envTEAM}", "${env:toString}", "${secret:TEAM}", "${cluster.name}", "${ trial}"])(
    "do not know %s",
    (reference) => {
      expect(messageOf(() => bind([reference], scope))).toContain(`no value is bound for ${reference} (`);
    },
  );

  it("do not let a file root stand on itself", () => {
    const run = () => bind("${cluster.fileroot}", { ...scope, fileroot: "/a/${cluster.fileroot}" });
    expect(messageOf(run)).toContain("no value is bound for ${cluster.fileroot}");
  });

  it("leave keys alone, and `__proto__` what it is: data", () => {
    const value = JSON.parse('{"${trial}":1,"__proto__":{"polluted":"${trial}"}}') as Record<string, unknown>;
    const bound = bind(value, scope) as object;
    expect(JSON.stringify(bound)).toBe('{"${trial}":1,"__proto__":{"polluted":"t1"}}');
    expect(Object.getPrototypeOf(bound)).toBe(Object.prototype);
    expect("polluted" in {}).toBe(false);
  });
});

describe("the module `assay/manifest`", () => {
  it("loads no package, and of Assay only nouns, diagnostics and origins", () => {
    const seen = new Set<string>();
    const visit = (file: URL) => {
      if (seen.has(file.href)) return;
      seen.add(file.href);
      const source = readFileSync(file, "utf8").replaceAll(/^(import|export) type .*?;$/gms, "");
      for (const [, specifier = ""] of source.matchAll(/^(?:import|export)[^;]*? from "([^"]+)";$/gms)) {
        expect(specifier).toMatch(/^\./);
        visit(new URL(specifier, file));
      }
      expect(source).not.toMatch(/^import "/m);
    };
    visit(new URL("../../../src/manifest/index.ts", import.meta.url));
    const folders = new Set([...seen].map((href) => /\/src\/([a-z]+)\//.exec(href)?.[1]));
    expect([...folders].sort()).toEqual(["diagnostics", "manifest", "origin", "spec"]);
  });
});
