import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import type { BuildOptions } from "../../../codegen/report.ts";
import { CommandLine } from "../../../src/cli/command-line.ts";
import { faultInJson, placeInJson } from "../../../src/origin/json-places.ts";
import { parseArguments, parseValue } from "../../../src/cli/overrides.ts";
import type { Diagnostic } from "../../../src/diagnostics/finding.ts";
import { assay, reportOf, sftManifest, sftReport, SPANS, withOutputs } from "./run.ts";

const folder = mkdtempSync(join(tmpdir(), "assay-cli-"));
afterAll(() => rmSync(folder, { recursive: true }));

const ERROR: Diagnostic = {
  code: "option/type",
  severity: "error",
  message: "`x` is no number",
  data: {},
  experiment: "sft.one-node",
  primary: { file: "<command line>", line: 1, column: 36, length: 1 },
  related: [],
  notes: [],
  help: null,
  fix: null,
};

describe("arguments", () => {
  it("have values that are JSON, or the text itself", () => {
    const texts = ["1e-5", "true", "null", '"1"', '{"a":[1]}', "[1,2]", "1e999", "", "node[01-04],node7"];
    expect(texts.map(parseValue)).toEqual([
      1e-5,
      true,
      null,
      "1",
      { a: [1] },
      [1, 2],
      "1e999",
      "",
      "node[01-04],node7",
    ]);
    expect(parseValue("sglang.d4p1m1+d4p1m1")).toBe("sglang.d4p1m1+d4p1m1");
  });

  it("have spans that cover what was typed", () => {
    const line = new CommandLine(["check", "--config", "c.ts", "sft", "a.b=x=y", "a.b=x=y", "sft.p"]);
    const parsed = parseArguments(["sft", "a.b=x=y", "a.b=x=y", "sft.p"], line);
    expect(parsed.names).toEqual(["sft", "sft.p"]);
    expect(parsed.overrides.map(({ path, value }) => [path, value])).toEqual([
      ["a.b", "x=y"],
      ["a.b", "x=y"],
    ]);
    const texts = parsed.overrides.map(({ span }) => line.text.slice(span.column - 1, span.column - 1 + span.length));
    expect(texts).toEqual(["a.b=x=y", "a.b=x=y"]);
    expect(parsed.overrides[0]?.span.column).not.toBe(parsed.overrides[1]?.span.column);
  });

  it("reach the build", async () => {
    let given: BuildOptions | null = null;
    const build = (options: BuildOptions) => ((given = options), Promise.resolve(reportOf()));
    await assay(["build", "sft", "lr=1", "--keep-going", "--no-cache", "--config", "c.ts", "sft.p"], { build });
    expect(given).toMatchObject({
      cwd: "/project",
      config: "c.ts",
      write: true,
      keepGoing: true,
      cache: false,
      only: ["sft", "sft.p"],
      overrides: [{ path: "lr", value: 1 }],
    });
  });
});

