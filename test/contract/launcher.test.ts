import { describe, expect, it, test } from "vitest";
import { contractOf } from "../../src/testing/index.ts";
import { nohup, performedSteps } from "../fixtures/launchers/nohup/plugin.ts";
import { descriptorOf } from "./broken.ts";

const setup = {
  // Other processes load the compiled plugin.
  module: new URL("../../dist/test/fixtures/launchers/nohup/plugin.js", import.meta.url),
  exported: "nohup",
  performed: performedSteps,
};
const cases = contractOf(nohup, {
  descriptor: descriptorOf(nohup.definition),
  args: [{ graceSeconds: 1 }, {}],
  ...setup,
});

describe("a launcher of processes that outlive whoever started them", () => {
  it("has a case for each promise", () => {
    expect(new Set(cases.map(({ name }) => name)).size).toBe(cases.length);
    expect(cases.length).toBeGreaterThan(35);
  });

  for (const { name, run } of cases) test(name, { timeout: 600_000 }, run);
});
