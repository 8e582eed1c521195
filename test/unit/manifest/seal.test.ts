import { createHash } from "node:crypto";
import canonicalize from "canonicalize";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { AssayError } from "../../../src/diagnostics/assay-error.ts";
import type { Finding } from "../../../src/diagnostics/finding.ts";
import { readManifest } from "../../../src/manifest/read.ts";
import { hashOf, type ManifestParts, seal } from "../../../src/manifest/seal.ts";
import { experimentConfig } from "../../../src/spec/experiment-config.ts";
import { authoredOf, manifestParts, resolvedSetupOf } from "./random-manifest.ts";

const config = experimentConfig({ modelRpcs: [] });
const parts: ManifestParts = {
  name: "run",
  preset: null,
  declared: null,
  authored: authoredOf("run", "/storage", [config]),
  resolved: { setups: [resolvedSetupOf(config, [])], reach: { proved: [], assumed: [], notChecked: [] } },
};

function findingsOf(run: () => unknown): readonly Finding[] {
  try {
    run();
  } catch (error) {
    if (error instanceof AssayError) return error.findings;
    throw error;
  }
  return [];
}

function withLaunch(launch: unknown): ManifestParts {
  return { ...parts, authored: { ...parts.authored, launch: launch as never } };
}

describe("sealing", () => {
  it("writes canonical JSON of the whole, whatever is in the parts", () => {
    fc.assert(
      fc.property(manifestParts, (random) => {
        const { manifest, text } = seal(random);
        expect(text).toBe(canonicalize(manifest));
        expect(canonicalize(readManifest(text))).toBe(text);
      }),
      { numRuns: 50 },
    );
  });

  it("hashes the text of the two parts, which stands in the manifest as it was hashed", () => {
    const { manifest, text } = seal(parts);
    for (const part of ["authored", "resolved"] as const) {
      const partText = canonicalize(parts[part]) as string;
      expect(text).toContain(`"${part}":${partText}`);
      expect(manifest.hashes[part]).toBe(createHash("sha256").update(partText).digest("hex"));
      expect(manifest.hashes[part]).toBe(hashOf(readManifest(text)[part]));
    }
  });

  it("gives other hashes only to the part that differs", () => {
    const before = seal(parts).manifest.hashes;
    const after = seal(withLaunch({ mode: "ray" })).manifest.hashes;
    expect(after.authored).not.toBe(before.authored);
    expect(after.resolved).toBe(before.resolved);
    expect(seal({ ...parts, name: "other", preset: "p" }).manifest.hashes).toEqual(before);
  });

  it("does not depend on the order in which properties were set", () => {
    expect(seal(withLaunch({ b: 1, a: [{ d: 1, c: 2 }] })).text).toBe(
      seal(withLaunch({ a: [{ c: 2, d: 1 }], b: 1 })).text,
    );
  });

  it("names all values that JSON cannot hold, at their places", () => {
    const endless: Record<string, unknown> = {};
    endless["self"] = endless;
    const launch = { a: Number.NaN, b: ["\ud800"], c: { "\udfff/": 1 }, d: 10n, e: endless, f: "\u{1f600}" };
    const findings = findingsOf(() => seal(withLaunch(launch)));
    expect(findings.map(({ code, data, at }) => [code, data["pointer"], data["found"], at])).toEqual(
      [
        ["/launch/a", "NaN"],
        ["/launch/b/0", "a string with half of a character"],
        ["/launch/c", "an object with half of a character in a key"],
        ["/launch/d", "a BigInt"],
        ["/launch/e/self", "an object that contains itself"],
      ].map(([pointer, found]) => ["manifest/not-json", `/authored${pointer}`, found, { kind: "pointer", pointer }]),
    );
  });
});
