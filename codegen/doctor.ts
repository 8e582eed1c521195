import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { CONFIG_DEFAULTS, findProject, guessOutFolder, type Project } from "./config.ts";
import { type Check, failure, type Row, type Said, type Setup } from "./doctor/check.ts";
import { CHECKS } from "./doctor/checks.ts";
import { compilerOptionsOf } from "./doctor/compiler-options.ts";
import { type Machine, MACHINE } from "./doctor/machine.ts";
import { works } from "./doctor/native-modules.ts";
import { packageManifest } from "./doctor/packages.ts";
import type { ConfigOutcome } from "./evaluate/protocol.ts";
import { systemReason } from "./init/make-files.ts";
import { LIBRARY_ROOT } from "./library-root.ts";
import type { BuildSession } from "./session.ts";
import { readTsconfig } from "./tsconfig.ts";
import type { Workbench } from "./workbench.ts";
import { systemCode } from "./write/operations.ts";

export type { Row, Verdict } from "./doctor/check.ts";

/** What a setup is like. */
export interface DoctorReport {
  /** Absolute folder of the project; `null` if there is none. */
  readonly root: string | null;
  readonly rows: readonly Row[];
}

/** Looks at the setup of a project and of the machine, and says how to mend what is wrong. Author code is run for the config only. */
export async function examine(
  { cwd, config }: { readonly cwd: string; readonly config: string | null },
  machine: Machine = MACHINE,
): Promise<DoctorReport> {
  const { project, findings } = findProject(cwd, config);
  const root = project?.root ?? resolve(cwd);
  // What runs and reads sources is loaded only if it works: a broken installation is what this is for.
  const opened = project !== null && (await works("oxc-transform", machine)) ? await openBench(project) : null;
  const session = opened?.session ?? null;
  try {
    const outcome = session === null ? null : await session.config();
    const tsconfig = session?.tsconfig ?? readTsconfig(root);
    const setup: Setup = {
      root,
      project,
      config: outcome?.config ?? CONFIG_DEFAULTS,
      isConfigRun: outcome !== null,
      configFindings: outcome?.findings ?? findings,
      tsconfig,
      compilerOptions: compilerOptionsOf(root, tsconfig.files),
      library: thisLibrary(),
      generated: async () =>
        session !== null && outcome !== null && (await works("ts-morph", machine))
          ? generatedNow(session, outcome)
          : null,
      machine,
    };
    return { root: project?.root ?? null, rows: await rowsOf(setup) };
  } finally {
    await opened?.bench.close();
  }
}

/** The rows of all checks that a setup is in a state for. */
export async function rowsOf(setup: Setup, checks: readonly Check[] = CHECKS): Promise<readonly Row[]> {
  const rows: Row[] = [];
  for (const check of checks) {
    if (check.ofProject && setup.project === null) continue;
    rows.push(...(await saidOf(check, setup)).map((said) => ({ check: check.name, ...said })));
  }
  return rows;
}

/** What the system refuses is something to mend, too. */
async function saidOf(check: Check, setup: Setup): Promise<readonly Said[]> {
  try {
    return await check.look(setup);
  } catch (error) {
    if (systemCode(error) === null) throw error;
    const path = (error as NodeJS.ErrnoException).path;
    const what = path === undefined ? "the system refuses" : `\`${path}\` can't be looked at`;
    return [failure(`${what}: ${systemReason(error)}`, "give yourself the right to read it")];
  }
}

/** A session, and what it works on. */
interface Bench {
  readonly session: BuildSession;
  readonly bench: Workbench;
}

async function openBench(project: Project): Promise<Bench> {
  const [{ BuildSession: Session }, { Workbench: Made }] = await Promise.all([
    import("./session.ts"),
    import("./workbench.ts"),
  ]);
  const { root, configFile } = project;
  const bench = new Made({ cache: false });
  const out = guessOutFolder(readFileSync(join(root, configFile), "utf8"));
  return { bench, session: new Session(project, bench, out) };
}

async function generatedNow(session: BuildSession, outcome: ConfigOutcome): Promise<string | null> {
  const project = await session.read(outcome);
  if (project.findings.some(({ severity }) => severity === "error")) return null;
  const { generatedText } = await import("./generated-text.ts");
  return generatedText(session, project);
}

function thisLibrary(): Setup["library"] {
  const { version, engines } = packageManifest(LIBRARY_ROOT) as {
    readonly version: string;
    readonly engines: { readonly node: string };
  };
  return { root: LIBRARY_ROOT, version, engines: engines.node };
}
