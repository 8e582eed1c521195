import test from "node:test";
import "assay/experiments";
import { contractOf, provedBuild } from "assay/testing";
import { myPlugin } from "../src/index.js";

const build = provedBuild("sft", { preset: "one-node" });
const partition = "/scheduling/modelWorker/scheduling/partition";
const cases = contractOf(myPlugin, {
  descriptor: new URL("../../assay-plugin.json", import.meta.url),
  args: [{ partition: "long" }],
  builds: [{ build, args: { partition: "long" }, changes: [partition] }],
});

for (const { name, run } of cases) test(name, run);
