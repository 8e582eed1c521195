import { spawn } from "node:child_process";
import { once } from "node:events";
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { CONFIG, type TemporaryProject, temporaryProject } from "../compiled-build.ts";
import { compiledFolder } from "../crash/compiled.ts";
import { Editor, uriOf } from "./editor.ts";
import { TUNE } from "./sources.ts";

const projects: TemporaryProject[] = [];
const editors: Editor[] = [];
afterEach(async () => {
  for (const editor of editors.splice(0)) await editor.stop();
  for (const project of projects.splice(0)) project.remove();
});

function projectOf(files: Readonly<Record<string, string>>): TemporaryProject {
  const project = temporaryProject(files);
  projects.push(project);
  return project;
}

function editorIn(root: string): Editor {
  const editor = new Editor(root);
  editors.push(editor);
  return editor;
}

describe("lines above experiments", () => {
  it("say what the last run found", async () => {
    const project = projectOf({ "experiments/tune.ts": TUNE.replace("d8p2m2", "d8p2m4") });
    const path = join(project.root, "experiments/tune.ts");
    const editor = editorIn(project.root);
    await editor.start([project.root]);
    await editor.open(path);
    await editor.untilChecked(project.root);
    expect(await editor.lenses(path)).toEqual([
      ['"tune"', "needs allocationMode"],
      ['"one-node"', "8 GPUs · 1 call · proved"],
      ['"four-nodes"', "failed: 1 error"],
    ]);
    await editor.replace(path, "d8p2m4", "d8p2m2");
    await editor.save(path);
    await editor.until(path, (all) => all.length === 0);
    expect((await editor.lenses(path)).at(-1)).toEqual(['"four-nodes"', "32 GPUs · 1 call · proved"]);
  });

  it("count what keeps all builds of an experiment from being made", async () => {
    const project = projectOf({
      "experiments/tune.ts": TUNE.replace(
        "override flow() {",
        'override flow() {\n    if (this.examples > 0) throw new Error("no");',
      ),
    });
    const path = join(project.root, "experiments/tune.ts");
    const editor = editorIn(project.root);
    await editor.start([project.root]);
    await editor.open(path);
    await editor.until(path, (all) => all.length > 0);
    expect((await editor.lenses(path)).slice(1)).toEqual([
      ['"one-node"', "failed: 1 error"],
      ['"four-nodes"', "failed: 1 error"],
    ]);
  });

  it("stand on a preset of a shipped experiment, too, and run a check", async () => {
    const project = projectOf({
      "experiments/mine.ts": `import { preset } from "assay";\nimport "assay/experiments";\n\npreset("sft", "mine", { cluster: "one", allocationMode: "d4p1m2", model: { path: "qwen2.5-1.5b", type: { family: "qwen2" } }, dataset: { trainPath: "/a.jsonl", validPath: "/b.jsonl" } });\n`,
    });
    const path = join(project.root, "experiments/mine.ts");
    const editor = editorIn(project.root);
    await editor.start([project.root]);
    await editor.open(path);
    await editor.untilChecked(project.root);
    expect(await editor.lenses(path)).toEqual([['"mine"', "8 GPUs · 1 call · proved"]]);
    await editor.connection.sendRequest("workspace/executeCommand", {
      command: "assay.check",
      arguments: [uriOf(path)],
    });
    await editor.untilChecked(project.root, 2);
  });
});

