import { rmSync } from "node:fs";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { temporaryProject, type TemporaryProject } from "../compiled-build.ts";
import { experiment, FILES } from "./project.ts";
import { codesOf, isClean, type Watching, watching } from "./watching.ts";

let project: TemporaryProject;
let watch: Watching;
afterEach(async () => {
  await watch.watcher.close();
  project.remove();
});

async function open(files: Readonly<Record<string, string>> = FILES): Promise<void> {
  project = temporaryProject(files);
  watch = await watching(project.root);
}

describe("a watch reports again", () => {
  it("after a save, also of what is imported through another module", async () => {
    await open();
    expect(watch.reports.map(codesOf)).toEqual([[]]);
    const changed = await watch.after(
      () => project.write({ "lib/second.ts": "export const sequences = 7;\n" }),
      (report) => !isClean(report),
    );
    expect(new Set(changed.diagnostics.map((one) => one.experiment))).toEqual(new Set(["tune.small"]));
    await watch.after(() => project.write({ "lib/second.ts": FILES["lib/second.ts"] }), isClean);
  });

  it("after a file was deleted, and when it is there again", async () => {
    await open();
    const gone = await watch.after(
      () => rmSync(join(project.root, "lib/second.ts")),
      (report) => !isClean(report),
    );
    expect(codesOf(gone)).toEqual(["evaluate/missing-module"]);
    await watch.after(() => project.write({ "lib/second.ts": FILES["lib/second.ts"] }), isClean);
  });

  it("with new experiments", async () => {
    await open();
    const added = await watch.after(
      () => project.write({ "experiments/deep/more.ts": experiment("more") }),
      (report) => report.experiments.length === 3,
    );
    expect(codesOf(added)).toEqual([]);
  });
});
