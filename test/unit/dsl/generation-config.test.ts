import { describe, expect, it } from "vitest";
import { generationConfig } from "../../../src/dsl/generation-config.ts";
import { GenerationOptions } from "../../../src/dsl/option-groups.ts";

const options = (change: Partial<GenerationOptions> = {}) => Object.assign(new GenerationOptions(), change);

describe("the configuration of generation", () => {
  it("is a copy of the options", () => {
    const given = options({ topK: 5, maxNewTokens: 7 });
    const config = generationConfig(given);
    expect(config).toEqual({ ...given });
    expect(config).not.toBe(given);
  });

  it("takes changes over the options", () => {
    expect(generationConfig(options({ n: 2 }), { n: 16, greedy: true })).toEqual({ ...options(), n: 16, greedy: true });
  });

  it("is greedy at temperature 1 where the temperature is 0, whoever says so", () => {
    const greedy = { ...options(), greedy: true, temperature: 1 };
    expect(generationConfig(options({ temperature: 0 }))).toEqual(greedy);
    expect(generationConfig(options(), { temperature: 0 })).toEqual(greedy);
    expect(generationConfig(options({ temperature: 0.1 }))).toEqual({ ...options(), temperature: 0.1 });
  });

  it("carries no marks of where the options come from", () => {
    const given = Object.assign(options(), { [Symbol("origin")]: "options" });
    expect(Object.getOwnPropertySymbols(generationConfig(given))).toEqual([]);
  });
});
