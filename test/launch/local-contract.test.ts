import { join } from "node:path";
import { beforeAll, describe, expect, it, test } from "vitest";
import type * as Local from "../../plugins/launcher-local/plugin.ts";
import type * as Testing from "../../src/testing/index.ts";
import { CHECKOUT } from "../compiled-build.ts";
import { compiled, pidsInNamespaces } from "./compiled.ts";
import { compiledFolder } from "../crash/compiled.ts";

const { local } = await compiled<typeof Local>("plugins/launcher-local/plugin.js");
const { contractOf } = await compiled<typeof Testing>("src/testing/index.js");

const shared = {
  descriptor: join(CHECKOUT, "assay-plugin.json"),
  module: join(compiledFolder(), "plugins/launcher-local/plugin.js"),
  exported: "local",
};

describe("processes of this machine, in a PID namespace", () => {
  const cases = contractOf(local, {
    ...shared,
    args: [{ graceSeconds: 1, containment: "namespace" }, {}],
    isAlive: (pid: number, folder: string) => pidsInNamespaces(pid, folder).length > 0,
  });
  for (const { name, run } of cases) test(name, { timeout: 600_000 }, run);
});

describe("processes of this machine, with a guard", () => {
  const cases = contractOf(local, {
    ...shared,
    args: [{ graceSeconds: 1, containment: "processes" }, {}],
  });

  beforeAll(() => expect(cases.length).toBeGreaterThan(35));

  it("has a case for each promise", () => expect(new Set(cases.map(({ name }) => name)).size).toBe(cases.length));

  for (const { name, run } of cases) test(name, { timeout: 600_000 }, run);
});
