import { beforeAll, describe, expect, it } from "vitest";
import { compileModules } from "./codes/compile.ts";
import { allPages, changedLines } from "./codes/pages.ts";
import { type Outcome, runExamples, type ToldMessage } from "./codes/run.ts";

/** Codes of fixes that can't be applied stand beside that of the mistake, which is still there. */
const BESIDE: Readonly<Record<string, readonly string[]>> = {
  "cli/file-changed": ["option/unknown"],
  "cli/file-not-writable": ["option/unknown"],
};

/** Messages with numbers that nobody set, with the reason. */
const WITHOUT_ORIGIN: Readonly<Record<string, string>> = {
  "evaluate/output-limit": "one number is counted, and the thread that counts doesn't know who set its limit",
  "graph/duplicate-call": "calls are numbered by Assay",
  "model/card": "all numbers stand in the one file that the message names",
  "manifest/version": "one number stands in the manifest, the other one is this reader's",
  "mesh/shape": "a program passed the value to a function, which knows no place but its call",
  "mesh/values": "a program passed the value to a function, which knows no place but its call",
  "mesh/whole-nodes": "a program passed the value to a function, which knows no place but its call",
  "plugin/api-version": "one number stands in the file that the message names, the other one is this Assay's",
  "scheduling/whole-nodes": "a program passed the value to a function, which knows no place but its call",
  "topology/rank-twice": "ranks and workers are numbered by Assay",
};

/** A few hundred examples, on a machine that may be busy with other tests. */
const MOST_MS = 300_000;

const pages = allPages();
const outcomes = new Map<string, Outcome>();

beforeAll(async () => {
  const examples = pages.flatMap(({ wrong, cure }) => [wrong, cure]).filter((example) => example !== null);
  for (const outcome of await runExamples(examples)) {
    outcomes.set(`${outcome.example.code} ${outcome.example.side}`, outcome);
  }
}, MOST_MS);

/** Messages of the wrong examples, each code's once. */
function messages(): readonly ToldMessage[] {
  return pages.flatMap(({ code }) => outcomes.get(`${code} wrong`)?.messages.find((one) => one.code === code) ?? []);
}

/** Messages that compare numbers, or work with them: at least two, outside of what is quoted. */
function reckoning(): readonly ToldMessage[] {
  return messages().filter(({ message }) => {
    const own = message.replaceAll(/`[^`]*`|"[^"]*"/g, "");
    return (own.match(/(?<![\w.])-?\d[\d,.]*(?![\w])/g)?.length ?? 0) >= 2 || / (?:x|=|\/) /.test(own);
  });
}

const told = ({ code, message }: ToldMessage): string => `${code}: ${message}`;

describe("the page of a code", () => {
  it.each(pages.map(({ code, wrong, cure }) => [code, wrong, cure] as const))("%s", (code, wrong, cure) => {
    if (wrong === null || cure === null) throw new Error("the page has not one block in each part");
    expect(wrong.scaffold, "the page names a scaffold").not.toBe(null);
    expect(cure.scaffold, "both examples stand in the same scaffold").toBe(wrong.scaffold);
    expect(changedLines(wrong.text, cure.text), "lines that the cure changes").toBeLessThanOrEqual(3);
    expect(changedLines(wrong.text, cure.text), "lines that the cure changes").toBeGreaterThan(0);
    const bad = outcomes.get(`${code} wrong`);
    const good = outcomes.get(`${code} cure`);
    expect(bad?.codes, `the wrong example says:\n${bad?.said}`).toEqual([code, ...(BESIDE[code] ?? [])]);
    expect(good?.codes, `the cure says:\n${good?.said}`).toEqual([]);
    expect(good?.isSound, `the cure is proved; it says:\n${good?.said}`).toBe(true);
  });

  it("says where the numbers of its message come from", () => {
    const silent = reckoning().filter(({ origins }) => origins === 0);
    expect(silent.filter(({ code }) => !Object.hasOwn(WITHOUT_ORIGIN, code)).map(told)).toEqual([]);
    // What tells its origins by now is no exception.
    const codes = new Set(silent.map(({ code }) => code));
    expect(Object.keys(WITHOUT_ORIGIN).filter((code) => !codes.has(code))).toEqual([]);
  });

  it("says what to do", () => {
    expect(messages().flatMap((one) => (one.help ? [] : told(one)))).toEqual([]);
  });

  it("has a cure that compiles", async () => {
    expect(await compileModules(pages.flatMap(({ cure }) => cure ?? []))).toBe("");
  });
});
