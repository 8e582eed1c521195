import type { JsonObject, JsonValue } from "type-fest";
import { constructWith } from "../../../dsl/container.ts";
import { canonicalJson } from "../../../manifest/canonical.ts";
import type { Authored } from "../../../manifest/format.ts";
import { parsePointer, toPointer } from "../../../origin/pointer.ts";
import type { MutatorDefinition } from "../../../plugin/definition.ts";
import { factsOfDefinitions } from "../../../plugin/descriptor.ts";
import { Mutations } from "../../../plugin/mutations.ts";
import type { MutatorHook } from "../../../plugin/hook-use.ts";
import type { Change, Mutator } from "../../../plugin/mutator.ts";
import { loadedPlugins } from "../../../plugin/registry.ts";
import type { ProvedBuild } from "../../../plugin/rule.ts";
import { resolve } from "../../../resolve/resolve.ts";
import { secretsIn } from "../../../spec/secrets.ts";
import { emptyBuild, LARGE_GPUS, largeBuild } from "../builds.ts";
import type { ContractCase } from "../case.ts";
import { deepFrozen, plainProblem } from "../plain.ts";
import type { Subject } from "../subject.ts";
import { problemCase } from "./names.ts";
import { isThrown, outcomeOf, valueAtPointer } from "./rule.ts";

/** A build, arguments, and which values the mutator is to change. */
export interface MutatorSample<A = JsonObject> {
  /** Of `provedBuild`, for one. */
  readonly build: ProvedBuild;
  readonly args: A;
  /** Pointers of the changed values, in any order; empty for a build that stays as it is. */
  readonly changes: readonly string[];
}

const MOST_CHANGES = 10_000;
const OPEN = /^\/(?:scheduling|setups|launch)\//;

