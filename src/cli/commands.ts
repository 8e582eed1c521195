import { PLUGIN_KINDS } from "../spec/plugin-kinds.ts";
import type { Command } from "./context.ts";

/** What is known of a command before it is loaded. */
export interface CommandEntry {
  readonly name: string;
  /** Arguments, as help shows them. */
  readonly usage: string;
  readonly summary: string;
  readonly description: string;
  readonly options?: readonly (readonly [flags: string, text: string])[];
  readonly examples: readonly string[];
  /** Most positional arguments; `null` if there may be any number. */
  readonly most: number | null;
  readonly least?: { readonly count: number; readonly what: string };
  readonly load: () => Promise<Command>;
}

const OVERRIDES = `
Overrides are arguments of the form path=value. A value is JSON (1e-5, true, null, "text", {...}), else the text itself: allocation strings, paths and node lists need no quotes.`;

const SWEEP = `
With -m, commas separate values, and every combination of them is a point with a manifest of its own. Commas inside of [...] and {...} don't separate; a value with others is written in double quotes:

  -m model.optimizer.lr=1e-5,2e-5 seed=1,2
  -m allocationMode='"a:d4p1m1,*:d4p1m1",d8p1m1'

A point's name stands behind @, as in sft.one-node@seed=1, and depends on its paths and values alone. The bill says before anything is written what the points take, and which can't run.`;

const SWEEP_OPTIONS = [
  ["-m, --multirun", "build every combination of values separated by commas"],
  ["--duration <time>", "how long each point runs, for GPU-hours: 12h, 90min, 1-12:00:00 (default: time limits)"],
  ["--max-points <count>", "points that a sweep may have (default: 1000)"],
] as const;

const WATCH = [
  ["--watch", "run again whenever something changes, until Ctrl-C; JSON and SARIF are a line each time"],
] as const;

const ONLY = `Names are experiments (sft) or single presets (sft.one-node); without any, all of the project are meant.`;

