import test from "node:test";
import { contractOf } from "assay/testing";
import { myPlugin } from "../src/index.js";

const cases = contractOf(myPlugin, {
  descriptor: new URL("../../assay-plugin.json", import.meta.url),
  args: [{ rank: 8 }, { rank: 1, scale: 16, layers: ["attention"] }],
});

for (const { name, run } of cases) test(name, run);
