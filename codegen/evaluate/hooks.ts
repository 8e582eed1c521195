import { join } from "node:path";
import type { Finding, Place } from "../../src/diagnostics/finding.ts";
import { construct, injectionProblem } from "../../src/dsl/container.ts";
import type { Authored, Reach } from "../../src/manifest/format.ts";
import type { PluginDefinition } from "../../src/plugin/definition.ts";
import type { CodeSetting, HookIdentity, MutatorHook, RuleHook } from "../../src/plugin/hook-use.ts";
import { Mutations } from "../../src/plugin/mutations.ts";
import { ruleFindings, type RuleSubject } from "../../src/plugin/rule-answers.ts";
import { rulesReach } from "../../src/plugin/rules-reach.ts";
import type { ClusterSpec } from "../../src/spec/cluster.ts";
import { type JobContext, type JobHost, openContext, runModule, turn } from "./context.ts";
import { errorText, hookNotLoaded, hookThrew, pointOf } from "./hook-findings.ts";
import type { JobScope } from "./library-modules.ts";
import type { EvaluateLimits, HookModule, ModuleUse } from "./protocol.ts";
import { framesOfError } from "./thrown.ts";

type HookClass = new (...injected: never[]) => object;

/** A hook whose class is there; `null` if it can't be used. */
interface LoadedHook {
  readonly hook: RuleHook | MutatorHook;
  /** Its number, from 1, as `WorkerSettings.running` has it. */
  readonly number: number;
  readonly type: HookClass | null;
}

/** What a hook is told of a build, beside its parts. */
export interface HookBuild {
  readonly name: string;
  readonly preset: string | null;
  readonly tags: readonly string[];
  readonly cluster: ClusterSpec;
}

/** What the rules of a project found in a build. */
export interface RulesOutcome {
  readonly findings: readonly Finding[];
  /** Codes of the rules that ran to their end. */
  readonly ran: ReadonlySet<string>;
  /** Which rules ran, and which did not: for the reach of the check. */
  readonly reach: Pick<Reach, "proved" | "notChecked">;
}

/**
 * The rules and mutators of one job, in a context and a realm of their own: an experiment can't tamper with them, nor they with
 * it. They get frozen copies. Findings are placed in the sources already.
 */
export class JobHooks {
  readonly #host: JobHost;
  readonly #scope: JobScope;
  readonly #context: JobContext;
  #loaded: readonly LoadedHook[] = [];
  readonly #findings: Finding[] = [];
  readonly #told = new Set<string>();

  private constructor(host: JobHost, limits: EvaluateLimits) {
    this.#host = host;
    this.#scope = host.library.enter();
    this.#context = openContext(host, limits, this.#scope);
  }

