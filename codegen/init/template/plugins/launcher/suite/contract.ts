import test from "node:test";
import { contractOf } from "assay/testing";
import { myPlugin, performedSteps } from "../src/index.js";

const cases = contractOf(myPlugin, {
  descriptor: new URL("../../assay-plugin.json", import.meta.url),
  args: [{ graceSeconds: 1 }, {}],
  // Other processes load it from here, and go on where the first one ended.
  module: new URL("../src/index.js", import.meta.url),
  exported: "myPlugin",
  performed: performedSteps,
});

for (const { name, run } of cases) test(name, run);
