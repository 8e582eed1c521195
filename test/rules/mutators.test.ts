import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import type { Diagnostic } from "../../src/diagnostics/finding.ts";
import { checkManifest } from "../../src/manifest/check.ts";
import type { Manifest } from "../../src/manifest/format.ts";
import type { SpansFile } from "../../src/origin/spans-file.ts";
import { resolve } from "../../src/resolve/resolve.ts";
import { compiledBuild, temporaryProject, type TemporaryProject } from "../compiled-build.ts";
import { assay } from "../docs/codes/run.ts";
import { experiment, mutatorPackage, plainConfig, siteProject } from "./project.ts";

let project: TemporaryProject;
afterEach(() => project.remove());

const read = (file: string) => readFileSync(join(project.root, file), "utf8");
const build = () => compiledBuild(project.root, { write: true });
const manifestOf = (name = "tune.small") => JSON.parse(read(`.assay/${name}.manifest.json`)) as Manifest;
const spansOf = () => JSON.parse(read(".assay/tune.small.spans.json")) as SpansFile;

function at({ primary }: Diagnostic): string {
  if (primary === null) return "nowhere";
  const line = read(primary.file).split("\n")[primary.line - 1] ?? "";
  return `${primary.file}:${primary.line}: ${line.slice(primary.column - 1, primary.column - 1 + primary.length)}`;
}

/** What comes of mutators with these bodies, in this order. */
async function mutate(bodies: Readonly<Record<string, string>>): Promise<readonly Diagnostic[]> {
  project = temporaryProject({
    "assay.config.ts": plainConfig({ mutators: Object.keys(bodies) }),
    "experiments/tune.ts": experiment(),
    ...mutatorPackage(bodies),
  });
  return (await build()).diagnostics;
}

const PARTITION = "/scheduling/modelWorker/scheduling/partition";
const set = (at: string, value: string, because = "it is so") =>
  `yield { at: "${at}", value: ${value}, because: "${because}" };`;

