import { join } from "node:path";
import vm from "node:vm";
import { canonicalJson } from "../../src/manifest/canonical.ts";
import { AssayError } from "../../src/diagnostics/assay-error.ts";
import type { Finding, Place, Span } from "../../src/diagnostics/finding.ts";
import { authorExperiment } from "../../src/dsl/author.ts";
import type { AuthorResult, OptionValue } from "../../src/dsl/author-protocol.ts";
import { checkManifest } from "../../src/manifest/check.ts";
import type { Authored } from "../../src/manifest/format.ts";
import { MANIFEST_VERSION } from "../../src/manifest/format.ts";
import { sealPart } from "../../src/manifest/seal.ts";
import { summarize } from "../../src/manifest/summary.ts";
import type { CallSite, Origin } from "../../src/origin/call-site.ts";
import { type NounSpans, type OptionSpans, SPANS_VERSION, type SpansFile } from "../../src/origin/spans-file.ts";
import type { Realm } from "../../src/realm/realm.ts";
import { resolve } from "../../src/resolve/resolve.ts";
import { secretFinding } from "../../src/resolve/secrets.ts";
import { type FoundSecret, secretsIn, withoutSecrets } from "../../src/spec/secrets.ts";
import { evaluateDiagnostics } from "./diagnostics.ts";
import { ABSENT, type ContextHooks, type ContextTools, DENIED, installHermetic, TOO_LARGE } from "./hermetic.ts";
import { inputReader, type InputUse } from "./inputs.ts";
import type { Files } from "./load-files.ts";
import type { JobScope, Library } from "./library-modules.ts";
import { framesOf, JobModules } from "./modules.ts";
import { plainData } from "./plain-data.ts";
import type { Positions } from "./positions.ts";
import { usedFindings } from "../plugins/differences.ts";
import { usedDefinitions } from "./used-definitions.ts";
import type {
  BuildOutcome,
  BuildRequest,
  EvaluateContext,
  EvaluateJob,
  EvaluateLimits,
  EvaluateOutcome,
} from "./protocol.ts";

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
}

/** A fresh context with its modules, and what happened in it. */
export interface JobContext {
  readonly modules: JobModules;
  readonly tools: ContextTools;
  readonly output: () => string;
  /** Findings about the run as a whole, once it is over. */
  readonly after: () => readonly Finding[];
  /** What a thrown value means. */
  readonly thrown: (error: unknown, during: string) => readonly Finding[];
}

