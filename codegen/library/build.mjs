// Builds the library itself: lists of shipped plugins and experiments from their folders, then `dist` by tsc.
// `--no-check` emits without type checking, for trying things out while something is missing.
import { createHash } from "node:crypto";
import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../..", import.meta.url));
const unchecked = process.argv.includes("--no-check");

writeIfChanged("plugins/index.ts", pluginList());
writeIfChanged("experiments/index.ts", experimentList());
rmSync(join(root, "dist"), { recursive: true, force: true });
const tsc = join(root, "node_modules", "typescript", "bin", "tsc");
const { status } = spawnSync(process.execPath, [tsc, "-p", root, ...(unchecked ? ["--noCheck"] : [])], {
  stdio: "inherit",
});
if (status !== 0 && !unchecked) process.exit(status ?? 1);
for (const after of ["codegen/library/finish.js"]) {
  const script = join(root, "dist", after);
  if (existsSync(script)) {
    const run = spawnSync(process.execPath, [script], { stdio: "inherit" });
    if (run.status !== 0) process.exit(run.status ?? 1);
  }
}
writeFileSync(join(root, "dist", "build-id.json"), `${JSON.stringify({ buildId: folderHash("dist") })}\n`);

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

function writeIfChanged(file, text) {
  const path = join(root, file);
  if (existsSync(path) && readFileSync(path, "utf8") === text) return;
  writeFileSync(path, text);
}

/** Hash over all compiled files: two builds of the same sources have the same id. */
function folderHash(folder) {
  const hash = createHash("sha256");
  for (const entry of readdirSync(join(root, folder), { recursive: true }).map(String).sort()) {
    if (entry.endsWith(".js") || entry.endsWith(".json"))
      hash
        .update(`${entry}\0`)
        .update(readFileSync(join(root, folder, entry)))
        .update("\0");
  }
  return hash.digest("hex").slice(0, 16);
}