  /** Loads the modules of all hooks. Whoever opens hooks leaves them when the job is over. */
  static async open(host: JobHost, limits: EvaluateLimits, modules: readonly HookModule[]): Promise<JobHooks> {
    const hooks = new JobHooks(host, limits);
    try {
      const loaded: LoadedHook[] = [];
      for (const [index, module] of modules.entries()) loaded.push(await hooks.#load(module, index + 1));
      hooks.#loaded = loaded;
    } finally {
      hooks.#scope.suspend();
    }
    return hooks;
  }

  /** Modules that took part. */
  get uses(): readonly ModuleUse[] {
    return this.#context.modules.uses;
  }

  /** What they printed. */
  get output(): string {
    return this.#context.output();
  }

  /** Findings about hooks as such, whatever the build. */
  get findings(): readonly Finding[] {
    return this.#findings;
  }

  leave(): void {
    this.#scope.leave();
  }

  /** Has the mutators change an authored part, one after another. */
  async mutate(authored: Authored, build: HookBuild): Promise<{ mutations: Mutations; failed: readonly Finding[] }> {
    const mutations = new Mutations(authored);
    const failed: Finding[] = [];
    for (const [entry, { hook, number, type }] of this.#of("mutator").entries()) {
      if (type === null) continue;
      const request = { ...build, authored: mutations.authored, args: hook.args };
      const text = JSON.stringify(request);
      failed.push(
        ...(await this.#run({ hook, number }, () => {
          const mutator = this.#make(hook, type, build.cluster, "mutate");
          if (mutator !== null) {
            mutations.apply(mutator(this.#context.frozenCopy(text)), hook as MutatorHook, entry);
          }
        })),
      );
    }
    return { mutations, failed };
  }

  /**
   * Has the rules look at a proved build.
   * @param parts canonical JSON of both parts
   */
  async check(
    parts: { readonly authored: string; readonly resolved: string },
    build: HookBuild,
    subject: RuleSubject,
  ): Promise<RulesOutcome> {
    const rules = this.#of("rule");
    const text = textOfBuild(parts, build, subject);
    let copy: unknown;
    const findings: Finding[] = [];
    const ran: RuleHook[] = [];
    for (const { hook, number, type } of rules) {
      const rule = hook as RuleHook;
      if (type === null || isOff(rule)) continue;
      const failed = await this.#run({ hook, number }, () => {
        copy ??= this.#context.frozenCopy(text);
        const check = this.#make(hook, type, build.cluster, "check");
        if (check === null) return;
        // The build is one value for all rules: it is frozen.
        const args = this.#context.frozenCopy(JSON.stringify(rule.args));
        findings.push(...ruleFindings(check(Object.freeze({ args, build: copy })), rule, subject));
        ran.push(rule);
      });
      findings.push(...failed);
    }
    return {
      findings,
      ran: new Set(ran.flatMap(({ codes }) => Object.keys(codes))),
      reach: rulesReach(
        ran,
        rules.flatMap(({ hook }) => (isOff(hook as RuleHook) ? [hook] : [])),
      ),
    };
  }

  /** What becomes of each code of the rules in use. */
  get codes(): Readonly<Record<string, CodeSetting>> {
    return Object.assign({}, ...this.#of("rule").map(({ hook }) => (hook as RuleHook).codes)) as Readonly<
      Record<string, CodeSetting>
    >;
  }

  #of(kind: HookIdentity["kind"]): readonly LoadedHook[] {
    return this.#loaded.filter(({ hook }) => hook.kind === kind);
  }

  async #load({ hook, module }: HookModule, number: number): Promise<LoadedHook> {
    const failed = (problem: string, where: Place | null = null): LoadedHook => {
      this.#findings.push(hookNotLoaded(hook, problem, where));
      return { hook, number, type: null };
    };
    const { modules } = this.#context;
    const path = modules.locate(module, join(this.#host.root, "package.json"));
    if (path === null) return failed("its module can't be found");
    this.#mark(number);
    const found = await runModule(this.#context, path, this.#host.files.nameOf(path));
    this.#mark(0);
    const [first] = [...found, ...(await this.#left(hook))];
    if (first !== undefined) return failed(`its module can't be loaded: ${errorText(first)}`, this.#place(first.at));
    const definition = this.#scope.realm.plugins.get(`${hook.kind} ${hook.type}`) as PluginDefinition | undefined;
    const type =
      definition?.kind === "rule" ? definition.rule : definition?.kind === "mutator" ? definition.mutator : null;
    if (typeof type !== "function") return failed(`its module does not define the ${hook.kind}`);
    return { hook, number, type: type as HookClass };
  }

  /** An instance's method; `null` if there is none, after saying why. */
  #make(
    hook: HookIdentity,
    type: HookClass,
    cluster: ClusterSpec,
    method: "check" | "mutate",
  ): ((request: unknown) => unknown) | null {
    const problem = injectionProblem(type);
    if (problem !== null) {
      const what =
        problem.kind === "token" ? `nobody provides \`${problem.token}\`` : "the types of its parameters are not known";
      this.#tell(hookNotLoaded(hook, `the constructor of \`${problem.owner}\` can't be called: ${what}`));
      return null;
    }
    const instance = construct(type, cluster) as Readonly<Record<string, unknown>>;
    const found = instance[method];
    if (typeof found !== "function") {
      this.#tell(hookNotLoaded(hook, `its class has no method \`${method}\``));
      return null;
    }
    return (request) => Reflect.apply(found, instance, [request]) as unknown;
  }

  /** Tells once what all builds of the job have in common. */
  #tell(finding: Finding): void {
    if (!this.#findings.some(({ message }) => message === finding.message)) this.#findings.push(finding);
  }

  /** Runs code of a hook in its realm; what it throws is a finding. */
  async #run({ hook, number }: Pick<LoadedHook, "hook" | "number">, act: () => void): Promise<readonly Finding[]> {
    this.#mark(number);
    try {
      this.#scope.within(act);
      return await this.#left(hook);
    } catch (error) {
      const [first] = this.#context.thrown(error, "checking");
      const where = this.#placeOfError(error) ?? (first === undefined ? null : this.#place(first.at));
      return first === undefined ? [] : [hookThrew(first, hook, where)];
    } finally {
      this.#mark(0);
    }
  }

  /** What a hook has left behind: promises that nobody handles, built-in objects that are others now. */
  async #left(hook: HookIdentity): Promise<readonly Finding[]> {
    await turn();
    return this.#context.after().flatMap((found) => {
      const key = `${found.code} ${JSON.stringify(found.data)}`;
      // What all of them print is cut at one place.
      if (found.code === "evaluate/output-limit" || this.#told.has(key)) return [];
      this.#told.add(key);
      return [hookThrew(found, hook, this.#place(found.at))];
    });
  }

  #mark(number: number): void {
    Atomics.store(this.#host.running, 0, number);
  }

  #placeOfError(error: unknown): Place | null {
    const frames = framesOfError(error);
    const own = frames.filter(({ file }) => !file.startsWith("node_modules/"));
    if (own.length > 0) return { kind: "site", frames: this.#host.positions.sites(own), path: [] };
    const [first] = frames;
    return first === undefined ? null : pointOf(this.#host.positions.site(first));
  }

  /** A place of running code in the sources; `null` for what is no place of a hook. */
  #place(at: Place): Place | null {
    if (at.kind === "site") return { ...at, frames: this.#host.positions.sites(at.frames) };
    return at.kind === "span" ? at : null;
  }
}

function isOff({ codes }: RuleHook): boolean {
  const settings = Object.values(codes);
  return settings.length > 0 && settings.every((setting) => setting === "off");
}

/** A build as rules see it, as JSON. */
function textOfBuild(
  { authored, resolved }: { readonly authored: string; readonly resolved: string },
  { name, preset, tags, cluster }: HookBuild,
  { options }: RuleSubject,
): string {
  const members = Object.entries({ name, preset, tags, cluster, options }).map(
    ([key, value]) => `${JSON.stringify(key)}:${JSON.stringify(value)}`,
  );
  return `{${members.join(",")},"authored":${authored},"resolved":${resolved}}`;
}
