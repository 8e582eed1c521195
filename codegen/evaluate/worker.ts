// The thread in which author code runs. It does one thing after another, and tells each result.
import "reflect-metadata";
import { join } from "node:path";
import { parentPort, workerData } from "node:worker_threads";
import { AssayError } from "../../src/diagnostics/assay-error.ts";
import { originOf } from "../../src/origin/call-site.ts";
import { withoutSecrets } from "../../src/spec/secrets.ts";
import { readConfigFile } from "../config.ts";
import { type JobHost, openContext, runModule } from "./context.ts";
import { runJob } from "./job.ts";
import { inputReader, type InputUse, undeclared } from "./inputs.ts";
import { Files } from "./load-files.ts";
import type { Answer, Request, WorkerSettings } from "./messages.ts";
import { openLibrary } from "./library-modules.ts";
import { runPlugins } from "./plugin-modules.ts";
import { Positions } from "./positions.ts";
import { usedDefinitions } from "./used-definitions.ts";
import type { ConfigOutcome, EvaluateContext } from "./protocol.ts";
import { protectIntrinsics } from "./thread-intrinsics.ts";

const { root, transpile, limits, running } = workerData as WorkerSettings;
const positions = new Positions();
const rejections: unknown[] = [];
process.on("unhandledRejection", (reason) => rejections.push(reason));

// Plugins are loaded before any job: what is loaded decides what `model("...")` carries.
const library = await openLibrary();
const host: JobHost = {
  root,
  positions,
  files: new Files(root, transpile, positions),
  library,
  rejections: () => rejections.splice(0),
  changedIntrinsics: protectIntrinsics(),
  running: new Int32Array(running),
};
let context: EvaluateContext = {
  clusters: [],
  defaultCluster: null,
  models: {},
  cards: {},
  samples: {},
  facts: { types: {}, cards: {} },
  inputs: [],
  limits,
  hooks: [],
  raised: [],
};

let last: Promise<void> = Promise.resolve();
parentPort?.on("message", (request: Request) => {
  last = last.then(() => handle(request));
});

async function handle(request: Request): Promise<void> {
  if (request.kind === "use") {
    ({ context } = request);
    return;
  }
  if (request.kind === "renew") {
    host.files.renew();
    return;
  }
  const { id } = request;
  tell({ kind: "started", id, atMs: Date.now() });
  try {
    if (request.kind === "config")
      tell({ kind: "config", id, outcome: await runConfig(request.file, request.namedBy) });
    else if (request.kind === "plugins")
      tell({ kind: "plugins", id, outcome: await runPlugins(request.modules, limits, host) });
    else tell({ kind: "job", id, outcome: await runJob(request.job, context, host) });
  } catch (error) {
    tell({ kind: "bug", id, error: error instanceof Error ? error : new Error(String(error)) });
  }
}

const NO_FILES = { projectFiles: (): readonly string[] => [] };

function tell(answer: Answer): void {
  parentPort?.postMessage(answer);
}

/** Runs a config as author code is run, and checks what it exports. */
async function runConfig(file: string, namedBy: string | null): Promise<ConfigOutcome> {
  const scope = library.enter();
  const opened = openContext(host, limits, scope);
  // What the config reads is checked against what it declares.
  const inputs: InputUse[] = [];
  scope.realm.inputs = inputReader(root, null, inputs);
  try {
    let exported: unknown;
    const { config, uses, findings } = await readConfigFile({ root, configFile: file, namedBy }, async (name) => {
      const path = join(root, name);
      const failed = await runModule(opened, path, name);
      if (failed.length > 0) throw new AssayError(failed);
      const module = await opened.modules.import(path);
      exported = (module.namespace as { readonly default?: unknown }).default;
      return exported;
    });
    const { inputs: patterns, out } = config;
    const { projectFiles } = inputs.length === 0 ? NO_FILES : await import("../project-files.ts");
    const declared = projectFiles(root, { patterns, out, kind: "data" });
    const others = inputs.filter(({ file }) => !declared.includes(file));
    return {
      config,
      modules: [...opened.modules.uses, ...inputs.map(({ file, sha256 }) => ({ file, sha256 }))],
      used: usedDefinitions(scope.realm, opened.modules).map((used) => ({
        ...used,
        frames: positions.sites(used.frames),
      })),
      frames: positions.sites(originOf(exported)?.frames ?? []),
      uses: Object.fromEntries(Object.entries(uses).map(([path, frames]) => [path, positions.sites(frames)])),
      findings: withoutSecrets(
        [...findings, ...others.map(({ file, frames }) => undeclared(file, frames)), ...opened.after()].map((finding) =>
          positions.finding(finding),
        ),
        [],
      ),
    };
  } finally {
    scope.leave();
  }
}
