import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { Script } from "node:vm";
import { describe, expect, it } from "vitest";
import { FIX_ALL } from "../../codegen/lsp/code-actions.ts";
import { CHECK_COMMAND } from "../../codegen/lsp/code-lens.ts";
import { COMMANDS } from "../../src/cli/commands.ts";
import { CHECKOUT, temporaryProject } from "../compiled-build.ts";
import { Editor } from "../lsp/editor.ts";
import { TUNE } from "../lsp/sources.ts";

/** How a client is told to start its server. */
interface Server {
  readonly command: string;
  readonly args: string[];
  readonly options: { readonly cwd: string };
}

const page = readFileSync(join(CHECKOUT, "docs/editor.md"), "utf8");

/** Code blocks of a language. */
function blocks(language: string): readonly string[] {
  return [...page.matchAll(new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\``, "gms"))].map(([, text = ""]) => text);
}

describe("the page on editors", () => {
  it("starts the program that the project has installed, and gives it the documents that it serves", async () => {
    const project = temporaryProject({ "experiments/tune.ts": TUNE });
    const [extension = ""] = blocks("js");
    const found: string[] = [];
    const servers: Server[] = [];
    let documents: unknown = null;
    const host = createRequire(import.meta.url);
    const modules: Readonly<Record<string, unknown>> = {
      vscode: {
        workspace: {
          findFiles: (...pattern: string[]) => {
            found.push(...pattern.slice(0, 2));
            return Promise.resolve([{ fsPath: join(project.root, "assay.config.ts") }]);
          },
        },
      },
      "vscode-languageclient/node": {
        LanguageClient: class {
          readonly #server: Server;
          constructor(_id: string, _name: string, server: Server, { documentSelector }: { documentSelector: unknown }) {
            this.#server = server;
            documents = documentSelector;
          }
          start = () => Promise.resolve(void servers.push(this.#server));
          stop = () => Promise.resolve("stopped");
        },
      },
    };
    const require = Object.assign((name: string) => modules[name] ?? (host(name) as unknown), {
      resolve: host.resolve,
    });
    const exports: { activate?: () => Promise<void>; deactivate?: () => Promise<string> } = {};
    new Script(`(require, exports) => { ${extension} }`).runInThisContext()(require, exports);
    await exports.activate?.();
    expect(found).toEqual(["**/assay.config.ts", "**/node_modules/**"]);
    expect(documents).toEqual([{ scheme: "file", language: "typescript" }]);
    expect(servers.map(({ command }) => command)).toEqual(["node"]);
    const [{ args, options }] = servers as [Server];
    const editor = new Editor(options.cwd, args);
    try {
      await editor.start([project.root]);
      await editor.untilChecked(project.root);
    } finally {
      await editor.stop();
      project.remove();
    }
    expect(await exports.deactivate?.()).toBe("stopped");
  });

  it("has an extension that can be packed: what starts it is what it needs", () => {
    const [text = ""] = blocks("json");
    const { engines, main, dependencies, activationEvents } = JSON.parse(text) as Record<string, unknown>;
    expect({ main, activationEvents }).toEqual({
      main: "./extension.js",
      activationEvents: ["workspaceContains:**/assay.config.ts"],
    });
    expect(engines).toHaveProperty("vscode");
    expect(dependencies).toHaveProperty("vscode-languageclient");
  });

  it("starts the program of the package in Neovim", () => {
    for (const text of blocks("lua")) expect(text).toContain('"assay", "lsp", "--stdio"');
    expect(COMMANDS.find(({ name }) => name === "lsp")?.options?.map(([flags]) => flags)).toContain("--stdio");
  });

  it("names what the server offers", () => {
    expect(page).toContain(`\`${CHECK_COMMAND}\``);
    expect(page).toContain(`\`${FIX_ALL}\``);
    const [, settings = "{}"] = blocks("json");
    expect(JSON.parse(settings)).toEqual({ "editor.codeActionsOnSave": { [FIX_ALL]: "explicit" } });
    for (const text of blocks("json")) expect(() => JSON.parse(text) as unknown).not.toThrow();
  });

  it("leads to pages that are there", () => {
    const links = [...page.matchAll(/\]\(([^)]+)\)/g)].map(([, target = ""]) => target);
    expect(links.length).toBeGreaterThan(0);
    for (const target of links) {
      const [file = "", anchor = null] = target.split("#");
      expect(existsSync(join(CHECKOUT, "docs", file)), target).toBe(true);
      if (anchor === null) continue;
      const headings = readFileSync(join(CHECKOUT, "docs", file), "utf8").matchAll(/^#+ (.*)$/gm);
      expect([...headings].map(([, heading = ""]) => heading.toLowerCase().replaceAll(" ", "-"))).toContain(anchor);
    }
  });
});