describe("check", () => {
  it("closes with each build, its reach, counts and time", async () => {
    const ran = await assay(["check"], { build: () => Promise.resolve(reportOf()) });
    expect(ran.code).toBe(0);
    expect(ran.err).toBe("");
    expect(`\n${ran.out}`).toMatchInlineSnapshot(`
      "
      sft              needs    allocationMode, model.path
      sft.one-node     proved   8 GPUs of h800x256
      sft.eight-nodes  failed

      Reach of sft.one-node:
        proved       dataflow graph; replica ids
        not checked  memory: no memory model
      Nothing is proved of sft.eight-nodes: it has errors.

      no errors in 0.31 s
      "
    `);
  });

  it("shows mistakes on stdout, at the characters of the command line", async () => {
    const build = () => Promise.resolve(reportOf({ diagnostics: [ERROR] }));
    const ran = await assay(["check", "sft", "model.optimizer.lr=x", "--quiet"], { build });
    expect(ran.code).toBe(1);
    expect(`\n${ran.out}`).toMatchInlineSnapshot(`
      "
      error[option/type]: \`x\` is no number
        --> command line
         |
       1 | assay check sft model.optimizer.lr=x --quiet
         |                                    ^
         in: experiment \`sft.one-node\`
      "
    `);
  });

  it("shows a name that is not there where it was typed", async () => {
    const unknown: Diagnostic = {
      ...ERROR,
      code: "dsl/unknown-preset",
      data: { experiment: "sft", preset: "nope" },
      primary: null,
      nowhere: "the name was given on the command line",
    };
    const build = () => Promise.resolve(reportOf({ diagnostics: [unknown] }));
    const ran = await assay(["check", "sft.nope", "--quiet"], { build });
    expect(ran.out).toContain("1 | assay check sft.nope --quiet\n   |             ^^^^^^^^\n");
    const json = JSON.parse((await assay(["check", "sft.nope", "--json"], { build })).out);
    expect(json.diagnostics[0]).toMatchObject({ primary: { column: 13, length: 8 } });
    expect(json.diagnostics[0]).not.toHaveProperty("nowhere");
  });

  it("denies warnings only if asked", async () => {
    const build = () => Promise.resolve(reportOf({ diagnostics: [{ ...ERROR, severity: "warning" }] }));
    expect((await assay(["check"], { build })).code).toBe(0);
    expect((await assay(["check", "--deny-warnings"], { build })).code).toBe(1);
  });

  it("says what became of the outputs", async () => {
    const broken = sftReport();
    const [, proved] = broken.builds;
    const experiments = [{ ...broken, builds: [{ ...proved, status: "failed" as const }] as typeof broken.builds }];
    const ran = async (written: boolean) => {
      const build = () => Promise.resolve(reportOf({ experiments, diagnostics: [ERROR], written }));
      return (await assay(["build", "--keep-going"], { build })).out.split("\n\n").slice(1).join("\n\n");
    };
    expect(`\n${await ran(false)}`).toMatchInlineSnapshot(`
      "
      experiment    status
      sft.one-node  failed

      Nothing is written: the last good outputs stay.
      A code is explained by: assay explain option/type
      1 error in 0.31 s
      "
    `);
    expect(await ran(true)).toContain("The sound experiments are written; the others keep their last good outputs.\n");
    const fine = await assay(["build"], { build: () => Promise.resolve(reportOf({ written: true })) });
    expect(fine.out).not.toContain("written");
  });

  it("is one JSON document with --json", async () => {
    const build = () => Promise.resolve(reportOf({ diagnostics: [ERROR] }));
    const ran = await assay(["check", "--json"], { build });
    expect(JSON.parse(ran.out)).toMatchObject({ assayDiagnostics: 1, diagnostics: [ERROR], cached: false });
  });

  it("erases its status line, and shows none in a pipe", async () => {
    const build = (options: BuildOptions) => {
      options.onProgress?.({ stage: "evaluate", done: 3, total: 12 });
      return Promise.resolve(reportOf());
    };
    let err = "";
    const stderr = { write: (text: string) => void (err += text), isTerminal: true, columns: 80 };
    await assay(["check"], { build }, { stderr });
    expect(err).toBe("\r\u001B[2Kproving 3/12\r\u001B[2K");
    expect((await assay(["check"], { build })).err).toBe("");
  });
});

/** Without what changes with every field of the manifest. */
function steady(out: string): string {
  return `\n${out.replaceAll(/ (authored|resolved) [0-9a-f]{12}/g, " $1 HASH").replaceAll(/\d\.\d kB/g, "N.N kB")}`;
}

