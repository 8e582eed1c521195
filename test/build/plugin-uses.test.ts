import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import type { Manifest } from "../../src/manifest/format.ts";
import { renderManifest } from "../../src/cli/render/manifest.ts";
import { compiledBuild, temporaryProject, type TemporaryProject } from "../compiled-build.ts";

const TYPE = { facts: {}, args: null };
const closed = (properties: object, required: readonly string[]) => ({
  type: "object",
  properties,
  required,
  additionalProperties: false,
});
const boardArgs = closed({ project: { type: "string", minLength: 1 }, everySteps: { type: "integer", minimum: 1 } }, [
  "project",
]);
const nohupArgs = closed(
  { shell: { type: "string" }, niceness: { type: "integer" }, tags: { type: "array", items: { type: "string" } } },
  [],
);

/** A package with a tracker and a launcher. The launcher's module uses what a build denies, when it is used. */
const PACKAGE = {
  "node_modules/assay-site/package.json": JSON.stringify({
    name: "assay-site",
    version: "1.0.0",
    type: "module",
    exports: "./index.js",
  }),
  "node_modules/assay-site/assay-plugin.json": JSON.stringify({
    assayPlugin: 1,
    package: "assay-site",
    version: "1.0.0",
    types: [
      { ...TYPE, kind: "tracker", type: "board", args: boardArgs },
      { ...TYPE, kind: "launcher", type: "nohup", args: nohupArgs },
    ],
  }),
  "node_modules/assay-site/index.js": `import { spawn } from "node:child_process";
import { defineLauncher, defineTracker } from "assay/plugin";
export const board = defineTracker({ type: "board", args: ${JSON.stringify(boardArgs)} });
export const stray = defineTracker({ type: "stray", args: { type: "object" } });
class Nohup { submit() { return spawn("true"); } }
export const nohup = defineLauncher({ type: "nohup", args: ${JSON.stringify(nohupArgs)}, launcher: Nohup });
`,
};

const config = (launchers: string, more = "") => `import { clusterSpec, defineConfig } from "assay";
import { board, nohup } from "assay-site";

export default defineConfig({
  plugins: ["assay-site"],
  clusters: [clusterSpec({ name: "one", nodes: 1, gpusPerNode: 8 })],${more}
  launchers: ${launchers},
});
void board;
`;

const experiment = (
  trackers: string,
) => `import { CommonExperiment, Experiment, flow, model, Option, Preset, trainStep } from "assay";
import { promptAnswer, sft } from "assay/plugins";
import { board, stray } from "assay-site";

/** Tunes. */
@Experiment("tune")
@Preset("small", { cluster: "one", allocationMode: "d8p1m1" })
export class Tune extends CommonExperiment {
  /** The model. */
  @Option() model = model("qwen2.5-1.5b", { type: { family: "qwen2" } });

  ${trackers}

  override flow() {
    return flow({
      datasets: [promptAnswer({ maxLength: 1024, datasetPath: "/data/rows.jsonl" })],
      models: { default: this.model },
      calls: { train: trainStep("default", sft(), { nSeqs: 64 }) },
    });
  }
}
void [board, stray];
`;

const projects: TemporaryProject[] = [];
afterAll(() => {
  for (const project of projects) project.remove();
});

async function build(files: { readonly launchers?: string; readonly trackers?: string }) {
  const project = temporaryProject({
    ...PACKAGE,
    "assay.config.ts": config(files.launchers ?? "{}"),
    "experiments/tune.ts": experiment(files.trackers ?? ""),
  });
  projects.push(project);
  const { diagnostics } = await compiledBuild(project.root, { write: true, cache: true });
  const errors = diagnostics.map(({ code, primary, message }) => {
    if (primary === null) return [code, null, message];
    const line = readFileSync(join(project.root, primary.file), "utf8").split("\n")[primary.line - 1] ?? "";
    return [code, line.slice(primary.column - 1, primary.column - 1 + primary.length), message];
  });
  return { root: project.root, errors };
}

function manifestOf(root: string): Manifest {
  const folder = join(root, ".assay");
  const name = readdirSync(folder).find((file) => file.endsWith("small.manifest.json")) ?? "";
  return JSON.parse(readFileSync(join(folder, name), "utf8")) as Manifest;
}

const withBoard = (args: string) => build({ trackers: `override trackers() { return [board(${args})]; }` });

