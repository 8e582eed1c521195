import { afterEach, describe, expect, it } from "vitest";
import { compiledBuild, temporaryProject, type TemporaryProject } from "../compiled-build.ts";
import { experiment } from "./project.ts";

const RULES = `import { ClusterSpec, Injectable } from "assay";
import { defineMutator, defineRule, type Mutator, type MutatorRequest, type Rule, type RuleRequest, typed } from "assay/plugin";

interface GpusArgs {
  /** GPUs of the cluster, at most. @range integer >= 1 */
  readonly most: number;
}

@Injectable()
class Gpus implements Rule<GpusArgs, "lab/gpus"> {
  constructor(private readonly cluster: ClusterSpec) {}

  *check({ args }: RuleRequest<GpusArgs>) {
    const gpus = this.cluster.nodes * this.cluster.gpusPerNode;
    if (gpus <= args.most) return;
    yield { code: "lab/gpus", message: \`\${gpus} GPUs\`, at: { option: "allocationMode" } } as const;
  }
}

/** Clusters of few GPUs. */
export const gpus = defineRule({
  type: "gpus",
  args: typed<GpusArgs>(),
  codes: { "lab/gpus": { severity: "error", meaning: "Too many GPUs." } },
  rule: Gpus,
});

class Partition implements Mutator<{ readonly name: string }> {
  *mutate({ args }: MutatorRequest<{ readonly name: string }>) {
    yield { at: "/scheduling/modelWorker/scheduling/partition", value: args.name, because: "it is the lab's" };
  }
}

/** The lab's partition. */
export const partition = defineMutator({ type: "partition", args: typed<{ readonly name: string }>(), mutator: Partition });
`;

const config = (properties: string) => `import { clusterSpec, defineConfig } from "assay";
import { gpus, partition } from "./rules/lab.ts";

export default defineConfig({
  clusters: [clusterSpec({ name: "one", nodes: 1, gpusPerNode: 8 })],
  plugins: ["./rules/lab.ts"],
  ${properties}
});
`;

let project: TemporaryProject;
afterEach(() => project.remove());

async function check(properties: string, rules = RULES) {
  project = temporaryProject({
    "assay.config.ts": config(properties),
    "experiments/tune.ts": experiment(),
    "rules/lab.ts": rules,
  });
  return (await compiledBuild(project.root, { write: true })).diagnostics;
}

describe("rules and mutators in a module of the project", () => {
  it("need no descriptor: their arguments, codes and classes are those of the module", async () => {
    const found = await check(`rules: [gpus({ most: 4 })], mutators: [partition({ name: "lab" })],`);
    expect(found.map(({ code, message }) => [code, message])).toEqual([["lab/gpus", "8 GPUs"]]);
    expect(found[0]?.primary).toMatchObject({ file: "experiments/tune.ts", line: 5 });
    project.remove();
    expect(await check(`rules: [gpus({ most: 8 })], mutators: [partition({ name: "lab" })],`)).toEqual([]);
    project.remove();
    const wrong = await check(`rules: [gpus({ most: 0 })],`);
    expect(wrong.map(({ code, primary }) => [code, primary?.file, primary?.line])).toEqual([
      ["plugin/args", "assay.config.ts", 7],
    ]);
  });

  it("are told at the line that throws", async () => {
    const found = await check(
      `rules: [gpus({ most: 4 })],`,
      RULES.replace("if (gpus", `throw new Error("no");\n    if (gpus`),
    );
    expect(found.map(({ code }) => code)).toEqual(["plugin/rule-threw"]);
    expect(found[0]?.primary).toMatchObject({ file: "assay.config.ts", line: 7 });
    expect(found[0]?.related[0]?.span).toMatchObject({ file: "rules/lab.ts", line: 15 });
  });
});
