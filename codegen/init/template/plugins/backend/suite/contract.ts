import test from "node:test";
import { contractOf } from "assay/testing";
import { myPlugin } from "../src/index.js";

const cases = contractOf(myPlugin, {
  descriptor: new URL("../../assay-plugin.json", import.meta.url),
  args: [{ bf16: true, sequenceParts: 4, offload: false }],
  models: [{ bf16: true }, { myPlugin: { sequenceParts: 8, offload: true } }],
});

for (const { name, run } of cases) test(name, run);
