import { execFile, execFileSync } from "node:child_process";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { ExitCode } from "../../../src/cli/exit-code.ts";
import type { Diagnostic } from "../../../src/diagnostics/finding.ts";
import type { Host } from "../../../src/cli/host.ts";
import { compiledBuild, temporaryProject, type TemporaryProject } from "../../compiled-build.ts";
import { compiledFolder } from "../../crash/compiled.ts";
import type { Example } from "./pages.ts";
import { complete, EXPERIMENT, MARK, type Scaffold, scaffoldOf, sharedFiles } from "./scaffolds.ts";

/** An example with the codes that it gave, sorted, each once. */
export interface Outcome {
  readonly example: Example;
  readonly codes: readonly string[];
  /** True if something was proved and nothing failed, or every command ended well. */
  readonly isSound: boolean;
  /** What was said, for whoever reads a failure. */
  readonly said: string;
  /** Each message that was told, as far as the run shows it. */
  readonly messages: readonly ToldMessage[];
}

/** A message with the places that help to understand it. */
export interface ToldMessage {
  readonly code: string;
  readonly message: string;
  /** Factors that have an origin. */
  readonly origins: number;
  readonly help: boolean;
}

/** Projects that run at the same time: as many as small machines have cores. */
const AT_A_TIME = 2;

/** Runs all examples that name a scaffold: modules in one project, the others each in its own. */
export async function runExamples(examples: readonly Example[]): Promise<readonly Outcome[]> {
  const completed = await withScaffolds(examples);
  const modules = modulesOf(completed);
  const projects = completed.flatMap(({ example, scaffold }) =>
    scaffold.kind === "project" ? [{ example, scaffold }] : [],
  );
  const [together, apart] = await Promise.all([
    runModules(modules),
    inTurns(projects, ({ example, scaffold }) => runProject(example, scaffold)),
  ]);
  return [...together, ...apart];
}

/** A project of all examples that are modules. */
export async function moduleProject(examples: readonly Example[]): Promise<TemporaryProject> {
  return projectOf(modulesOf(await withScaffolds(examples)));
}

interface WithScaffold {
  readonly example: Example;
  readonly scaffold: Scaffold;
}

function withScaffolds(examples: readonly Example[]): Promise<readonly WithScaffold[]> {
  const named = examples.filter(({ scaffold }) => scaffold !== null);
  return Promise.all(named.map(async (example) => ({ example, scaffold: await scaffoldOf(example.scaffold ?? "") })));
}

/** An example as a whole module. */
interface Module {
  readonly example: Example;
  readonly text: string;
}

function modulesOf(completed: readonly WithScaffold[]): readonly Module[] {
  return completed.flatMap(({ example, scaffold }) =>
    scaffold.kind === "module" ? [{ example, text: complete(scaffold.text, example.text) }] : [],
  );
}

const nameOf = ({ code, side }: Example): string => `${code.replace("/", "-")}-${side}`;

/** The project of modules: each experiment gets a name of its own. */
function projectOf(modules: readonly Module[]): TemporaryProject {
  const files = modules.map(
    ({ example, text }) => [`experiments/${nameOf(example)}.ts`, text.replaceAll(EXPERIMENT, nameOf(example))] as const,
  );
  return temporaryProject({ ...sharedFiles(), ...Object.fromEntries(files) });
}

/** Runs modules together; what was found is told apart by their names. */
async function runModules(modules: readonly Module[]): Promise<readonly Outcome[]> {
  if (modules.length === 0) return [];
  const project = projectOf(modules);
  try {
    const { diagnostics, experiments } = await compiledBuild(project.root);
    const outcomes = modules.map(({ example }) => {
      const name = nameOf(example);
      const own = diagnostics.filter(
        ({ experiment, primary }) =>
          primary?.file === `experiments/${name}.ts` || experiment === name || experiment?.startsWith(`${name}.`),
      );
      const statuses = experiments
        .filter((experiment) => experiment.file === `experiments/${name}.ts`)
        .flatMap(({ builds }) => builds.map(({ status }) => status));
      const isSound = statuses.includes("proved") && !statuses.includes("failed");
      return { own, outcome: outcomeOf(example, own, isSound) };
    });
    const told = new Set(outcomes.flatMap(({ own }) => own));
    const others = diagnostics.filter((diagnostic) => !told.has(diagnostic));
    if (others.length > 0) throw new Error(`these are of no example: ${JSON.stringify(others, null, 2)}`);
    return outcomes.map(({ outcome }) => outcome);
  } finally {
    project.remove();
  }
}

function outcomeOf(example: Example, diagnostics: readonly Diagnostic[], isSound: boolean): Outcome {
  const codes = [...new Set(diagnostics.map(({ code }) => code))].sort();
  const said = diagnostics.map(({ code, message }) => `${code}: ${message}`).join("\n");
  return { example, codes, isSound, said, messages: diagnostics.map(toldMessage) };
}

type ToldDiagnostic = Pick<Diagnostic, "code" | "message" | "help"> & { readonly factors?: readonly unknown[] };

function toldMessage({ code, message, factors = [], help }: ToldDiagnostic): ToldMessage {
  return { code, message, origins: factors.length, help: help !== null };
}

/** Messages of a document in JSON, or of a text for people, where marks with labels are places. */
function messagesIn(said: string): readonly ToldMessage[] {
  if (said.startsWith("{\n")) {
    const { diagnostics = [] } = JSON.parse(said) as { readonly diagnostics?: readonly ToldDiagnostic[] };
    return diagnostics.map(toldMessage);
  }
  return [...said.matchAll(/^(?:error|warning)\[([^\]]+)\]: (.*)\n((?:.+\n)*)/gm)].map(
    ([, code = "", message = "", below = ""]) => ({
      code,
      message,
      origins: below.match(/^ +\| +(?:\^+|-+) \S/gm)?.length ?? 0,
      help: /^ +help: /m.test(below),
    }),
  );
}

