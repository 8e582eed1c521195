import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, describe, expect, it } from "vitest";
import { wovenMessage } from "../../src/diagnostics/render/weave.ts";
import { compiledBuild, type TemporaryProject, temporaryProject } from "../compiled-build.ts";
import { Editor, uriOf } from "./editor.ts";
import { ASYNC, TUNE } from "./sources.ts";

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

/** An editor that has a project as its folder, and one of its files open. */
async function editing(project: TemporaryProject, file: string): Promise<{ editor: Editor; path: string }> {
  const editor = new Editor(project.root);
  editors.push(editor);
  const path = join(project.root, file);
  await editor.start([project.root]);
  await editor.open(path);
  return { editor, path };
}

describe("diagnostics", () => {
  it("come at the exact place, and go when the mistake is mended", async () => {
    const project = projectOf({ "experiments/tune.ts": TUNE });
    const { editor, path } = await editing(project, "experiments/tune.ts");
    await editor.untilChecked(project.root);
    expect(editor.diagnostics(path)).toEqual([]);

    await editor.replace(path, '"d4p1m2"', '"d4p1m4"');
    await editor.save(path);
    const [found, ...more] = await editor.until(path, (all) => all.length > 0);
    expect(more).toEqual([]);
    expect(editor.textAt(path, found?.range)).toBe("d4p1m4");
    expect(found).toMatchObject({ code: "allocation/gpu-product", severity: 1, source: "assay" });
    expect(found?.message).toContain("in: tune.one-node");
    expect(found?.message).toMatch(/ 4 x 1 x 4 \(preset one-node, experiments\/tune\.ts:\d+\) = 16 GPUs, /);
    expect(existsSync(fileURLToPath(found?.codeDescription?.href ?? ""))).toBe(true);
    expect(found?.codeDescription?.href).toMatch(/docs\/codes\/allocation\/gpu-product\.md$/);

    await editor.replace(path, "d4p1m4", "d2p2m2");
    await editor.save(path);
    await editor.until(path, (all) => all.length === 0);
  });

  it("are those of `assay check`", async () => {
    const wrong = TUNE.replace("d8p2m2", "d8p2m3").replace('order: "shuffled"', "order: ").replace("3e-5", '"fast"');
    const project = projectOf({ "experiments/tune.ts": wrong.replace('"shuffled" | "sorted" = ', '"shuffled" = ') });
    const { editor, path } = await editing(project, "experiments/tune.ts");
    const shown = await editor.until(path, (all) => all.length > 0);
    const { diagnostics } = await compiledBuild(project.root);
    const places = diagnostics.map(({ code, primary }) => `${code} ${primary?.line}:${primary?.column}`);
    expect(places.length).toBeGreaterThan(0);
    expect(
      new Set(shown.map(({ code, range }) => `${code} ${range.start.line + 1}:${range.start.character + 1}`)),
    ).toEqual(new Set(places));
    for (const diagnostic of diagnostics) {
      const { notes, help } = diagnostic;
      const one = shown.find((other) => `${other.message as string}\n`.startsWith(`${wovenMessage(diagnostic)}\n`));
      expect(one?.message).toContain(notes.map((note) => `note: ${note}`).join("\n"));
      if (help !== null) expect(one?.message).toContain(`help: ${help}`);
    }
  });

  it("tell related places", async () => {
    const twice = `${TUNE}\n@Experiment("tune")\nexport class Again extends Tune {}\n`;
    const project = projectOf({ "experiments/tune.ts": twice });
    const { editor, path } = await editing(project, "experiments/tune.ts");
    const all = await editor.until(path, (found) => found.some(({ code }) => code === "dsl/registered-twice"));
    const found = all.find(({ code }) => code === "dsl/registered-twice");
    expect(found?.range.start.line).toBeGreaterThan(20);
    expect(found?.relatedInformation).toEqual([
      { message: "registered here first", location: { uri: uriOf(path), range: expect.objectContaining({}) } },
    ]);
    expect(editor.textAt(path, found?.relatedInformation?.[0]?.location.range)).toBe('"tune"');
    expect(found?.relatedInformation?.[0]?.location.range.start.line).toBe(4);
  });

  it("move with unsaved edits in front of them, and leave with what they are about", async () => {
    const project = projectOf({ "experiments/tune.ts": TUNE.replace("d4p1m2", "d4p1m4") });
    const { editor, path } = await editing(project, "experiments/tune.ts");
    await editor.until(path, (all) => all.length === 1);
    const where = () => editor.diagnostics(path).map(({ range }) => editor.textAt(path, range));
    expect(where()).toEqual(["d4p1m4"]);

    const moved = editor.timesPublished(path);
    await editor.replace(path, "/** Supervised fine-tuning. */", "/**\n * Supervised\n * fine-tuning.\n */");
    await editor.replace(path, 'cluster: "one", ', 'nNodes: 1, cluster: "one", ');
    await editor.waitFor(
      () => editor.timesPublished(path) >= moved + 2,
      () => "for moved diagnostics",
    );
    expect(where()).toEqual(["d4p1m4"]);
    expect(editor.diagnostics(path)[0]?.range.start.line).toBe(8);

    await editor.replace(path, ', allocationMode: "d4p1m4"', "");
    await editor.until(path, (all) => all.length === 0);
  });

  it("keep their places when a file is saved with edits elsewhere", async () => {
    const project = projectOf({ "experiments/tune.ts": TUNE.replace("d4p1m2", "d4p1m4") });
    const { editor, path } = await editing(project, "experiments/tune.ts");
    await editor.until(path, (all) => all.length === 1);
    await editor.replace(path, "/** Supervised fine-tuning. */", "\n\n\n/** Supervised fine-tuning. */");
    await editor.save(path);
    await editor.untilChecked(project.root, 2);
    expect(editor.diagnostics(path).map(({ range }) => editor.textAt(path, range))).toEqual(["d4p1m4"]);
  });

  it("without a source stand in the config", async () => {
    const project = projectOf({
      "experiments/tune.ts": TUNE,
      "package.json": JSON.stringify({ name: "mine", private: true, type: "module" }),
    });
    writeFileSync(join(project.root, "tsconfig.json"), JSON.stringify({ compilerOptions: {} }));
    const editor = new Editor(project.root);
    editors.push(editor);
    await editor.start([project.root]);
    await editor.untilChecked(project.root);
    const { diagnostics } = await compiledBuild(project.root);
    const files = new Set(diagnostics.map(({ primary }) => primary?.file ?? "assay.config.ts"));
    expect(files.size).toBeGreaterThan(0);
    for (const file of files) expect(editor.diagnostics(join(project.root, file))).not.toEqual([]);
  });

  it("of several projects are kept apart", async () => {
    const good = projectOf({ "experiments/tune.ts": TUNE });
    const bad = projectOf({ "experiments/tune.ts": TUNE.replace("d4p1m2", "d4p1m4") });
    const editor = new Editor(good.root);
    editors.push(editor);
    const paths = [good, bad].map(({ root }) => join(root, "experiments/tune.ts")) as [string, string];
    // One is a folder of the editor, the other is found from its file.
    await editor.start([good.root]);
    await editor.open(paths[1]);
    await editor.until(paths[1], (all) => all.length === 1);
    await editor.untilChecked(good.root);
    expect(editor.diagnostics(paths[0])).toEqual([]);
    await editor.open(paths[0]);
    await editor.replace(paths[0], "d8p2m2", "d8p2m4");
    await editor.save(paths[0]);
    await editor.until(paths[0], (all) => all.length === 1);
    expect(editor.diagnostics(paths[1])).toHaveLength(1);
  });
});

