import { beforeAll, describe, expect, it } from "vitest";
import { compileModules } from "./codes/compile.ts";
import { allPages, changedLines } from "./codes/pages.ts";
import { type Outcome, runExamples } from "./codes/run.ts";

/** Codes that no project can be made to give, with the reason. */
const UNPROVOKED: Readonly<Record<string, string>> = {};

/** A few hundred examples, on a machine that may be busy with other tests. */
const MOST_MS = 300_000;

const pages = allPages();
const provoked = pages.filter(({ code }) => !Object.hasOwn(UNPROVOKED, code));
const outcomes = new Map<string, Outcome>();

beforeAll(async () => {
  const examples = provoked.flatMap(({ wrong, cure }) => [wrong, cure]).filter((example) => example !== null);
  for (const outcome of await runExamples(examples)) {
    outcomes.set(`${outcome.example.code} ${outcome.example.side}`, outcome);
  }
}, MOST_MS);

describe("the page of a code", () => {
  it.each(provoked.map(({ code, wrong, cure }) => [code, wrong, cure] as const))("%s", (code, wrong, cure) => {
    if (wrong === null || cure === null) throw new Error("the page has not one block in each part");
    expect(wrong.scaffold, "the page names a scaffold").not.toBe(null);
    expect(cure.scaffold, "both examples stand in the same scaffold").toBe(wrong.scaffold);
    expect(changedLines(wrong.text, cure.text), "lines that the cure changes").toBeLessThanOrEqual(3);
    expect(changedLines(wrong.text, cure.text), "lines that the cure changes").toBeGreaterThan(0);
    const bad = outcomes.get(`${code} wrong`);
    const good = outcomes.get(`${code} cure`);
    expect(bad?.codes, `the wrong example says:\n${bad?.said}`).toEqual([code]);
    expect(good?.codes, `the cure says:\n${good?.said}`).toEqual([]);
    expect(good?.isSound, `the cure is proved; it says:\n${good?.said}`).toBe(true);
  });

  it("has a cure that compiles", async () => {
    expect(await compileModules(provoked.flatMap(({ cure }) => cure ?? []))).toBe("");
  });

  it("is left out for a reason only where it exists", () => {
    const codes = pages.map(({ code }) => code);
    expect(Object.keys(UNPROVOKED).filter((code) => !codes.includes(code))).toEqual([]);
  });
});
