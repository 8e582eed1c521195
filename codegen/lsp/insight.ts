import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Manifest } from "../../src/manifest/format.ts";
import type { SpansFile } from "../../src/origin/spans-file.ts";
import { findProject, guessOutFolder } from "../config.ts";
import type { ProjectExperiment } from "../declare.ts";
import type { JoinedOption } from "../option-schema.ts";
import { outputName } from "../report.ts";
import { type BuiltResult, type ExperimentResult, resultOf } from "../results.ts";
import { errorsOf } from "./errors.ts";
import { BuildSession, type ReadProject } from "../session.ts";
import { Workbench } from "../workbench.ts";

/** One build of an experiment, bare or in a preset, with what it made. */
export interface InsightBuild {
  /** `sft` or `sft.one-node`. */
  readonly name: string;
  readonly experiment: ProjectExperiment;
  readonly preset: string | null;
  readonly result: BuiltResult;
  /** Errors that keep it from being proved. */
  readonly errors: number;
  /** Project-relative paths of all that it depends on. */
  readonly files: ReadonlySet<string>;
  /** Parsed when they are first asked for; `null` if there are none. */
  readonly made: () => { readonly manifest: Manifest; readonly spans: SpansFile } | null;
}

/**
 * What a project's sources and its last run know, for questions about a place. Nothing is evaluated that the cache knows: a
 * run has just put all of it there.
 */
export class Insight {
  readonly experiments: readonly ProjectExperiment[];
  readonly #session: BuildSession;
  readonly #bench: Workbench;
  readonly #project: ReadProject;
  readonly #builds = new Map<ProjectExperiment, Promise<readonly InsightBuild[]>>();
  readonly #questions = new Set<Promise<unknown>>();

  private constructor(bench: Workbench, session: BuildSession, project: ReadProject) {
    this.#bench = bench;
    this.#session = session;
    this.#project = project;
    const { experiments, twice } = project.experiments;
    this.experiments = experiments.filter(({ declared }) => !twice.has(declared.name));
  }

  /** Opens a project; `null` if it has gone. @param from absolute folder in the project. */
  static async open(from: string): Promise<Insight | null> {
    const { project } = findProject(from);
    if (project === null) return null;
    const out = guessOutFolder(readFileSync(join(project.root, project.configFile), "utf8"));
    const bench = new Workbench({ cache: true });
    const session = new BuildSession(project, bench, out);
    try {
      const configured = await session.config();
      if (configured.config.out !== out) session.reopen(configured.config.out);
      const read = await session.read(configured);
      session.prepareLater(read);
      return new Insight(bench, session, read);
    } catch (error) {
      await bench.close();
      throw error;
    }
  }

  /** The builds of an experiment, its own first; none if the project is too broken to evaluate anything. */
  builds(experiment: ProjectExperiment): Promise<readonly InsightBuild[]> {
    let builds = this.#builds.get(experiment);
    if (builds === undefined) {
      builds = this.#project.sound ? this.#evaluate(experiment) : Promise.resolve([]);
      this.#builds.set(experiment, builds);
    }
    return builds;
  }

  async #evaluate(experiment: ProjectExperiment): Promise<readonly InsightBuild[]> {
    const presets = [null, ...experiment.presets];
    return buildsOf(await resultOf(this.#session, this.#project, { experiment, presets, overrides: [], point: null }));
  }

  /** Answers a question; `close` waits for it. */
  ask<T>(question: (insight: Insight) => Promise<T>): Promise<T> {
    const answer = question(this);
    this.#questions.add(answer);
    const forget = (): void => void this.#questions.delete(answer);
    answer.then(forget, forget);
    return answer;
  }

  /** Ends what was started, as soon as all that was asked is answered. */
  async close(): Promise<void> {
    while (this.#questions.size > 0) await Promise.allSettled(this.#questions);
    await this.#bench.close();
  }
}

/** An option by its path, or the one whose value has the path inside; `null` if a group holds nothing of that name. */
export function optionAt({ options }: ProjectExperiment, path: string): JoinedOption | null {
  for (let at = path; at !== ""; at = at.slice(0, Math.max(0, at.lastIndexOf(".")))) {
    const option = options.find((candidate) => candidate.path === at);
    if (option === undefined) continue;
    const isGroup = at !== path && options.some((other) => other.path.startsWith(`${at}.`));
    return isGroup ? null : option;
  }
  return null;
}

function buildsOf(result: ExperimentResult): readonly InsightBuild[] {
  const { experiment, builds, diagnostics, modules } = result;
  const files = new Set(modules.map(({ file }) => file));
  return builds.map((built, index): InsightBuild => {
    const name = outputName(experiment.declared.name, built.preset);
    let made: ReturnType<InsightBuild["made"]> | undefined;
    return {
      name,
      experiment,
      preset: built.preset,
      result: built,
      errors: errorsOf(diagnostics, experiment.declared.name, built.preset),
      files,
      made: () => (made ??= parsed(result.files(index))),
    };
  });
}

function parsed(files: ReturnType<ExperimentResult["files"]>): ReturnType<InsightBuild["made"]> {
  if (files === null) return null;
  return { manifest: JSON.parse(files.manifest) as Manifest, spans: JSON.parse(files.spans) as SpansFile };
}
