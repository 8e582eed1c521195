import { describe, expect, it, test } from "vitest";
import type { JsonObject } from "type-fest";
import "../../experiments/ppo-math/experiment.ts";
import {
  type Change,
  defineMutator,
  defineRule,
  type Mutator,
  type MutatorRequest,
  type Rule,
  type RuleFinding,
  type RuleRequest,
} from "../../src/plugin/index.ts";
import { contractOf, provedBuild } from "../../src/testing/index.ts";
import { clusterSpec } from "../../src/spec/cluster.ts";
import { groupsOf } from "../../src/spec/scheduling.ts";
import { apart, descriptorOf, failing } from "./broken.ts";

const args = {
  type: "object",
  properties: { gpus: { type: "integer", minimum: 1 } },
  required: ["gpus"],
  additionalProperties: false,
} as const;
interface Args {
  readonly gpus: number;
}

const cluster = clusterSpec({ name: "h800x32", type: "slurm", fileroot: "/storage", nodeNamePrefix: "node", nodes: 4 });
const path = "llama-3.1-8b";
const build = provedBuild("ppo-math", {
  cluster,
  overrides: {
    allocationMode: "d8p1m1",
    nNodes: 1,
    envVars: { NCCL_DEBUG: "INFO" },
    ...Object.fromEntries(["actor", "critic", "ref", "rew"].map((role) => [role, { path }])),
  },
});

type Code = "site/gpu-limit" | "site/debug";
const CODES = {
  "site/gpu-limit": { severity: "error", meaning: "more GPUs than a user may have" },
  "site/debug": { severity: "warning", meaning: "a run that prints too much" },
} as const;

/** What a sound rule finds. */
function* found({ args: { gpus }, build: { authored } }: RuleRequest<Args>): Generator<RuleFinding<Code>> {
  for (const group of groupsOf(authored.scheduling.modelWorker)) {
    if (group.count * group.scheduling.gpu > gpus) {
      yield {
        code: "site/gpu-limit",
        message: `${group.count} GPUs, and a user may have ${gpus}`,
        at: { pointer: "/scheduling/modelWorker/count" },
        help: "take fewer nodes",
      };
    }
    if (group.scheduling.envVars["NCCL_DEBUG"] === "INFO") {
      yield { code: "site/debug", message: "NCCL prints all that it does", at: { option: "envVars" } };
    }
  }
}

type Check = (request: RuleRequest<Args>) => Iterable<RuleFinding<Code>>;
const limits: readonly [Args, readonly Code[]][] = [
  [{ gpus: 4 }, ["site/gpu-limit", "site/debug"]],
  [{ gpus: 8 }, ["site/debug"]],
];
const quiet = structuredClone(build);
Reflect.deleteProperty(
  (groupsOf(quiet.authored.scheduling.modelWorker)[0] as never as { scheduling: { envVars: object } }).scheduling
    .envVars,
  "NCCL_DEBUG",
);
const samples = [
  ...limits.map(([given, codes]) => ({ build, args: given, codes })),
  { build: quiet, args: { gpus: 8 }, codes: [] },
];

function rule(check: Check = found, builds: readonly object[] = samples, change?: (descriptor: JsonObject) => void) {
  class Limit implements Rule<Args, Code> {
    check(request: RuleRequest<Args>): Iterable<RuleFinding<Code>> {
      return check(request);
    }
  }
  const made = apart(() => defineRule({ type: "gpu-limit", args, codes: CODES, rule: Limit }));
  return failing(
    contractOf(made, {
      descriptor: descriptorOf(made.definition, change),
      args: [{ gpus: 8 }],
      builds: builds as never,
    }),
  );
}

/** A rule whose findings are changed. */
const changed = (change: (finding: RuleFinding<Code>) => object) =>
  rule((request) => [...found(request)].map((finding) => ({ ...finding, ...change(finding) }) as never));

let checks = 0;

