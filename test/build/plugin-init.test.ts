import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { PLUGIN_KINDS } from "../../src/spec/plugin-kinds.ts";
import { CHECKOUT } from "../compiled-build.ts";
import { assay } from "../docs/codes/run.ts";

let root = "";
beforeEach(() => void (root = mkdtempSync(join(tmpdir(), "assay-plugin-init-"))));
afterEach(() => rmSync(root, { recursive: true, force: true }));

const init = (...line: readonly string[]) => assay(root, ["plugin", "init", ...line]);
const read = (file: string) => readFileSync(join(root, file), "utf8");

/** Paths of all files and folders, hidden ones too. */
const tree = () => readdirSync(root, { recursive: true, encoding: "utf8" }).sort();

describe("a new package", () => {
  it("says what it has, and what comes next", async () => {
    const { status, output } = await init("dataset", "@lab/assay-dataset-chat");
    expect([status, output]).toEqual([
      0,
      `made the package @lab/assay-dataset-chat in assay-dataset-chat: it exports the dataset \`chat\` as \`chat\`
  made    .gitignore
  made    README.md
  made    assay-plugin.json
  made    package.json
  made    src/index.ts
  made    test/contract.test.ts
  made    tsconfig.json

Next:
  cd assay-dataset-chat
  npm install
  npm run build
  npm run test
  npm pack --dry-run
`,
    ]);
    expect(readdirSync(root)).toEqual(["assay-dataset-chat"]);
    expect(JSON.parse(read("assay-dataset-chat/package.json"))).toEqual({
      name: "@lab/assay-dataset-chat",
      version: "0.1.0",
      description: "The dataset `chat` for Assay.",
      keywords: ["assay", "assay-plugin"],
      type: "module",
      exports: {
        ".": { types: "./dist/src/index.d.ts", default: "./dist/src/index.js" },
        "./package.json": "./package.json",
      },
      files: ["dist/src", "src", "assay-plugin.json"],
      scripts: {
        build: "assay plugin build && tsc -p .",
        test: "tsc -p . && node --test dist/test/*.test.js",
        prepack: "assay plugin build --check && tsc -p .",
      },
      peerDependencies: { assay: expect.stringMatching(/^\^\d+\.\d+\.\d+$/) },
      devDependencies: {
        "@types/node": expect.stringMatching(/^\^\d+\./),
        assay: expect.stringMatching(/^\^\d+\.\d+\.\d+$/),
        typescript: expect.stringMatching(/^\^\d+\./),
      },
    });
  });

  it("tells programs the same", async () => {
    mkdirSync(join(root, "node_modules/@types"), { recursive: true });
    symlinkSync(CHECKOUT, join(root, "node_modules/assay"), "dir");
    for (const name of ["typescript", "@types/node"]) {
      symlinkSync(join(CHECKOUT, "node_modules", name), join(root, "node_modules", name), "dir");
    }
    writeFileSync(join(root, "pnpm-lock.yaml"), "");
    const { status, output } = await init("rule", "site-limits", "our rules/limits", "--json");
    expect(status).toBe(0);
    expect(JSON.parse(output)).toEqual({
      root: join(root, "our rules/limits"),
      package: "site-limits",
      kind: "rule",
      type: "site-limits",
      constant: "siteLimits",
      made: [
        ".gitignore",
        "README.md",
        "assay-plugin.json",
        "package.json",
        "src/index.ts",
        "test/contract.test.ts",
        "tsconfig.json",
      ],
      installed: true,
      packageManager: { name: "pnpm", install: "pnpm install", execute: "pnpm exec" },
      next: ["cd 'our rules/limits'", "pnpm run build", "pnpm run test", "npm pack --dry-run"],
    });
    expect(read("our rules/limits/README.md")).toContain("pnpm install ");
    expect((await init("rule", "other", "--quiet")).output).toBe("");
  });

  it.each(PLUGIN_KINDS)("of the kind %s is called by its name everywhere, and described", async (kind) => {
    expect((await init(kind, "@lab/long-chat", "made", "--quiet")).status).toBe(0);
    const texts = tree().flatMap((file) => (/\.[a-z]+$|gitignore$/.test(file) ? [read(file)] : []));
    expect(texts.join("\n")).not.toMatch(/my-plugin|my_plugin|MyPlugin|myPlugin|my-package|MY_/);
    const type = ["tracker", "launcher", "rule", "mutator"].includes(kind) ? "long-chat" : "long_chat";
    expect(JSON.parse(read("made/assay-plugin.json"))).toMatchObject({
      package: "@lab/long-chat",
      version: "0.1.0",
      types: [{ kind, type, description: expect.stringMatching(/.../) }],
    });
    const checked = await assay(join(root, "made"), ["plugin", "build", "--check"]);
    expect(checked.output).toContain("nothing to write: assay-plugin.json describes @lab/long-chat 0.1.0");
    expect(read("made/README.md")).toContain(`the ${kind} \`${type}\``);
  });
});

describe("what can't be made", () => {
  it("is told at the arguments, all at once, and nothing is made", async () => {
    writeFileSync(join(root, "chat"), "mine");
    const { status, output } = await init("datset", "Chat", "chat");
    expect(status).toBe(1);
    const shown = output.split("\n").filter((line) => /^error|\^|help/.test(line));
    expect(shown.map((line) => line.replace(/;.*/, ""))).toEqual([
      "error[cli/plugin-kind]: there is no kind `datset` of plugins",
      "   |                   ^^^^^^",
      "   help: use `dataset`",
      'error[cli/plugin-name]: no package can be called "Chat": a name is in lower case',
      "   |                          ^^^^",
      "   help: give another name, such as `assay-dataset-chat` or `@lab/chat`",
      "error[cli/plugin-folder]: `chat` is there already, and a package needs a folder of its own",
      "   |                               ^^^^",
      "   help: name a folder that is not there yet: `assay plugin init <kind> <name> <folder>`",
    ]);
    expect(tree()).toEqual(["chat"]);
    expect(read("chat")).toBe("mine");
  });

  it("may have a folder, empty or not, or a link that leads nowhere", async () => {
    mkdirSync(join(root, "empty"));
    symlinkSync("gone", join(root, "link"));
    for (const name of ["empty", "link"]) expect((await init("agent", name)).output).toContain("cli/plugin-folder");
    expect(tree()).toEqual(["empty", "link"]);
  });

  it("may be kept by the system: nothing is left behind", async () => {
    writeFileSync(join(root, "file"), "");
    const { status, output } = await init("agent", "asker", "file/deep/asker");
    expect(status).toBe(1);
    expect(output).toContain("error[cli/init-not-writable]: `file/deep/asker` can't be made: E");
    expect(output).toContain("`assay plugin init agent asker <folder>`");
    expect(tree()).toEqual(["file"]);
  });

  it.each([
    [[], "takes 2 to 3 arguments, found 0"],
    [["rule"], "takes 2 to 3 arguments, found 1"],
    [["rule", "a", "b", "c"], "`assay plugin` takes 4 arguments, found 5"],
  ])("is asked for by %j", async (line, problem) => {
    const { status, output } = await init(...line);
    expect(status).toBe(2);
    expect(output).toContain(problem);
    expect(existsSync(join(root, "a"))).toBe(false);
  });
});
