import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { BuildReport } from "../../codegen/report.ts";
import { compiledBuild, temporaryProject, type TemporaryProject } from "../compiled-build.ts";
import { fixturePackage } from "./dependencies.ts";
import { foundIn, statuses, tuning, unmarked } from "./experiments.ts";

const projects: TemporaryProject[] = [];
afterAll(() => {
  for (const project of projects) project.remove();
});

const ASSERT = 'const expectSame = (same: boolean): void => {\n  if (!same) throw new Error("differs");\n};';

const MODULES = `import assert from "node:assert";
import { Buffer } from "node:buffer";
import { createHash } from "node:crypto";
import { EventEmitter } from "node:events";
import path from "node:path";
import querystring from "node:querystring";
import url from "node:url";
import util from "node:util";`;

/** Each pair: what one experiment leaves, and what another one looks for afterwards. */
const LEAVING = {
  "a-leaves-a-global": tuning("a-leaves-a-global", {
    before: "(globalThis as unknown as Record<string, number>).left = 1;",
  }),
  "b-leaves-a-token": tuning("b-leaves-a-token", {
    imports: `import { container } from "tsyringe";\nimport { provide } from "assay";`,
    before: `container.register("left", { useValue: 1 });\nprovide("left-too", { useValue: 1 });`,
  }),
  "c-leaves-a-plugin": tuning("c-leaves-a-plugin", {
    imports: `import { defineBackend, defineDataset } from "assay/plugin";`,
    before: `void defineBackend;\ndefineDataset({ type: "prompt_answer", args: { type: "object", properties: {}, additionalProperties: true }, yields: ["other"] });`,
  }),
  "d-leaves-an-experiment": tuning("d-leaves-an-experiment", {
    imports: `import { registerCluster, clusterSpec, registerExperiment } from "assay";\nimport "assay/experiments";`,
    before: `registerCluster(clusterSpec({ name: "one", nodes: 32 }));`,
  }),
  "e-leaves-state": tuning("e-leaves-state", {
    imports: `import { use } from "dep-counter";`,
    before: `${ASSERT}\nexpectSame(use() === 1);`,
  }),
  "f-leaves-marks": tuning("f-leaves-marks", {
    imports: MODULES,
    before: `for (const shared of [querystring, url, path, util, util.types] as unknown as { left?: number }[]) {
  try {
    shared.left = 1;
  } catch {}
}
for (const shared of [assert, EventEmitter, EventEmitter.prototype, createHash, path.join, Buffer]) {
  try {
    Object.assign(shared, { left: 1 });
  } catch {}
}`,
  }),
  "v-looks": tuning("v-looks", {
    imports: `import { use } from "dep-counter";\nimport { container } from "tsyringe";\n${MODULES}`,
    before: `${ASSERT}
for (const shared of [querystring, url, path, util, util.types, assert, EventEmitter, EventEmitter.prototype, createHash, path.join, Buffer]) {
  expectSame(!("left" in shared));
}
expectSame(!("left" in globalThis));
expectSame(!container.isRegistered("left") && !container.isRegistered("left-too"));
expectSame(use() === 1);`,
  }),
  "w-sound": tuning("w-sound"),
};

describe("what one experiment does", () => {
  const { files } = unmarked(LEAVING);
  const COUNTER = fixturePackage("dep-counter", "module", {
    loaded: "globalThis.count = 0;",
    called: "globalThis.count += 1; return globalThis.count;",
  });
  let together: BuildReport;
  beforeAll(async () => {
    const project = temporaryProject({ ...files, ...COUNTER });
    projects.push(project);
    together = await compiledBuild(project.root);
  });

  it.each(Object.keys(LEAVING))("is seen by no other one, and finds nothing of others: %s", async (name) => {
    const project = temporaryProject({ [`experiments/${name}.ts`]: files[`experiments/${name}.ts`] ?? "", ...COUNTER });
    projects.push(project);
    const alone = await compiledBuild(project.root);
    const of = (report: BuildReport) => report.experiments.find((one) => one.name === name)?.builds;
    expect(of(together)).toEqual(of(alone));
    expect(foundIn(together, name)).toEqual(foundIn(alone, name));
  });

  it("leaves sound ones proved", () => {
    for (const name of ["v-looks", "w-sound"]) {
      expect(foundIn(together, name)).toEqual([]);
      expect(statuses(together, name)).toEqual(["needs", "proved"]);
    }
  });

  it("may be the same as one of the library does: names are not taken", async () => {
    const project = temporaryProject({
      "experiments/sft.ts": tuning("sft", { imports: `import { Sft } from "assay/experiments";`, before: "void Sft;" }),
      "experiments/mine.ts": `import { preset } from "assay";\nimport "assay/experiments";\n\npreset("sft" as never, "mine", { cluster: "one" } as never);\n`,
    });
    projects.push(project);
    const report = await compiledBuild(project.root);
    expect(foundIn(report, "sft")).toEqual([]);
    expect(report.diagnostics.filter(({ code }) => code === "dsl/registered-twice")).toEqual([]);
  });
});

describe("one copy of the library", () => {
  it("is what the author's code and packages of both kinds have", async () => {
    const check = (assay: string) => `return [${assay}.clusterSpec, ${assay}.CommonExperiment];`;
    const packages = {
      ...fixturePackage("dep-esm", "module", { called: check("assay") }),
      ...fixturePackage("dep-cjs", "commonjs", {
        loaded: "",
        called: `const assay = require("assay"); ${check("assay")}`,
      }),
    };
    const esm = "node_modules/dep-esm/index.js";
    const project = temporaryProject({
      ...packages,
      [esm]: `import * as assay from "assay";\n${packages[esm] ?? ""}`,
      // A copy of the library that a package brings itself is not used.
      "node_modules/dep-esm/node_modules/assay/package.json": `{"name":"assay","version":"0.0.1","main":"index.js"}`,
      "node_modules/dep-esm/node_modules/assay/index.js": "exports.clusterSpec = 1;",
      "experiments/one.ts": tuning("one", {
        imports: `import { clusterSpec } from "assay";\nimport { use as esm } from "dep-esm";\nimport { use as cjs } from "dep-cjs";`,
        before: `${ASSERT}
for (const use of [esm, cjs]) {
  const [spec, base] = use() as unknown[];
  expectSame(spec === clusterSpec && base === CommonExperiment);
}`,
      }),
    });
    projects.push(project);
    const report = await compiledBuild(project.root);
    expect(foundIn(report, "one")).toEqual([]);
    expect(statuses(report, "one")).toEqual(["needs", "proved"]);
  });
});