describe("the suite of a rule", () => {
  it("finds nothing wrong with a sound one", async () => {
    expect(build.options["nNodes"]).toBe(1);
    expect(await rule()).toEqual([]);
  });

  test.each<readonly [string, string, () => Promise<readonly string[]>]>([
    [
      "a code of another severity in the descriptor",
      "descriptor: codes are those of the code",
      () =>
        rule(found, samples, (d) => {
          const [first] = d["codes"] as { severity: string }[];
          Object.assign(first as object, { severity: first?.severity === "error" ? "warning" : "error" });
        }),
    ],
    [
      "a sample that gives other codes",
      "builds: give the codes that are expected",
      () => rule(found, [...samples, { build, args: { gpus: 64 }, codes: [] }]),
    ],
    [
      "a code that no sample shows",
      "builds: show each code, and a build that is fine",
      () => rule(found, samples.slice(1)),
    ],
    [
      "no sample that is fine",
      "builds: show each code, and a build that is fine",
      () => rule(found, samples.slice(0, 2)),
    ],
    [
      "a place that is not there",
      "findings: belong to places that there are",
      () =>
        changed(({ at }) =>
          typeof at === "object" && "pointer" in at ? { at: { pointer: "/scheduling/modelWorkers" } } : {},
        ),
    ],
    [
      "an option that is not there",
      "findings: belong to places that there are",
      () => changed(({ at }) => (typeof at === "object" && "option" in at ? { at: { option: "environment" } } : {})),
    ],
    [
      "a related place that is not there",
      "findings: belong to places that there are",
      () => changed(() => ({ related: [{ at: { pointer: "/nowhere" }, message: "here" }] })),
    ],
    [
      "a message of two lines",
      "findings: are said in one plain line, and helps begin with a verb",
      () => changed(({ message }) => ({ message: `${message}\nindeed` })),
    ],
    [
      "a help that explains",
      "findings: are said in one plain line, and helps begin with a verb",
      () => changed(() => ({ help: "the limit is there for a reason" })),
    ],
    [
      "a rule that writes into the build",
      "check: changes nothing",
      () =>
        rule((request) => {
          Object.assign(request.build, { tags: [...request.build.tags] });
          return found(request);
        }),
    ],
    [
      "a rule that counts",
      "check: gives the same each time, and in any order",
      () =>
        rule((request) =>
          [...found(request)].map((finding) => ({
            ...finding,
            related: (checks += 1) % 7 === 0 ? [] : [{ at: "experiment" as const, message: "it is it" }],
          })),
        ),
    ],
    [
      "a rule that needs a call",
      "check: ends on a build of nothing and on one of 16384 GPUs",
      () =>
        rule((request) => {
          if (request.build.authored.setups[0]?.modelRpcs[0]?.name === undefined) throw new Error("no call");
          return found(request);
        }),
    ],
    [
      "a rule that tells each GPU",
      "check: ends on a build of nothing and on one of 16384 GPUs",
      () =>
        rule(function* (request) {
          yield* found(request);
          const gpus = groupsOf(request.build.authored.scheduling.modelWorker)[0]?.count ?? 0;
          for (let gpu = 64; gpu < gpus; gpu += 1)
            yield { code: "site/debug", message: `GPU ${gpu}`, at: "experiment" };
        }),
    ],
  ])("finds %s", async (_broken, one, run) => {
    expect(await run()).toEqual([one]);
  });

  it("finds a code that is not declared, and so not expected", async () => {
    const other = () => changed(({ code }) => (code === "site/debug" ? { code: "site/other" } : {}));
    expect(await other()).toEqual(["builds: give the codes that are expected", "findings: have codes of the rule"]);
  });
});

/** What a sound mutator changes. */
function* changes({ args: { gpus }, authored }: MutatorRequest<Args>): Generator<Change> {
  const because = `users have ${gpus} GPUs`;
  for (const kind of ["modelWorker", "masterWorker"] as const) {
    const groups = authored.scheduling[kind];
    if (groups === null || Array.isArray(groups)) continue;
    yield { at: `/scheduling/${kind}/scheduling/timeLimit`, value: "1-00:00:00", because };
  }
}