describe("list and show", () => {
  it("list what the source shows", async () => {
    const listed = {
      ...sftReport(),
      builds: sftReport().builds.map((build) => ({ ...build, status: "skipped" as const, needs: [] })),
    };
    const list = () => Promise.resolve({ root: "/project", experiments: [listed], diagnostics: [] });
    const tools = { ...withOutputs(), list };
    expect(`\n${(await assay(["list"], tools)).out}`).toMatchInlineSnapshot(`
      "
      experiment  presets                       tags  needs                       about
      sft         one-node, eight-nodes, other  sft   allocationMode, model.path  Supervised fine-tuning on prompts and answers.
      "
    `);
    expect((await assay(["list", "eight"], tools)).out).toContain("sft");
    expect((await assay(["list", "ppo"], tools)).out).toBe("");
    expect((await assay(["list", "(ppo"], tools)).code).toBe(2);
    expect(JSON.parse((await assay(["list", "--json"], tools)).out).experiments[0].name).toBe("sft");
  });

  it("list what the source seems to need, before any build", async () => {
    const option = { path: "seed", help: "", range: null, choices: null, type: null, nullable: false, launch: false };
    const options = [
      { ...option, required: false },
      { ...option, path: "allocationMode", required: true },
    ];
    const list = () =>
      Promise.resolve({ root: "/project", experiments: [{ ...sftReport(), options }], diagnostics: [] });
    const none = { root: "/project", outDir: "/project/.assay", index: null, files: new Map(), diagnostics: [] };
    const ran = await assay(["list", "--json"], { list, outputs: () => Promise.resolve(none) });
    expect(JSON.parse(ran.out).experiments[0].builds[0].needs).toEqual(["allocationMode"]);
  });

  it("show the table, wide and narrow", async () => {
    expect(steady((await assay(["show"], withOutputs())).out)).toMatchInlineSnapshot(`
      "
      experiment       status                            GPUs  by role    workers                        layout               manifest  authored  resolved
      sft              needs allocationMode, model.path
      sft.one-node     fresh                                8  default 8  modelWorker 8, masterWorker 1  trainDefault d4p1m2   1N.N kB  aaaaaaaa  bbbbbbbb
      sft.eight-nodes  failed
      "
    `);
    let out = "";
    const stdout = { write: (text: string) => void (out += text), isTerminal: true, columns: 60 };
    await assay(["show", "--no-color"], withOutputs(), { stdout });
    expect(steady(out)).toMatchInlineSnapshot(`
      "
      sft
        status    needs allocationMode, model.path
      sft.one-node
        status    fresh
        GPUs      8
        by role   default 8
        workers   modelWorker 8, masterWorker 1
        layout    trainDefault d4p1m2
        manifest  1N.N kB
        authored  aaaaaaaa
        resolved  bbbbbbbb
      sft.eight-nodes
        status    failed
      "
    `);
  });

  it("show one manifest in detail", async () => {
    const ran = await assay(["show", "sft.one-node"], withOutputs());
    expect(steady(ran.out)).toMatchInlineSnapshot(`
      "
      sft.one-node
        Supervised fine-tuning on prompts and answers.
        experiments/sft/experiment.ts:33
        cluster h800x256: 32 nodes, 8 GPUs each
        manifest 1N.N kB, authored HASH, resolved HASH

      calls
        trainDefault  trainStep by sft on default@0, 256 sequences
          reads   packed_input_ids, prompt_mask

      models
        model      layout  topology                  workers  made      card
        default@0  d4p1m2  pipe 1, data 4, tensor 2  0-7      at start  qwen2.5-1.5b

      memory of the GPU that needs most, estimated in GiB
        call          model      weights  gradients  optimizer  activations  logits  other   GiB  of GPU
        trainDefault  default@0      1.4        2.9        2.2          4.6    37.1    2.0  50.1    63 %

      pairs
        data  default@0 -> default@0
        sync  none

      workers
        worker        count  CPUs  GPUs     memory
        modelWorker       8     4     1  90000 MiB
        masterWorker      1     4     0  20000 MiB

      reach
        proved       dataflow graph; replica ids; topologies: every rank on exactly one worker; data transfer and parameter
                     sync pairs; scheduling: counts, amounts and times; data keys; dataset arguments; model arguments; backend
                     arguments; interface arguments and keys; model families; batches against layouts; lengths of sequences;
                     CPUs and memory of nodes; heads, layers, experts and widths of models against layouts
        assumed      checkpoints on the cluster are the models that their paths say; memory: an estimate for sequences as long
                     as their limits, 16-bit activations, FlashAttention, 2.0 GiB for the runtime
        not checked  files: whether datasets and checkpoints are there is known on the cluster only
      "
    `);
  });

  it("say what is not there", async () => {
    const ran = await assay(["show", "sft.one-nod"], withOutputs());
    expect(ran).toMatchObject({ code: 1, out: "" });
    expect(ran.err).toContain("help: use `sft.one-node`");
    const none = { root: "/project", outDir: "/project/.assay", index: null, files: new Map(), diagnostics: [] };
    const empty = await assay(["show"], { outputs: () => Promise.resolve(none) });
    expect(empty.code).toBe(1);
    expect(empty.err).toContain("help: run `assay build`");
  });
});

