import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const CODE = /^[a-z][a-z0-9-]*\/[a-z][a-z0-9-]*$/;

/** All codes that have a page, sorted. */
export function codesWithPages(): readonly string[] {
  const folder = codesFolder();
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .map((file) => file.replaceAll("\\", "/"))
    .filter((file) => file.endsWith(".md"))
    .map((file) => file.slice(0, -".md".length))
    .filter((code) => CODE.test(code))
    .sort();
}

/** File of a code's page; `null` if it has none. */
export function pageFile(code: string): string | null {
  if (!CODE.test(code)) return null;
  const file = join(codesFolder(), `${code}.md`);
  return existsSync(file) ? file : null;
}

/** Page of a code, as Markdown, without what only the test of its examples reads. */
export function pageText(code: string): string | null {
  const file = pageFile(code);
  return file === null ? null : readFileSync(file, "utf8").replaceAll(/^(```\w+) in=\S+$/gm, "$1");
}

/** The folder of the pages, in the package that this file is in: sources and `dist` lie differently deep. */
function codesFolder(): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(folder, "docs", "codes"))) {
    const above = dirname(folder);
    if (above === folder) throw new Error("the package has no folder docs/codes");
    folder = above;
  }
  return join(folder, "docs", "codes");
}
