import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { Script } from "node:vm";
import { describe, expect, it } from "vitest";
import { FIX_ALL } from "../../codegen/lsp/code-actions.ts";
import { CHECK_COMMAND } from "../../codegen/lsp/code-lens.ts";
import { COMMANDS } from "../../src/cli/commands.ts";
import { CHECKOUT } from "../compiled-build.ts";

const page = readFileSync(join(CHECKOUT, "docs/editor.md"), "utf8");

/** Code blocks of a language. */
function blocks(language: string): readonly string[] {
  return [...page.matchAll(new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\``, "gms"))].map(([, text = ""]) => text);
}

describe("the page on editors", () => {
  it("starts the program that the package has", () => {
    const { bin } = JSON.parse(readFileSync(join(CHECKOUT, "package.json"), "utf8")) as {
      readonly bin: { readonly assay: string };
    };
    const [extension = ""] = blocks("js");
    expect(() => new Script(extension)).not.toThrow();
    expect(extension).toContain(`"node_modules/assay/${bin.assay.replace("./", "")}"`);
    expect(existsSync(join(CHECKOUT, bin.assay))).toBe(true);
    expect(extension).toContain('"lsp", "--stdio"');
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
    for (const target of links) expect(existsSync(join(CHECKOUT, "docs", target)), target).toBe(true);
  });
});
