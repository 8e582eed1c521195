import { describe, expect, it } from "vitest";
import { seal } from "../../../src/manifest/seal.ts";
import { resolve } from "../../../src/resolve/resolve.ts";
import { experimentConfig } from "../../../src/spec/experiment-config.ts";
import { authored, call, lines, ranksOf, topo } from "./configs.ts";

const one = topo(1, 1, 1);
/** A role with shards but no call: a warning. */
const spare = experimentConfig({ modelRpcs: [call("a", "x@0")], modelWorker: ranksOf({ "x@0": one, "y@0": one }) });
const REASON = "kept for a later setup";

describe("an acknowledgement", () => {
  it("takes its warning out, and stays with its reason in the manifest and its reach", () => {
    expect(lines(resolve({ authored: authored([spare]) }).findings)).toEqual([
      "graph/role-without-call /setups/0/modelWorker/shards/1/modelName",
    ]);
    const part = authored([spare], { acknowledgements: [{ code: "graph/role-without-call", reason: REASON }] });
    const { value, findings } = resolve({ authored: part });
    expect(findings).toEqual([]);
    expect(value.reach.assumed).toContain(`graph/role-without-call: ${REASON}`);
    const { text } = seal({ name: "t", preset: null, declared: null, authored: part, resolved: value });
    expect(text).toContain(`{"code":"graph/role-without-call","reason":"${REASON}"}`);
  });

  it("that matches nothing is a warning itself", () => {
    const sound = experimentConfig({ modelRpcs: [call("a", "x@0")], modelWorker: ranksOf({ "x@0": one }) });
    const acknowledgements = [{ code: "graph/role-without-call", reason: REASON }];
    const { findings } = resolve({ authored: authored([sound], { acknowledgements }) });
    expect(lines(findings)).toEqual(["config/unused-acknowledgement /acknowledgements/0"]);
    expect(findings[0]?.severity).toBe("warning");
  });

  it("whose code is misspelt is one mistake, and the warning that was meant is none", () => {
    const acknowledgements = [{ code: "graph/role-without-calls", reason: REASON }];
    const { findings } = resolve({ authored: authored([spare], { acknowledgements }) });
    expect(lines(findings)).toEqual(["config/acknowledged-unknown /acknowledgements/0"]);
    expect(findings[0]?.help).toBe("use `graph/role-without-call`");
  });

  it("of another code that is there leaves a warning alone, however alike they are", () => {
    const acknowledgements = [{ code: "graph/replica-not-called", reason: REASON }];
    const { findings } = resolve({ authored: authored([spare], { acknowledgements }) });
    expect(lines(findings)).toEqual([
      "graph/role-without-call /setups/0/modelWorker/shards/1/modelName",
      "config/unused-acknowledgement /acknowledgements/0",
    ]);
    expect(findings[1]?.help).toBe("remove the acknowledgement");
  });

  it("does not take an error out", () => {
    const broken = experimentConfig({ modelRpcs: [call("a", "zeta@0")], modelWorker: ranksOf({ "x@0": one }) });
    const acknowledgements = [
      { code: "graph/model-without-shards", reason: REASON },
      { code: "graph/role-without-call", reason: REASON },
    ];
    const { findings } = resolve({ authored: authored([broken], { acknowledgements }) });
    expect(lines(findings)).toEqual([
      "graph/model-without-shards /setups/0/modelRpcs/0/modelName",
      "config/acknowledged-error /acknowledgements/0",
    ]);
  });

  it("takes warnings of every setup out", () => {
    const sound = experimentConfig({ modelRpcs: [call("a", "x@0")], modelWorker: ranksOf({ "x@0": one }) });
    const part = authored([sound, spare], { acknowledgements: [{ code: "graph/role-without-call", reason: REASON }] });
    expect(resolve({ authored: part }).findings).toEqual([]);
  });

  it("without a reason is an error, and the warning no second one", () => {
    const part = authored([spare], { acknowledgements: [{ code: "graph/role-without-call", reason: " " }] });
    expect(lines(resolve({ authored: part }).findings)).toEqual(["config/acknowledgement-reason /acknowledgements/0"]);
  });

  it("of a code that is none is told, with the nearest", () => {
    const acknowledgements = [
      { code: "graph/role-without-calls", reason: REASON },
      { code: "house-rules/long-runs", reason: REASON },
    ];
    const { findings } = resolve({ authored: authored([spare], { acknowledgements }) });
    expect(lines(findings)).toEqual([
      "config/acknowledged-unknown /acknowledgements/0",
      "config/unused-acknowledgement /acknowledgements/1",
    ]);
    expect(findings[0]?.help).toBe("use `graph/role-without-call`");
  });

  it("of an error is told, whether anything gives it or not", () => {
    const acknowledgements = [{ code: "graph/cycle", reason: REASON }];
    const { findings } = resolve({ authored: authored([spare], { acknowledgements }) });
    expect(lines(findings).at(-1)).toBe("config/acknowledged-error /acknowledgements/0");
    expect(findings.at(-1)?.severity).toBe("error");
  });
});
