import { existsSync } from "node:fs";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import type { BuildReport } from "../../codegen/report.ts";
import { compiledBuild, temporaryProject, type TemporaryProject } from "../compiled-build.ts";

let project: TemporaryProject;
afterEach(() => project.remove());

const config = (severities: string): string => `import { clusterSpec, defineConfig } from "assay";

export default defineConfig({
  clusters: [clusterSpec({ name: "site", nodes: 1, gpusPerNode: 8, gpuType: "h100" })],
  severities: ${severities},
});
`;

// 130 sequences don't divide by 4 data ranks.
const run = (acknowledge = "", sequences = 130): string => `import { Experiment, Preset } from "assay";
import { Sft } from "assay/experiments";

@Experiment("tune")
@Preset("small", {
  cluster: "site",
  allocationMode: "d4p1m2",
  model: { path: "qwen2.5-1.5b", type: { family: "qwen2" } },
  dataset: { trainPath: "/data/train.jsonl", validPath: "/data/valid.jsonl", trainBsNSeqs: ${sequences} },
  allocation: { mbSpec: { maxTokensPerMb: 16_384 } },
})
export class Tune extends Sft {
  ${acknowledge}
}
`;

const UNEVEN = "call/batch-not-divisible";
const codes = ({ diagnostics }: BuildReport) => diagnostics.map(({ code, severity }) => `${severity} ${code}`);
const build = () => compiledBuild(project.root, { write: true });

describe("a warning of Assay itself that a project makes an error", () => {
  it("writes nothing, from the cache as well", async () => {
    project = temporaryProject({ "assay.config.ts": config("{}"), "experiments/tune.ts": run() });
    const warned = await build();
    expect([codes(warned), warned.written]).toEqual([[`warning ${UNEVEN}`], true]);

    project.write({ "assay.config.ts": config(`{ "${UNEVEN}": "error" }`) });
    const first = await build();
    await compiledBuild(project.root, { cache: true });
    const again = await compiledBuild(project.root, { cache: true });
    expect([codes(first), first.written]).toEqual([[`error ${UNEVEN}`], false]);
    expect([codes(again), again.written, again.cached]).toEqual([[`error ${UNEVEN}`], false, true]);
    // What was written before it is still whole.
    expect(existsSync(join(project.root, ".assay/tune.small.manifest.json"))).toBe(true);
    expect(first.experiments[0]?.builds.map(({ preset, status }) => [preset, status])).toContainEqual([
      "small",
      "failed",
    ]);
  });

  it("can't be acknowledged any more", async () => {
    const acknowledged = run(`acknowledge = { "${UNEVEN}": "the last rank may wait" };`);
    project = temporaryProject({ "assay.config.ts": config("{}"), "experiments/tune.ts": acknowledged });
    expect(codes(await build())).toEqual([]);
    project.write({ "assay.config.ts": config(`{ "${UNEVEN}": "error" }`) });
    expect(codes(await build()).sort()).toEqual([`error ${UNEVEN}`, "error config/acknowledged-error"]);
  });

  it("may be that an acknowledgement matches nothing", async () => {
    const unused = run(`acknowledge = { "${UNEVEN}": "the last rank may wait" };`, 128);
    project = temporaryProject({
      "assay.config.ts": config(`{ "config/unused-acknowledgement": "error" }`),
      "experiments/tune.ts": unused,
    });
    const found = await build();
    expect([codes(found), found.written]).toEqual([["error config/unused-acknowledgement"], false]);
  });

  it("changes nothing where it is not found", async () => {
    project = temporaryProject({
      "assay.config.ts": config(`{ "${UNEVEN}": "error" }`),
      "experiments/tune.ts": run("", 128),
    });
    const sound = await build();
    expect([codes(sound), sound.written]).toEqual([[], true]);
  });

  it.each(["warning", "off"])("can't be made %s", async (setting) => {
    project = temporaryProject({
      "assay.config.ts": config(`{ "graph/cycle": "${setting}" }`),
      "experiments/tune.ts": run("", 128),
    });
    expect(codes(await build())).toEqual(["error build/severity-own"]);
  });
});