type Mutate = (request: MutatorRequest<Args>) => Iterable<Change>;
const TIMES = ["/scheduling/masterWorker/scheduling/timeLimit", "/scheduling/modelWorker/scheduling/timeLimit"];

function mutator(mutate: Mutate = changes, pointers: readonly string[] = TIMES) {
  class Limits implements Mutator<Args> {
    mutate(request: MutatorRequest<Args>): Iterable<Change> {
      return mutate(request);
    }
  }
  const made = apart(() => defineMutator({ type: "time-limit", args, mutator: Limits }));
  const builds = [{ build, args: { gpus: 8 }, changes: pointers }];
  return failing(contractOf(made, { descriptor: descriptorOf(made.definition), args: [{ gpus: 8 }], builds }));
}

const also = (change: Change): Mutate =>
  function* (request) {
    yield* changes(request);
    yield change;
  };
const GPU = "/scheduling/modelWorker/scheduling/gpu";
const LIMIT = TIMES[1] as string;

describe("the suite of a mutator", () => {
  it("finds nothing wrong with a sound one", async () => {
    expect(await mutator()).toEqual([]);
  });

  test.each<readonly [string, string, () => Promise<readonly string[]>]>([
    ["a change that nobody expects", "builds: are changed as expected", () => mutator(changes, TIMES.slice(1))],
    [
      "a change of the cluster",
      "changes: are of what may be changed",
      () => mutator(also({ at: "/cluster/nodes", value: 1, because: "it is so" }), [...TIMES, "/cluster/nodes"]),
    ],
    [
      "a change of what is not there",
      "changes: are of what may be changed",
      () =>
        mutator(also({ at: "/scheduling/noWorker/count", value: 1, because: "it is so" }), [
          ...TIMES,
          "/scheduling/noWorker/count",
        ]),
    ],
    [
      "a change without a reason",
      "changes: say why",
      () => mutator((request) => [...changes(request)].map((change) => ({ ...change, because: " " }))),
    ],
    [
      "a secret",
      "changes: are plain data without secrets",
      () =>
        mutator(also({ at: "/launch/apiKey", value: "9f86d081884c7d659a2feaa0", because: "it is so" }), [
          ...TIMES,
          "/launch/apiKey",
        ]),
    ],
    [
      "a value that grows",
      "changes: made twice are as made once",
      () =>
        mutator(
          function* (request) {
            yield* changes(request);
            const groups = groupsOf(request.authored.scheduling.modelWorker);
            yield {
              at: "/scheduling/modelWorker/scheduling/memMiB",
              value: (groups[0]?.scheduling.memMiB ?? 0) + 1,
              because: "more",
            };
          },
          [...TIMES, "/scheduling/modelWorker/scheduling/memMiB"],
        ),
    ],
    [
      "reasons that differ",
      "changes: are the same each time",
      () =>
        mutator((request) =>
          [...changes(request)].map((change) => ({ ...change, because: `it is so, ${(checks += 1)}` })),
        ),
    ],
    [
      "a mutator that writes by itself",
      "mutate: changes nothing by itself",
      () =>
        mutator((request) => {
          Object.assign(request.authored.launch, { mode: "slurm" });
          return changes(request);
        }),
    ],
    [
      "a value that is not sound",
      "changes: leave sound what is sound",
      () => mutator(also({ at: GPU, value: 1.5, because: "half more" }), [...TIMES, GPU]),
    ],
    [
      "a time that is none",
      "changes: leave sound what is sound",
      () =>
        mutator((request) =>
          [...changes(request)].map((change) => (change.at === LIMIT ? { ...change, value: "one day" } : change)),
        ),
    ],
    [
      "a mutator that needs a call",
      "mutate: ends on a build of nothing and on one of 16384 GPUs",
      () =>
        mutator((request) => {
          if (request.authored.setups[0]?.modelRpcs[0]?.name === undefined) throw new Error("no call");
          return changes(request);
        }),
    ],
  ])("finds %s", async (_broken, one, run) => {
    expect(await run()).toEqual([one]);
  });
});
