import { execFileSync, spawnSync } from "node:child_process";
import { readFileSync, symlinkSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { CHECKOUT, temporaryProject } from "../compiled-build.ts";
import { compiledFolder } from "../crash/compiled.ts";

interface Block {
  readonly language: string;
  /** What stands behind the language: `file=...`, `replace`. */
  readonly info: Readonly<Record<string, string>>;
  readonly text: string;
}

function blocksOf(markdown: string): readonly Block[] {
  return [...markdown.matchAll(/^```(\w+)([^\n]*)\n(.*?)^```$/gms)].map(([, language = "", info = "", text = ""]) => ({
    language,
    info: Object.fromEntries(
      info
        .trim()
        .split(/\s+/)
        .map((word) => word.split("=") as [string, string]),
    ),
    text,
  }));
}

/** Commands with the output that is expected of each. */
function commandsOf(text: string): readonly { readonly command: string; readonly expected: string }[] {
  return text
    .split(/^\$ /m)
    .slice(1)
    .map((part) => {
      const end = part.indexOf("\n");
      return { command: part.slice(0, end), expected: part.slice(end + 1) };
    });
}

/** Times differ. */
const steady = (text: string): string => text.replaceAll(/ in \d+(\.\d+)? s$/gm, " in 0.5 s").replaceAll(/ +$/gm, "");

const project = temporaryProject({});
mkdirSync(join(project.root, "node_modules", "@types"), { recursive: true });
symlinkSync(join(CHECKOUT, "node_modules", "@types", "node"), join(project.root, "node_modules", "@types", "node"));
afterAll(() => project.remove());

const bin = join(compiledFolder(), "src", "cli", "bin.js");
const hasPython = spawnSync("python3", ["--version"]).status === 0;

/** Runs a line as a shell does, with `npx assay` standing for the compiled command. */
function run(command: string, lastStatus: number): { readonly output: string; readonly status: number } {
  const line = command.replaceAll("npx assay", `"${process.execPath}" "${bin}"`).replaceAll("$?", String(lastStatus));
  const { stdout, stderr, status } = spawnSync("bash", ["-c", line], {
    cwd: project.root,
    encoding: "utf8",
    env: { PATH: process.env["PATH"], HOME: process.env["HOME"], NO_COLOR: "1", COLUMNS: "140" },
  });
  return { output: stdout + stderr, status: status ?? -1 };
}

describe("the README's tour", () => {
  const blocks = blocksOf(readFileSync(join(CHECKOUT, "README.md"), "utf8"));
  let status = 0;

  it("has blocks of all kinds", () => {
    expect(new Set(blocks.map(({ language }) => language))).toEqual(new Set(["sh", "json", "ts", "console"]));
  });

  for (const [index, { language, info, text }] of blocks.entries()) {
    if (language === "sh") continue;
    if (language !== "console") {
      const file = info["file"] ?? "";
      it(`block ${index + 1} writes ${file}`, () => {
        expect(file).not.toBe("");
        if (!("replace" in info)) return project.write({ [file]: text });
        const [before = "", after = ""] = text.trim().split("\n");
        const old = readFileSync(join(project.root, file), "utf8");
        expect(old).toContain(before);
        project.write({ [file]: old.replace(before, after) });
      });
      continue;
    }
    for (const { command, expected } of commandsOf(text)) {
      const needsPython = command.includes("python3") && !hasPython;
      it.skipIf(needsPython)(`block ${index + 1}: ${command}`, () => {
        const result = run(command, status);
        status = command.startsWith("echo") ? status : result.status;
        expect(steady(result.output)).toBe(steady(expected));
      });
    }
  }

  it("leaves a project that compiles", () => {
    const tsc = join(CHECKOUT, "node_modules", "typescript", "bin", "tsc");
    expect(execFileSync(process.execPath, [tsc, "-p", project.root], { encoding: "utf8" })).toBe("");
  });
});
