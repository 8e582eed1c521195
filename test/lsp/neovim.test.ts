import { execFileSync, spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { CHECKOUT, type TemporaryProject, temporaryProject } from "../compiled-build.ts";
import { TUNE } from "./sources.ts";

/** Neovim's version on this machine; `null` if there is none. */
function neovimVersion(): readonly [major: number, minor: number] | null {
  const { stdout } = spawnSync("nvim", ["--version"], { encoding: "utf8" });
  const [, major, minor] = /^NVIM v(\d+)\.(\d+)/.exec(stdout ?? "") ?? [];
  return major === undefined ? null : [Number(major), Number(minor)];
}

const version = neovimVersion();

/** What the page on editors has Neovim read: the first block from 0.11 on, the second one before. */
function settings([major, minor]: readonly [number, number]): string {
  const page = readFileSync(join(CHECKOUT, "docs/editor.md"), "utf8");
  const blocks = [...page.matchAll(/^```lua\n(.*?)^```/gms)].map(([, text = ""]) => text);
  return blocks[major > 0 || minor >= 11 ? 0 : 1] ?? "";
}

/** Opens a file, breaks and saves it, hovers, mends and saves it; prints a line of JSON for each. */
const SESSION = `
local function say(value) io.stdout:write(vim.fn.json_encode(value) .. "\\n") end
local function untilCount(count)
  return vim.wait(40000, function() return #vim.diagnostic.get(0) == count end, 20)
end
vim.cmd("filetype on")
vim.cmd("silent edit experiments/tune.ts")
vim.cmd([[silent %s/"d4p1m2"/"d4p1m4"/]])
vim.cmd("silent write")
untilCount(1)
say(vim.tbl_map(function(one)
  local line = vim.api.nvim_buf_get_lines(0, one.lnum, one.lnum + 1, false)[1]
  return { code = one.code, text = line:sub(one.col + 1, one.end_col) }
end, vim.diagnostic.get(0)))
vim.fn.search("train:d8p2m2")
local cursor = vim.api.nvim_win_get_cursor(0)
local answers = vim.lsp.buf_request_sync(0, "textDocument/hover", {
  textDocument = { uri = vim.uri_from_bufnr(0) },
  position = { line = cursor[1] - 1, character = cursor[2] + 8 },
}, 40000)
for _, answer in pairs(answers or {}) do say(answer.result.contents.value) end
vim.cmd([[silent %s/"d4p1m4"/"d4p1m2"/]])
vim.cmd("silent write")
say(untilCount(0))
vim.cmd("qa!")
`;

let project: TemporaryProject | null = null;
afterEach(() => project?.remove());

describe(`Neovim${version === null ? " (skipped: there is no nvim here)" : ` ${version.join(".")}`}`, () => {
  it.skipIf(version === null)("with what the page says shows diagnostics and hovers", () => {
    project = temporaryProject({ "experiments/tune.ts": TUNE });
    const { root } = project;
    // As npm links the program of a package.
    mkdirSync(join(root, "node_modules/.bin"));
    const program = join(root, "assay.sh");
    writeFileSync(program, `#!/bin/sh\nexec "${process.execPath}" "${CHECKOUT}/dist/src/cli/bin.js" "$@"\n`);
    chmodSync(program, 0o755);
    symlinkSync("../../assay.sh", join(root, "node_modules/.bin/assay"));
    writeFileSync(join(root, "init.lua"), settings(version ?? [0, 0]));
    writeFileSync(join(root, "session.lua"), SESSION);
    const line = ["--headless", "-n", "-i", "NONE", "-u", "init.lua", "-c", "luafile session.lua"];
    const out = execFileSync("nvim", line, { cwd: root, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
    const [found, hover, mended] = out
      .split("\n")
      .filter((text) => /^[["t]/.test(text))
      .map((text) => JSON.parse(text) as unknown);
    expect(found).toEqual([{ code: "allocation/gpu-product", text: "d4p1m4" }]);
    expect(hover).toContain("`train`: d8 p2 m2 = 32 GPUs on nodes 1-4 (of 4), replica `actor@0`");
    expect(mended).toBe(true);
  });
});
