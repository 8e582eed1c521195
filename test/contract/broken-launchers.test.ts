import { existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import {
  defineLauncher,
  LaunchError,
  type Launcher,
  type LaunchGroup,
  type LaunchHandle,
  type LaunchRequest,
} from "../../src/plugin/index.ts";
import { clusterSpec } from "../../src/spec/cluster.ts";
import { type ContractCase, contractOf, loadLauncher } from "../../src/testing/index.ts";
import { CHECKOUT } from "../compiled-build.ts";
import { nohup, performedSteps } from "../fixtures/launchers/nohup/plugin.ts";
import { processesOf } from "../fixtures/launchers/nohup/processes.ts";
import { apart, descriptorOf } from "./broken.ts";

type Change = (sound: Launcher) => Partial<Launcher>;
const cluster = clusterSpec({ name: "contract", type: "local", nodes: 1 });

/** The suite of a launcher that is sound but for some methods. Cases of other processes load the sound one, and are left out. */
function suite(change: Change): readonly ContractCase[] {
  class Broken implements Launcher {
    readonly #all: Launcher;
    constructor(args: { readonly graceSeconds?: number }) {
      const sound = loadLauncher(nohup(args), cluster);
      const own: Launcher = {
        preview: (request) => sound.preview(request),
        submit: (request, bind) => sound.submit(request, bind),
        status: (handle) => sound.status(handle),
        logs: (handle, options) => sound.logs(handle, options),
        cancel: (handle) => sound.cancel(handle),
      };
      this.#all = { ...own, ...change(sound) };
    }
    preview: Launcher["preview"] = (request) => this.#all.preview(request);
    submit: Launcher["submit"] = (request, bind) => this.#all.submit(request, bind);
    status: Launcher["status"] = (handle) => this.#all.status(handle);
    logs: Launcher["logs"] = (handle, options) => this.#all.logs(handle, options);
    cancel: Launcher["cancel"] = (handle) => this.#all.cancel(handle);
  }
  const args = nohup.definition.args as { readonly type: "object" };
  const made = apart(() => defineLauncher({ type: "nohup", args, launcher: Broken }));
  const all = contractOf(made as typeof nohup, {
    descriptor: descriptorOf(made.definition),
    args: [{ graceSeconds: 1 }],
    cluster,
    module: "no module",
    exported: "nohup",
    performed: performedSteps,
    patienceSeconds: 60,
  });
  return all.filter(
    ({ name }) =>
      /^(?:preview|submit|status|logs|cancel|attempts|handles)/.test(name) && !name.includes("another process"),
  );
}

const LANES = 6;

/** Names of the cases that fail; some run side by side, as attempts don't mix. */
async function failing(cases: readonly ContractCase[]): Promise<readonly string[]> {
  const failed = new Set<string>();
  const waiting = [...cases];
  const lane = async (): Promise<void> => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      const { name, run } = next;
      await Promise.resolve()
        .then(run)
        .catch(() => failed.add(name));
    }
  };
  await Promise.all(Array.from({ length: LANES }, lane));
  return cases.flatMap(({ name }) => (failed.has(name) ? [name] : []));
}

/** A request with every group changed. */
const groupsOf = (request: LaunchRequest, change: (group: LaunchGroup) => LaunchGroup): LaunchRequest => ({
  ...request,
  groups: request.groups.map(change),
});
/** A launcher that changes what it is asked for. */
const asking =
  (change: (group: LaunchGroup) => LaunchGroup): Change =>
  (sound) => ({
    preview: (request) => sound.preview(groupsOf(request, change)),
    submit: (request, bind) => sound.submit(groupsOf(request, change), bind),
  });

