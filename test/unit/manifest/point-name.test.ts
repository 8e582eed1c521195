import * as fc from "fast-check";
import type { JsonValue } from "type-fest";
import { describe, expect, it } from "vitest";
import { nameFindings } from "../../../codegen/write/names.ts";
import { parseValue } from "../../../src/cli/overrides.ts";
import { canonicalJson } from "../../../src/manifest/canonical.ts";
import { shuffled } from "../shuffled.ts";
import { MAX_POINT_LENGTH, type PointChange, pointName, typedText } from "../../../src/manifest/point-name.ts";

const name = (values: Readonly<Record<string, JsonValue>>) =>
  pointName(Object.entries(values).map(([path, value]) => ({ path, value })));

describe("a point's name", () => {
  it.each([
    [{ "model.optimizer.lr": 1e-5, "dataset.trainBsNSeqs": 128 }, "dataset.trainBsNSeqs=128,model.optimizer.lr=1e-5"],
    [{ lr: 0.00001 }, "lr=1e-5"],
    [{ lr: 0.05, seed: 100000 }, "lr=0.05,seed=100000"],
    [{ a: true, b: null, c: "linear", d: -3 }, "a=true,b=null,c=linear,d=-3"],
    [{ allocationMode: "sglang.d4p1m1+d4p1m1" }, "allocationMode=sglang.d4p1m1+d4p1m1"],
    // What would read as another value, or has other characters, is told apart by a hash.
    [{ a: "1" }, "a=1~391552c099c1"],
    [{ a: "Adam" }, "a=adam~ebdf4a984e24"],
    [{ a: "" }, "a=~12ae32cb1ec0"],
    [{ a: "*:d4p1m1,b:d8p1m1" }, "a=d4p1m1-b-d8p1m1~cfc39433a900"],
    [{ a: [1, 2] }, "a=1-2~49a64717d5d4"],
    [{ "envVars.NCCL_DEBUG": "INFO" }, "envvars.nccl_deb~dcdd9a1d5d4c=info~06cbfd138d08"],
  ])("%j is %s", (values, expected) => expect(name(values)).toBe(expected));

  it("is cut where it is long", () => {
    const long = name(
      Object.fromEntries(Array.from({ length: 9 }, (_, index) => [`some.option.number${index}`, index])),
    );
    expect(long).toHaveLength(MAX_POINT_LENGTH);
    expect(long).toMatch(/^some\.option\.number0=0,some\.option\.number1=1,.*~[0-9a-f]{12}$/);
  });
});

const path = fc.oneof(
  fc.stringMatching(/^[a-z][A-Za-z0-9]{0,8}(\.[a-z][A-Za-z0-9]{0,8}){0,3}$/),
  fc.string({ minLength: 1, maxLength: 20 }),
);
const value = fc.oneof(
  fc.integer(),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.boolean(),
  fc.constant(null),
  fc.string(),
  fc.stringMatching(/^[A-Za-z0-9._+,:*[\]-]{0,60}$/),
  fc.jsonValue({ maxDepth: 2 }) as fc.Arbitrary<JsonValue>,
);
const changes = fc.uniqueArray(fc.record({ path, value }), { selector: (one) => one.path, minLength: 1, maxLength: 6 });

const keyOf = (list: readonly PointChange[]): string =>
  canonicalJson(list.map((one) => [one.path, one.value] as const).sort(([a], [b]) => (a < b ? -1 : 1)));

describe("whatever the paths and values", () => {
  it("the order does not matter", () => {
    fc.assert(
      fc.property(changes, fc.nat(), (list, seed) => {
        const other = shuffled(list.length, seed).map((index) => list[index] as PointChange);
        expect(pointName(other)).toBe(pointName(list));
      }),
    );
  });

  it("a name is sound as a part of a file name, and short", () => {
    fc.assert(
      fc.property(changes, (list) => {
        const text = pointName(list);
        expect(text).toMatch(/^[A-Za-z0-9._+=,~-]+$/);
        expect(text.length).toBeLessThanOrEqual(MAX_POINT_LENGTH);
        expect(nameFindings([`sft.one-node@${text}.manifest.json`])).toEqual([]);
      }),
    );
  });

  it("distinct ones have distinct names, also where case makes no difference", () => {
    // Near values: the same paths with values of all kinds that look alike.
    const near = fc.constantFrom<JsonValue>(
      1,
      "1",
      true,
      "true",
      null,
      "null",
      "a",
      "A",
      "a ",
      [1],
      "[1]",
      "",
      10,
      1e-5,
      "1e-5",
    );
    const pair = fc.oneof(
      fc.tuple(changes, changes),
      changes.chain((list) =>
        fc.tuple(
          fc.constant(list),
          fc.tuple(...list.map(({ path: own }) => fc.record({ path: fc.constant(own), value: fc.oneof(near, value) }))),
        ),
      ),
      fc.tuple(near, near).map(([a, b]) => [[{ path: "p", value: a }], [{ path: "p", value: b }]] as const),
    );
    fc.assert(
      fc.property(pair, ([a, b]) => {
        const paths = new Set([...a, ...b].map((one) => one.path));
        // Options that differ by case only are refused when they are written.
        fc.pre(new Set([...paths].map((one) => one.toLowerCase())).size === paths.size);
        const isSame = pointName(a).toLowerCase() === pointName(b).toLowerCase();
        expect(isSame).toBe(keyOf(a) === keyOf(b));
      }),
      { numRuns: 2000 },
    );
  });

  it("the typed text of a value reads as the value", () => {
    fc.assert(
      fc.property(value, (own) => {
        expect(canonicalJson(parseValue(typedText(own)))).toBe(canonicalJson(own));
      }),
    );
  });
});