describe("why", () => {
  const ask = async (...question: string[]) =>
    `\n${(await assay(["why", "sft.one-node", ...question], withOutputs())).out}`;

  it("derives options, facts and places in the manifest", async () => {
    expect(await ask("allocationMode")).toMatchInlineSnapshot(`
      "
      option \`allocationMode\` is "d4p1m2"
      ├─ set by preset \`one-node\`  experiments/sft/experiment.ts:36:19
      └─ these parts of the manifest follow from it: /setups/0/modelWorker/shards/0/topo
      "
    `);
    expect(await ask("model.optimizer.lr")).toMatchInlineSnapshot(`
      "
      option \`model.optimizer.lr\` is 0.00002
      ├─ set by the default in the class  experiments/sft/experiment.ts:40:5
      ├─ it means: Learning rate.
      └─ its range is \`> 0\`
      "
    `);
    expect(await ask("replica", "default@0")).toMatchInlineSnapshot(`
      "
      model \`default@0\` is used by \`trainDefault\`
      ├─ replica 0 is that of the role's main call \`trainDefault\`: it trains the role
      ├─ \`default@0\` is laid out as d4p1m2 on workers 0-7
      │  ├─ pipe 1 x data 4 x tensor 2 is 8 ranks, each on one worker; the axes run in this order as a call trains it
      │  └─ it comes from the characters \`d4p1m2\` of option \`allocationMode\`, which is "d4p1m2"
      │     └─ set by preset \`one-node\`  experiments/sft/experiment.ts:36:19
      └─ its parameters are made at start: it is the replica that trains
      "
    `);
    expect(await ask("trainDefault")).toMatchInlineSnapshot(`
      "
      call \`trainDefault\` runs \`default@0\` as d4p1m2 on workers 0-7, with 256 sequences a step
      ├─ made here  experiments/sft/experiment.ts:112:23
      ├─ model \`default@0\` is used by \`trainDefault\`
      │  ├─ replica 0 is that of the role's main call \`trainDefault\`: it trains the role
      │  ├─ \`default@0\` is laid out as d4p1m2 on workers 0-7
      │  │  ├─ pipe 1 x data 4 x tensor 2 is 8 ranks, each on one worker; the axes run in this order as a call trains it
      │  │  └─ it comes from the characters \`d4p1m2\` of option \`allocationMode\`, which is "d4p1m2"
      │  │     └─ set by preset \`one-node\`  experiments/sft/experiment.ts:36:19
      │  └─ its parameters are made at start: it is the replica that trains
      └─ it reads \`packed_input_ids\`, \`prompt_mask\` from the dataset
      "
    `);
    expect(await ask("pair", "data", "default", "default")).toMatchInlineSnapshot(`
      "
      data moves from \`default@0\` to \`default@0\`
      └─ the dataset is loaded on the workers of \`trainDefault\`, the first source call, and \`trainDefault\` reads it
         └─ made here  experiments/sft/experiment.ts:112:23
      "
    `);
    expect(await ask("count", "modelWorker")).toMatchInlineSnapshot(`
      "
      there are 8 workers of kind \`modelWorker\`
      ├─ the setup has 8
      │  └─ 32 nodes x 8 GPUs = 256 GPUs
      │     ├─ \`nNodes\` is null: all 32 nodes of cluster \`h800x256\`
      │     │  └─ it comes from option \`cluster\`  experiments/sft/experiment.ts:33:1
      │     └─ \`nGpusPerNode\` is null: all 8 GPUs a node of cluster \`h800x256\`
      │        └─ it comes from option \`cluster\`  experiments/sft/experiment.ts:33:1
      ├─ the scheduling asks for 8
      └─ \`default@0\` is d4p1m2 on workers 0-7
      "
    `);
    expect(await ask("/setups/0/modelRpcs/0/nSeqs")).toMatchInlineSnapshot(`
      "
      \`/setups/0/modelRpcs/0/nSeqs\` is 256
      ├─ \`nSeqs\` of what is made here, argument 3, \`nSeqs\`  experiments/sft/experiment.ts:112:23
      └─ it comes from option \`dataset.trainBsNSeqs\`, which is 256
         └─ set by the default in the class  experiments/sft/experiment.ts:33:1
      "
    `);
    expect(await ask("setups.0.modelRpcs.0.nSeqs")).toContain("is 256");
  });

  it("lists what can be asked, and each of it has an answer", async () => {
    const ran = await assay(["why", "sft.one-node", "--json"], withOutputs());
    const { facts, options } = JSON.parse(ran.out) as { facts: string[]; options: { path: string }[] };
    expect(facts).toContain("topology default@0");
    for (const question of [...facts, ...options.map(({ path }) => path)]) {
      const { code } = await assay(["why", "sft.one-node", ...question.split(" ")], withOutputs());
      expect([question, code]).toEqual([question, 0]);
    }
  });

  it("lists who set what, as a table", async () => {
    expect(await ask()).toMatchInlineSnapshot(`
      "
      option                value     set by                    place
      dataset.trainBsNSeqs  256       the default in the class  experiments/sft/experiment.ts:33:1
      model.optimizer.lr    0.00002   the default in the class  experiments/sft/experiment.ts:40:5
      allocationMode        "d4p1m2"  preset \`one-node\`         experiments/sft/experiment.ts:36:19

      resolved facts
        trainDefault
        replica default@0
        topology default@0
        instantiation default@0
        key packed_input_ids
        key prompt_mask
        memory trainDefault
        pair data default@0 default@0
        count modelWorker
        count masterWorker
        masterWorker.baseSeed
        masterWorker.nModelWorkers
        masterWorker.shuffleDataset
      "
    `);
  });

  it("suggests the nearest question", async () => {
    const ran = await assay(["why", "sft.one-node", "model.optimiser.lr"], withOutputs());
    expect(ran.code).toBe(1);
    expect(ran.err).toContain("help: use `model.optimizer.lr`");
    const quoted = await assay(["why", "sft.one-node", "hook gone"], withOutputs());
    expect(quoted.err).toContain("\n   |                        ^^^^^^^^^\n");
    const odd = await assay(["why", "sft.one-node", "why"], withOutputs());
    expect(odd.err).toContain("1 | assay why sft.one-node why\n   |                        ^^^\n");
  });

  it("says whose answer it is, if only presets can be built", async () => {
    const { manifest } = sftManifest();
    const buildOne = () => Promise.resolve({ root: null, manifest, spans: SPANS, diagnostics: [] });
    const ran = await assay(["why", "sft", "allocationMode"], { ...withOutputs(), buildOne });
    expect(ran).toMatchObject({ code: 0, err: "sft needs values: this is sft.one-node\n" });
  });

  it("builds in memory where something is overridden", async () => {
    const { manifest } = sftManifest();
    let given: readonly unknown[] = [];
    const buildOne = (options: BuildOptions, name: string) => {
      given = [name, options.overrides.map(({ path }) => path), options.write];
      return Promise.resolve({ root: null, manifest, spans: SPANS, diagnostics: [ERROR] });
    };
    const ran = await assay(["why", "sft.one-node", "trainDefault", "lr=x"], { ...withOutputs(), buildOne });
    expect(given).toEqual(["sft.one-node", ["lr"], false]);
    // The wrong override is left out: the rest has its answer.
    expect(ran.code).toBe(1);
    expect(ran.err).toContain("error[option/type]");
    expect(ran.out).toContain("call `trainDefault` runs `default@0`");
    const none = () => Promise.resolve({ root: null, manifest: null, spans: null, diagnostics: [] });
    const needing = await assay(["why", "sft", "seed=1"], { ...withOutputs(), buildOne: none });
    expect(needing).toMatchObject({ code: 1, out: "", err: expect.stringContaining("cli/not-built") });
  });
});