const ROWS: readonly (readonly [broken: string, found: readonly string[], change: Change])[] = [
  ["nothing", [], () => ({})],
  [
    "a preview that writes",
    ["preview: does nothing, and says the same each time"],
    (sound) => ({
      preview(request) {
        if (existsSync(request.folder)) writeFileSync(join(request.folder, "previewed"), "");
        return sound.preview(request);
      },
    }),
  ],
  [
    "a preview of less than is done",
    ["preview: is what is submitted"],
    (sound) => ({ preview: async (request) => ({ steps: (await sound.preview(request)).steps.slice(0, -1) }) }),
  ],
  [
    "arguments that are trimmed",
    ["submit: arguments reach the worker byte for byte"],
    asking((group) => ({ ...group, argv: group.argv.map((part) => (typeof part === "string" ? part.trim() : part)) })),
  ],
  [
    "an environment without empty values",
    ["submit: the environment reaches the worker byte for byte"],
    asking((group) => ({
      ...group,
      env: Object.fromEntries(Object.entries(group.env).filter(([, value]) => value !== "")),
    })),
  ],
  [
    "a secret in a file",
    ["submit: secrets reach the worker and nothing else"],
    (sound) => ({
      submit(request, bind) {
        const token = request.groups[0]?.env["TOKEN"];
        if (token === "${secret:CONTRACT}") writeFileSync(join(request.folder, "environment"), bind(token));
        return sound.submit(request, bind);
      },
    }),
  ],
  [
    "a reference without a value that is nothing",
    ["submit: a reference without a value starts nothing"],
    (sound) => ({
      submit: (request, bind) =>
        sound.submit(request, (text) => {
          try {
            return bind(text);
          } catch {
            return "";
          }
        }),
    }),
  ],
  [
    "a group that is left when another can't start",
    ["submit: starts all groups or none"],
    (sound) => ({
      submit: (request, bind) =>
        sound.submit(request, bind).catch(async (error: unknown) => {
          if (!String(error).includes("can't be started")) throw error;
          const folder = `${request.folder} left`;
          mkdirSync(folder);
          await sound.submit({ ...request, folder, groups: request.groups.slice(0, 1) }, bind);
          throw error;
        }),
    }),
  ],
  [
    "half workers that are rounded",
    ["submit: refuses what can't be meant"],
    asking((group) => ({ ...group, count: Math.floor(group.count) })),
  ],
  [
    "an attempt that is taken for submitted",
    ["submit: refuses an attempt that runs already"],
    (sound) => {
      const handles = new Map<string, LaunchHandle>();
      return {
        async submit(request, bind) {
          const known = handles.get(request.folder);
          if (known !== undefined) return known;
          const handle = await sound.submit(request, bind);
          handles.set(request.folder, handle);
          return handle;
        },
      };
    },
  ],
  [
    "a begin that is left out",
    ["submit: what it waits for is pending, or refused"],
    asking((group) => ({ ...group, resources: { ...group.resources, begin: null } })),
  ],
  [
    "one exit code for all",
    ["status: tells groups in order, and how workers ended"],
    (sound) => ({
      status: async (handle) =>
        (await sound.status(handle)).map((one) =>
          one.exits === undefined ? one : { ...one, exits: one.exits.map(({ index }) => ({ index, exitCode: 1 })) },
        ),
    }),
  ],
  [
    "long lines in pieces",
    ["logs: lines come whole, in order, and as they were written"],
    (sound) => ({
      async *logs(handle, options) {
        for await (const one of sound.logs(handle, options)) {
          for (let at = 0; at === 0 || at < one.line.length; at += 60_000)
            yield { ...one, line: one.line.slice(at, at + 60_000) };
        }
      },
    }),
  ],
  [
    "logs of all groups",
    ["logs: of one group and of one worker"],
    (sound) => ({
      logs(handle, options = {}) {
        const { group: _group, ...rest } = options;
        return sound.logs(handle, rest);
      },
    }),
  ],
  [
    "logs that are not followed",
    ["logs: are followed to the end of the run"],
    (sound) => ({
      logs(handle, options = {}) {
        return sound.logs(handle, options.signal === undefined ? { ...options, follow: false } : options);
      },
    }),
  ],
  [
    "an error for lines that nobody wants",
    ["logs: end when nobody wants them any more"],
    (sound) => ({
      async *logs(handle, options) {
        yield* sound.logs(handle, options);
        if (options?.signal?.aborted === true) throw new Error("aborted");
      },
    }),
  ],
  [
    "processes of processes that are left",
    ["cancel: ends all that workers started", "cancel: right after the submission"],
    (sound) => ({
      async cancel(handle) {
        await sound.status(handle);
        const id = handle.jobs["id"];
        // Ends what it started itself, as if it knew no other.
        const isOwn = (argv: readonly string[]) => argv[1]?.endsWith("supervisor.mjs") === true || argv.includes("--");
        const own = processesOf(String(id)).filter(({ argv }) => isOwn(argv));
        const isTree = processesOf(String(id)).some(({ argv }) => argv.includes("sleep"));
        if (!isTree) return sound.cancel(handle);
        writeFileSync(join(handle.folder, "cancelled.json"), JSON.stringify(handle.groups.map(({ name }) => name)));
        for (const { pid } of own) process.kill(pid, "SIGKILL");
      },
    }),
  ],
  [
    "an end that is told as cancelled",
    ["cancel: twice, and after the end, changes nothing"],
    (sound) => ({
      async cancel(handle) {
        await sound.cancel(handle);
        const file = join(handle.folder, "cancelled.json");
        if (existsSync(handle.folder)) writeFileSync(file, JSON.stringify(handle.groups.map(({ name }) => name)));
      },
    }),
  ],
  [
    "attempts that end together",
    ["attempts: don't mix"],
    (sound) => {
      const handles: LaunchHandle[] = [];
      return {
        async submit(request, bind) {
          const handle = await sound.submit(request, bind);
          handles.push(handle);
          return handle;
        },
        async cancel(handle) {
          await sound.cancel(handle);
          for (const other of handles) if (other.run.trial === handle.run.trial) await sound.cancel(other);
        },
      };
    },
  ],
  [
    "a handle with a date",
    ["handles: are plain data, and name the launcher and the run"],
    (sound) => ({
      submit: async (request, bind) => ({ ...(await sound.submit(request, bind)), submitted: new Date() }),
    }),
  ],
  [
    "a run that is gone as an error",
    ["handles: of a run that is gone are borne"],
    (sound) => ({
      status(handle) {
        const isDamaged = typeof handle.folder !== "string" || !handle.folder.startsWith("/");
        if (!isDamaged && !existsSync(handle.folder)) throw new LaunchError("engine", "there is no such folder");
        return sound.status(handle);
      },
    }),
  ],
  [
    "handles of another launcher",
    ["handles: of others, and damaged ones, are refused without harm"],
    (sound) => ({ cancel: (handle) => sound.cancel({ ...handle, launcher: "nohup" }) }),
  ],
];

