import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Edit, editBetween, moveStretch, offsetBefore } from "../../../../codegen/lsp/edits.ts";

const edit = (offset: number, removed: number, inserted: number): Edit => ({ offset, removed, inserted });

describe("a stretch", () => {
  it.each([
    ["stays in front of an edit", edit(10, 2, 5), { start: 4, end: 8, touched: false }],
    ["stays in front of one that begins at its end", edit(8, 2, 5), { start: 4, end: 8, touched: false }],
    ["moves behind one", edit(0, 1, 3), { start: 6, end: 10, touched: false }],
    ["moves behind one that ends at its start", edit(2, 2, 0), { start: 2, end: 6, touched: false }],
    ["grows by what is typed inside", edit(5, 0, 3), { start: 4, end: 11, touched: true }],
    ["shrinks by what is deleted inside", edit(5, 2, 0), { start: 4, end: 6, touched: true }],
    ["keeps its end where its start is replaced", edit(2, 3, 4), { start: 6, end: 9, touched: true }],
    ["keeps its start where its end is replaced", edit(6, 4, 3), { start: 4, end: 6, touched: true }],
    ["is gone with its text", edit(4, 4, 0), null],
    ["is gone with all around it", edit(0, 20, 3), null],
  ])("%s", (_title, one, expected) => {
    expect(moveStretch([one], { start: 4, end: 8 })).toEqual(expected);
  });

  it("without characters stays or moves, too", () => {
    expect(moveStretch([edit(0, 0, 2)], { start: 4, end: 4 })).toEqual({ start: 6, end: 6, touched: false });
    expect(moveStretch([edit(9, 0, 2)], { start: 4, end: 4 })).toEqual({ start: 4, end: 4, touched: false });
  });
});

/** A text, and edits of it one after another with what they insert. */
const edited = fc
  .tuple(
    fc.string({ minLength: 1, maxLength: 30 }),
    fc.array(fc.tuple(fc.nat(), fc.nat(6), fc.string({ maxLength: 5 })), { maxLength: 6 }),
  )
  .map(([before, changes]) => {
    let after = before;
    const edits = changes.map(([at, length, text]): Edit => {
      const offset = at % (after.length + 1);
      const removed = Math.min(length, after.length - offset);
      after = after.slice(0, offset) + text + after.slice(offset + removed);
      return edit(offset, removed, text.length);
    });
    return { before, after, edits };
  });

describe("any edits", () => {
  it("leave the text of a stretch that they don't touch", () => {
    fc.assert(
      fc.property(edited, fc.nat(), fc.nat(), ({ before, after, edits }, a, b) => {
        const [start, end] = [a % (before.length + 1), b % (before.length + 1)].sort((x, y) => x - y) as [
          number,
          number,
        ];
        const moved = moveStretch(edits, { start, end });
        if (moved === null) return;
        expect(moved.start).toBeLessThanOrEqual(moved.end);
        expect(moved.end).toBeLessThanOrEqual(after.length);
        if (!moved.touched) expect(after.slice(moved.start, moved.end)).toBe(before.slice(start, end));
      }),
    );
  });

  it("are found the way back", () => {
    fc.assert(
      fc.property(edited, fc.nat(), ({ before, edits }, at) => {
        const offset = at % before.length;
        const moved = moveStretch(edits, { start: offset, end: offset + 1 });
        if (moved !== null && !moved.touched) expect(offsetBefore(edits, moved.start)).toBe(offset);
      }),
    );
  });
});

describe("the edit between two texts", () => {
  it("makes the one of the other", () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom("a", "b") }),
        fc.string({ unit: fc.constantFrom("a", "b") }),
        (before, after) => {
          const found = editBetween(before, after);
          if (found === null) return void expect(before).toBe(after);
          const inserted = after.slice(found.offset, found.offset + found.inserted);
          expect(before.slice(0, found.offset) + inserted + before.slice(found.offset + found.removed)).toBe(after);
        },
      ),
    );
  });
});