describe("the server", () => {
  it("works while a file is broken, and heals", async () => {
    const project = projectOf({ "experiments/tune.ts": TUNE });
    const path = join(project.root, "experiments/tune.ts");
    const editor = editorIn(project.root);
    await editor.start([project.root]);
    await editor.open(path);
    await editor.untilChecked(project.root);
    await editor.replace(path, "override flow() {", "override flow( {");
    await editor.save(path);
    const [found] = await editor.until(path, (all) => all.length > 0);
    expect(found).toMatchObject({ code: "codegen/syntax", severity: 1 });
    expect((await editor.lenses(path)).map(([above]) => above)).toContain('"one-node"');
    expect((await editor.hover(path, "examples = 128")).markdown).toContain("Examples of a training step.");
    await editor.replace(path, "override flow( {", "override flow() {");
    await editor.save(path);
    await editor.until(path, (all) => all.length === 0);
    expect((await editor.lenses(path)).at(1)).toEqual(['"one-node"', "8 GPUs · 1 call · proved"]);
  });

  it("shows that it is at work, and answers behind the first run what was asked before", async () => {
    const project = projectOf({ "experiments/tune.ts": TUNE });
    const path = join(project.root, "experiments/tune.ts");
    const editor = editorIn(project.root);
    await editor.start([project.root]);
    await editor.open(path);
    expect((await editor.hover(path, "examples = 128")).markdown).toContain("| `tune.one-node` | `128` | default |");
    await editor.waitFor(
      () => editor.progress.length >= 2,
      () => `for progress: ${editor.progress.join(", ")}`,
    );
    expect(editor.progress.slice(0, 2)).toEqual(["begin", "end"]);
    expect(editor.refreshes).toBeGreaterThan(0);
  });

  it("survives a config that is broken or gone", async () => {
    const project = projectOf({ "experiments/tune.ts": TUNE });
    const path = join(project.root, "experiments/tune.ts");
    const config = join(project.root, "assay.config.ts");
    const editor = editorIn(project.root);
    await editor.start([project.root]);
    await editor.open(path);
    await editor.untilChecked(project.root);
    writeFileSync(config, "export default 7;\n");
    await editor.until(config, (all) => all.length > 0);
    expect((await editor.hover(path, "examples = 128")).markdown).toContain("Examples of a training step.");
    rmSync(config);
    await editor.until(config, (all) => all.some(({ code }) => code === "build/config-not-found"));
    expect((await editor.hover(path, "examples = 128")).markdown).toBe("");
    writeFileSync(config, CONFIG);
    await editor.until(config, (all) => all.length === 0);
    expect((await editor.lenses(path)).at(1)).toEqual(['"one-node"', "8 GPUs · 1 call · proved"]);
  });

  it("sees files that other programs write", async () => {
    const project = projectOf({ "experiments/tune.ts": TUNE });
    const path = join(project.root, "experiments/tune.ts");
    const editor = editorIn(project.root);
    await editor.start([project.root]);
    await editor.untilChecked(project.root);
    project.write({ "experiments/tune.ts": TUNE.replace("d4p1m2", "d4p1m3") });
    await editor.until(path, (all) => all.length > 0);
    project.write({ "experiments/tune.ts": TUNE });
    await editor.until(path, (all) => all.length === 0);
  });

  it("writes nothing but the protocol to stdout, whatever experiments print", async () => {
    const loud = TUNE.replace("override flow() {", 'override flow() {\n    console.log("loud");');
    const project = projectOf({ "experiments/tune.ts": loud });
    const editor = editorIn(project.root);
    const failures: unknown[] = [];
    editor.connection.onError((error) => failures.push(error));
    await editor.start([project.root]);
    await editor.untilChecked(project.root);
    await editor.waitFor(
      () => editor.logs.some((line) => line.includes("output of tune:\nloud")),
      () => "for output",
    );
    expect(failures).toEqual([]);
    expect(editor.stderr).toBe("");
  });

  it("answers a cancelled request as such, and others behind it", async () => {
    const project = projectOf({ "experiments/tune.ts": TUNE });
    const path = join(project.root, "experiments/tune.ts");
    const editor = editorIn(project.root);
    await editor.start([project.root]);
    await editor.open(path);
    await editor.untilChecked(project.root);
    // The two messages race: a server that is fast enough has answered before it reads the second one.
    const answers: string[] = [];
    while (!answers.includes("cancelled") && answers.length < 100) {
      answers.push(await editor.cancelledHover(path, "examples = 128"));
    }
    expect(answers.pop()).toBe("cancelled");
    for (const answer of answers) expect(answer).toContain("Examples of a training step.");
    expect((await editor.hover(path, "examples = 128")).markdown).toContain("Examples of a training step.");
  });

  it("forgets the projects of a folder that is closed", async () => {
    const project = projectOf({ "experiments/tune.ts": TUNE.replace("d4p1m2", "d4p1m3") });
    const path = join(project.root, "experiments/tune.ts");
    const editor = editorIn(project.root);
    await editor.start([project.root]);
    await editor.until(path, (all) => all.length > 0);
    const folder = { uri: uriOf(project.root), name: "it" };
    await editor.connection.sendNotification("workspace/didChangeWorkspaceFolders", {
      event: { added: [], removed: [folder] },
    });
    await editor.until(path, (all) => all.length === 0);
    await editor.connection.sendNotification("workspace/didChangeWorkspaceFolders", {
      event: { added: [folder], removed: [] },
    });
    await editor.until(path, (all) => all.length > 0);
  });

  it("ends with 0 after shutdown and exit, in the middle of a run, too", async () => {
    const project = projectOf({ "experiments/tune.ts": TUNE });
    const idle = editorIn(project.root);
    await idle.start([]);
    expect(await idle.stop()).toBe(0);
    const busy = editorIn(project.root);
    await busy.start([project.root]);
    expect(await busy.stop()).toBe(0);
  });

  it("ends with 1 when it is told to exit without a shutdown, or the connection is closed", async () => {
    const project = projectOf({ "experiments/tune.ts": TUNE });
    const told = editorIn(project.root);
    await told.start([project.root]);
    await told.connection.sendNotification("exit");
    expect(await told.ended()).toBe(1);
    const left = editorIn(project.root);
    await left.start([project.root]);
    left.process.stdin?.end();
    expect(await left.ended()).toBe(1);
  });

  it("ends with its parent", async () => {
    const project = projectOf({ "experiments/tune.ts": TUNE });
    const parent = spawn(process.execPath, ["-e", "setInterval(() => {}, 1000)"]);
    const editor = editorIn(project.root);
    await editor.start([project.root], parent.pid ?? null);
    await editor.untilChecked(project.root);
    parent.kill();
    await once(parent, "exit");
    expect(await editor.ended()).toBe(1);
  });

  it("has a place in the help", async () => {
    const help = spawn(process.execPath, [join(compiledFolder(), "src/cli/bin.js"), "lsp", "--help"]);
    let text = "";
    help.stdout.setEncoding("utf8").on("data", (chunk: string) => (text += chunk));
    await once(help, "close");
    expect(text).toContain("assay lsp --stdio");
    expect(text).toContain("docs/editor.md");
  });
});
