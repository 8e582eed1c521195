import vm from "node:vm";
import type { Finding, Place } from "../../src/diagnostics/finding.ts";
import { evaluateDiagnostics } from "./diagnostics.ts";
import { ABSENT, type ContextHooks, type ContextTools, installHermetic, TOO_LARGE } from "./hermetic.ts";
import type { Files } from "./load-files.ts";
import type { JobScope, Library } from "./library-modules.ts";
import { framesOf, JobModules } from "./modules.ts";
import type { Positions } from "./positions.ts";
import type { EvaluateLimits } from "./protocol.ts";
import { type MissedName, MOST_MISSED, thrownFindings } from "./thrown.ts";

/** What all jobs of a worker share. */
export interface JobHost {
  readonly root: string;
  readonly files: Files;
  readonly positions: Positions;
  readonly library: Library;
  /** Rejections that nothing handled, since the last call. */
  readonly rejections: () => readonly unknown[];
  /** Built-in members of the thread that were changed since the last call, and are as before now. */
  readonly changedIntrinsics: () => readonly string[];
  /** Which hook runs, for whoever ends the worker: see `WorkerSettings`. */
  readonly running: Int32Array;
}

/** A fresh context with its modules, and what happened in it. */
export interface JobContext {
  readonly modules: JobModules;
  readonly tools: ContextTools;
  readonly output: () => string;
  /** Findings about what has gone on in the thread since the last call; it is told once. */
  readonly since: () => readonly Finding[];
  /** Findings about the run as a whole, once it is over. */
  readonly after: () => readonly Finding[];
  /** Makes JSON a value of the context that nobody can change. */
  readonly frozenCopy: (json: string) => unknown;
  /** What a thrown value means. */
  readonly thrown: (error: unknown, during: string) => readonly Finding[];
}

const install = new vm.Script(`(${installHermetic.toString()})`, { filename: "node:assay-hermetic" });

/** Compiled inside of the context, before any other code of it runs. */
const freezing = new vm.Script(
  `(({ parse }, { freeze, values }) => {
    const frozen = (value) => {
      if (typeof value !== "object" || value === null) return value;
      const inner = values(value);
      for (let index = 0; index < inner.length; index += 1) frozen(inner[index]);
      return freeze(value);
    };
    return (json) => frozen(parse(json));
  })(JSON, Object)`,
  { filename: "node:assay-freezing" },
);

/** Opens a context for one job. */
export function openContext(host: JobHost, limits: EvaluateLimits, scope: JobScope): JobContext {
  const printed = { text: "", bytes: 0 };
  const buffers = { left: limits.buffersMiB * 1024 * 1024 };
  const most = limits.outputKiB * 1024;
  const missed: MissedName[] = [];
  const hooks: ContextHooks = {
    buffers,
    absent: ABSENT,
    missed: (name, stack) => {
      if (missed.length < MOST_MISSED) missed.push({ name, file: framesOf(stack)[0]?.file ?? "" });
    },
    print: (text) => {
      printed.bytes += text.length;
      if (printed.text.length < most) printed.text += text.slice(0, most - printed.text.length);
    },
    now: (stack) => (FIXED_CLOCK.test(framesOf(stack)[0]?.file ?? "") ? 0 : null),
    reflect: REFLECT,
  };
  const context = vm.createContext(vm.constants.DONT_CONTEXTIFY as never);
  const tools = (install.runInContext(context) as typeof installHermetic)(hooks);
  const take = (bytes: number): void => {
    buffers.left -= Math.max(0, bytes);
    if (buffers.left < 0) throw Object.assign(new RangeError("too many array buffers"), { [TOO_LARGE]: true });
  };
  const modules = new JobModules({ context, tools, files: host.files, library: scope, take });
  const thrown = (error: unknown, during: string) =>
    thrownFindings(error, during, { modules, missed, limits, library: scope });
  const since = () => [
    ...host.rejections().flatMap((reason) => rejected(reason, thrown)),
    ...host.changedIntrinsics().map(changed),
  ];
  return {
    modules,
    tools,
    // Where it is cut, what is left of the last word may be that of a secret.
    output: () => (printed.bytes > most ? printed.text.replace(/\S+$/, "") : printed.text),
    frozenCopy: freezing.runInContext(context) as JobContext["frozenCopy"],
    thrown,
    since,
    after: () => [
      ...since(),
      ...ownList(tools.changed()).map(changed),
      ...(printed.bytes > most
        ? [
            evaluateDiagnostics["output-limit"](
              { outputKiB: limits.outputKiB, printedKiB: Math.ceil(printed.bytes / 1024) },
              { at: { kind: "class" } },
            ),
          ]
        : []),
    ],
  };
}

/**
 * Packages that look at the clock while they are loaded, to see how often a function is called, and tell nobody. For them no
 * time passes.
 */
const FIXED_CLOCK = /^node_modules\/lodash(?:-es)?\//;

function changed(what: string): Finding {
  return evaluateDiagnostics["intrinsic-changed"]({ what }, { at: { kind: "class" } });
}

/** A list of the context as one of the host: methods of the former may be the author's. */
function ownList<T>(list: readonly T[]): readonly T[] {
  return Array.from({ length: list.length }, (_, index) => list[index] as T);
}

const REFLECT: Readonly<Record<string, unknown>> = Object.fromEntries(
  Object.getOwnPropertyNames(Reflect)
    .filter((name) => /metadata/i.test(name))
    .map((name) => [name, (Reflect as unknown as Record<string, unknown>)[name]]),
);

/** Imports a module and runs it. Nothing that it waits for can come from outside. */
export async function runModule(opened: JobContext, path: string, name: string): Promise<readonly Finding[]> {
  try {
    const module = await opened.modules.import(path);
    let isOver = false;
    const evaluated = module.evaluate().finally(() => {
      isOver = true;
    });
    const idle = (async () => {
      for (let turns = 0; !isOver && turns < IDLE_TURNS; turns += opened.modules.pending > 0 ? 0 : 1) await turn();
    })();
    await Promise.race([evaluated, idle]);
    // A microtask later it may be over: the race tells only who was first.
    await turn();
    if (isOver) {
      await evaluated;
      return [];
    }
    evaluated.catch(() => undefined);
    return [evaluateDiagnostics["never-settles"]({ module: name }, { at: awaitPlace(opened, name) })];
  } catch (error) {
    return opened.thrown(error, "loading");
  }
}

/** Turns of the event loop without anything under way. */
const IDLE_TURNS = 5;

/** Lets what is under way go on. */
export function turn(): Promise<void> {
  return new Promise((done) => setImmediate(done));
}

/** The first `await` that seems to stand at the top level. */
function awaitPlace({ modules }: JobContext, name: string): Place {
  const source = modules.source(name) ?? "";
  const match = /^(?:[^\n]*[^\w$.\n])?await\b/m.exec(source);
  if (match === null) return { kind: "class" };
  const offset = match.index + match[0].length - "await".length;
  const before = source.slice(0, offset).split("\n");
  const column = (before.at(-1)?.length ?? 0) + 1;
  return { kind: "span", span: { file: name, line: before.length, column, length: "await".length } };
}

function rejected(reason: unknown, thrown: JobContext["thrown"]): readonly Finding[] {
  return thrown(reason, "rejected").map((finding) =>
    finding.code === "evaluate/threw"
      ? evaluateDiagnostics["unhandled-rejection"]({ error: String(finding.data["error"]) }, { at: finding.at })
      : finding,
  );
}
