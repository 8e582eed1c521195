import { join } from "node:path";
import { pathToFileURL } from "node:url";
import * as fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import type { BuildOptions } from "../../codegen/report.ts";
import type { Tools } from "../../src/cli/tools.ts";
import type { Manifest, PluginFacts } from "../../src/manifest/format.ts";
import { CHECKOUT, compiledBuild } from "../compiled-build.ts";
import { compiledFolder } from "../crash/compiled.ts";
import { hasPython } from "../unit/manifest/python-reader.ts";
import { comparable, dump, type Dumped, expected, exported } from "./dumped.ts";

const { TOOLS } = (await import(pathToFileURL(join(compiledFolder(), "src/cli/tools.js")).href)) as {
  readonly TOOLS: Tools;
};

const OPTIONS: BuildOptions = {
  cwd: CHECKOUT,
  config: null,
  write: false,
  keepGoing: false,
  only: [],
  overrides: [],
  cache: false,
};

async function manifestOf(name: string, overrides: Readonly<Record<string, unknown>> = {}): Promise<Manifest> {
  const given = Object.entries(overrides).map(([path, value]) => {
    const span = { file: "<command line>", line: 1, column: 1, length: path.length };
    return { path, value: value as never, span };
  });
  const { manifest, diagnostics } = await TOOLS.buildOne({ ...OPTIONS, overrides: given }, name);
  if (manifest === null) throw new Error(JSON.stringify(diagnostics));
  return manifest;
}

const { facts } = await TOOLS.facts({ cwd: CHECKOUT, config: null });
const { experiments } = await compiledBuild(CHECKOUT);
const NAMES = experiments.flatMap(({ name, builds }) =>
  builds.flatMap(({ preset, status }) => (status === "proved" ? [preset === null ? name : `${name}.${preset}`] : [])),
);

