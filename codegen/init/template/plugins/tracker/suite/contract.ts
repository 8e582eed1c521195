import test from "node:test";
import { contractOf } from "assay/testing";
import { myPlugin } from "../src/index.js";

const cases = contractOf(myPlugin, {
  descriptor: new URL("../../assay-plugin.json", import.meta.url),
  args: [{ project: "chat" }, { project: "chat", url: "https://board.example.org", everySteps: 10 }],
});

for (const { name, run } of cases) test(name, run);
