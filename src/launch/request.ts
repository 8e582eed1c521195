import type { Manifest } from "../manifest/format.ts";
import type { LaunchGroup, LaunchRequest, RunIdentity } from "../plugin/launcher.ts";
import { controllerScheduling, groupsOf, type Scheduling } from "../spec/scheduling.ts";
import type { WorkerKind } from "../spec/worker.ts";
import type { Runtime, RuntimeRun } from "./runtimes.ts";

/** Kinds of workers in the order in which they are started. */
const ORDER: readonly WorkerKind[] = [
  "generationServer",
  "gserverManager",
  "modelWorker",
  "masterWorker",
  "rolloutWorker",
];

/** Kind of the workers whose end is that of the experiment: when they are done, it is complete. */
const DECIDING: WorkerKind = "masterWorker";

/** What a request is made from. */
export interface RequestInput {
  readonly manifest: Manifest;
  readonly runtime: Runtime;
  readonly run: RuntimeRun;
  readonly identity: RunIdentity;
  readonly user: string;
  /** Absolute folder of the attempt. */
  readonly folder: string;
  /** Absolute folder that workers keep what they recover from in. */
  readonly recoverFolder: string;
}

/** What a launcher is asked for, and what of a run's end it decides. */
export interface RequestPlan {
  readonly request: LaunchRequest;
  /** Names of the groups whose completion is that of the experiment. */
  readonly deciding: readonly string[];
}

/** Makes the request for one attempt of a manifest. */
export function requestOf(input: RequestInput): RequestPlan {
  const { manifest, runtime, run, identity, folder } = input;
  const { scheduling, cluster } = manifest.authored;
  const shared = sharedVariables(input);
  const made = ORDER.flatMap((kind) => {
    const tasks = groupsOf(scheduling[kind]).filter(({ count }) => count > 0);
    const total = tasks.reduce((all, { count }) => all + count, 0);
    let offset = 0;
    return tasks.map(({ count, scheduling: each }, number) => {
      const { envVars, ...resources } = each;
      const group: LaunchGroup = {
        name: number === 0 ? kind : `${kind}-${number}`,
        count,
        resources: resourcesFor(runtime, run, resources),
        env: {
          ...runtime.env(run),
          ...envVars,
          ...shared,
          ASSAY_WORKER_TYPE: kind,
          ASSAY_WORKER_OFFSET: String(offset),
        },
        argv: runtime.argv({ kind, number, count, offset, total }, run),
      };
      offset += count;
      return { kind, group };
    });
  });
  const controller: readonly LaunchGroup[] =
    runtime.controller === null
      ? []
      : [
          {
            name: "controller",
            count: 1,
            resources: resourcesFor(runtime, run, withoutVariables(controllerScheduling(scheduling, cluster))),
            env: { ...runtime.env(run), ...shared },
            argv: runtime.controller(run),
          },
        ];
  return {
    request: { run: identity, groups: [...controller, ...made.map(({ group }) => group)], cluster, folder },
    deciding: made.flatMap(({ kind, group }) => (kind === DECIDING ? [group.name] : [])),
  };
}

function withoutVariables({ envVars: _envVars, ...resources }: Scheduling): Omit<Scheduling, "envVars"> {
  return resources;
}

const REHEARSAL_MIB = 256;

/** What workers get. This machine runs them as it is: it has no images. */
function resourcesFor(
  { resources: needs }: Runtime,
  { launcher }: RuntimeRun,
  asked: Omit<Scheduling, "envVars">,
): LaunchGroup["resources"] {
  const containerImage = asked.containerImage === "" || launcher === "local" ? null : asked.containerImage;
  if (needs === "manifest") return { ...asked, containerImage };
  const { timeLimit, begin, deadline, partition } = asked;
  return {
    cpu: 1,
    gpu: 0,
    memMiB: Math.min(asked.memMiB, REHEARSAL_MIB),
    containerImage: null,
    nodelist: null,
    exclude: null,
    timeLimit,
    begin,
    deadline,
    partition,
  };
}

/** What every worker finds in its environment: texts with references. */
function sharedVariables({ manifest, run, user, recoverFolder }: RequestInput): Readonly<Record<string, string>> {
  const plain = {
    ASSAY_MANIFEST: run.manifest.file,
    ASSAY_MANIFEST_SHA256: run.manifest.sha256,
    ASSAY_RUN_FOLDER: run.runFolder,
    ASSAY_USER: user,
    ASSAY_RECOVER: run.isRecovery ? "1" : "0",
    ASSAY_SAVE_RECOVER: run.savesCheckpoints ? "1" : "0",
    ASSAY_RECOVER_FOLDER: recoverFolder,
  };
  const references = referencesIn(manifest.authored).map(({ kind, name }) => [
    `ASSAY_${kind === "env" ? "ENV" : "SECRET"}_${name}`,
    `\${${kind}:${name}}`,
  ]);
  return {
    ...Object.fromEntries(Object.entries(plain).map(([name, text]) => [name, text.replaceAll("${", () => "$${")])),
    ...(Object.fromEntries(references) as Readonly<Record<string, string>>),
  };
}

/** A reference to what is known late. */
export interface LateReference {
  readonly kind: "env" | "secret";
  readonly name: string;
}

/** References of a manifest's texts to variables and secrets, each once. */
export function referencesIn(value: unknown): readonly LateReference[] {
  const found = new Map<string, LateReference>();
  for (const [, kind, name] of JSON.stringify(value).matchAll(/\$\$\{|\$\{(env|secret):([A-Za-z0-9_]+)\}/g)) {
    if (name !== undefined) found.set(`${kind}:${name}`, { kind: kind as LateReference["kind"], name });
  }
  return [...found.values()];
}
