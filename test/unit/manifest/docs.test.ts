import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { manifestDiagnostics } from "../../../src/manifest/diagnostics.ts";
import { type WorkerSet, workerAt } from "../../../src/spec/worker-set.ts";

const docs = new URL("../../../docs/", import.meta.url);

function blocksOf(page: string, language: string): readonly string[] {
  const text = readFileSync(new URL(page, docs), "utf8");
  return [...text.matchAll(new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\`$`, "gms"))].map(([, block = ""]) => block);
}

describe("the docs of manifests", () => {
  it("expand their example as the reader does", () => {
    const [set, worker, servers] = blocksOf("manifest.md", "json").map((block) => JSON.parse(block) as unknown);
    expect(workerAt(set as WorkerSet, 2)).toEqual(worker);
    const seeds = [0, 1, 2].map((index) => workerAt(servers as WorkerSet, index)?.["baseSeed"]);
    expect(seeds).toEqual([4, 5, 6]);
  });

  it.each(["diagnostics.md", "spans.md"])("have JSON that parses in %s", (page) => {
    const blocks = blocksOf(page, "json");
    expect(blocks.length).toBe(1);
    expect(Object.keys(JSON.parse(blocks[0] ?? "") as object)[0]).toBe(
      page === "spans.md" ? "assaySpans" : "assayDiagnostics",
    );
  });

  it("have a page of four parts for every code, and no other page", () => {
    const slugs = Object.keys(manifestDiagnostics);
    expect(readdirSync(new URL("codes/manifest/", docs)).sort()).toEqual(slugs.map((slug) => `${slug}.md`).sort());
    for (const slug of slugs) {
      const page = readFileSync(new URL(`codes/manifest/${slug}.md`, docs), "utf8");
      expect(page.match(/^##? .*$/gm)).toEqual([`# manifest/${slug}`, "## Meaning", "## Wrong", "## Cure"]);
    }
  });
});