/** A module of JavaScript whose launcher knows only what it submitted itself. */
const FORGETFUL = `import { defineLauncher } from "assay/plugin";
import { clusterSpec } from "assay";
import { nohup as sound } from ${JSON.stringify(new URL("../../dist/test/fixtures/launchers/nohup/plugin.js", import.meta.url).href)};

const Sound = sound.definition.launcher;
class Forgetful extends Sound {
  #own = new Set();
  constructor(args) {
    super(args, clusterSpec());
  }
  async submit(request, bind) {
    const handle = await super.submit(request, bind);
    this.#own.add(handle.folder);
    return handle;
  }
  async status(handle) {
    const all = await super.status(handle);
    return this.#own.has(handle.folder) ? all : all.map(({ group }) => ({ group, state: "gone", raw: "" }));
  }
}
export const nohup = defineLauncher({ type: "nohup", args: { type: "object" }, launcher: Forgetful });
`;

describe("the suite of a launcher", () => {
  test("finds a run that only the submitting process knows", { timeout: 600_000 }, async () => {
    const folder = mkdtempSync(join(tmpdir(), "assay-forgetful-"));
    try {
      mkdirSync(join(folder, "node_modules"));
      symlinkSync(CHECKOUT, join(folder, "node_modules/assay"), "dir");
      writeFileSync(join(folder, "broken.mjs"), FORGETFUL);
      const cases = contractOf(nohup, {
        descriptor: descriptorOf(nohup.definition),
        args: [{ graceSeconds: 1 }],
        module: join(folder, "broken.mjs"),
        exported: "nohup",
      });
      const found = ["handles: another process goes on after the submitting one was killed"];
      expect(await failing(cases.filter(({ name }) => name.startsWith("handles")))).toEqual(found);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });

  test.each(ROWS)("finds %s", { timeout: 600_000 }, async (_broken, found, change) => {
    expect(await failing(suite(change))).toEqual(found);
  });
});
