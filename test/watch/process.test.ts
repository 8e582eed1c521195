import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Log } from "sarif";
import { afterEach, describe, expect, it } from "vitest";
import { temporaryProject, type TemporaryProject } from "../compiled-build.ts";
import { compiledFolder } from "../crash/compiled.ts";
import { FILES } from "./project.ts";

const PATIENCE_MS = 40_000;

let project: TemporaryProject;
let child: ChildProcessWithoutNullStreams;
afterEach(() => {
  child.kill("SIGKILL");
  project.remove();
});

/** The program, watching a project; `until` waits for what it prints. */
function start(...line: readonly string[]) {
  return startIn({}, ...line);
}

function startIn(env: Readonly<Record<string, string>>, ...line: readonly string[]) {
  project = temporaryProject(FILES);
  const bin = join(compiledFolder(), "src/cli/bin.js");
  child = spawn(process.execPath, [bin, ...line], { cwd: project.root, env: { ...process.env, ...env } });
  let out = "";
  let err = "";
  let wake: () => void = () => undefined;
  child.stdout.on("data", (bytes: Buffer) => {
    out += bytes.toString("utf8");
    wake();
  });
  child.stderr.on("data", (bytes: Buffer) => {
    err += bytes.toString("utf8");
  });
  const ended = new Promise<number | null>((resolve) => {
    child.on("close", (code) => {
      resolve(code);
      wake();
    });
  });
  return {
    ended,
    printed: () => ({ out, err }),
    async until(holds: (out: string) => boolean): Promise<string> {
      const end = Date.now() + PATIENCE_MS;
      while (!holds(out)) {
        if (Date.now() > end || child.exitCode !== null) throw new Error(`it printed:\n${out}\n${err}`);
        await new Promise<void>((resolve) => {
          const timer = setTimeout(resolve, 500);
          wake = () => {
            clearTimeout(timer);
            resolve();
          };
        });
      }
      return out;
    },
  };
}

const BROKEN = "export const sequences = 7;\n";

describe("the compiled program watches", () => {
  it("and prints each report behind a line with the time, until Ctrl-C", async () => {
    const { until, ended, printed } = start("check", "--watch");
    await until((out) => /no errors in/.test(out));
    project.write({ "lib/second.ts": BROKEN });
    await until((out) => /1 error in/.test(out));
    child.kill("SIGINT");
    expect(await ended).toBe(0);
    const { out, err } = printed();
    expect(out.match(/^--- \d\d:\d\d:\d\d$/gm)).toHaveLength(2);
    expect(out).toContain("experiments/tune.ts");
    expect(err).toBe("");
  });

  it("and prints a line of JSON each time, until SIGTERM", async () => {
    const { until, ended } = start("build", "--watch", "--json");
    const lines = (out: string) => out.split("\n").filter((line) => line !== "");
    await until((out) => lines(out).length === 1);
    project.write({ "lib/second.ts": "export const sequences = 32;\n" });
    const out = await until((text) => lines(text).length === 2);
    const reports = lines(out).map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(reports.map(({ assayDiagnostics, written }) => [assayDiagnostics, written])).toEqual([
      [1, true],
      [1, true],
    ]);
    const manifest = readFileSync(join(project.root, ".assay/tune.small.manifest.json"), "utf8");
    expect(manifest).toContain('"nSeqs":32');
    child.kill("SIGTERM");
    expect(await ended).toBe(0);
    // What a build leaves for the next one is there, and nothing half written.
    expect(readdirSync(join(project.root, ".assay/.cache")).filter((name) => name.endsWith(".tmp"))).toEqual([]);
  });

  it("and prints what programs read as it is: a line of SARIF each time, and annotations", async () => {
    const sarif = start("check", "--watch", "--format", "sarif");
    const lines = (out: string) => out.split("\n").filter((line) => line !== "");
    await sarif.until((out) => lines(out).length === 1);
    project.write({ "lib/second.ts": BROKEN });
    const logs = lines(await sarif.until((text) => lines(text).length === 2)).map((line) => JSON.parse(line) as Log);
    expect(logs.map(({ runs }) => runs[0]?.results?.length)).toEqual([0, 1]);
    child.kill("SIGINT");
    await sarif.ended;
    project.remove();
    const github = start("check", "--watch", "--format", "github", "seed=0.5");
    const out = await github.until((text) => text.endsWith("\n"));
    for (const line of lines(out)) expect(line).toMatch(/^::error /);
    child.kill("SIGINT");
    expect(await github.ended).toBe(0);
  });

  it("where files have to be looked at, as the environment says", async () => {
    const { until, ended } = startIn({ CHOKIDAR_USEPOLLING: "1", CHOKIDAR_INTERVAL: "100" }, "check", "--watch");
    await until((out) => /no errors in/.test(out));
    project.write({ "lib/second.ts": BROKEN });
    await until((out) => /1 error in/.test(out));
    child.kill("SIGINT");
    expect(await ended).toBe(0);
  });

  it("and ends when nobody reads what it prints", async () => {
    const { until, ended } = start("check", "--watch");
    await until((out) => /no errors in/.test(out));
    child.stdout.destroy();
    project.write({ "lib/second.ts": BROKEN });
    expect(await ended).toBe(0);
  });

  it("but no sweep", async () => {
    const { ended, printed } = start("check", "tune.small", "-m", "--watch", "seed=1,2");
    expect(await ended).toBe(2);
    expect(printed().err).toMatch(/\[cli\/usage\]: `--watch` does not go with `-m`: every save/);
  });
});
