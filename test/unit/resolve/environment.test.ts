import { describe, expect, it } from "vitest";
import { resolve } from "../../../src/resolve/resolve.ts";
import { experimentConfig } from "../../../src/spec/experiment-config.ts";
import type { TypeArgs } from "../../../src/spec/pair.ts";
import {
  type ExperimentScheduling,
  experimentScheduling,
  scheduling,
  tasksGroup,
} from "../../../src/spec/scheduling.ts";
import { modelWorker, rolloutWorker } from "../../../src/spec/worker.ts";
import { authored, call, factsOf, lines } from "./configs.ts";

const ADDRESS = { pattern: String.raw`^http://\w+:\d+$`, what: "an address of the form http://host:port" };
const FACTS = factsOf({
  interface: {
    judge: { facts: { env: { JUDGE: ADDRESS } } },
    twins: { facts: { pairs: { each: "interface" } } },
    careless: { facts: { env: { JUDGE: { pattern: "(", what: "nothing that can be said" } } } },
  },
  environment: { court: { facts: { env: { JUDGE: ADDRESS, ["LEVEL"]: { pattern: "^[0-9]$", what: "a digit" } } } } },
});
const JUDGE: TypeArgs = { type: "judge", args: {} };

function found(
  pairs: { readonly interfaceImpl?: TypeArgs; readonly env?: TypeArgs },
  variables: Readonly<Record<string, string>>,
  more: (each: ReturnType<typeof scheduling>) => Partial<ExperimentScheduling> = () => ({}),
) {
  const each = scheduling({ cpu: 1, gpu: 0, memMiB: 1, envVars: variables });
  const { interfaceImpl, env } = pairs;
  const rollout = rolloutWorker({
    baseSeed: 1,
    modelName: { role: "x", replicaId: 0 },
    tokenizerPath: "t",
    newTokensPerChunk: 1,
    rolloutRequestTimeout: 1,
    env: env ?? { type: "test", args: {} },
    agent: { type: "test", args: {} },
    datasets: [],
  });
  const config = experimentConfig({
    modelRpcs: [call("c", "x@0", [], [], interfaceImpl === undefined ? {} : { interfaceImpl })],
    modelWorker: [modelWorker({ baseSeed: 1, shards: [] })],
    rolloutWorker: env === undefined ? [] : [rollout],
  });
  const plain = scheduling({ cpu: 1, gpu: 0, memMiB: 1 });
  const groups = experimentScheduling({
    modelWorker: tasksGroup(1, each),
    masterWorker: tasksGroup(1, plain),
    ...(env === undefined ? {} : { rolloutWorker: tasksGroup(1, plain) }),
    ...more(each),
  });
  const { findings } = resolve({ authored: authored([config], { scheduling: groups }) }, FACTS);
  return findings.filter(({ code }) => code === "scheduling/environment-value");
}

describe("environment variables that plugins read", () => {
  it("scheduling/environment-value where one is not what a type in use reads, with all that it takes to mend it", () => {
    const findings = found({ interfaceImpl: JUDGE }, { JUDGE: "judge.internal", OTHER: "judge.internal" });
    expect(lines(findings)).toEqual(["scheduling/environment-value /scheduling/modelWorker/scheduling/envVars/JUDGE"]);
    expect(findings[0]?.message).toBe(
      '`JUDGE` is "judge.internal"; interface `judge` needs an address of the form http://host:port',
    );
  });

  it("are fine where they match, are not set, or nobody in use reads them", () => {
    expect(found({ interfaceImpl: JUDGE }, { JUDGE: "http://judge:80" })).toEqual([]);
    expect(found({ interfaceImpl: JUDGE }, {})).toEqual([]);
    expect(found({}, { JUDGE: "judge" })).toEqual([]);
    expect(found({ interfaceImpl: { type: "careless", args: {} } }, { JUDGE: "judge" })).toEqual([]);
  });

  it("are read by pairs inside of arguments, too", () => {
    const twins = { type: "twins", args: { each: [{ type: "test", args: {} }, JUDGE] } } as never;
    expect(found({ interfaceImpl: twins }, { JUDGE: "judge" })).toHaveLength(1);
  });

  it("are one mistake, however many read one and however many workers have it", () => {
    const everywhere = (each: ReturnType<typeof scheduling>) => ({
      modelWorker: [tasksGroup(1, each), tasksGroup(0, each)],
      masterWorker: tasksGroup(1, each),
    });
    const findings = found({ interfaceImpl: JUDGE, env: { type: "court", args: {} } }, { JUDGE: "judge" }, everywhere);
    expect(lines(findings)).toEqual([
      "scheduling/environment-value /scheduling/modelWorker/0/scheduling/envVars/JUDGE",
    ]);
  });

  it("are two mistakes with two values, or of two variables", () => {
    const other = () => ({
      masterWorker: tasksGroup(1, scheduling({ cpu: 1, gpu: 0, memMiB: 1, envVars: { JUDGE: "b", ["LEVEL"]: "10" } })),
    });
    expect(lines(found({ env: { type: "court", args: {} } }, { JUDGE: "a" }, other))).toEqual([
      "scheduling/environment-value /scheduling/modelWorker/scheduling/envVars/JUDGE",
      "scheduling/environment-value /scheduling/masterWorker/scheduling/envVars/JUDGE",
      "scheduling/environment-value /scheduling/masterWorker/scheduling/envVars/LEVEL",
    ]);
  });
});
