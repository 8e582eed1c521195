import test from "node:test";
import { contractOf } from "assay/testing";
import { myPlugin } from "../src/index.js";

const cases = contractOf(myPlugin, {
  descriptor: new URL("../../assay-plugin.json", import.meta.url),
  args: [{ tasksPath: "/data/tasks.jsonl" }, { tasksPath: "/data/tasks.jsonl", timeoutSeconds: 10 }],
});

for (const { name, run } of cases) test(name, run);
