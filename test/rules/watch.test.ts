import { afterEach, describe, expect, it } from "vitest";
import { temporaryProject, type TemporaryProject } from "../compiled-build.ts";
import { codesOf, isClean, type Watching, watching } from "../watch/watching.ts";
import { experiment, plainConfig, rulePackage } from "./project.ts";

let project: TemporaryProject;
let watch: Watching;
afterEach(async () => {
  await watch.watcher.close();
  project.remove();
});

const has = (code: string) => (report: Parameters<typeof codesOf>[0]) => codesOf(report).includes(code);
const RULES = "rules";
/** A rule in the project whose `check` has this body. */
const rule = (body: string) => rulePackage(body, RULES);

describe("a watch of a project with a rule of its own", () => {
  it("sees changes of the rule's module, and of what it is configured with", async () => {
    const config = plainConfig({ rules: ["mine"] }).replace(`"my-rules"`, `"./rules/assay-plugin.json"`);
    project = temporaryProject({
      "assay.config.ts": config,
      "experiments/tune.ts": experiment(),
      ...rule("if (args.most === 1) return;"),
    });
    watch = await watching(project.root);
    expect(watch.reports.map(codesOf)).toEqual([[]]);
    const found = { code: "my/code", message: "no", at: "experiment" };
    await watch.after(
      () => project.write(rule(`if (args.most !== 1) yield ${JSON.stringify(found)};`)),
      has("my/code"),
    );
    await watch.after(
      () => project.write({ "assay.config.ts": config.replace(`type: "mine"`, `type: "mine", args: { most: 1 }`) }),
      isClean,
    );
    await watch.after(() => project.write(rule("throw new Error('no');")), has("plugin/rule-threw"));
    await watch.after(() => project.write(rule("")), isClean);
  });

  it("sees that an endless loop is mended", async () => {
    const config = plainConfig({ rules: ["mine"] })
      .replace(`"my-rules"`, `"./rules/assay-plugin.json"`)
      .replace("plugins:", "limits: { timeoutMs: 600 },\n  plugins:");
    project = temporaryProject({
      "assay.config.ts": config,
      "experiments/tune.ts": experiment(),
      ...rule("for (;;);"),
    });
    watch = await watching(project.root);
    expect(watch.reports.map(codesOf)).toEqual([["plugin/hook-limit"]]);
    await watch.after(() => project.write(rule("")), isClean);
  });
});
