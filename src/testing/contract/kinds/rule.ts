import type { JsonObject, JsonValue } from "type-fest";
import { constructWith } from "../../../dsl/container.ts";
import { canonicalJson } from "../../../manifest/canonical.ts";
import { parsePointer } from "../../../origin/pointer.ts";
import type { RuleDefinition } from "../../../plugin/definition.ts";
import type { ProvedBuild, Rule, RuleFinding, RulePlace } from "../../../plugin/rule.ts";
import { emptyBuild, LARGE_GPUS, largeBuild } from "../builds.ts";
import type { ContractCase } from "../case.ts";
import { deepFrozen } from "../plain.ts";
import type { Subject } from "../subject.ts";
import { problemCase } from "./names.ts";

/** A build, arguments, and the codes that the rule is to give for them. */
export interface RuleSample<A = JsonObject, C extends string = string> {
  /** Of `provedBuild`, for one. */
  readonly build: ProvedBuild;
  readonly args: A;
  /** Each time it is given, in any order; empty for a build that is fine. */
  readonly codes: readonly C[];
}

/** More findings of one build than anybody reads. */
const MOST_FINDINGS = 10_000;

/** A rule tells what it says it tells, of places that there are, and changes nothing. */
export function ruleCases(
  { definition, samples }: Subject<RuleDefinition>,
  builds: readonly RuleSample[],
): readonly ContractCase[] {
  const of = `the rule \`${definition.type}\``;
  const codes = Object.keys(definition.codes);
  const made = (cluster: ProvedBuild["cluster"]) => constructWith(definition.rule as never, [], cluster) as Rule;
  const check = (build: ProvedBuild, args: unknown, rule = made(build.cluster)) => {
    const findings: RuleFinding[] = [];
    for (const finding of rule.check({ args: args as JsonObject, build })) {
      findings.push(finding);
      if (findings.length > MOST_FINDINGS) throw new Error(`more than ${MOST_FINDINGS} findings`);
    }
    return findings;
  };
  /** What a rule gives; nothing if it throws, which is told by a case of its own. */
  const given = (build: ProvedBuild, args: unknown): readonly RuleFinding[] => {
    try {
      return check(structuredClone(build), args);
    } catch {
      return [];
    }
  };
  const each = (find: (finding: RuleFinding, sample: RuleSample) => string | null) => () => {
    for (const sample of builds) {
      for (const finding of given(sample.build, sample.args)) {
        const problem = find(finding, sample);
        if (problem !== null) return { build: sample.build.name, code: finding.code, problem };
      }
    }
    return null;
  };
  return [
    problemCase(
      "builds: give the codes that are expected",
      `${of} gives for each sample the codes that are expected`,
      "correct the rule, or the sample",
      () => {
        for (const { build, args, codes: expected } of builds) {
          let found: readonly string[];
          try {
            found = check(structuredClone(build), structuredClone(args)).map(({ code }) => code);
          } catch (error) {
            return { build: build.name, threw: String(error) };
          }
          if ([...found].sort().join(" ") !== [...expected].sort().join(" "))
            return { build: build.name, expected, found };
        }
        return null;
      },
    ),
    problemCase(
      "builds: show each code, and a build that is fine",
      `samples show each code of ${of}, and a build that it has nothing against`,
      "add a sample to `builds`",
      () => {
        const shown = new Set(builds.flatMap((sample) => sample.codes));
        const missing = codes.find((code) => !shown.has(code));
        return missing ?? (builds.some((sample) => sample.codes.length === 0) ? null : "no build that is fine");
      },
    ),
    problemCase(
      "findings: have codes of the rule",
      `${of} gives no code that it does not declare`,
      `declare the code, or take ${codes.join(", ")}`,
      each(({ code }) => (codes.includes(code) ? null : "it is not declared")),
    ),
    problemCase(
      "findings: belong to places that there are",
      `findings of ${of} are of values that the build has`,
      "point to a value of the authored part (`/scheduling/...`, `/setups/...`), or name an option",
      each(({ at, related = [] }, { build }) => {
        for (const place of [at, ...related.map((one) => one.at)]) {
          const problem = placeProblem(place, build);
          if (problem !== null) return problem;
        }
        return null;
      }),
    ),
    problemCase(
      "findings: are said in one plain line, and helps begin with a verb",
      `findings of ${of} are plain lines`,
      "write `message` in one line without a full stop, and begin `help` with what to do",
      each(({ message, help }) => {
        if (!isLine(message)) return `the message ${JSON.stringify(message)} is no line`;
        if (help === undefined) return null;
        if (!isLine(help)) return `the help ${JSON.stringify(help)} is no line`;
        return /^[a-z]+(?:-[a-z]+)*\b/.test(help) && !NO_VERBS.has(help.split(/\W/, 1)[0] ?? "")
          ? null
          : `${JSON.stringify(help)} begins with no verb`;
      }),
    ),
    problemCase("check: changes nothing", `${of} changes neither build nor arguments`, "copy what is changed", () => {
      for (const { build, args } of builds) {
        const [ownBuild, ownArgs] = [deepFrozen(structuredClone(build)), deepFrozen(structuredClone(args))];
        const frozen = outcomeOf(() => check(ownBuild, ownArgs));
        const open = { build: structuredClone(build), args: structuredClone(args) };
        const free = outcomeOf(() => check(open.build, open.args));
        if (isThrown(frozen) && !isThrown(free)) return { build: build.name, frozen, free };
        if (canonicalJson(open) !== canonicalJson({ build, args }))
          return { build: build.name, problem: "something is another one afterwards" };
      }
      return null;
    }),
    problemCase(
      "check: gives the same each time, and in any order",
      `${of} remembers nothing of other builds`,
      "keep what a check needs in the call",
      () => {
        const [first] = builds;
        if (first === undefined) return null;
        const one = made(first.build.cluster);
        const alone = builds.map(({ build, args }) => outcomeOf(() => check(structuredClone(build), args)));
        for (const order of [builds, [...builds].reverse(), builds]) {
          for (const sample of order) {
            const again = outcomeOf(() => check(structuredClone(sample.build), sample.args, one));
            const expected = alone[builds.indexOf(sample)];
            if (again !== expected) return { build: sample.build.name, first: expected, again };
          }
        }
        return null;
      },
    ),
    problemCase(
      `check: ends on a build of nothing and on one of ${LARGE_GPUS} GPUs`,
      `${of} has something to say of every build, or nothing, but always ends`,
      "look at nothing that may be missing, and at workers as ranges",
      () => {
        const all = [...samples, ...builds.map(({ args }) => args)];
        for (const build of [emptyBuild(), largeBuild()]) {
          for (const args of all) {
            const result = outcomeOf(() => check(structuredClone(build), args));
            if (isThrown(result)) return { build: build.name, problem: result };
          }
        }
        return null;
      },
    ),
  ];
}

