import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { CHECKOUT, temporaryProject, type TemporaryProject } from "../compiled-build.ts";
import { compiledFolder } from "../crash/compiled.ts";

/** A block of a page. */
export interface Block {
  readonly language: string;
  /** What stands behind the language: `file=...`, `replace`. */
  readonly info: Readonly<Record<string, string>>;
  readonly text: string;
}

/** Text of a page of the checkout. */
export function pageText(page: string): string {
  return readFileSync(join(CHECKOUT, page), "utf8");
}

/** All blocks of a page of the checkout. */
export function blocksOf(page: string): readonly Block[] {
  return [...pageText(page).matchAll(/^```(\w+)([^\n]*)\n(.*?)^```$/gms)].map(
    ([, language = "", info = "", text = ""]) => ({
      language,
      info: Object.fromEntries(
        info
          .trim()
          .split(/\s+/)
          .map((word) => word.split("=") as [string, string]),
      ),
      text,
    }),
  );
}

/** A folder that blocks are written to, and their commands run in. */
export interface TourFolder {
  readonly root: string;
  write(files: Readonly<Record<string, string>>): void;
}

/** A project that blocks are written to, and their commands run in. */
export function tourProject(): TemporaryProject {
  const project = temporaryProject({});
  mkdirSync(join(project.root, "node_modules", "@types"), { recursive: true });
  symlinkSync(join(CHECKOUT, "node_modules", "@types", "node"), join(project.root, "node_modules", "@types", "node"));
  return project;
}

/** Writes a block's file, or replaces its line in what is there. */
export function writeBlock(project: TourFolder, { info, text }: Block): void {
  const file = info["file"] ?? "";
  expect(file).not.toBe("");
  if (!("replace" in info)) return project.write({ [file]: text });
  const [before = "", after = ""] = text.trim().split("\n");
  const old = readFileSync(join(project.root, file), "utf8");
  expect(old).toContain(before);
  project.write({ [file]: old.replace(before, after) });
}

/**
 * One test for each block: files are written, commands must print what stands under them.
 * @param run how a line is run: with `npx assay` standing for the compiled command, unless the folder has Assay installed.
 */
export function testBlocks(project: TourFolder, blocks: readonly Block[], run: RunLine = runCompiled): void {
  let status = 0;
  for (const [index, block] of blocks.entries()) {
    if (block.language === "sh") continue;
    if (block.language !== "console") {
      it(`block ${index + 1} writes ${block.info["file"]}`, () => writeBlock(project, block));
      continue;
    }
    for (const { command, expected } of commandsOf(block.text)) {
      const needsPython = command.includes("python3") && !hasPython();
      it.skipIf(needsPython)(`block ${index + 1}: ${command}`, () => {
        const result = run(project, command.replaceAll("$?", String(status)));
        status = command.startsWith("echo") ? status : result.status;
        expect(steady(result.output)).toBe(steady(expected));
      });
    }
  }
}

/** What the compiler says of the project's sources: nothing, if it has no errors of types. */
export function compile(project: TemporaryProject): string {
  const tsc = join(CHECKOUT, "node_modules", "typescript", "bin", "tsc");
  return execFileSync(process.execPath, [tsc, "-p", project.root], { encoding: "utf8" });
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

const hasPython = (): boolean => spawnSync("python3", ["--version"]).status === 0;

/** What a line of a console printed, on both channels, and how it ended. */
export interface LineResult {
  readonly output: string;
  readonly status: number;
}

type RunLine = (folder: TourFolder, line: string) => LineResult;

/** Runs a line with `npx assay` standing for the compiled command. */
function runCompiled(folder: TourFolder, line: string): LineResult {
  const bin = join(compiledFolder(), "src", "cli", "bin.js");
  return runLine(folder, line.replaceAll("npx assay", `"${process.execPath}" "${bin}"`));
}

/** Runs a line as a shell does. */
export function runLine({ root }: TourFolder, line: string, env: Readonly<Record<string, string>> = {}): LineResult {
  const { stdout, stderr, status } = spawnSync("bash", ["-c", line], {
    cwd: root,
    encoding: "utf8",
    env: { PATH: process.env["PATH"], HOME: process.env["HOME"], NO_COLOR: "1", COLUMNS: "140", ...env },
  });
  return { output: stdout + stderr, status: status ?? -1 };
}
