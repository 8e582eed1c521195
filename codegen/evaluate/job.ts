import { join } from "node:path";
import { type Finding, hasErrors, type Place } from "../../src/diagnostics/finding.ts";
import { raise } from "../../src/diagnostics/raise.ts";
import { authorExperiment } from "../../src/dsl/author.ts";
import type { AuthorResult, OptionValue } from "../../src/dsl/author-protocol.ts";
import type { Authored } from "../../src/manifest/format.ts";
import { sealPart } from "../../src/manifest/seal.ts";
import { summarize } from "../../src/manifest/summary.ts";
import type { Origin } from "../../src/origin/call-site.ts";
import { lookUp, type Realm } from "../../src/realm/realm.ts";
import { resolve } from "../../src/resolve/resolve.ts";
import { secretFinding } from "../../src/resolve/secrets.ts";
import { type FoundSecret, secretsIn, withoutSecrets } from "../../src/spec/secrets.ts";
import { type JobContext, type JobHost, openContext, runModule, turn } from "./context.ts";
import { evaluateDiagnostics } from "./diagnostics.ts";
import { checkRules, mutated, NO_RULES } from "./hooked-build.ts";
import type { HookBuild, JobHooks } from "./hooks.ts";
import { usedFindings } from "../plugins/differences.ts";
import { usedDefinitions } from "./used-definitions.ts";
import { inputReader, type InputUse } from "./inputs.ts";
import { plainData } from "./plain-data.ts";
import type { Positions } from "./positions.ts";
import type { BuildOutcome, BuildRequest, EvaluateContext, EvaluateJob, EvaluateOutcome } from "./protocol.ts";
import { shapeFindings, wrongShape } from "./shape.ts";
import { sampleFinder } from "./samples.ts";
import { spansText } from "./spans-text.ts";

/** Runs one experiment: its module in a fresh context, then each of its builds. */
export async function runJob(
  { name, file, bases, schema, builds }: EvaluateJob,
  context: EvaluateContext,
  host: JobHost,
): Promise<EvaluateOutcome> {
  // Before any code of the experiment runs.
  const hooks = context.hooks.length === 0 ? null : await openHooks(host, context);
  const scope = host.library.enter();
  const { realm } = scope;
  const opened = openContext(host, context.limits, scope);
  fillRealm(realm, context);
  const inputs: InputUse[] = [];
  realm.inputs = inputReader(host.root, new Set(context.inputs), inputs);
  realm.samples = sampleFinder(context, realm.inputs);
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
        outcomes = [
          ...outcomes,
          await runBuild(name, build, schema, { context, opened, hooks, positions: host.positions }),
        ];
      }
    }
    await turn();
    findings.push(...opened.after());
    const used = usedFindings(usedDefinitions(realm, opened.modules), context.facts);
    findings.push(...used.findings);
    if (used.findings.length > 0) outcomes = outcomes.map((build) => withoutFindings(build, used.isConsequence));
  } finally {
    scope.leave();
    hooks?.leave();
  }
  const { texts, outcomes: checked } = refuseSecrets(outcomes);
  return {
    name,
    modules: [...opened.modules.uses, ...(hooks?.uses ?? []), ...inputs.map(({ file, sha256 }) => ({ file, sha256 }))],
    builds: checked,
    findings: withoutSecrets(
      [...findings.map((finding) => host.positions.finding(finding)), ...(hooks?.findings ?? [])],
      texts,
    ),
    output: withoutSecrets(`${opened.output()}${hooks?.output ?? ""}`, texts),
  };
}