/** A mutator changes what may be changed, says why, and once is enough. */
export function mutatorCases(
  { definition, samples }: Subject<MutatorDefinition>,
  builds: readonly MutatorSample[],
): readonly ContractCase[] {
  const of = `the mutator \`${definition.type}\``;
  const mutate = (
    { name, preset, tags, cluster }: ProvedBuild,
    authored: Authored,
    args: unknown,
  ): readonly Change[] => {
    const mutator = constructWith(definition.mutator as never, [], cluster) as Mutator;
    const changes: Change[] = [];
    for (const change of mutator.mutate({ args: args as JsonObject, name, preset, tags, authored, cluster })) {
      changes.push(change);
      if (changes.length > MOST_CHANGES) throw new Error(`more than ${MOST_CHANGES} changes`);
    }
    return changes;
  };
  const given = ({ build, args }: MutatorSample): readonly Change[] => {
    try {
      return mutate(build, structuredClone(build.authored), args);
    } catch {
      return [];
    }
  };
  const each = (find: (change: Change, sample: MutatorSample) => string | null | undefined) => () => {
    for (const sample of builds) {
      for (const change of given(sample)) {
        const problem = find(change, sample);
        if (problem !== null && problem !== undefined) return { build: sample.build.name, at: change.at, problem };
      }
    }
    return null;
  };
  /** Changes that can be made: the others are told by cases of their own. */
  const applied = (sample: MutatorSample): Authored => withChanges(sample.build.authored, given(sample));
  return [
    problemCase(
      "builds: are changed as expected",
      `${of} changes of each sample what is expected`,
      "correct the mutator, or the sample",
      () => {
        for (const sample of builds) {
          let found: readonly string[];
          try {
            found = mutate(sample.build, structuredClone(sample.build.authored), structuredClone(sample.args)).map(
              ({ at }) => at,
            );
          } catch (error) {
            return { build: sample.build.name, threw: String(error) };
          }
          if ([...found].sort().join(" ") !== [...sample.changes].sort().join(" ")) {
            return { build: sample.build.name, expected: sample.changes, found };
          }
        }
        return builds.some(({ changes }) => changes.length > 0) ? null : "no sample that is changed";
      },
    ),
    problemCase(
      "changes: are of what may be changed",
      `${of} changes values below \`/scheduling\`, \`/setups\` or \`/launch\` that there are, or adds one to what there is`,
      "correct `at`",
      each(({ at, value }, { build }) => {
        if (!OPEN.test(at)) return "it is not to be changed";
        const path = parsePointer(at);
        const owner = valueAtPointer(build.authored as unknown as JsonValue, toPointer(path.slice(0, -1)));
        if (typeof owner !== "object" || owner === null) return "nothing is there to hold it";
        const isThere = Object.hasOwn(owner, path.at(-1) ?? "");
        if (!isThere && (value === undefined || Array.isArray(owner))) return "there is no such value";
        return null;
      }),
    ),
    problemCase(
      "changes: say why",
      `${of} says why it changes a value, in one line`,
      "give `because` a few words that `assay why` can show",
      each(({ because }) =>
        typeof because === "string" && because.trim() !== "" && !/[\r\n]/.test(because)
          ? null
          : JSON.stringify(because),
      ),
    ),
    problemCase(
      "changes: are plain data without secrets",
      `${of} writes plain JSON, and no secret`,
      "write data, and `${secret:NAME}` in place of a secret",
      each(({ at, value }) => {
        const problem = value === undefined ? null : plainProblem(value);
        const [secret] = secretsIn({ [parsePointer(at).at(-1) ?? ""]: value });
        return problem ?? (secret === undefined ? null : secret.what);
      }),
    ),
    problemCase(
      "changes: made twice are as made once",
      `${of} finds nothing more to change in what it changed`,
      "write a value that does not depend on the one before, or look whether it is there",
      () => {
        for (const sample of builds) {
          const once = applied(sample);
          const twice = applied({ ...sample, build: { ...sample.build, authored: once } });
          const [first, second] = [textOf(once), textOf(twice)];
          if (first !== second)
            return {
              build: sample.build.name,
              again: given({ ...sample, build: { ...sample.build, authored: once } }),
            };
        }
        return null;
      },
    ),
    problemCase(
      "changes: are the same each time",
      `${of} makes the same changes of the same build`,
      "use neither counters nor clock nor chance",
      () => {
        for (const sample of builds) {
          const [first, second] = [textOf(given(sample)), textOf(given(sample))];
          if (first !== second) return { build: sample.build.name, first, second };
        }
        return null;
      },
    ),
    problemCase(
      "mutate: changes nothing by itself",
      `${of} yields changes, and makes none of them`,
      "yield a change in place of writing a value",
      () => {
        for (const sample of builds) {
          const { build, args } = sample;
          const open = structuredClone(build.authored);
          const free = outcomeOf(() => mutate(build, open, args));
          if (textOf(open) !== textOf(build.authored))
            return { build: build.name, problem: "what was authored is another one afterwards" };
          const frozen = outcomeOf(() =>
            mutate(build, deepFrozen(structuredClone(build.authored)), deepFrozen(structuredClone(args))),
          );
          if (isThrown(frozen) && !isThrown(free)) return { build: build.name, frozen, free };
        }
        return null;
      },
    ),
    problemCase(
      "changes: leave sound what is sound",
      `what ${of} makes of a sound build is sound`,
      "correct the values that it writes",
      () => {
        const facts = factsOfDefinitions(loadedPlugins());
        for (const sample of builds) {
          const before = new Set(errorsOf(sample.build.authored, facts));
          const error = errorsOf(applied(sample), facts).find((text) => !before.has(text));
          if (error !== undefined) return { build: sample.build.name, error };
        }
        return null;
      },
    ),
    problemCase(
      `mutate: ends on a build of nothing and on one of ${LARGE_GPUS} GPUs`,
      `${of} changes every build, or nothing of it, but always ends`,
      "look at nothing that may be missing, and at workers as ranges",
      () => {
        for (const build of [emptyBuild(), largeBuild()]) {
          for (const args of [...samples, ...builds.map((sample) => sample.args)]) {
            const result = outcomeOf(() => mutate(build, structuredClone(build.authored), args));
            if (isThrown(result)) return { build: build.name, problem: result };
          }
        }
        return null;
      },
    ),
  ];
}

/** Secrets have a case of their own. */
const SECRET = "config/secret";

function errorsOf(authored: Authored, facts: ReturnType<typeof factsOfDefinitions>): readonly string[] {
  try {
    return resolve({ authored }, facts)
      .findings.filter(({ severity, code }) => severity === "error" && code !== SECRET)
      .map(({ code, message }) => `${code}: ${message}`);
  } catch (error) {
    return [`it has no shape that can be proved: ${String(error)}`];
  }
}

/** What was authored, with changes made in their order; those that can't be made are left out. */
export function withChanges(authored: Authored, changes: readonly Change[]): Authored {
  const mutations = new Mutations(authored);
  mutations.apply(changes, THIS, 0);
  return mutations.authored;
}

const THIS: MutatorHook = {
  kind: "mutator",
  type: "sample",
  package: "loaded",
  at: { kind: "nowhere", reason: "it is a sample" },
  args: {},
};

function textOf(value: unknown): string {
  try {
    return canonicalJson(value);
  } catch (error) {
    return String(error);
  }
}
