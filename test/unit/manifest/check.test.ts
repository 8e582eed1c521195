import { readFileSync } from "node:fs";
import * as fc from "fast-check";
import type { JsonValue } from "type-fest";
import { describe, expect, it } from "vitest";
import { checkManifest } from "../../../src/manifest/check.ts";
import type { Manifest } from "../../../src/manifest/format.ts";
import { MANIFEST_SCHEMA } from "../../../src/manifest/schema.ts";
import { seal } from "../../../src/manifest/seal.ts";
import { parsePointer } from "../../../src/origin/pointer.ts";
import { exampleParts } from "./example.ts";
import { manifestParts } from "./random-manifest.ts";

type Mutable = Record<string, JsonValue | undefined>;

const { text } = seal(exampleParts());

/** The example with one value changed, added or (by `undefined`) taken away. */
function changed(pointer: string, value: JsonValue | undefined): Manifest {
  const manifest = JSON.parse(text) as Manifest;
  const path = [...parsePointer(pointer)];
  const last = path.pop() as string;
  let owner = manifest as unknown as Mutable;
  for (const segment of path) owner = owner[segment] as Mutable;
  if (value === undefined) delete owner[last];
  else owner[last] = value;
  return manifest;
}

describe("the JSON Schema of manifests", () => {
  it("is in the docs as it is in the code", async () => {
    await expect(`${JSON.stringify(MANIFEST_SCHEMA, null, 2)}\n`).toMatchFileSnapshot(
      "../../../docs/manifest.schema.json",
    );
  });

  it("takes the example of the docs, whose bytes are pinned", async () => {
    await expect(text).toMatchFileSnapshot("../../fixtures/manifests/example.manifest.json");
    expect(await checkManifest(JSON.parse(text) as Manifest)).toEqual([]);
  });

  it("takes whatever is sealed", async () => {
    await fc.assert(
      fc.asyncProperty(manifestParts, async (parts) => {
        expect(await checkManifest(JSON.parse(seal(parts).text) as Manifest)).toEqual([]);
      }),
      { numRuns: 30 },
    );
  });

  const setup = "/authored/setups/0";
  const own = "/resolved/setups/0";
  const broken: readonly (readonly [pointer: string, value: JsonValue | undefined, where?: string])[] = [
    ["/name", undefined, ""],
    ["/resolved", undefined, ""],
    ["/assayManifest", 2],
    ["/extra", 1],
    ["/hashes/authored", "abc"],
    ["/declared/line", "12"],
    ["/authored/cluster/nodes", 1.5],
    ["/authored/cluster/typo", true],
    ["/authored/scheduling/modelWorker/scheduling/memMiB", "60GiB"],
    ["/authored/scheduling/masterWorker/0/count", -1],
    ["/authored/findings/0/at/kind", "elsewhere"],
    ["/authored/findings/0/at/reason", "not of this kind"],
    ["/authored/findings/0/related/1/at/path", "not of this kind"],
    ["/authored/models/~1path~1a b%", { id: "x" }],
    [`${setup}/modelWorker`, []],
    [`${setup}/generationServer`, null],
    [`${setup}/modelRpcs/0/interfaceType`, "train_step"],
    [`${setup}/modelRpcs/0/modelName`, 5],
    [`${setup}/modelRpcs/0/postHooks`, [{ kind: "offload", eta: 1 }], `${setup}/modelRpcs/0/postHooks/0/eta`],
    [`${setup}/modelWorker/groups/0/workers`, "0-3,"],
    [`${setup}/modelWorker/groups/0/workers`, "0 - 3"],
    [`${setup}/modelWorker/groups/0/shards/0/ranks`, 3],
    [
      `${setup}/modelWorker/groups/0/shards/0/coordinates`,
      [[0, 0]],
      `${setup}/modelWorker/groups/0/shards/0/coordinates/0`,
    ],
    [`${setup}/modelWorker/shards/0/topo/layout`, "tensor-data-pipe"],
    [`${own}/msid2mwid/actor@0`, [0, 1]],
    [`${own}/dataTransferPairs/0`, ["actor@0"]],
    [`${own}/dataTransferPairs/0/2`, "actor@0"],
    [`${own}/modelNames/0`, "actor"],
    [`${own}/counts/masterWorker`, undefined, `${own}/counts`],
    [`${own}/counts/other`, 1],
  ];
  it.each(broken.map(([pointer, value, where]) => ({ pointer, value, where: where ?? pointer })))(
    "does not take $pointer = $value",
    async ({ pointer, value, where }) => {
      const findings = await checkManifest(changed(pointer, value));
      expect(findings.map(({ code, data }) => [code, data["pointer"]])).toEqual([["manifest/shape", where]]);
    },
  );

  it("places findings in the authored part, or says that there is no source", async () => {
    const [inside] = await checkManifest(changed(`${setup}/autoEval`, "yes"));
    expect(inside?.at).toEqual({ kind: "pointer", pointer: "/setups/0/autoEval" });
    const [outside] = await checkManifest(changed("/preset", 1));
    expect(outside?.at.kind).toBe("nowhere");
  });

  it("stops at twenty", async () => {
    expect((await checkManifest(changed(`${setup}/modelRpcs`, Array(50).fill(1)))).length).toBe(20);
  });

  it("is a schema of draft 2020-12 without references into nothing", () => {
    const written = readFileSync(new URL("../../../docs/manifest.schema.json", import.meta.url), "utf8");
    const schema = JSON.parse(written) as { readonly $schema: string; readonly $defs: object };
    expect(schema.$schema).toBe("https://json-schema.org/draft/2020-12/schema");
    const used = new Set([...written.matchAll(/"#\/\$defs\/(\w+)"/g)].map(([, name]) => name));
    expect([...used].sort()).toEqual(Object.keys(schema.$defs).sort());
  });
});
