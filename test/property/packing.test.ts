import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { fits, fitting, type Need, type Room, type TaskClass } from "../../src/spec/packing.ts";

const need = (most: number): fc.Arbitrary<Need> =>
  fc.record({ cpu: fc.integer({ min: 0, max: most }), memMiB: fc.integer({ min: 0, max: most }) });
const tasks: fc.Arbitrary<readonly TaskClass[]> = fc.array(
  fc.tuple(need(5), fc.integer({ min: 0, max: 3 })).map(([each, count]) => ({ ...each, count })),
  { maxLength: 3 },
);
const rooms: fc.Arbitrary<readonly Room[]> = fc.array(
  fc.tuple(need(8), fc.integer({ min: 0, max: 2 })).map(([each, nodes]) => ({ ...each, nodes })),
  { maxLength: 3 },
);

/** Tries every node for every task. */
function fitsByTrying(single: readonly Need[], nodes: readonly Need[]): boolean {
  const [task, ...rest] = single;
  if (task === undefined) return true;
  return nodes.some(({ cpu, memMiB }, index) => {
    if (task.cpu > cpu || task.memMiB > memMiB) return false;
    const left = { cpu: cpu - task.cpu, memMiB: memMiB - task.memMiB };
    return fitsByTrying(rest, nodes.with(index, left));
  });
}

const each = <T extends Need>(list: readonly T[], count: (one: T) => number): readonly Need[] =>
  list.flatMap((one) => Array.from({ length: count(one) }, () => ({ cpu: one.cpu, memMiB: one.memMiB })));

describe("packing of tasks onto nodes", () => {
  it("says what trying every node for every task says", () => {
    const seen = new Set<boolean>();
    fc.assert(
      fc.property(tasks, rooms, (asked, free) => {
        const expected = fitsByTrying(
          each(asked, ({ count }) => count),
          each(free, ({ nodes }) => nodes),
        );
        seen.add(expected);
        expect(fits(asked, free)).toBe(expected);
      }),
      { numRuns: 2000 },
    );
    expect(seen.size).toBe(2);
  });

  it("knows that more room never hurts, and that the order is nothing", () => {
    fc.assert(
      fc.property(tasks, rooms, need(8), (asked, free, more) => {
        if (fits(asked, free) !== true) return;
        expect(fits(asked, [...free, { ...more, nodes: 1 }])).toBe(true);
        expect(fits(asked.toReversed(), free.toReversed())).toBe(true);
      }),
      { numRuns: 1000 },
    );
  });

  it("takes thousands of nodes as one", () => {
    const room = { nodes: 2048, cpu: 96, memMiB: 1_000_000 };
    const task = { cpu: 5, memMiB: 90_000 };
    expect(fitting(task, room)).toBe(11);
    expect(fits([{ ...task, count: 11 * 2048 }], [room])).toBe(true);
    expect(fits([{ ...task, count: 11 * 2048 + 1 }], [room])).toBe(false);
  });
});
