import { describe, expect, it } from "vitest";
import type { CapturedLength, LayoutModel } from "../../../src/layout/input.ts";
import { lines } from "../resolve/configs.ts";
import { call, laidOut, MODEL } from "./layouts.ts";

const captured: CapturedLength = {
  engine: "vllm",
  limit: 4096,
  limitOption: "vllm.maxSeqLenToCapture",
  eagerOption: "vllm.enforceEager",
  isEager: false,
};
const hybrid = [{ type: "vllm", supported: true }];
const tokens = { prompt: 1024, generated: 3073, promptPlace: null, option: "gen.maxNewTokens", engine: null };

interface Case {
  readonly mode?: string;
  readonly model?: Partial<LayoutModel>;
  readonly generates?: Partial<typeof tokens> & { readonly engine?: string };
}

function found({ mode = "vllm.d4p1m1+d4p1m1", model = {}, generates = {} }: Case) {
  const calls = [call("gen", "generate", "actor", { tokens: { ...tokens, ...generates } }), call("train", "trainStep")];
  return laidOut({ calls, allocationMode: mode, models: { actor: { ...MODEL, captured: [captured], ...model } } })
    .findings;
}

describe("sequences against the graphs of the engine", () => {
  it("may be as long as the graphs, no longer", () => {
    expect(found({ generates: { generated: 3072 } })).toEqual([]);
    const [finding, ...others] = found({});
    expect(others).toEqual([]);
    expect(lines([finding as never])).toEqual(["call/capture-length option:gen.maxNewTokens"]);
    expect(finding?.message).toBe(
      "call `gen` generates 3073 tokens after prompts of 1024, 4097 in all, but vllm captures graphs for 4096",
    );
    expect(finding?.help).toBe(
      "generate at most 3072, or raise `actor.vllm.maxSeqLenToCapture`, or set `actor.vllm.enforceEager`",
    );
  });

  it("are free where the engine runs without graphs, or another one generates", () => {
    expect(found({ model: { captured: [{ ...captured, isEager: true }] } })).toEqual([]);
    expect(found({ mode: "sglang.d4p1m1+d4p1m1" })).toEqual([]);
    expect(found({ mode: "d8p1m1" })).toEqual([]);
  });

  it("are bounded where the engine generates on the GPUs that train", () => {
    expect(found({ mode: "d8p1m1", model: { hybrid } })).toHaveLength(1);
    // It is switched on, whatever else has GPUs of its own.
    expect(found({ mode: "sglang.d4p1m1+d4p1m1", model: { hybrid } })).toHaveLength(1);
  });

  it("are bounded by an engine that the call names, whichever one generates", () => {
    for (const isEager of [false, true]) {
      const named = found({
        mode: "sglang.d4p1m1+d4p1m1",
        model: { captured: [{ ...captured, isEager }] },
        generates: { engine: "vllm" },
      });
      expect(named.map(({ help }) => help)).toEqual([
        "generate at most 3072, or raise `actor.vllm.maxSeqLenToCapture`",
      ]);
    }
  });
});