async function openHooks(host: JobHost, { limits, hooks }: EvaluateContext): Promise<JobHooks> {
  // Most projects have none.
  const { JobHooks: Hooks } = await import("./hooks.ts");
  return Hooks.open(host, limits, hooks);
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
    const acknowledged = withoutSecrets(outcome.acknowledged, texts);
    if (secrets.length === 0) return { ...outcome, findings, acknowledged };
    const { spans, summary, reach } = withoutSecrets(outcome, texts);
    return { ...outcome, parts: null, spans, summary, reach, findings, acknowledged };
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

function fillRealm(realm: Realm, { clusters, defaultCluster, models, cards }: EvaluateContext): void {
  for (const cluster of clusters) realm.clusters.set(cluster.name, cluster);
  for (const [path, id] of Object.entries(models)) realm.models.set(path, id);
  for (const [id, card] of Object.entries(cards)) realm.cards.set(id, card);
  realm.defaultCluster = defaultCluster;
}

/** What the builds of a job are run with. */
interface RunningJob {
  readonly context: EvaluateContext;
  readonly opened: JobContext;
  /** `null` for a project without rules and mutators. */
  readonly hooks: JobHooks | null;
  readonly positions: Positions;
}

async function runBuild(
  name: string,
  { preset, optional, overrides }: BuildRequest,
  schema: EvaluateJob["schema"],
  { context, opened, hooks, positions }: RunningJob,
): Promise<KnownBuild> {
  const nothing = (
    found: readonly Finding[],
    result: AuthorResult | null,
    spans: string | null = null,
    placed: readonly Finding[] = [],
  ): KnownBuild => {
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
        findings: [...[...found, ...findings].map((finding) => positions.finding(finding)), ...placed],
        acknowledged: [],
      },
    };
  };
  const raised = new Set(context.raised);
  let result: AuthorResult | null = null;
  const refused: Finding[] = [];
  let origins: ReadonlyMap<string, Origin> = new Map();
  let copied: object = {};
  try {
    const given = authorExperiment({ name, preset, optional, overrides, schema }, ({ scheduling, setups }) => {
      const plain = plainData({ scheduling, setups });
      ({ origins } = plain);
      copied = plain.value as object;
      // What is no data at all has no shape either.
      refused.push(...(plain.findings.length > 0 ? plain.findings : shapeFindings(plain.value as never)));
      return refused.length === 0;
    });
    result = { ...given, findings: raise(given.findings, raised) };
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
  const before: Authored = { ...made, findings: embedded(result.findings) };
  const about: HookBuild = {
    name,
    preset,
    tags: lookUp((realm) => realm.experiments, name)?.tags ?? [],
    cluster: before.cluster,
  };
  const left = hooks === null ? [] : await leftBehind(opened, positions);
  const { authored, changes, refused: unsound } = await mutated(before, about, hooks);
  const spans = spansText(name, preset, new Map([...origins, ...plain.origins]), result.options, positions, changes);
  if (unsound.length > 0) return nothing([...left, ...result.findings], result, spans, unsound);
  let resolved: ReturnType<typeof resolve>;
  try {
    resolved = resolve({ authored }, context.facts, raised);
  } catch (error) {
    const wrong = await wrongShape(authored);
    if (wrong.length === 0) throw error;
    return nothing(wrong, result, spans, left);
  }
  // What was embedded without its places stands in full among the findings.
  const own = new Set(authored.findings);
  const later = resolved.findings.filter((finding) => !own.has(finding));
  const isTold = new Set(resolved.findings);
  const first = result.findings.filter((_, index) => isTold.has(authored.findings[index] as Finding));
  const whole = new Map(authored.findings.map((finding, index) => [finding, result.findings[index]]));
  const acknowledged = resolved.acknowledged.map((one) => ({
    ...one,
    finding: positions.finding(whole.get(one.finding) ?? one.finding),
  }));
  const inAuthored = secretsIn({ ...authored, findings: [] });
  const inOptions = optionSecrets(result.options, inAuthored);
  const sealed = { authored: sealPart(authored, "authored"), resolved: sealPart(resolved.value, "resolved") };
  const found = [...plain.findings, ...first, ...later, ...inOptions.findings].map((finding) =>
    positions.finding(finding),
  );
  const options = Object.fromEntries(result.options.map(({ path, value }) => [path, value]));
  const ruled = hasErrors([...found, ...left])
    ? NO_RULES
    : await checkRules(hooks, { authored: sealed.authored.text, resolved: sealed.resolved.text }, about, {
        facts: context.facts,
        subject: { authored, options },
      });
  const { reach } = resolved.value;
  const outcome: BuildOutcome = {
    preset,
    needs: [],
    parts: {
      authored: sealed.authored.text,
      resolved: sealed.resolved.text,
      hashes: { authored: sealed.authored.hash, resolved: sealed.resolved.hash },
    },
    summary: summarize(authored, resolved.value),
    reach: {
      ...reach,
      proved: [...reach.proved, ...ruled.reach.proved],
      assumed: [
        ...reach.assumed,
        ...ruled.acknowledged.map(({ acknowledgement: { code, reason } }) => `${code}: ${reason}`),
      ],
      notChecked: [...reach.notChecked, ...ruled.reach.notChecked],
    },
    spans,
    findings: [...left, ...found, ...ruled.findings],
    acknowledged: [...acknowledged, ...ruled.acknowledged],
  };
  return { outcome, secrets: [...inAuthored, ...inOptions.secrets] };
}

/** What the experiment itself has left behind: it must not be laid at the door of a hook. */
async function leftBehind(opened: JobContext, positions: Positions): Promise<readonly Finding[]> {
  await turn();
  return opened.since().map((finding) => positions.finding(finding));
}

const DEFAULT: OptionValue["origin"] = { kind: "default" };

/**
 * Findings as the manifest keeps them: moving code to another line must change no hash, a declaration is not in it, and no text
 * holds a secret.
 */
function embedded(findings: readonly Finding[]): readonly Finding[] {
  const isStable = (place: Place): boolean =>
    place.kind !== "site" && place.kind !== "span" && !(place.kind === "option" && place.part !== undefined);
  return findings.map((finding): Finding => {
    const { related, fix, replaces, fixAt, factors: _factors, gives: _gives, ...rest } = withoutSecrets(finding, []);
    const kept = related?.flatMap(({ at, message }) => (isStable(at) ? [{ at, message }] : [])) ?? [];
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