/** A code as it is told for people, or as one of the diagnostics in JSON. */
const TOLD = /^(?:error|warning)\[([^\]]+)\]:|^ {6}"code": "([^"]+)",$/gm;

async function runProject(example: Example, scaffold: Scaffold & { kind: "project" }): Promise<Outcome> {
  const isCommand = example.language === "console";
  const files = Object.entries(scaffold.files).map(
    ([file, text]) => [file, !isCommand && text.includes(MARK) ? complete(text, example.text) : text] as const,
  );
  const project = temporaryProject(Object.fromEntries(files));
  try {
    const { before, codes, meanwhile, command = ["check"] } = scaffold.settings;
    await before?.(project, example);
    if (codes !== undefined) {
      return { example, codes: await codes(project, example), isSound: true, said: "", messages: [] };
    }
    const { said, statuses } = await run(
      project.root,
      isCommand ? linesOf(example.text) : [{ assay: command.includes("--json") ? command : [...command, "--json"] }],
      meanwhile === undefined ? null : () => meanwhile(project, example),
    );
    const found = [...said.matchAll(TOLD)].map(([, pretty, json]) => pretty ?? json ?? "");
    const isSound = statuses.every((status) => status === 0);
    return { example, codes: [...new Set(found)].sort(), isSound, said, messages: messagesIn(said) };
  } finally {
    project.remove();
  }
}

/** A line of a `console` block: arguments of the command line, a folder to go to, or a line for a shell. */
type Line = { readonly assay: readonly string[] } | { readonly folder: string } | { readonly shell: string };

/** Runs lines one after another, as a shell in the project's folder does. */
async function run(
  root: string,
  lines: readonly Line[],
  meanwhile: (() => void) | null = null,
): Promise<{ readonly said: string; readonly statuses: readonly ExitCode[] }> {
  let cwd = root;
  let said = "";
  const statuses: ExitCode[] = [];
  for (const line of lines) {
    if ("folder" in line) cwd = join(cwd, line.folder);
    else if ("shell" in line) execFileSync("sh", ["-c", line.shell], { cwd });
    else {
      const { status, output } = await assay(cwd, line.assay, meanwhile);
      said += output;
      statuses.push(status);
    }
  }
  return { said, statuses };
}

/** Lines of a `console` block. Quotes are those of a shell. */
function linesOf(text: string): readonly Line[] {
  return text
    .trim()
    .split("\n")
    .map((line): Line => {
      const shell = line.replace(/^\$ /, "");
      if (shell.startsWith("cd ")) return { folder: shell.slice("cd ".length) };
      if (!/^(npx )?assay\b/.test(shell)) return { shell };
      const words = [...shell.replace(/^(npx )?assay\s*/, "").matchAll(/(?:[^\s'"]|'[^']*'|"[^"]*")+/g)];
      return {
        assay: words.map(([word]) =>
          word.replaceAll(/'([^']*)'|"([^"]*)"/g, (_, single?: string, double?: string) => single ?? double ?? ""),
        ),
      };
    });
}

/** Commands that load launchers, which a test's process would load from sources. */
const LAUNCHING: ReadonlySet<string> = new Set(["run", "status", "logs", "stop"]);

/** Runs a command line of the compiled library in a process of its own. */
function assayApart(
  cwd: string,
  line: readonly string[],
): Promise<{ readonly status: ExitCode; readonly output: string }> {
  const bin = join(compiledFolder(), "src/cli/bin.js");
  const env = { PATH: process.env["PATH"], HOME: process.env["HOME"], NO_COLOR: "1" };
  return new Promise((settle) => {
    execFile(process.execPath, [bin, ...line], { cwd, env }, (error, stdout, stderr) => {
      settle({ status: (error === null ? 0 : error.code) as ExitCode, output: stdout + stderr });
    });
  });
}

/** Runs a command line of the compiled library, in this process if it may be. */
export async function assay(
  cwd: string,
  line: readonly string[],
  meanwhile: (() => void) | null = null,
): Promise<{ readonly status: ExitCode; readonly output: string }> {
  if (LAUNCHING.has(line[0] ?? "")) return assayApart(cwd, line);
  const { main } = (await import(pathToFileURL(join(compiledFolder(), "src/cli/main.js")).href)) as {
    readonly main: (host: Host) => Promise<ExitCode>;
  };
  let output = "";
  const sink = { write: (text: string) => void (output += text), isTerminal: false, columns: null };
  let isOver = meanwhile === null;
  // A terminal is told how far a run is.
  const progress = (text: string) => {
    if (isOver || !text.includes("proving")) return;
    isOver = true;
    meanwhile?.();
  };
  const status = await main({
    arguments: line,
    cwd,
    env: { NO_COLOR: "1" },
    stdout: sink,
    stderr: meanwhile === null ? sink : { write: progress, isTerminal: true, columns: 80 },
    version: "0.0.0",
    elapsedMs: () => 0,
  });
  return { status, output };
}

/** Does all, a few at a time. */
async function inTurns<T, R>(items: readonly T[], act: (item: T) => Promise<R>): Promise<readonly R[]> {
  const results: R[] = [];
  let next = 0;
  const lane = async (): Promise<void> => {
    for (let index = next++; index < items.length; index = next++) results[index] = await act(items[index] as T);
  };
  await Promise.all(Array.from({ length: AT_A_TIME }, lane));
  return results;
}