describe("resolve", () => {
  it("changes no byte of a resolved manifest", async () => {
    const { text } = sftManifest();
    const file = join(folder, "sft.json");
    writeFileSync(file, text);
    const ran = await assay(["resolve", file, "--json"], withOutputs());
    expect(ran).toMatchObject({ code: 0, out: text, err: "" });
  });

  it("places mistakes in the manifest that another tool wrote", async () => {
    const { authored } = sftManifest().manifest;
    const [setup] = authored.setups;
    const modelRpcs = setup?.modelRpcs.map((call) => ({ ...call, nSeqs: 0 }));
    const broken = { ...authored, setups: [{ ...setup, modelRpcs }] };
    writeFileSync(
      join(folder, "mine.json"),
      JSON.stringify({ assayManifest: 1, name: "sft", authored: broken }, null, 2),
    );
    const ran = await assay(["resolve", "mine.json"], withOutputs(), { cwd: folder });
    expect(ran.code).toBe(1);
    expect(ran.out).toMatch(/error\[call\/n-seqs\].*\n +--> mine\.json:\d+:\d+\n.*\n.*"nSeqs": 0,\n +\| +\^\n/);
    expect(ran.out).toContain("note: at mine.json: /setups/0/modelRpcs/0/nSeqs");
  });

  it("says what is no manifest", async () => {
    writeFileSync(join(folder, "no.json"), "{");
    expect((await assay(["resolve", "no.json"], withOutputs(), { cwd: folder })).out).toContain("manifest/syntax");
    expect((await assay(["resolve", "gone.json"], withOutputs(), { cwd: folder })).err).toContain(
      "cli/file-not-readable",
    );
  });

  it.each([
    ["{", "manifest/syntax", 1, 2],
    ['{ "assayManifest": 1,\n  "name": }', "manifest/syntax", 2, 11],
    ["[]", "manifest/syntax", 1, 1],
    ['{\n  "assayManifest": 99 }', "manifest/version", 2, 20],
    ['{\n  "assayManifest": 1, "name": 7, "authored": {} }', "manifest/shape", 2, 31],
  ])("shows where %j is no manifest", async (text, code, line, column) => {
    writeFileSync(join(folder, "no.json"), text);
    const ran = await assay(["resolve", "no.json", "--format", "json"], withOutputs(), { cwd: folder });
    expect(ran.code).toBe(1);
    const { diagnostics } = JSON.parse(ran.out) as { diagnostics: Diagnostic[] };
    const places = diagnostics.map(({ code: own, primary }) => [own, primary?.file, primary?.line, primary?.column]);
    expect(places).toContainEqual([code, "no.json", line, column]);
  });

  it("finds the fault in what is no JSON, and none in what is", () => {
    const whole = JSON.stringify({ a: [1, -2.5e-7, [], {}, [{}], '\\u00e9"\n\\'], "": { b: true, c: null } }, null, 1);
    expect(faultInJson(whole)).toBeNull();
    expect(faultInJson(` ${sftManifest().text}\n`)).toBeNull();
    for (let length = 0; length < whole.length; length += 1) {
      const fault = faultInJson(whole.slice(0, length));
      expect(fault, whole.slice(0, length)).not.toBeNull();
      expect(fault).toBeLessThanOrEqual(length);
    }
    for (const text of [
      "[1,]",
      "{,}",
      '{"a" 1}',
      "[1 2]",
      "01",
      "1 1",
      "{'a':1}",
      '"\t"',
      "[}",
      '{"a":1,}',
      "nul",
      "+1",
    ]) {
      expect(() => JSON.parse(text), text).toThrow();
      expect(faultInJson(text), text).not.toBeNull();
    }
    expect(["[1,]", '{"a" 1}', '{"a":1,}', "[1 2]", "[}"].map(faultInJson)).toEqual([3, 5, 7, 3, 1]);
  });

  it("finds values and keys in JSON", () => {
    const text = '{ "a" : [ 1, {"b\\"~/": "x,}" , "c":{} } ] }';
    const cut = (pointer: string, part?: "key") => {
      const place = placeInJson(text, pointer, part);
      return place === null ? null : text.slice(place.offset, place.offset + place.length);
    };
    expect(cut("/a/0")).toBe("1");
    expect(cut('/a/1/b"~0~1')).toBe('"x,}"');
    expect(cut('/a/1/b"~0~1', "key")).toBe('"b\\"~/"');
    expect(cut("/a/1/c/gone")).toBe("{}");
    expect(cut("")).toBe(text);
  });
});