/** Words that stand before an explanation rather than say what to do. */
const NO_VERBS: ReadonlySet<string> = new Set(
  "a an the this that these those it its you your we our there here please maybe perhaps because since if when no not".split(
    " ",
  ),
);

function isLine(text: unknown): text is string {
  return typeof text === "string" && text.trim() !== "" && !/[\n\r]/.test(text);
}

/** What is wrong with a finding's place. */
export function placeProblem(place: RulePlace, build: Pick<ProvedBuild, "authored" | "options">): string | null {
  if (place === "experiment") return null;
  if ("option" in place)
    return Object.hasOwn(build.options, place.option) ? null : `there is no option \`${place.option}\``;
  return valueAtPointer(build.authored as unknown as JsonValue, place.pointer) === undefined
    ? `the authored part has nothing at \`${place.pointer}\``
    : null;
}

/** A value by JSON pointer; `undefined` if there is none. */
export function valueAtPointer(root: JsonValue, pointer: string): JsonValue | undefined {
  if (pointer !== "" && !pointer.startsWith("/")) return undefined;
  let value: JsonValue | undefined = root;
  for (const segment of parsePointer(pointer)) {
    if (typeof value !== "object" || value === null || !Object.hasOwn(value, segment)) return undefined;
    value = (value as Readonly<Record<string, JsonValue>>)[segment];
  }
  return value;
}

export function isThrown(outcome: string): boolean {
  return outcome.startsWith("threw ");
}

/** What an act gave or threw, as text. */
export function outcomeOf(act: () => unknown): string {
  try {
    return canonicalJson(act());
  } catch (error) {
    return `threw ${error instanceof Error ? `${error.name}: ${error.message}` : String(error)}`;
  }
}
