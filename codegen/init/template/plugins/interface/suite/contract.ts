import test from "node:test";
import { contractOf } from "assay/testing";
import { myPlugin } from "../src/index.js";

const cases = contractOf(myPlugin, {
  descriptor: new URL("../../assay-plugin.json", import.meta.url),
  args: [{ freeLength: 512 }, { freeLength: 1, penalty: 0.01, granularity: "token" }],
});

for (const { name, run } of cases) test(name, run);
