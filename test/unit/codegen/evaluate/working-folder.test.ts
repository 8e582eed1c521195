import { posix } from "node:path";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { pathModule } from "../../../../codegen/evaluate/working-folder.ts";

const path = pathModule((what) => () => {
  throw new Error(what);
}) as unknown as typeof posix;

const part = fc.constantFrom("a", "b", "..", ".", "");
const way = fc.array(part, { minLength: 1, maxLength: 6 }).map((parts) => parts.join("/"));

describe("`path` of an experiment", () => {
  it("answers like Node's, or refuses where the working folder is in the answer", () => {
    // A folder whose name can't be in an answer by chance, as deep as any way leads up.
    const folder = "/x1/x2/x3/x4/x5/x6/x7/x8";
    fc.assert(
      fc.property(way, way, (from, to) => {
        const real = posix.relative(posix.resolve(folder, from), posix.resolve(folder, to));
        const isWhole = posix.isAbsolute(from) && posix.isAbsolute(to);
        let own: string | null = null;
        try {
          own = path.relative(from, to);
        } catch {
          expect(isWhole).toBe(false);
        }
        if (own !== null) expect(own).toBe(isWhole ? posix.relative(from, to) : real);
        if (!/^\.\.|^\//.test(posix.normalize(from)) && !posix.isAbsolute(to)) expect(own).toBe(real);
      }),
    );
  });

  it("resolves from absolute paths only", () => {
    expect(path.resolve("/a/b", "../c")).toBe("/a/c");
    expect(path.resolve("x", "/a", "b")).toBe("/a/b");
    for (const parts of [[], ["a"], ["", "a"], ["."]]) expect(() => path.resolve(...parts)).toThrow(/relative paths/);
    expect(() => path.posix.resolve("a")).toThrow(/relative paths/);
    expect(() => path.win32.resolve("a")).toThrow(/win32/);
    expect(path.join("a", "..", "b")).toBe("b");
  });
});
