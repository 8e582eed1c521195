import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { layoutsText, nearestLayouts, nearestSplits } from "../../../src/layout/nearby.ts";

describe("the nearest layouts", () => {
  it.each([
    [{ data: 4, pipe: 1, tensor: 1 }, 8, "`d8p1m1` or `d4p2m1`"],
    [{ data: 2, pipe: 1, tensor: 2 }, 8, "`d4p1m2` or `d2p2m2`"],
    [{ data: 16, pipe: 1, tensor: 1 }, 8, "`d8p1m1` or `d4p2m1`"],
    [{ data: 4, pipe: 1, tensor: 1 }, 1, "`d1p1m1`"],
    [{ data: 3, pipe: 1, tensor: 1 }, 7, "`d7p1m1` or `d1p7m1`"],
  ])("to %j on %i GPUs", (layout, gpus, text) => {
    expect(layoutsText(nearestLayouts(layout, gpus))).toBe(text);
  });

  it("multiply to the GPUs, and are two at most", () => {
    const degree = fc.integer({ min: 1, max: 64 });
    fc.assert(
      fc.property(degree, degree, degree, fc.integer({ min: 1, max: 4096 }), (data, pipe, tensor, gpus) => {
        const found = nearestLayouts({ data, pipe, tensor }, gpus);
        expect(found.length).toBeGreaterThan(0);
        expect(found.length).toBeLessThanOrEqual(2);
        for (const other of found) expect(other.data * other.pipe * other.tensor).toBe(gpus);
      }),
    );
  });

  it("of no GPUs are none", () => {
    expect(nearestLayouts({ data: 1, pipe: 1, tensor: 1 }, 0)).toEqual([]);
  });
});

describe("the nearest splits", () => {
  it.each([
    [12, 32, 8, [8, 16]],
    [8, 8, 8, [7]],
    [4, 16, 8, [8]],
    [40, 16, 8, [8]],
    [8, 16, 16, [7, 9]],
  ])("of %i of %i GPUs on nodes of %i are %j", (size, all, gpusPerNode, expected) => {
    expect(nearestSplits(size, all, gpusPerNode)).toEqual(expected);
  });
});