describe("usage and bugs", () => {
  it.each([
    [["chekc"], "use `check`"],
    [["check", "--formt", "json"], "use `--format`"],
    [["check", "--format", "xml"], "`--format` takes pretty, json, sarif, github, found `xml`"],
    [["why"], "needs the name of an experiment"],
    [["show", "a", "b"], "takes one argument, found 2"],
    [["check", "=x"], "`=x` names no option"],
    [[], "no command is given"],
  ])("%j is an error of usage", async (line, text) => {
    const ran = await assay(line);
    expect(ran).toMatchObject({ code: 2, out: "" });
    expect(ran.err).toContain(text);
  });

  it.each(["check", "build", "list", "show", "why", "resolve", "explain"])("%s --help has an example", async (name) => {
    const ran = await assay([name, "--help"]);
    expect(ran.code).toBe(0);
    expect(ran.out).toContain(`$ assay ${name}`);
    expect(ran.out).toContain("--deny-warnings");
  });

  it("a bug shows its stack and asks for a report", async () => {
    const ran = await assay(["check"], { build: () => Promise.reject(new Error("boom")) });
    expect(ran.code).toBe(3);
    expect(ran.err).toMatch(/boom\n +at .*run|boom\n +at /);
    expect(ran.err).toContain("Please report it");
  });

  it("explain shows pages and finds the nearest code", async () => {
    expect((await assay(["explain", "graph/cycle"])).out).toMatch(/^graph\/cycle\n\nMeaning\n/);
    for (const line of [
      ["explain", "graph/cycle"],
      ["explain", "graph/cycle", "--json"],
    ]) {
      const { out } = await assay(line);
      expect(out).toContain("inference(");
      expect(out).not.toContain("in=");
    }
    expect((await assay(["explain", "topology/cycle"])).err).toContain("use `graph/cycle`");
    expect((await assay(["explain", "../../README"])).code).toBe(1);
    const ofGraph = (await assay(["explain", "graph"])).out;
    expect(ofGraph).toMatch(/^graph\/cycle +Calls wait /m);
    expect(ofGraph).not.toMatch(/^(?!graph\/)\S+\/\S+/m);
    expect((await assay(["explain", "graph/"])).out).toBe(ofGraph);
    const all = (await assay(["explain"])).out;
    expect(all).toContain("cli/unknown-code");
    for (const line of all.split("\n").filter((one) => one !== ""))
      expect(line).toMatch(/^[a-z-]+\/[a-z-]+ +\S.*[.:]$/);
  });
});
