import test from "node:test";
import { contractOf } from "assay/testing";
import { myPlugin } from "../src/index.js";

const cases = contractOf(myPlugin, {
  descriptor: new URL("../../assay-plugin.json", import.meta.url),
  args: [
    { path: "/data/conversations.jsonl", maxLength: 2048 },
    { path: "/data/conversations.jsonl", maxLength: 1, share: 0.5 },
  ],
});

for (const { name, run } of cases) test(name, run);
