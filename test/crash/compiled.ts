import { existsSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** Compiled library for child processes: `dist`, or the folder that `ASSAY_DIST` names. */
export function compiledFolder(): string {
  const folder = process.env["ASSAY_DIST"] ?? fileURLToPath(new URL("../../dist", import.meta.url));
  if (!existsSync(join(folder, "codegen", "write.js"))) {
    throw new Error(`${folder} holds no compiled library: run \`npm run build\` first`);
  }
  return folder;
}
