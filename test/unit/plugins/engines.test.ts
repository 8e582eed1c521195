import { describe, expect, it } from "vitest";
import { inferenceBackend, megatron, mockTrain, sglang, SglangOptions, vllm, VllmOptions } from "assay/plugins";
import type { ShardRequest } from "../../../src/plugin/definition.ts";

const request = (apart: boolean, options: object): ShardRequest => ({
  model: { path: "/ckpt", ...options },
  family: "qwen2",
  tokenizerPath: "/ckpt",
  apart,
});
const withHybrid = {
  sglang: { ...new SglangOptions(), hybridTrain: true, contextLength: 1024 },
  vllm: { ...new VllmOptions(), hybridTrain: true, blockSize: 8 },
};

describe("engines", () => {
  it("take all options of a model, and its path", () => {
    expect(vllm.definition.shard(request(false, withHybrid))).toEqual({ modelPath: "/ckpt", ...withHybrid.vllm });
    expect(sglang.definition.shard(request(false, withHybrid))).toEqual({ modelPath: "/ckpt", ...withHybrid.sglang });
  });

  it("train nothing beside generation on GPUs of their own, whatever the option says", () => {
    expect(vllm.definition.shard(request(true, withHybrid))).toMatchObject({ hybridTrain: false, blockSize: 8 });
    expect(sglang.definition.shard(request(true, withHybrid))).toMatchObject({
      hybridTrain: false,
      contextLength: 1024,
    });
  });

  it("serve by themselves if they can: with the options as they are, and no path", () => {
    expect(sglang.definition.server?.(request(true, withHybrid))).toEqual(withHybrid.sglang);
    for (const { definition } of [vllm, megatron, mockTrain, inferenceBackend]) {
      expect(definition.server, definition.type).toBeNull();
    }
  });

  it("name the options that bound captured sequences, and have them", () => {
    const { captures, facts } = vllm.definition;
    expect(captures).toEqual({ limit: "maxSeqLenToCapture", unless: "enforceEager" });
    expect(facts["captures"]).toEqual(captures);
    expect(new VllmOptions()).toMatchObject({ maxSeqLenToCapture: 32_768, enforceEager: false });
    expect(sglang.definition.captures).toBeNull();
    expect(sglang.definition.facts).not.toHaveProperty("captures");
  });
});