describe("fixes", () => {
  it("mend what they are for, one by one or all at once", async () => {
    const second = ASYNC.slice(ASYNC.indexOf("preset(")).replace('"mine"', '"yours"');
    const both = `${ASYNC}\n${second.replace("+d4p1m1", "+d2p2m1")}`;
    const project = projectOf({ "experiments/mine.ts": both });
    const { editor, path } = await editing(project, "experiments/mine.ts");
    const found = await editor.until(path, (all) => all.length === 2);
    expect(found.map(({ code, severity }) => [code, severity])).toEqual([
      ["allocation/engine-ignored", 2],
      ["allocation/engine-ignored", 2],
    ]);
    expect(found.map(({ range }) => editor.textAt(path, range))).toEqual(["vllm", "vllm"]);
    const [first] = found;
    expect(first?.data).toEqual({ experiments: ["mine"], fix: { range: first?.range, newText: "sglang" } });

    const everything = await editor.actions(path, { start: { line: 0, character: 0 }, end: { line: 0, character: 0 } });
    expect(everything.map(({ kind }) => kind)).toEqual(["source.fixAll.assay"]);
    expect(everything[0]?.edit?.changes?.[uriOf(path)]).toHaveLength(2);

    const at = first?.range ?? { start: { line: 0, character: 0 }, end: { line: 0, character: 0 } };
    const [quick, ...others] = await editor.actions(path, at, ["quickfix"]);
    expect(others).toEqual([]);
    expect(quick).toMatchObject({ title: "Replace with `sglang`", kind: "quickfix", isPreferred: true });
    await editor.edit(path, quick?.edit?.changes?.[uriOf(path)] ?? []);
    await editor.save(path);
    await editor.until(path, (all) => all.length === 1);
    expect(editor.document(path).getText()).toContain('"sglang.d4p1m1+d4p1m1"');

    const [rest] = await editor.actions(path, at, ["source.fixAll"]);
    await editor.edit(path, rest?.edit?.changes?.[uriOf(path)] ?? []);
    await editor.save(path);
    await editor.until(path, (all) => all.length === 0);
    expect(editor.document(path).getText()).toContain('"sglang.d4p1m1+d2p2m1"');
  });

  it("of warnings may be an acknowledgement in the class, whose reason is for the author", async () => {
    const project = projectOf({ "experiments/tune.ts": TUNE.replace("/data/train.jsonl", "") });
    const { editor, path } = await editing(project, "experiments/tune.ts");
    const [warning] = await editor.until(path, (all) => all.length > 0);
    expect(warning).toMatchObject({ code: "plugin/empty-path", severity: 2 });
    const at = warning?.range ?? editor.rangeOf(path, "override flow()");
    // Lines that are typed above move what is written below.
    await editor.replace(path, "/** Supervised fine-tuning. */", "// One.\n// Two.\n/** Supervised fine-tuning. */");
    const moved = { start: { ...at.start, line: at.start.line + 2 }, end: { ...at.end, line: at.end.line + 2 } };
    const [action, ...others] = await editor.actions(path, moved, ["quickfix"]);
    expect(others).toEqual([]);
    expect(action?.title).toBe("Acknowledge `plugin/empty-path` in class `Tune`, with a reason that you give");
    expect(action?.isPreferred).toBeUndefined();
    await editor.edit(path, action?.edit?.changes?.[uriOf(path)] ?? []);
    expect(editor.document(path).getText()).toContain(
      `export class Tune extends CommonExperiment {\n  acknowledge = {\n    "plugin/empty-path": "",\n  };\n`,
    );
    await editor.save(path);
    const [reason] = await editor.until(path, (all) => all.some(({ severity }) => severity === 1));
    expect(reason?.code).toBe("config/acknowledgement-reason");
    expect(await editor.actions(path, editor.rangeOf(path, "override flow()"), ["quickfix"])).toEqual([]);
    await editor.replace(path, '"plugin/empty-path": ""', '"plugin/empty-path": "made when the trial is set up"');
    await editor.save(path);
    await editor.until(path, (all) => all.length === 0);
  });

  it("are not offered for what is edited already", async () => {
    const project = projectOf({ "experiments/mine.ts": ASYNC });
    const { editor, path } = await editing(project, "experiments/mine.ts");
    await editor.until(path, (all) => all.length === 1);
    await editor.replace(path, "vllm", "vllms");
    const actions = await editor.actions(path, editor.rangeOf(path, "vllms"));
    expect(actions).toEqual([]);
  });
});