describe("a mutator", () => {
  it("changes what the methods returned, before it is proved, and is named in manifest and spans", async () => {
    project = siteProject(`mutators: [siteDefaults({ partition: "long", env: { NCCL_IB_HCA: "mlx5" } })],`);
    expect((await build()).diagnostics).toEqual([]);
    const manifest = manifestOf();
    const group = manifest.authored.scheduling.modelWorker as { readonly scheduling: object };
    expect(group.scheduling).toMatchObject({ partition: "long", envVars: { NCCL_IB_HCA: "mlx5" } });
    const owner = { type: "site-defaults", package: "assay-site-rules" };
    expect(manifest.authored.mutations).toEqual([
      { ...owner, at: PARTITION, because: "the site runs training there" },
      {
        ...owner,
        at: "/scheduling/modelWorker/scheduling/envVars/NCCL_IB_HCA",
        because: "the site's network needs it",
      },
    ]);
    expect(await checkManifest(manifest)).toEqual([]);
    expect(resolve(manifest).value.setups[0]?.graph).toEqual(manifest.resolved.setups[0]?.graph);
    const [partition, env] = spansOf().mutations ?? [];
    expect(partition).toMatchObject({
      at: PARTITION,
      was: null,
      frames: [{ file: "assay.config.ts", line: 7 }],
      path: [],
    });
    expect(env).not.toHaveProperty("was");
  });

  it("leaves no trace where it changes nothing", async () => {
    project = siteProject("");
    await build();
    const before = [read(".assay/tune.small.manifest.json"), read(".assay/tune.small.spans.json")];
    project.remove();
    await mutate({ Same: `${set(PARTITION, "null")} ${set("/scheduling/modelWorker/count", "8")}` });
    expect([read(".assay/tune.small.manifest.json"), read(".assay/tune.small.spans.json")]).toEqual(before);
  });

  it("is given what earlier ones made of it, frozen, with its name, preset and cluster", async () => {
    const found = await mutate({
      First: set(PARTITION, `name + preset + cluster.name`),
      Second: set("/scheduling/masterWorker/scheduling/partition", `authored${PARTITION.replaceAll("/", ".")}`),
    });
    expect(found).toEqual([]);
    const { scheduling } = manifestOf().authored;
    expect(scheduling.masterWorker).toMatchObject({ scheduling: { partition: "tunesmallone" } });
    project.remove();
    const [threw] = await mutate({ First: "authored.scheduling.modelWorker.count = 2;" });
    expect(threw?.code).toBe("plugin/mutator-threw");
  });

  it("may set the arguments of a pair, which are checked like others, at its entry", async () => {
    const found = await mutate({ First: set("/setups/0/modelWorker/shared/datasets/0/args/maxLength", `"long"`) });
    expect(found.map(({ code }) => code)).toEqual(["plugin/args"]);
    expect(at(found[0] as Diagnostic)).toBe(`assay.config.ts:7: { type: "First" }`);
    const [related] = found[0]?.related ?? [];
    expect(related?.message).toBe("the experiment gave 1024 here");
    expect(related?.span).toMatchObject({ file: "experiments/tune.ts", line: 11 });
  });

  it("has its values proved: a finding at one is told at its entry, and offers no fix there", async () => {
    const found = await mutate({ First: set("/setups/0/modelRpcs/0/nSeqs", "0") });
    expect(found.map(({ code }) => code)).toEqual(["call/n-seqs"]);
    expect(at(found[0] as Diagnostic)).toBe(`assay.config.ts:7: { type: "First" }`);
    expect(found[0]?.related.map(({ message, span }) => [message, span.file, span.line])).toContainEqual([
      "the experiment gave 64 here",
      "experiments/tune.ts",
      13,
    ]);
  });

  it("that sets a secret is found out", async () => {
    const found = await mutate({
      First: set("/scheduling/modelWorker/scheduling/envVars/WANDB_API_KEY", `"${"0123456789abcdef".repeat(3)}"`),
    });
    expect(found.map(({ code }) => code)).toContain("config/secret");
    expect(JSON.stringify(found)).not.toContain("0123456789abcdef");
  });

  it("that takes a secret away leaves none behind", async () => {
    const secret = "0123456789abcdef".repeat(3);
    const name = "WANDB_API_KEY";
    project = temporaryProject({
      "assay.config.ts": plainConfig({ mutators: ["First"] }),
      "experiments/tune.ts": experiment(
        "",
        `{ cluster: "one", allocationMode: "d8p1m1", envVars: { ${name}: "${secret}" } }`,
      ),
      ...mutatorPackage({
        First: ["masterWorker", "modelWorker"]
          .map((kind) => set(`/scheduling/${kind}/scheduling/envVars/${name}`, `"\${secret:${name}}"`))
          .join(" "),
      }),
    });
    const { diagnostics } = await build();
    expect(JSON.stringify(diagnostics)).not.toContain(secret);
    const spans = join(project.root, ".assay/tune.small.spans.json");
    if (existsSync(spans)) expect(readFileSync(spans, "utf8")).not.toContain(secret);
    else expect(diagnostics.map(({ code }) => code)).toContain("config/secret");
  });

  it.each([
    ["at a place outside of what may be changed", set("/cluster/nodes", "2"), "not below `/scheduling`"],
    ["at a whole part", set("/setups", "[]"), "not below `/scheduling`"],
    ["at no pointer", set("scheduling.modelWorker", "1"), "not below"],
    ["at a place that is not there", set("/scheduling/modelWorkers/count", "1"), "there is nothing at"],
    ["at an item that is not there", set("/setups/1", "{}"), "there is nothing at `/setups/1`"],
    ["at a setting of a launch that is not there", set("/launch/mood", `"good"`), "there is nothing at `/launch/mood`"],
    ["at a field that is not there", set(`${PARTITION}s`, `"x"`), "a manifest has nothing here"],
    ["to a value of another type", set(PARTITION, "7"), "null"],
    ["to what is no data", set(PARTITION, "() => 1"), "a function, which is no plain data"],
    ["without a reason", `yield { at: "${PARTITION}", value: "x" };`, "`because`"],
    ["that takes out what must be there", set("/scheduling/modelWorker/count", "undefined"), "/scheduling/modelWorker"],
    ["that takes out an item of a list", set("/setups/0", "undefined"), "can't be taken out alone"],
    ["with a name that none has", `yield { path: "${PARTITION}" };`, "no property `path`"],
  ])("is told of a change %s", async (_, body, message) => {
    const found = await mutate({ First: body });
    expect(found.map(({ code }) => code)).toEqual(["plugin/mutator-change"]);
    expect(found[0]?.message).toContain(message);
    expect(found[0]?.message).toContain("mutator `First` of my-rules");
    expect(at(found[0] as Diagnostic)).toBe(`assay.config.ts:7: { type: "First" }`);
  });

  it.each([
    ["the same place", PARTITION],
    ["a place around it", "/scheduling/modelWorker/scheduling"],
  ])("must leave %s to another", async (_, place) => {
    const value = place === PARTITION ? `"b"` : `{ ...authored${place.replaceAll("/", ".")}, cpu: 1 }`;
    const found = await mutate({ First: set(PARTITION, `"a"`), Second: set(place, value) });
    expect(found.map(({ code }) => code)).toEqual(["plugin/mutators-clash"]);
    expect(found[0]?.message).toBe(`mutators \`First\` and \`Second\` both change \`${place}\``);
    expect(at(found[0] as Diagnostic)).toBe(`assay.config.ts:8: { type: "Second" }`);
    expect(found[0]?.related[0]?.span.line).toBe(7);
  });

  it("that throws is told at its entry", async () => {
    const found = await mutate({ First: "throw new TypeError('no');" });
    expect(found.map(({ code, message }) => [code, message])).toEqual([
      ["plugin/mutator-threw", "mutator `First` of my-rules failed: TypeError: no"],
    ]);
    expect(found[0]?.related[0]?.span).toMatchObject({ file: "node_modules/my-rules/index.js", line: 6 });
  });
});

