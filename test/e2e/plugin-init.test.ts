import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { PLUGIN_KINDS } from "../../src/spec/plugin-kinds.ts";
import { CHECKOUT, EmptyProject, packAssay, run, sound } from "./project.ts";

let folder = "";
let project: EmptyProject;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "assay-made-"));
  project = new EmptyProject([packAssay(folder).tarball]);
  project.linkTools();
});
afterAll(() => {
  project?.remove();
  rmSync(folder, { recursive: true, force: true });
});

const inPackage = (name: string, ...line: readonly string[]) => run("npm", line, join(project.root, name));

describe("a package that was made", () => {
  it.each(PLUGIN_KINDS)(
    "of the kind %s compiles, keeps the promises of its kind, and packs at once",
    (kind) => {
      const name = `lab-${kind.toLowerCase()}`;
      sound(project.assay("plugin", "init", kind, `@lab/${name}`));
      const { stdout: tested } = sound(inPackage(name, "test"));
      const count = (what: string) => Number(new RegExp(`^(?:#|ℹ) ${what} (\\d+)$`, "m").exec(tested)?.[1]);
      expect([count("pass") > 12, count("fail"), count("skipped")]).toEqual([true, 0, 0]);
      // Packing compares the descriptor with the sources first.
      const packed = sound(inPackage(name, "pack", "--dry-run", "--json", "--foreground-scripts=false")).stdout;
      const [{ files } = { files: [] }] = JSON.parse(packed) as { readonly files: readonly { path: string }[] }[];
      const paths = files.map(({ path }) => path);
      const expected = ["README.md", "assay-plugin.json", "package.json", "src/index.ts"];
      expect(paths).toEqual(expect.arrayContaining([...expected, "dist/src/index.js", "dist/src/index.d.ts"]));
      expect(paths.filter((path) => /test|suite|tsconfig|node_modules/.test(path))).toEqual([]);
    },
    120_000,
  );

  it("is built anew without a change", () => {
    const files = ["assay-plugin.json", "package.json", "src/index.ts"].map((file) => `lab-dataset/${file}`);
    const before = files.map((file) => project.read(file));
    expect(sound(inPackage("lab-dataset", "run", "build")).stdout).toContain("nothing to write: assay-plugin.json");
    expect(files.map((file) => project.read(file))).toEqual(before);
  });

  it("is not packed with a descriptor of other sources", () => {
    const right = project.read("lab-agent/src/index.ts");
    project.write({ "lab-agent/src/index.ts": right.replace("integer >= 1", "integer >= 2") });
    const { status, stdout, stderr } = inPackage("lab-agent", "pack", "--dry-run");
    project.write({ "lab-agent/src/index.ts": right });
    expect(status).not.toBe(0);
    expect(stdout + stderr).toContain("plugin/descriptor-stale");
  });

  it("is used by a project beside it", () => {
    sound(inPackage("lab-dataset", "pack", "--pack-destination", folder));
    const user = new EmptyProject([packAssay(folder).tarball, join(folder, "lab-lab-dataset-0.1.0.tgz")]);
    try {
      user.copy("chat-sft");
      const change = (file: string, ...changes: readonly (readonly [from: string, to: string])[]) => {
        let text = user.read(file);
        for (const [from, to] of changes) {
          expect(text).toContain(from);
          text = text.replaceAll(from, to);
        }
        user.write({ [file]: text });
      };
      change("assay.config.ts", ["assay-dataset-chat", "@lab/lab-dataset"]);
      change("experiments/chat-sft.ts", ["chatMessages", "lab"], ["assay-dataset-chat", "@lab/lab-dataset"]);
      expect(sound(user.assay("build", "--deny-warnings")).stdout).toContain("no errors");
      sound(user.tsc("-p", "."));
    } finally {
      user.remove();
    }
  });
});

describe("the launcher that a package begins with", () => {
  it("is the one that tests of launchers run", () => {
    const made = (file: string) =>
      readFileSync(join(CHECKOUT, "codegen/init/template/plugins/launcher/src", file), "utf8").replaceAll(
        '.js";',
        '.ts";',
      );
    const known = (file: string) => readFileSync(join(CHECKOUT, "test/fixtures/launchers/nohup", file), "utf8");
    const compact = (text: string) => text.replaceAll(/\s+/g, "").replaceAll(/,([)\]}])/g, "$1");
    for (const file of ["lines.ts", "processes.ts", "supervisor.ts"])
      expect(compact(made(file))).toBe(compact(known(file)));
    // All of the class; only names and how arguments are described are others.
    const classOf = (text: string) =>
      compact(text.slice(text.indexOf("const POLL_MS"), text.indexOf("/** Runs workers as")));
    const own = made("index.ts").replaceAll("MyPlugin", "Nohup").replaceAll("my-plugin", "nohup");
    expect(classOf(own).length).toBeGreaterThan(5000);
    expect(classOf(own)).toBe(classOf(known("plugin.ts")));
  });
});
