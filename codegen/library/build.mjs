// Builds the library itself: lists of shipped plugins and experiments from their folders, `dist` by tsc, and then what the
// library says of itself (finish.ts), and the page of its commands.
// `--no-check` emits without type checking, for trying things out while something is missing.
import { createHash } from "node:crypto";
import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const root = fileURLToPath(new URL("../..", import.meta.url));
const unchecked = process.argv.includes("--no-check");

writeIfChanged("plugins/index.ts", pluginList());
writeIfChanged("experiments/index.ts", experimentList());
// What was built before stays until what takes its place is whole.
const [next, last] = ["dist.next", "dist.last"];
for (const folder of [next, last]) remove(folder);
const tsc = join(root, "node_modules", "typescript", "bin", "tsc");
const compile = run(tsc, "-p", root, "--outDir", join(root, next), ...(unchecked ? ["--noCheck"] : []));
if (compile !== 0 && !unchecked) {
  remove(next);
  process.exit(compile);
}
move("dist", last);
move(next, "dist");
// From its own place: the compiled plugins import the library by its name.
const finish = run(join(root, "dist", "codegen", "library", "finish.js"));
if (finish !== 0) {
  remove("dist");
  move(last, "dist");
  process.exit(finish);
}
writeIfChanged("docs/cli.md", await commandPage());
writeIfChanged("docs/plugin.schema.json", await pluginSchema());
writeFileSync(join(root, "dist", "build-id.json"), `${JSON.stringify({ buildId: buildId() })}\n`);
remove(last);

function run(script, ...args) {
  return spawnSync(process.execPath, [script, ...args], { stdio: "inherit" }).status ?? 1;
}

function remove(folder) {
  rmSync(join(root, folder), { recursive: true, force: true });
}

function move(from, to) {
  if (existsSync(join(root, from))) renameSync(join(root, from), join(root, to));
}

/** `plugins/<kind>-<type>/plugin.ts` -> one re-export each. */
function pluginList() {
  const folders = readdirSync(join(root, "plugins"), { withFileTypes: true })
    .filter(
      (entry) =>
        entry.isDirectory() &&
        !entry.name.startsWith("_") &&
        existsSync(join(root, "plugins", entry.name, "plugin.ts")),
    )
    .map((entry) => entry.name)
    .sort();
  return `// Generated from the folders beside this file by \`npm run gen\`.\n${folders.map((name) => `export * from "./${name}/plugin.ts";\n`).join("")}${folders.length === 0 ? "export {};\n" : ""}`;
}

/** `experiments/<name>/experiment.ts` -> one re-export each, and the clusters. */
function experimentList() {
  const folders = readdirSync(join(root, "experiments"), { withFileTypes: true })
    .filter(
      (entry) =>
        entry.isDirectory() &&
        !entry.name.startsWith("_") &&
        existsSync(join(root, "experiments", entry.name, "experiment.ts")),
    )
    .map((entry) => entry.name)
    .sort();
  const extra = ["clusters.ts", "assay.gen.ts"].filter((name) => existsSync(join(root, "experiments", name)));
  const lines = [
    ...extra.map((name) => `export * from "./${name}";\n`),
    ...folders.map((name) => `export * from "./${name}/experiment.ts";\n`),
  ];
  return `// Generated from the folders beside this file by \`npm run gen\`.\n${lines.join("") || "export {};\n"}`;
}

/** The page of all commands, as they now are. */
async function commandPage() {
  const [{ cliReference }, { CHECKS }] = await Promise.all(
    ["src/cli/reference.js", "codegen/doctor/checks.js"].map(
      (module) => import(pathToFileURL(join(root, "dist", module)).href),
    ),
  );
  return cliReference(CHECKS);
}

/** The schema of descriptors as a file. */
async function pluginSchema() {
  const { PLUGIN_SCHEMA } = await import(pathToFileURL(join(root, "dist/src/plugin/schema.js")).href);
  return `${JSON.stringify(PLUGIN_SCHEMA, null, 2)}\n`;
}

function writeIfChanged(file, text) {
  const path = join(root, file);
  if (existsSync(path) && readFileSync(path, "utf8") === text) return;
  writeFileSync(path, text);
}

/** Hash over all that a build of a project reads of the library: two builds of the same sources have the same id. */
function buildId() {
  const hash = createHash("sha256");
  const compiled = readdirSync(join(root, "dist"), { recursive: true }).map((entry) => join("dist", String(entry)));
  const read = compiled.filter((file) => file.endsWith(".js") || file.endsWith(".json"));
  for (const file of [...read, "assay-plugin.json"].sort()) {
    hash
      .update(`${file}\0`)
      .update(readFileSync(join(root, file)))
      .update("\0");
  }
  return hash.digest("hex").slice(0, 16);
}