const install = new vm.Script(`(${installHermetic.toString()})`, { filename: "node:assay-hermetic" });

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
  const thrown = (error: unknown, during: string) => thrownFindings(error, during, { modules, missed, limits });
  return {
    modules,
    tools,
    output: () => printed.text,
    thrown,
    after: () => [
      ...host.rejections().flatMap((reason) => rejected(reason, thrown)),
      ...[...host.changedIntrinsics(), ...ownList(tools.changed())].map((what) =>
        evaluateDiagnostics["intrinsic-changed"]({ what }, { at: { kind: "class" } }),
      ),
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

/** A list of the context as one of the host: methods of the former may be the author's. */
function ownList<T>(list: readonly T[]): readonly T[] {
  return Array.from({ length: list.length }, (_, index) => list[index] as T);
}

const REFLECT: Readonly<Record<string, unknown>> = Object.fromEntries(
  Object.getOwnPropertyNames(Reflect)
    .filter((name) => /metadata/i.test(name))
    .map((name) => [name, (Reflect as unknown as Record<string, unknown>)[name]]),
);

/** Runs one experiment: its module in a fresh context, then each of its builds. */
export async function runJob(
  { name, file, bases, schema, builds }: EvaluateJob,
  context: EvaluateContext,
  host: JobHost,
): Promise<EvaluateOutcome> {
  const scope = host.library.enter();
  const { realm } = scope;
  const opened = openContext(host, context.limits, scope);
  fillRealm(realm, context);
  const inputs: InputUse[] = [];
  realm.inputs = inputReader(host.root, new Set(context.inputs), inputs);
  const findings: Finding[] = [];
  let outcomes: readonly KnownBuild[] = [];
  try {
    findings.push(...(await runModule(opened, join(host.root, file), file)));
    for (const base of bases) {
      if ((await scope.load(base)) !== null) continue;
      findings.push(...(await runModule(opened, join(host.root, base), base)));
    }
    if (findings.length === 0 && !realm.experiments.has(name)) {
      findings.push(evaluateDiagnostics["not-registered"]({ name, file }, { at: { kind: "class" } }));
    }
    if (findings.length === 0) {
      for (const build of builds) {
        outcomes = [...outcomes, await runBuild(name, build, schema, context, opened, host.positions)];
      }
    }
    await turn();
    findings.push(...opened.after());
    const used = usedFindings(usedDefinitions(realm, opened.modules), context.facts);
    findings.push(...used.findings);
    if (used.findings.length > 0) outcomes = outcomes.map((build) => withoutFindings(build, used.isConsequence));
  } finally {
    scope.leave();
  }
  const { texts, outcomes: checked } = refuseSecrets(outcomes);
  return {
    name,
    modules: [...opened.modules.uses, ...inputs.map(({ file, sha256 }) => ({ file, sha256 }))],
    builds: checked,
    findings: withoutSecrets(
      findings.map((finding) => host.positions.finding(finding)),
      texts,
    ),
    output: withoutSecrets(opened.output(), texts),
  };
}

/** A build, and the secrets in what it was given and gave. */
interface KnownBuild {
  readonly outcome: BuildOutcome;
  readonly secrets: readonly FoundSecret[];
}

function withoutFindings({ outcome, secrets }: KnownBuild, isLeftOut: (finding: Finding) => boolean): KnownBuild {
  return { outcome: { ...outcome, findings: outcome.findings.filter((finding) => !isLeftOut(finding)) }, secrets };
}

/** Nothing of a secret leaves the worker: what holds one has no parts, and texts are told without it. */
function refuseSecrets(builds: readonly KnownBuild[]): {
  readonly texts: readonly string[];
  readonly outcomes: readonly BuildOutcome[];
} {
  const texts = [...new Set(builds.flatMap(({ secrets }) => secrets.map(({ text }) => text)))];
  const outcomes = builds.map(({ outcome, secrets }): BuildOutcome => {
    const findings = withoutSecrets(outcome.findings, texts);
    if (secrets.length === 0) return { ...outcome, findings };
    const { spans, summary, reach } = withoutSecrets(outcome, texts);
    return { ...outcome, parts: null, spans, summary, reach, findings };
  });
  return { texts, outcomes };
}

/** Secrets in the values of options, with a finding for each that the authored part does not hold. */
function optionSecrets(options: readonly OptionValue[], told: readonly FoundSecret[]) {
  const texts = new Set(told.map(({ text }) => text));
  const secrets: FoundSecret[] = [];
  const findings: Finding[] = [];
  for (const { path, value } of options) {
    const name = path.split(".").at(-1) ?? path;
    for (const found of secretsIn({ [name]: value })) {
      secrets.push(found);
      if (texts.has(found.text)) continue;
      texts.add(found.text);
      findings.push(secretFinding({ ...found, pointer: path }, { kind: "option", path }));
    }
  }
  return { secrets, findings };
}

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

function turn(): Promise<void> {
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

function fillRealm(realm: Realm, { clusters, defaultCluster, models, cards }: EvaluateContext): void {
  for (const cluster of clusters) realm.clusters.set(cluster.name, cluster);
  for (const [path, id] of Object.entries(models)) realm.models.set(path, id);
  for (const [id, card] of Object.entries(cards)) realm.cards.set(id, card);
  realm.defaultCluster = defaultCluster;
}

async function runBuild(
  name: string,
  { preset, optional, overrides }: BuildRequest,
  schema: EvaluateJob["schema"],
  context: EvaluateContext,
  opened: JobContext,
  positions: Positions,
): Promise<KnownBuild> {
  const nothing = (found: readonly Finding[], result: AuthorResult | null, spans: string | null = null): KnownBuild => {
    const given = result?.options ?? overrides.map((override): OptionValue => ({ ...override, origin: DEFAULT }));
    const { secrets, findings } = optionSecrets(given, []);
    return {
      secrets,
      outcome: {
        preset,
        needs: result?.needs ?? [],
        parts: null,
        summary: null,
        reach: null,
        spans: spans ?? spansText(name, preset, new Map(), result?.options ?? [], positions),
        findings: [...found, ...findings].map((finding) => positions.finding(finding)),
      },
    };
  };
  let result: AuthorResult | null = null;
  const refused: Finding[] = [];
  let origins: ReadonlyMap<string, Origin> = new Map();
  let copied: object = {};
  try {
    result = authorExperiment({ name, preset, optional, overrides, schema }, ({ scheduling, setups }) => {
      const plain = plainData({ scheduling, setups });
      ({ origins } = plain);
      copied = plain.value as object;
      // What is no data at all has no shape either.
      refused.push(...(plain.findings.length > 0 ? plain.findings : shapeFindings(plain.value as never)));
      return refused.length === 0;
    });
  } catch (error) {
    return nothing([...refused, ...opened.thrown(error, "running")], null);
  }
  if (result.authored === null) {
    return nothing(
      [...result.findings, ...refused],
      result,
      spansText(name, preset, origins, result.options, positions),
    );
  }
  // What the methods returned is copied already.
  const plain = plainData({ ...result.authored, scheduling: null, setups: null });
  const made = { ...(plain.value as object), ...copied } as Authored;
  const authored: Authored = { ...made, findings: embedded(result.findings) };
  const spans = spansText(name, preset, new Map([...origins, ...plain.origins]), result.options, positions);
  let resolved: ReturnType<typeof resolve>;
  try {
    resolved = resolve({ authored }, context.facts);
  } catch (error) {
    const wrong = await wrongShape(authored);
    if (wrong.length === 0) throw error;
    return nothing(wrong, result, spans);
  }
  // What was embedded without its places stands in full among the findings.
  const own = new Set(authored.findings);
  const later = resolved.findings.filter((finding) => !own.has(finding));
  const acknowledged = new Set(
    authored.findings.flatMap((finding, index) => (resolved.findings.includes(finding) ? [] : [index])),
  );
  const first = result.findings.filter((_, index) => !acknowledged.has(index));
  const inAuthored = secretsIn({ ...authored, findings: [] });
  const inOptions = optionSecrets(result.options, inAuthored);
  const sealed = { authored: sealPart(authored, "authored"), resolved: sealPart(resolved.value, "resolved") };
  const outcome: BuildOutcome = {
    preset,
    needs: [],
    parts: {
      authored: sealed.authored.text,
      resolved: sealed.resolved.text,
      hashes: { authored: sealed.authored.hash, resolved: sealed.resolved.hash },
    },
    summary: summarize(authored, resolved.value),
    reach: resolved.value.reach,
    spans,
    findings: [...plain.findings, ...first, ...later, ...inOptions.findings].map((finding) =>
      positions.finding(finding),
    ),
  };
  return { outcome, secrets: [...inAuthored, ...inOptions.secrets] };
}

const DEFAULT: OptionValue["origin"] = { kind: "default" };

/** Findings as the manifest keeps them: moving code to another line must change no hash. */
function embedded(findings: readonly Finding[]): readonly Finding[] {
  const isStable = ({ kind }: Place): boolean => kind !== "site" && kind !== "span";
  return findings.map((finding): Finding => {
    const { related, fix, replaces, fixAt, ...rest } = finding;
    const kept = related?.filter(({ at }) => isStable(at)) ?? [];
    const ownFix = { ...(fix === undefined ? {} : { fix }), ...(replaces === undefined ? {} : { replaces }) };
    return {
      ...rest,
      at: isStable(finding.at) ? finding.at : { kind: "class" },
      ...(kept.length === 0 ? {} : { related: kept }),
      // Without its own place a fix would go elsewhere.
      ...(isStable(finding.at) && fixAt === undefined ? ownFix : {}),
    };
  });
}

function spansText(
  experiment: string,
  preset: string | null,
  origins: ReadonlyMap<string, Origin>,
  options: readonly OptionValue[],
  positions: Positions,
): string {
  const spans: SpansFile = {
    assaySpans: SPANS_VERSION,
    experiment,
    preset,
    nouns: Object.fromEntries([...origins].map(([pointer, origin]) => [pointer, nounSpans(origin, positions)])),
    options: options.map(({ path, value, origin }): OptionSpans =>
      origin.kind === "preset"
        ? { path, value, origin: { ...origin, frames: positions.sites(origin.frames) } }
        : { path, value, origin },
    ),
  };
  return canonicalJson(spans);
}

function nounSpans({ frames, fields, option, range, fieldOptions }: Origin, positions: Positions): NounSpans {
  return {
    frames: positions.sites(frames),
    ...(fields === undefined ? {} : { fields }),
    ...(option === undefined ? {} : { option }),
    ...(range === undefined ? {} : { range }),
    ...(fieldOptions === undefined ? {} : { fieldOptions }),
  };
}

/** What keeps the two results from being read at all. */
function shapeFindings({
  scheduling,
  setups,
}: {
  scheduling: unknown;
  setups: readonly unknown[];
}): readonly Finding[] {
  const findings: Finding[] = [];
  const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
    typeof value === "object" && value !== null && !Array.isArray(value);
  const wrong = (method: string, problem: string, pointer: string) =>
    findings.push(evaluateDiagnostics["wrong-result"]({ method, problem }, { at: { kind: "pointer", pointer } }));
  if (!isObject(scheduling) || !("modelWorker" in scheduling) || !("masterWorker" in scheduling)) {
    wrong("schedulingSetup", "has no groups of workers", "/scheduling");
  }
  for (const [index, setup] of setups.entries()) {
    if (!isObject(setup) || !Array.isArray(setup["modelRpcs"]) || !("modelWorker" in setup)) {
      wrong("initialSetup", `is no setup${setups.length > 1 ? ` (number ${index + 1})` : ""}`, `/setups/${index}`);
    }
  }
  return findings;
}

/** Where an authored part does not have the shape that all passes rely on. */
async function wrongShape(authored: Authored): Promise<readonly Finding[]> {
  const manifest = {
    assayManifest: MANIFEST_VERSION,
    name: authored.experiment,
    preset: null,
    declared: null,
    authored,
  };
  const found = await checkManifest({ ...manifest, resolved: {}, hashes: {} });
  return found.flatMap(({ data, at }) => {
    const pointer = String(data["pointer"]);
    if (!pointer.startsWith("/authored/")) return [];
    const method = pointer.startsWith("/authored/scheduling") ? "schedulingSetup" : "initialSetup";
    const problem = `is wrong at \`${pointer.slice("/authored".length)}\`: ${String(data["problem"])}`;
    return [evaluateDiagnostics["wrong-result"]({ method, problem }, { at })];
  });
}

function rejected(reason: unknown, thrown: JobContext["thrown"]): readonly Finding[] {
  return thrown(reason, "rejected").map((finding) =>
    finding.code === "evaluate/threw"
      ? evaluateDiagnostics["unhandled-rejection"]({ error: String(finding.data["error"]) }, { at: finding.at })
      : finding,
  );
}

/** An absent name that was asked of the global object, and the file that did. */
interface MissedName {
  readonly name: string;
  readonly file: string;
}

const MOST_MISSED = 1000;

interface Circumstances {
  readonly modules: JobModules;
  readonly missed: readonly MissedName[];
  readonly limits: EvaluateLimits;
}

/** What a thrown value means: a refusal, a missing export, a limit, or simply an error of the author's. */
function thrownFindings(
  error: unknown,
  during: string,
  { modules, missed, limits: { buffersMiB } }: Circumstances,
): readonly Finding[] {
  if (error instanceof AssayError) return error.findings;
  const { name, message, stack } = errorParts(error);
  const frames = framesOf(stack);
  const at = placeOf(frames, stack, modules);
  const details = { at, ...importedHere(frames, at, modules) };
  const carried = (key: string): unknown =>
    typeof error === "object" && error !== null ? (error as Readonly<Record<string, unknown>>)[key] : undefined;
  const denied = carried(DENIED);
  if (typeof denied === "string") return [evaluateDiagnostics.denied({ what: denied }, details)];
  if (carried(TOO_LARGE) === true) return [evaluateDiagnostics["buffer-limit"]({ buffersMiB }, details)];
  const absent = absentName(name, message, frames, missed);
  if (absent !== null) return [evaluateDiagnostics.denied({ what: absent }, details)];
  const fixed =
    /^Cannot (?:add|define) property (.+?), object is not extensible$/.exec(message)?.[1] ??
    /^Cannot delete property '(.+?)' of /.exec(message)?.[1] ??
    /^Cannot assign to read only property '(.+?)' of (?:object|function) /.exec(message)?.[1];
  if (fixed !== undefined && name === "TypeError" && touchesIntrinsic(frames, modules)) {
    return [evaluateDiagnostics["intrinsic-changed"]({ what: fixed }, details)];
  }
  const exported = /^The requested module '([^']+)' does not provide an export named '([^']+)'/.exec(message);
  if (exported !== null) {
    const [, module = "", wanted = ""] = exported;
    const file = /^([^\s:][^:\n]*):\d+/.exec(stack)?.[1] ?? "";
    const source = modules.source(file);
    if (source !== null) return [modules.missingExport(module, wanted, { name: file, source }, [])];
  }
  const told = name === "" ? message : `${name}: ${message}`;
  const inPackage = during === "loading" && frames.every(isOfPackage) ? failedAt(frames, stack) : null;
  const failure = inPackage === null ? null : modules.loadFailure(inPackage.file, told, inPackage);
  if (failure !== null) return [failure];
  // An error without a frame of the project's is Assay's own, unless it came while a module was loaded.
  if (frames.length === 0 && during === "running" && error instanceof Error) throw error;
  return [evaluateDiagnostics.threw({ error: told }, details)];
}

function isOfPackage({ file }: CallSite): boolean {
  return file.startsWith("node_modules/");
}

/** Where the code of a package failed: its nearest frame, or what a syntax error shows above its text. */
function failedAt([first]: readonly CallSite[], stack: string): Span | null {
  if (first !== undefined) return { ...first, length: 0 };
  const [place = "", , marks = ""] = stack.split("\n");
  const [, file, line] = /^([^\s:][^:]*):(\d+)$/.exec(place) ?? [];
  if (file === undefined) return null;
  const length = marks.trim().length;
  return { file, line: Number(line), column: marks.length - marks.trimStart().length + 1, length };
}

function placeOf(frames: readonly CallSite[], stack: string, modules: JobModules): Place {
  const own = frames.filter(({ file }) => !file.startsWith("node_modules/"));
  if (own.length > 0) return { kind: "site", frames: own, path: [] };
  const inPackage = frames[0]?.file ?? /^([^\s:][^:\n]*):\d+/.exec(stack)?.[1];
  return (inPackage === undefined ? null : modules.importOf(inPackage)) ?? { kind: "class" };
}

/** The import that brought the code of a package in which it happened, if the place is another one. */
function importedHere([first]: readonly CallSite[], at: Place, modules: JobModules): Pick<Finding, "related"> {
  if (first === undefined || at.kind !== "site" || !first.file.startsWith("node_modules/")) return {};
  const place = modules.importOf(first.file);
  return place === null ? {} : { related: [{ at: place, message: "it happens in what is imported here" }] };
}

/** The absent global that an error is about. */
function absentName(
  name: string,
  message: string,
  [first]: readonly CallSite[],
  missed: readonly MissedName[],
): string | null {
  if (name === "ReferenceError") {
    const absent = /^([\w$]+) is not defined$/.exec(message)?.[1];
    return absent !== undefined && ABSENT.has(absent) ? absent : null;
  }
  if (name !== "TypeError" || first === undefined) return null;
  // `globalThis.process.env`: the same file asked for `process`, and whatever is undefined should have had an `env`.
  const called = /([\w$]+) is not a (?:function|constructor)$/.exec(message)?.[1];
  const member =
    /^Cannot (?:read|set) properties of undefined \((?:reading|setting) '(.+)'\)$/.exec(message)?.[1] ??
    /^Cannot destructure property '(.+?)' of .* as it is undefined\.$/.exec(message)?.[1];
  return (
    missed.findLast(
      (one) =>
        one.file === first.file && (one.name === called || (member !== undefined && hasMember(one.name, member))),
    )?.name ?? null
  );
}

/** Whether what Node has under a name has such a member; what only browsers have may have any. */
function hasMember(name: string, member: string): boolean {
  const real = (globalThis as Readonly<Record<string, unknown>>)[name];
  return real === undefined || real === null || member in Object(real);
}

/** True if the line that failed names a built-in object. */
function touchesIntrinsic([first]: readonly CallSite[], modules: JobModules): boolean {
  if (first === undefined) return false;
  return /\b(?:prototype|Object|Array|String|Number|Math|JSON|Promise|Map|Set|Symbol|Date|Function|Reflect)\b/.test(
    modules.codeLine(first.file, first.line),
  );
}

function errorParts(error: unknown): { readonly name: string; readonly message: string; readonly stack: string } {
  if (typeof error !== "object" || error === null)
    return { name: "", message: `${String(error)} was thrown`, stack: "" };
  const text = (key: string): string => {
    try {
      const value: unknown = (error as Readonly<Record<string, unknown>>)[key];
      return typeof value === "string" ? value : "";
    } catch {
      return "";
    }
  };
  return {
    name: text("name"),
    message: text("message") || "an object without a message was thrown",
    stack: text("stack"),
  };
}