describe("trackers of an experiment", () => {
  it("stand in its manifest and are shown; without one the manifest has no such field", async () => {
    const { root, errors } = await withBoard(`{ project: "chat", everySteps: 10 }`);
    expect(errors).toEqual([]);
    const manifest = manifestOf(root);
    const pair = { type: "board", args: { project: "chat", everySteps: 10 } };
    expect(manifest.authored.setups.map(({ trackers }) => trackers)).toEqual([[pair]]);
    const shown = renderManifest(
      manifest,
      { name: "tune.small", overrides: {}, bytes: 1 },
      { color: false, links: false } as never,
      80,
    );
    expect(shown).toContain(`trackers\n  board  {"everySteps":10,"project":"chat"}\n`);
    const bare = manifestOf((await build({})).root);
    expect(Object.keys(bare.authored.setups[0] ?? {})).not.toContain("trackers");
    const { trackers: _, ...rest } = manifest.authored.setups[0] ?? {};
    expect(rest).toEqual(bare.authored.setups[0]);
  });

  it("are checked at the property", async () => {
    const { errors } = await withBoard(`{ project: "chat", everySteps: 0 }`);
    expect(errors.map(([code, text]) => [code, text])).toEqual([["plugin/args", "0"]]);
    const unknown = await withBoard(`{ project: "chat", every: 10 } as never`);
    expect(unknown.errors.map(([code]) => code)).toEqual(["plugin/args"]);
  });

  it("are known types, and hold no secret", async () => {
    const { errors } = await build({ trackers: "override trackers() { return [stray()]; }" });
    expect(errors.map(([code, , message]) => [code, message])).toEqual([
      ["plugin/descriptor-differs", expect.stringContaining("stray")],
    ]);
    const secret = await withBoard(`{ project: "https://me:hunter22@board.example" }`);
    expect(secret.errors.map(([code]) => code)).toEqual(["config/secret"]);
    expect(secret.errors.map(([, , message]) => message).join()).not.toContain("hunter22");
  });
});

describe("launchers of a config", () => {
  it("are taken by their names", async () => {
    const { errors } = await build({ launchers: `{ site: nohup({ niceness: 5 }), "site-2": nohup() }` });
    expect(errors).toEqual([]);
  });

  it.each([
    ["an argument of another type", `{ site: nohup({ niceness: "low" as never }) }`, "plugin/args", `"low"`],
    ["an argument in a list", `{ site: nohup({ tags: ["a", 2 as never] }) }`, "plugin/args", "2"],
    ["an unknown argument", `{ site: nohup({ nicenes: 5 } as never) }`, "plugin/args", "nicenes"],
    ["an unknown type", `{ site: { type: "nowhere", args: {} } }`, "plugin/unknown-type", `"nowhere"`],
    ["a wrong argument of a mere object", `{ site: { type: "nohup", args: { niceness: 0.5 } } }`, "plugin/args", "0.5"],
    [
      "a plugin of another kind",
      `{ site: board({ project: "chat" }) as never }`,
      "build/config-type",
      `board({ project: "chat" })`,
    ],
    ["no plugin at all", `{ site: 3 as never }`, "build/config-type", "3"],
    ["no map", `[nohup()] as never`, "build/config-type", "[nohup()]"],
    ["a name with a blank", `{ "my site": nohup() }`, "build/config-type", `"my site"`],
  ])("are checked: %s", async (_what, launchers, code, text) => {
    const { errors } = await build({ launchers });
    expect(errors.map(([found]) => found)).toEqual([code]);
    expect(String(errors[0]?.[1]).replace(/ as never$/, "")).toBe(text);
  });

  it("hold no secret, and none is shown", async () => {
    const { root, errors } = await build({ launchers: `{ site: nohup({ shell: "ssh://me:hunter22@gate.example" }) }` });
    expect(errors.map(([code, text]) => [code, text])).toEqual([["config/secret", `"ssh://me:hunter22@gate.example"`]]);
    expect(errors.map(([, , message]) => message).join()).not.toContain("hunter22");
    const kept = join(root, ".assay");
    const files = existsSync(kept) ? readdirSync(kept, { recursive: true, encoding: "utf8" }) : [];
    const texts = files
      .filter((file) => statSync(join(kept, file)).isFile())
      .map((file) => readFileSync(join(kept, file), "utf8"));
    expect(texts.filter((text) => text.includes("hunter22"))).toEqual([]);
  });
});
