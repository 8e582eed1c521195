import { describe, expect, it } from "vitest";
import { lines } from "../resolve/configs.ts";
import { call, callLines, laidOut } from "./layouts.ts";

const train = call("train", "trainStep", "actor", { blendInto: { role: "ref", eta: 0.25 } });

describe("parameters that follow others", () => {
  it("are reached by a hook of the train step, and stay on their GPUs", () => {
    const layout = laidOut({ calls: [call("gen", "generate"), train, call("ref_inf", "inference", "ref")] });
    expect(callLines(layout)).toEqual(["gen actor@0", "train actor@0 | to ref@0", "ref_inf ref@0"]);
    expect(layout.calls?.[1]?.postHooks).toMatchObject([{ kind: "paramRealloc", source: null, eta: 0.25 }]);
  });

  it("must be held by someone", () => {
    expect(lines(laidOut({ calls: [call("gen", "generate"), train] }).findings)).toEqual([
      "call/blend-without-model /calls/train/postHooks",
    ]);
  });
});
