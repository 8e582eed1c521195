import test from "node:test";
import { contractOf } from "assay/testing";
import { myPlugin } from "../src/index.js";

const cases = contractOf(myPlugin, {
  descriptor: new URL("../../assay-plugin.json", import.meta.url),
  args: [
    { tokenizerPath: "/models/base", turns: 4 },
    { tokenizerPath: "/models/base", turns: 1, hint: "Try again." },
  ],
});

for (const { name, run } of cases) test(name, run);