/** The commands, in the order of help. Each is one module, loaded when it is run. */
export const COMMANDS: readonly CommandEntry[] = [
  {
    name: "init",
    usage: "[folder] [options]",
    summary: "make a project that builds at once",
    description: `Makes a project that builds at once, or completes one: a config with a cluster, one experiment, compiler and editor settings, a workflow for GitHub, and package.json with Assay and TypeScript. Commands are those of the package manager that a lock file or packageManager names, else of npm. What is there is never overwritten; of package.json, fields are added. If anything fails nothing is left behind.

The name is like that of package.json, else of the folder. The experiment is one of your own, or with --from a shipped one (sft, ppo-math, async-ppo-math, math-code-eval) with options of yours; where experiments are there already, it is made with --from only.`,
    options: [
      ["--name <name>", "name of the package and of its experiment"],
      ["--from <experiment>", "start from a shipped experiment"],
    ],
    examples: ["assay init", "assay init my-project --from ppo-math"],
    most: 1,
    load: async () => (await import("./commands/init.ts")).init,
  },
  {
    name: "check",
    usage: "[names...] [overrides...] [options]",
    summary: "prove experiments, and write nothing",
    description: `Proves experiments, and writes nothing. Diagnostics go to stdout.\n\n${ONLY}\n${OVERRIDES}\n${SWEEP}`,
    options: [...WATCH, ...SWEEP_OPTIONS],
    examples: [
      "assay check",
      "assay check --watch",
      "assay check sft.one-node model.optimizer.lr=1e-5 allocationMode=d4p1m2",
      "assay check sft.one-node -m model.optimizer.lr=1e-5,2e-5 --duration 12h",
    ],
    most: null,
    load: async () => (await import("./commands/check.ts")).check,
  },
  {
    name: "build",
    usage: "[names...] [overrides...] [options]",
    summary: "prove experiments, and write their manifests",
    description: `Proves experiments, and writes their manifests and the generated file. An error writes nothing. Diagnostics go to stdout.\n\n${ONLY}\n${OVERRIDES}\n${SWEEP}`,
    options: [["--keep-going", "write the sound experiments if others have errors"], ...WATCH, ...SWEEP_OPTIONS],
    examples: [
      "assay build",
      "assay build --watch",
      "assay build --keep-going",
      "assay build sft dataset.trainBsNSeqs=512",
      "assay build sft.one-node -m model.optimizer.lr=1e-5,2e-5 dataset.trainBsNSeqs=128,256",
    ],
    most: null,
    load: async () => (await import("./commands/build.ts")).build,
  },
  {
    name: "run",
    usage: "<experiment[.preset]> [overrides...] [options]",
    summary: "prove an experiment, start its workers, and keep them to the end",
    description: `Proves an experiment as check does, and starts its workers by a launcher: local, which is this machine, or one under launchers of the config. What workers print is shown as it comes, and when one fails its last lines are. Ctrl-C stops all of it; --detach leaves it to a process of its own.

A runtime says which command workers run: realhf is the reference's own, rehearsal needs no GPU, others stand under runtimes of the config.

When workers fail, --recover decides: disabled ends the run, fault and auto try again, auto and resume begin from a checkpoint of an earlier run. Unless given, the experiment's options recoverMode, recoverRetries and recoverAfter say so. A trial that was stopped or failed goes on when it is run again; if its workers still run because whoever kept them has ended, they are kept again.

docs/running.md goes through a run.
${OVERRIDES}`,
    options: [
      ["--preset <name>", "preset of the experiment"],
      ["--trial <name>", "name of the run among those of the experiment (default: the time)"],
      ["--on <launcher>", "launcher that starts workers (default: local)"],
      ["--runtime <name>", "which command workers run (default: realhf)"],
      ["--rehearse", "short for --on local --runtime rehearsal"],
      ["--dry-run", "show what would be done, byte for byte, and do nothing"],
      ["--detach", "return when workers run, and leave them to a process of its own"],
      ["--recover <mode>", "auto, fault, resume or disabled"],
      ["--retries <count>", "further attempts when workers fail"],
      ["--retry-delay <seconds>", "time between two attempts"],
    ],
    examples: [
      "assay run sft.one-node --rehearse",
      "assay run ppo-math --preset one-node --on cluster --trial t1 --dry-run",
      "assay run sft.one-node --recover auto --retries 3 model.optimizer.lr=1e-5",
    ],
    most: null,
    least: { count: 1, what: "the name of an experiment" },
    load: async () => (await import("./commands/run.ts")).run,
  },
  {
    name: "status",
    usage: "[run] [options]",
    summary: "tell how runs are",
    description:
      "Tells how runs of the project are: all of them in a table, or one in detail. A run is named experiment/trial; the name of an experiment stands for its latest run.",
    examples: ["assay status", "assay status sft/t1", "assay status sft --json"],
    most: 1,
    load: async () => (await import("./commands/status.ts")).status,
  },
  {
    name: "logs",
    usage: "[run] [options]",
    summary: "print what workers of a run printed",
    description:
      "Prints what workers of a run printed, each line behind the name of its worker: those of the last attempt of the latest run, unless told otherwise. With --json, a line is an object with group, index and line.",
    options: [
      ["-f, --follow", "go on until the run has ended"],
      ["--worker <name>", "of one group, such as modelWorker, or of one worker, such as modelWorker.3"],
      ["--attempt <number>", "of this attempt, from 0"],
    ],
    examples: ["assay logs -f", "assay logs sft/t1 --worker masterWorker.0"],
    most: 1,
    load: async () => (await import("./commands/logs.ts")).logs,
  },
  {
    name: "stop",
    usage: "[run] [options]",
    summary: "end a run, all of it",
    description:
      "Ends all workers of a run and all that they started, the latest run unless one is named, and returns when nothing of it runs any more. Whoever started it need not be there.",
    examples: ["assay stop", "assay stop sft/t1"],
    most: 1,
    load: async () => (await import("./commands/stop.ts")).stop,
  },
  {
    name: "export",
    usage: "[system] [experiment] [overrides...] [options]",
    summary: "write what another system needs of an experiment",
    description: `Proves an experiment as check does, and writes what another system needs to run it. Without a system it lists those that there are.

realhf: a Python module, and the data that it reads, which register the experiment in the reference system. Both lie in one folder; docs/export.md says how they are used.
${OVERRIDES}`,
    options: [
      ["--out <folder>", "folder to write to (default: export/<system> in the output folder)"],
      ["--dry-run", "print what would be written"],
    ],
    examples: [
      "assay export",
      "assay export realhf sft.one-node",
      "assay export realhf ppo-math.one-node --out launch ppo.klCtl=0",
    ],
    most: null,
    load: async () => (await import("./commands/export.ts")).exportCommand,
  },
  {
    name: "fix",
    usage: "[names...] [options]",
    summary: "mend what is certain to be meant otherwise",
    description: `Checks experiments, and applies every fix that is certain: a name that nothing has and that is near to exactly one, an import that has to be one of a value, an acknowledgement that nothing needs. What was changed is printed as a diff. Only sources of the project are edited: no package, no generated file.

Ends with 0 if no error is left.

${ONLY}`,
    options: [["--dry-run", "show the first round of fixes, write nothing, and exit with 1 if there is one"]],
    examples: ["assay fix --dry-run", "assay fix", "assay fix sft.one-node --json"],
    most: null,
    load: async () => (await import("./commands/fix.ts")).fix,
  },
  {
    name: "list",
    usage: "[regex] [options]",
    summary: "list experiments, without running them",
    description:
      "Lists experiments and presets whose names match, as the source shows them: nothing is run, so that it works when nothing else does.",
    examples: ["assay list", "assay list '^ppo' --json"],
    most: 1,
    load: async () => (await import("./commands/list.ts")).list,
  },
  {
    name: "show",
    usage: "[name] [options]",
    summary: "show what the last build wrote",
    description: "Shows a table of what the last build wrote or, with a name, one manifest in detail.",
    examples: ["assay show", "assay show sft.one-node", "assay show --json"],
    most: 1,
    load: async () => (await import("./commands/show.ts")).show,
  },
  {
    name: "why",
    usage: "<experiment[.preset]> [question...] [overrides...] [options]",
    summary: "say where a value or a resolved fact comes from",
    description: `Says where a value or a resolved fact comes from. A question is

  an option or a group    model.optimizer.lr, model.optimizer
  a call, or part of it   trainDefault, trainDefault.nSeqs, trainDefault.layout
  a model or a replica    replica actor@1
  a call's hooks          hook actor_gen
  a pair                  pair data actor@0 ref@0, pair sync actor@0 actor@1
  a topology              topology actor@0
  workers, or one         count modelWorker, modelWorker[3]
  what workers are given  scheduling.modelWorker, scheduling.modelWorker.memMiB
  all of one kind         hooks, replicas, topologies, pairs, edges, keys, counts
  a place in the manifest /setups/0/modelRpcs/0/nSeqs

All setups are asked, and each is told if they differ; setup 1 trainDefault asks one of them.

Without one, all that can be asked is listed. With overrides the experiment is built in memory, else the last outputs are read.
${OVERRIDES}`,
    examples: [
      "assay why sft.one-node",
      "assay why sft.one-node model.optimizer.lr",
      "assay why sft.one-node topology default@0 allocationMode=d2p2m2",
    ],
    most: null,
    least: { count: 1, what: "the name of an experiment" },
    load: async () => (await import("./commands/why.ts")).why,
  },
  {
    name: "resolve",
    usage: "<manifest.json> [options]",
    summary: "resolve a manifest, whoever wrote it",
    description:
      "Resolves a manifest that Assay or another tool wrote and prints what is found. It needs assayManifest, name and authored. With --json the whole manifest is printed, canonical and with its hashes.",
    examples: [
      "assay resolve .assay/sft.one-node.manifest.json",
      "assay resolve mine.json --json > mine.manifest.json",
    ],
    most: 1,
    least: { count: 1, what: "the path of a manifest" },
    load: async () => (await import("./commands/resolve.ts")).resolve,
  },
  {
    name: "explain",
    usage: "[code] [options]",
    summary: "explain a diagnostic's code",
    description:
      "Explains a diagnostic's code: what it means, an example, and the cure. Without a code, lists all of them; with an area, such as graph, those of it.",
    examples: ["assay explain graph/unproduced-key", "assay explain graph", "assay explain"],
    most: 1,
    load: async () => (await import("./commands/explain.ts")).explain,
  },
  {
    name: "doctor",
    usage: "[options]",
    summary: "say what is wrong with a setup, and how to mend it",
    description: `Looks at the machine, the installed packages, the project's config and its compiler settings, and says of each whether it is right, and how to mend it if not. Nothing is built, and nothing stays that was not there.

It looks whether the version of Node is admitted; ts-morph and oxc-transform work on this machine; the config loads; "assay/plugins" is found; there is one copy of assay, reflect-metadata and tsyringe; decorators and strictness are on; plugin packages fit this Assay; the output folder can be written to and switched; the generated file is fresh, and git treats it the same for everybody; enough files may be watched. With errors it exits with 1.`,
    examples: ["assay doctor", "assay doctor --quiet --deny-warnings"],
    most: 0,
    load: async () => (await import("./commands/doctor.ts")).doctor,
  },
  {
    name: "plugin",
    usage: "init <kind> <name> [folder] | build [folder] [options]",
    summary: "make a package of a plugin, and describe it",
    description: `init makes a package with one plugin, which builds, tests and packs at once: a small example of its kind with typed arguments, the contract suite of the kind as its test, and the descriptor. Kinds are ${PLUGIN_KINDS.join(", ")}. The name is that of the package, with or without a scope; the folder is the name without its scope unless it is given, and must not be there yet. If anything fails nothing is left behind.

build writes assay-plugin.json of a package from its sources: one entry for each dataset, interface, rule and so on that its modules export. Arguments that a TypeScript type says (args: typed<...>()) become a JSON Schema, with doc comments as descriptions and @range as bounds. docs/plugins.md goes from nothing to a published package, docs/plugin-descriptor.md has the details.

The modules are those of exports in package.json, as sources: where assay.sources of package.json names one, where exports has the condition assay-source, or where outDir and rootDir of tsconfig.json lead. They run as experiments do, isolated and with limits. The file has the same bytes on every machine, and an error writes nothing.`,
    options: [["--check", "build: write nothing, and exit with 1 if the file is not what the sources say"]],
    examples: [
      "assay plugin init dataset assay-dataset-chat",
      "assay plugin init rule @lab/site-rules packages/site-rules",
      "assay plugin build",
      "assay plugin build packages/chat",
      "assay plugin build --check",
    ],
    most: 4,
    least: { count: 1, what: "what to do: init or build" },
    load: async () => (await import("./commands/plugin.ts")).plugin,
  },
  {
    name: "lsp",
    usage: "[options]",
    summary: "serve editors: diagnostics, hovers and fixes while you write",
    description:
      "Serves editors over stdin and stdout by the language server protocol: diagnostics after each save, fixes, what an option, a call or an allocation means under the cursor, and a line above each preset. An editor starts it, and ends it; docs/editor.md says how to set one up.",
    options: [
      ["--stdio", "speak over stdin and stdout, as it does in any case"],
      ["--clientProcessId <id>", "end when the process with this id has ended"],
    ],
    examples: ["assay lsp --stdio"],
    most: 0,
    load: async () => (await import("./commands/lsp.ts")).lsp,
  },
];
