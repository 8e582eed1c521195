// Builds the library and its experiments, shows them, and then what a mistake looks like.
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const root = fileURLToPath(new URL("../..", import.meta.url));
const bin = join(root, "dist/src/cli/bin.js");

/** Runs a program with the terminal of this one. @throws {Error} if it ends otherwise than it should. */
function run(args, cwd = root, expected = 0) {
  const { status, error } = spawnSync(process.execPath, args, { cwd, stdio: "inherit" });
  if (error !== undefined) throw error;
  if (status !== expected) throw new Error(`node ${args.join(" ")} ended with ${status}, not with ${expected}`);
}

/** A project elsewhere that runs a published recipe, copied with one wrong letter in its allocation string. */
async function mistakenProject(folder) {
  const { distilled } = await import(pathToFileURL(join(root, "dist/experiments/ppo-math/distilled.js")).href);
  const recipe = {
    ...distilled("/storage/models/DeepSeek-R1-Distill-Qwen-1.5B"),
    experimentName: "ppo-1.5B-distill-gpus-8",
    allocationMode: "sglang.d4p1m1+d2p2n1",
    nNodes: 1,
  };
  const files = {
    "package.json": JSON.stringify({ name: "mine", private: true, type: "module" }),
    "tsconfig.json": JSON.stringify({
      compilerOptions: { module: "nodenext", experimentalDecorators: true, emitDecoratorMetadata: true, noEmit: true },
    }),
    "assay.config.ts": `import { defineConfig } from "assay";
import { h800x256 } from "assay/experiments";

export default defineConfig({ clusters: [h800x256] });
`,
    "experiments/my-recipe.ts": `import { preset } from "assay";

preset("ppo-math", "my-recipe", ${JSON.stringify(recipe, null, 2).replaceAll(/"(\w+)":/g, "$1:")});
`,
  };
  for (const [file, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, file)), { recursive: true });
    writeFileSync(join(folder, file), text);
  }
  mkdirSync(join(folder, "node_modules"));
  symlinkSync(root, join(folder, "node_modules/assay"), "junction");
}

run([join(root, "codegen/library/build.mjs")]);
run([bin, "build", "--quiet"]);
run([bin, "show"]);
console.log("\nWhat a mistake looks like: a copy of the recipe ppo-math.1.5b-distill-gpus-8 with one wrong letter.\n");
const folder = mkdtempSync(join(tmpdir(), "assay-start-"));
try {
  await mistakenProject(folder);
  run([bin, "build", "--quiet"], folder, 1);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
