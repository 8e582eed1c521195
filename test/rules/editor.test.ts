import { join } from "node:path";
import { expect, it } from "vitest";
import { temporaryProject } from "../compiled-build.ts";
import { Editor } from "../lsp/editor.ts";
import { experiment, plainConfig, rulePackage } from "./project.ts";

it("an editor shows what a rule of the project finds, and what it finds after a change of the rule", async () => {
  const rule = (message: string) => {
    const found = { code: "my/code", message, at: { option: "allocationMode" } };
    return rulePackage(`yield ${JSON.stringify(found)};`, "rules");
  };
  const project = temporaryProject({
    "assay.config.ts": plainConfig({ rules: ["mine"] }).replace(`"my-rules"`, `"./rules/assay-plugin.json"`),
    "experiments/tune.ts": experiment(),
    ...rule("not so"),
  });
  const editor = new Editor(project.root);
  try {
    const path = join(project.root, "experiments/tune.ts");
    await editor.start([project.root]);
    await editor.open(path);
    const [first] = await editor.until(path, (all) => all.length > 0);
    expect(editor.textAt(path, first?.range)).toBe(`"d8p1m1"`);
    expect(first).toMatchObject({ code: "my/code", severity: 1, source: "assay" });
    expect(first?.message).toContain("not so\nnote: found by rule `mine` of my-rules");
    project.write(rule("but so"));
    await editor.until(path, ([found]) => String(found?.message).startsWith("but so"));
    project.write(rulePackage("", "rules"));
    await editor.until(path, (all) => all.length === 0);
  } finally {
    await editor.stop();
    project.remove();
  }
});
