import { afterAll, describe, expect, it } from "vitest";
import { compiledBuild, temporaryProject, type TemporaryProject } from "../compiled-build.ts";
import { foundIn, statuses, tuning, unmarked } from "./experiments.ts";

const projects: TemporaryProject[] = [];
afterAll(() => {
  for (const project of projects) project.remove();
});
function opened(files: Readonly<Record<string, string>>): TemporaryProject {
  const project = temporaryProject(files);
  projects.push(project);
  return project;
}

const config = (inputs: string): string => `import { clusterSpecFromJson, defineConfig, readInput } from "assay";

export default defineConfig({
  clusters: [clusterSpecFromJson(readInput("clusters/one.json"), "clusters/one.json")],
  inputs: ${inputs},
});
`;
const ONE = JSON.stringify({ cluster_name: "one", n_nodes: 1, n_gpus_per_node: 8 });
const reading = (name: string, path: string): string =>
  tuning(name, { imports: `import { readInput } from "assay";`, path: `readInput(«"${path}"»).trim()` });
const sources = unmarked({
  declared: reading("declared", "./data/path.txt"),
  other: reading("other", "data/secret.txt"),
  outside: reading("outside", "../path.txt"),
  missing: reading("missing", "data/none.txt"),
});

describe("declared inputs", () => {
  it("are read by the config and by experiments, and no other file is", async () => {
    const project = opened({
      ...sources.files,
      "assay.config.ts": config(`["clusters/*.json", "data/p*.txt"]`),
      "clusters/one.json": ONE,
      "data/path.txt": "/data/one.jsonl\n",
      "data/secret.txt": "/data/two.jsonl\n",
    });
    const report = await compiledBuild(project.root);
    expect(statuses(report, "declared")).toEqual(["needs", "proved"]);
    for (const name of ["other", "outside", "missing"]) {
      expect(foundIn(report, name).map(({ code, primary }) => [code, primary])).toEqual([
        ["evaluate/undeclared-input", sources.spans[name]?.[0]],
      ]);
    }
  });

  it("build anew what stands on them", async () => {
    const files = Object.fromEntries(Object.entries(sources.files).filter(([file]) => file.includes("declared")));
    const project = opened({
      ...files,
      "assay.config.ts": config(`["clusters/*.json", "data/*.txt"]`),
      "clusters/one.json": ONE,
      "data/path.txt": "/data/one.jsonl",
    });
    const hashOf = async (): Promise<string | undefined> => {
      const report = await compiledBuild(project.root, { cache: true, write: true });
      expect(report.diagnostics).toEqual([]);
      return report.experiments[0]?.builds.at(-1)?.hashes?.authored;
    };
    const first = await hashOf();
    project.write({ "data/path.txt": "/data/another.jsonl" });
    const second = await hashOf();
    project.write({ "clusters/one.json": ONE.replace(`"n_nodes"`, `"gpu_image":"image","n_nodes"`) });
    expect(new Set([first, second, await hashOf()]).size).toBe(3);
  });

  it("that a config reads without declaring them are told at the call", async () => {
    const project = opened({
      "experiments/sound.ts": tuning("sound"),
      "assay.config.ts": config(`["data/*"]`),
      "clusters/one.json": ONE,
    });
    const { diagnostics } = await compiledBuild(project.root);
    expect(diagnostics.map(({ code, primary }) => [code, primary?.line, primary?.length])).toEqual([
      ["evaluate/undeclared-input", 4, `"clusters/one.json"`.length],
    ]);
  });

  it("of clusters keep what is wrong with them", async () => {
    const project = opened({
      "experiments/sound.ts": tuning("sound"),
      "assay.config.ts": config(`["clusters/*"]`),
      "clusters/one.json": JSON.stringify({ cluster_name: "one", n_node: 1, n_gpus_per_node: "8" }),
    });
    const { diagnostics } = await compiledBuild(project.root);
    expect(diagnostics.map(({ code, primary }) => [code, primary?.file, primary?.line])).toEqual([
      ["config/cluster-file", "assay.config.ts", 4],
      ["config/cluster-file", "assay.config.ts", 4],
    ]);
  });
});
