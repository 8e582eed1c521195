import { spawnSync } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { temporaryProject, type TemporaryProject } from "../compiled-build.ts";
import { compiledFolder } from "../crash/compiled.ts";
import { tuning } from "./experiments.ts";

/** Texts that would tell where, when and by whom they were made. */
const TELLING: Readonly<Record<string, string>> = {
  stack: `String(new Error("here").stack)`,
  caught: `(() => { try { (null as unknown as string[]).map(String); } catch (error) { return String((error as Error).stack); } return ""; })()`,
  typed: `[typeof process, typeof setTimeout, typeof globalThis.process, "fetch" in globalThis].join(" ")`,
  date: `new Date(86_400_000).toISOString() + Date.UTC(2026, 1) + new Date("2026-02-03").getTime()`,
  globals: "Object.getOwnPropertyNames(globalThis).sort().join()",
  sorted: `["b", "ä", "a"].sort().join()`,
};

const projects: TemporaryProject[] = [];
afterAll(() => {
  for (const project of projects) project.remove();
});

/** All outputs of a build in an environment, by name. */
function outputsIn(folder: string, env: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  const project = temporaryProject({});
  projects.push(project);
  const root = join(project.root, folder);
  mkdirSync(root, { recursive: true });
  const sources = Object.fromEntries(
    Object.entries(TELLING).map(([name, path]) => [join(folder, "experiments", `${name}.ts`), tuning(name, { path })]),
  );
  const config = readFileSync(join(project.root, "assay.config.ts"), "utf8");
  const tsconfig = readFileSync(join(project.root, "tsconfig.json"), "utf8");
  project.write({
    ...sources,
    [join(folder, "assay.config.ts")]: config,
    [join(folder, "tsconfig.json")]: tsconfig,
    [join(folder, "package.json")]: `{"type":"module"}`,
  });
  const bin = join(compiledFolder(), "src/cli/bin.js");
  const { status, stderr, stdout } = spawnSync(process.execPath, [bin, "build"], {
    cwd: root,
    encoding: "utf8",
    timeout: 60_000,
    env: { PATH: process.env["PATH"] ?? "", ...env },
  });
  expect(status, `${stdout}${stderr}`).toBe(0);
  const out = join(root, ".assay");
  const names = readdirSync(out).filter((name) => name.endsWith(".json"));
  return Object.fromEntries(names.sort().map((name) => [name, readFileSync(join(out, name), "utf8")]));
}

let here: Readonly<Record<string, string>>;
beforeAll(() => {
  here = outputsIn("one", {
    TZ: "Europe/Berlin",
    LANG: "de_DE.UTF-8",
    LC_ALL: "de_DE.UTF-8",
    USER: "anna",
    HOME: "/tmp",
  });
});

it("is in the outputs of all machines: other folder, time zone, language and user", () => {
  const there = outputsIn("elsewhere/and-deeper", { TZ: "Asia/Tokyo", LANG: "C", USER: "ben", NODE_ENV: "production" });
  expect(Object.keys(there)).toEqual(Object.keys(here));
  for (const [name, text] of Object.entries(there)) expect(text, name).toBe(here[name]);
});

it("is what the outputs say: places of the project only", () => {
  expect(Object.keys(here)).toContain("stack.small.manifest.json");
  expect(here["stack.small.manifest.json"]).toMatch(/at (?:\S+ )?\(?experiments\/stack\.ts:\d+/);
  for (const text of Object.values(here)) expect(text).not.toMatch(/assay-project-|file:\/\/|node_modules\/assay/);
});
