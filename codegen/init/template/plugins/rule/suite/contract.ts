import test from "node:test";
import "assay/experiments";
import { contractOf, provedBuild } from "assay/testing";
import { myPlugin } from "../src/index.js";

// A shipped experiment on 8 GPUs.
const build = provedBuild("sft", { preset: "one-node" });
const cases = contractOf(myPlugin, {
  descriptor: new URL("../../assay-plugin.json", import.meta.url),
  args: [{ gpus: 8 }],
  builds: [
    { build, args: { gpus: 4 }, codes: ["my-plugin/too-many-gpus"] },
    { build, args: { gpus: 8 }, codes: [] },
  ],
});

for (const { name, run } of cases) test(name, run);