describe("the generated file of a project with mutators", () => {
  it("imports what defines them, so that programs get what manifests say", async () => {
    project = siteProject(`mutators: [siteDefaults({ partition: "long" })],`);
    await build();
    expect(read("assay.gen.ts")).toContain(`import "assay-site-rules";\n`);
    expect(read("assay.gen.ts")).toContain(`mutators: [{"type":"site-defaults","args":{"partition":"long"}}],`);
  });
});

describe("what a mutator has changed", () => {
  it("is told by `why`, with the place of its entry, the reason and the value before", async () => {
    project = siteProject(`mutators: [siteDefaults({ partition: "long" })],`);
    await build();
    const { output } = await assay(project.root, ["why", "tune.small", PARTITION]);
    expect(output).toContain(`\`${PARTITION}\` is "long"`);
    expect(output).toContain(
      "set by mutator `site-defaults` of assay-site-rules, because the site runs training there  assay.config.ts:7:14",
    );
    expect(output).toContain("was null");
    const around = await assay(project.root, ["why", "tune.small", "scheduling.modelWorker"]);
    expect(around.output).toMatch(/`partition` "long"\n.*set by mutator `site-defaults`/);
  });

  it("is told by `why` of an entry that is a mere object, and of the option whose value it replaces", async () => {
    await mutate({ First: set("/scheduling/modelWorker/scheduling/cpu", "9") });
    const { output } = await assay(project.root, ["why", "tune.small", "scheduling.modelWorker.scheduling.cpu"]);
    expect(output).toMatch(/because it is so +assay\.config\.ts:7:5/);
    expect(output).toContain("it comes from option `cpusPerModelWorker`, which is 4");
    const option = await assay(project.root, ["why", "tune.small", "cpusPerModelWorker"]);
    expect(option.output).toContain("which follows from it, is set by mutator `First` of my-rules");
  });

  it("is shown", async () => {
    project = siteProject(`mutators: [siteDefaults({ partition: "long" })],`);
    await build();
    const { output } = await assay(project.root, ["show", "tune.small"]);
    expect(output).toContain(`  ${PARTITION}  by site-defaults of assay-site-rules: the site runs training there\n`);
  });
});