describe.skipIf(!hasPython)("the export to realhf (needs python3)", () => {
  let manifests: readonly Manifest[] = [];
  let built: readonly Dumped[] = [];
  beforeAll(async () => {
    manifests = await Promise.all(NAMES.map((name) => manifestOf(name)));
    built = dump(manifests.map((manifest) => exported(manifest, facts)));
  }, 600_000);

  it("covers each shipped experiment", () => {
    expect(new Set(NAMES.map((name) => name.split(".")[0])).size).toBe(experiments.length);
  });

  it.each(NAMES)("builds what %s was proved with, worker by worker", (name) => {
    const index = NAMES.indexOf(name);
    const [manifest, made] = [manifests[index] as Manifest, built[index] as Dumped];
    expect(comparable(made)).toEqual(expected(manifest));
    expect(exported(manifest, facts).leftOut.map(({ what }) => what)).toEqual([]);
  });

  it("makes as many objects as there are workers, in any order of ranks", async () => {
    const manifest = await manifestOf("sft.one-node", { allocationMode: "d2p2m2" });
    const [{ setups }] = dump([exported(manifest, facts)]) as [Dumped];
    expect(setups[0]?.["model_worker"]).toHaveLength(8);
    const shuffled = changed(manifest, (text) => text.replaceAll('"ranks":"0-7"', '"ranks":"7,0-3,5,4,6"'));
    expect(shuffled).not.toEqual(manifest);
    const [made] = dump([exported(shuffled, facts)]) as [Dumped];
    expect(comparable(made)).toEqual(expected(shuffled));
  });

  it("makes a list of several setups", async () => {
    const manifest = await manifestOf("sft.one-node");
    const twice = changed(manifest, (text) => text);
    const { authored, resolved } = twice;
    const both: Manifest = {
      ...twice,
      authored: { ...authored, setups: [...authored.setups, ...authored.setups] },
      resolved: { ...resolved, setups: [...resolved.setups, ...resolved.setups] },
    };
    const [made] = dump([exported(both, facts)]) as [Dumped];
    expect(made.setups.length).toBe(2);
    expect(comparable(made)).toEqual(expected(both));
  });

  it("keeps hostile texts as they are", async () => {
    const manifest = await manifestOf("sft.one-node");
    const hostile = fc.oneof(
      fc.constantFrom(
        '"',
        "'",
        '"""',
        "'''",
        "\\",
        "\n",
        "\r\n",
        "{}",
        "%s",
        "\\N{DASH}",
        "\u2028",
        "\ud83d\ude00",
        "#",
        "$",
      ),
      fc.string({ unit: "binary" }),
    );
    // A reference would be filled in, and half of a pair is no text that a file can hold.
    const text = fc
      .array(hostile, { minLength: 1, maxLength: 4 })
      .map((parts) => parts.join("").replaceAll("${", "$ {").replaceAll("\0", "").toWellFormed())
      .filter((value) => value !== "");
    const samples = fc.sample(fc.tuple(text, text, text), { numRuns: 200, seed: 1 });
    const all = samples.map(([path, key, value]) => {
      const { authored } = manifest;
      const scheduling = JSON.parse(JSON.stringify(authored.scheduling), (name, held: unknown) =>
        name === "envVars" ? { [key]: value, $: value } : held,
      ) as Manifest["authored"]["scheduling"];
      const setups = JSON.parse(JSON.stringify(authored.setups), (name, held: unknown) =>
        name === "modelPath" || name === "tokenizerNameOrPath" ? path : held,
      ) as Manifest["authored"]["setups"];
      return { ...manifest, authored: { ...authored, scheduling, setups } };
    });
    const made = dump(all.map((one) => exported(one, facts)));
    for (const [index, one] of all.entries()) expect(comparable(made[index] as Dumped)).toEqual(expected(one));
  });

  it("fills in what is known at run time, and refuses what nobody knows", async () => {
    const manifest = await manifestOf("sft.one-node");
    const with_ = (path: string) =>
      changed(manifest, (text) => text.replaceAll('"/storage/datasets/', () => `"${path}/`));
    const [made] = dump([exported(with_("${cluster.fileroot}/${user}/${trial}/${env:MASTER_PORT}$${x}"), facts)]) as [
      Dumped,
    ];
    const fileroot = manifest.authored.cluster.fileroot.replaceAll("${user}", "somebody");
    expect(JSON.stringify(made.setups)).toContain(`${fileroot}/somebody/t1/29500\${x}/`);
    expect(() => dump([exported(with_("${secret:NOBODY}"), facts)])).toThrow(
      "no value is known for ${secret:NOBODY}: set ASSAY_SECRET_NOBODY or NOBODY",
    );
  });

  it("refuses data that were exported with another module", async () => {
    const manifest = await manifestOf("sft.one-node");
    const own = exported(manifest, facts);
    const spoiled = own.files.map((file, index) => (index === 1 ? { ...file, text: `${file.text} ` } : file));
    expect(() => dump([{ ...own, files: spoiled }])).toThrow("export both anew");
  });
});

describe("what the reference has no field for", () => {
  it("is told: partitions, trackers, master workers", async () => {
    const manifest = await manifestOf("sft.one-node");
    const { authored } = manifest;
    const scheduling = JSON.parse(JSON.stringify(authored.scheduling), (name, held: unknown) =>
      name === "partition" ? "dev" : held,
    ) as typeof authored.scheduling;
    const setups = authored.setups.map((setup) => ({ ...setup, trackers: [{ type: "board", args: {} }] }));
    const { leftOut } = exported({ ...manifest, authored: { ...authored, scheduling, setups } }, facts as PluginFacts);
    expect(leftOut.map(({ pointer, what }) => `${pointer}: ${what}`)).toEqual([
      "/scheduling/modelWorker/scheduling/partition: partition `dev`",
      "/scheduling/masterWorker/scheduling/partition: partition `dev`",
      "/setups/0/trackers/0: tracker `board`",
    ]);
  });
});

function changed(manifest: Manifest, change: (text: string) => string): Manifest {
  return JSON.parse(change(JSON.stringify(manifest))) as Manifest;
}
