import test from "node:test";
import { contractOf } from "assay/testing";
import { myPlugin } from "../src/index.js";

const cases = contractOf(myPlugin, {
  descriptor: new URL("../../assay-plugin.json", import.meta.url),
  args: [{ modelPath: "/models/base", family: "qwen2", dtype: "bf16" }],
  models: [{ bf16: true }, { bf16: false }],
});

for (const { name, run } of cases) test(name, run);
