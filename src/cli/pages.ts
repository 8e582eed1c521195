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

/** Where the package says that one reads about it; `null` if it does not say. */
export function packageHomepage(): string | null {
  homepage ??= { url: homepageOf(readFileSync(join(codesFolder(), "..", "..", "package.json"), "utf8")) };
  return homepage.url;
}

/** Page of a code on the web, below the package's home page; `null` if it has none, or the package no home page. */
export function webPage(code: string): string | null {
  const base = packageHomepage();
  return base === null || pageFile(code) === null ? null : webPageBelow(base, code);
}

let homepage: { readonly url: string | null } | undefined;

/** The home page that a `package.json` names: `homepage`, else its repository if that is on the web. */
export function homepageOf(packageJson: string): string | null {
  const { homepage: own, repository } = JSON.parse(packageJson) as PackageJson;
  const named = own ?? (typeof repository === "string" ? repository : repository?.url);
  if (named === undefined) return null;
  const text = named.replace(/^github:/, "https://github.com/").replace(/^git\+/, "");
  if (!URL.canParse(text)) return null;
  const url = new URL(text);
  if (url.protocol !== "https:" && url.protocol !== "http:") return null;
  return `${url.origin}${url.pathname}`.replace(/(?:\.git)?\/*$/, "");
}

/** Where a code's page stands below a home page. A repository shows files of its newest commit. */
export function webPageBelow(base: string, code: string): string {
  const files = /^https?:\/\/(?:www\.)?github\.com\//.test(base) ? `${base}/blob/HEAD` : base;
  return `${files}/docs/codes/${code}.md`;
}

interface PackageJson {
  readonly homepage?: string;
  readonly repository?: string | { readonly url?: string };
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
