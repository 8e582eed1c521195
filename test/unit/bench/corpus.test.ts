import { describe, expect, it } from "vitest";
import { corpusFiles } from "../../bench/corpus.ts";

const files = corpusFiles();
const paths = [...files.keys()];
const inFolder = (folder: string) => paths.filter((path) => path.startsWith(`${folder}/`));

describe("the corpus of the benchmark", () => {
  it("is the same each time", () => {
    expect([...corpusFiles()]).toEqual([...files]);
  });

  it("has 200 experiments in three shapes and 20 shared modules", () => {
    const shapes = inFolder("experiments").map((path) => /(\w+)-\d+\.ts$/.exec(path)?.[1]);
    expect(new Set(shapes)).toEqual(new Set(["sft", "ppo", "pref"]));
    expect(shapes).toHaveLength(200);
    expect(inFolder("shared")).toHaveLength(20);
  });

  it("has experiments of 60 to 150 lines with two presets each", () => {
    for (const path of inFolder("experiments")) {
      const text = files.get(path) ?? "";
      expect(text.trimEnd().split("\n").length, path).toSatisfy((lines: number) => lines >= 60 && lines <= 150);
      expect(text.match(/^@Preset\(/gm), path).toHaveLength(2);
    }
  });

  it("names every shared module somewhere", () => {
    const all = [...files.values()].join("\n");
    for (const path of inFolder("shared")) expect(all).toContain(`/${path.slice("shared/".length)}"`);
  });

  it("leaves what is proved while editing out on demand", () => {
    const plain = corpusFiles({ plainStrings: true });
    for (const path of inFolder("experiments")) {
      expect(plain.get(path)?.match(/^\}?.*\} as Record<string, unknown>\)$/gm), path).toHaveLength(2);
    }
    const ppo = plain.get("experiments/ppo-001.ts") ?? "";
    expect(ppo).toContain('generate("actor" as string, actor, {');
    expect(ppo).toContain('yields: ["rewards" as string],');
    expect(ppo).toContain('this.hasReference && "packed_ref_logprobs" as string,');
  });
});
