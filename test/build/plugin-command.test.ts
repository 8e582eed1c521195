import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { temporaryProject, type TemporaryProject } from "../compiled-build.ts";
import { assay } from "../docs/codes/run.ts";

let project: TemporaryProject;
beforeEach(() => {
  project = temporaryProject({
    "package.json": JSON.stringify({ name: "asker", version: "1.0.0", type: "module", exports: "./src/index.ts" }),
    "src/index.ts": `import { defineAgent, typed } from "assay/plugin";

/** Asks back. */
export const asker = defineAgent({ type: "asker", args: typed<{ turns?: number }>() });
`,
  });
});
afterEach(() => project.remove());

const run = (...line: readonly string[]) => assay(project.root, ["plugin", ...line]);
const file = () => join(project.root, "assay-plugin.json");

it("writes, says what, and has nothing to write the next time", async () => {
  expect(await run("build")).toEqual({
    status: 0,
    output: "wrote assay-plugin.json of asker 1.0.0\n  agent       asker\n",
  });
  expect(await run("build", "src")).toEqual({
    status: 0,
    output: "nothing to write: assay-plugin.json describes asker 1.0.0\n  agent       asker\n",
  });
  expect(await run("build", "--quiet")).toEqual({ status: 0, output: "" });
});

it("tells programs the same", async () => {
  const { status, output } = await run("build", "--json");
  expect(status).toBe(0);
  expect(JSON.parse(output)).toEqual({
    root: project.root,
    file: "assay-plugin.json",
    package: "asker",
    version: "1.0.0",
    types: [{ kind: "agent", type: "asker" }],
    codes: [],
    written: true,
    diagnostics: [],
  });
});

it("with --check ends with 1 if the file is stale, and with 0 if it is not", async () => {
  const missing = await run("build", "--check");
  expect(missing.status).toBe(1);
  expect(missing.output).toContain("error[plugin/descriptor-stale]: `assay-plugin.json` is not what the sources say");
  expect(missing.output).toContain("note: there is no such file");
  await run("build");
  expect((await run("build", "--check")).status).toBe(0);
  project.write({ "assay-plugin.json": readFileSync(file(), "utf8").replace("Asks back.", "Asks.") });
  const stale = await run("build", "--check", "--json");
  expect(stale.status).toBe(1);
  expect(JSON.parse(stale.output)).toMatchObject({
    written: false,
    diagnostics: [{ code: "plugin/descriptor-stale", notes: ["the agent `asker` has another `description`"] }],
  });
  rmSync(file());
});

it("knows what it can do", async () => {
  const { status, output } = await run("bild");
  expect(status).toBe(2);
  expect(output).toContain("error[cli/usage]: `assay plugin` can't `bild`; it can `init` and `build`");
  const help = await run("--help");
  expect(help.output).toContain("$ assay plugin build --check");
});
