import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath, pathToFileURL } from "node:url";
import { beforeAll, describe, expect, it } from "vitest";
import { declaredCodes } from "../../src/diagnostics/define.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));
const FOLDERS = ["src", "codegen", "plugins"];

interface Source {
  readonly file: string;
  readonly text: string;
}

interface Table {
  readonly name: string;
  readonly area: string;
  readonly slugs: readonly string[];
}

const sources: readonly Source[] = FOLDERS.flatMap((folder) =>
  readdirSync(`${root}${folder}`, { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".ts"))
    .map((file) => ({ file: `${folder}/${file}`, text: readFileSync(`${root}${folder}/${file}`, "utf8") })),
);

const DECLARATION = /export const (\w+) = defineDiagnostics\("([a-z-]+)"/g;

const declaring = sources.filter(
  ({ file, text }) => text.includes("defineDiagnostics(") && file !== "src/diagnostics/define.ts",
);
const tables: Table[] = [];

beforeAll(async () => {
  for (const { file, text } of declaring) {
    const module = (await import(pathToFileURL(`${root}${file}`).href)) as Readonly<Record<string, object>>;
    for (const [, name = "", area = ""] of text.matchAll(DECLARATION)) {
      tables.push({ name, area, slugs: Object.keys(module[name] ?? {}) });
    }
  }
});

/** Slugs that the sources ask a table for, by `table.slug(` or `table["slug"](`. */
function namedOf({ name }: Table): readonly string[] {
  const access = new RegExp(`\\b${name}(?:\\.(\\w+)|\\[\\s*"([a-z0-9-]+)"\\s*\\])`, "g");
  return sources.flatMap(({ text }) => [...text.matchAll(access)].map(([, plain, quoted]) => plain ?? quoted ?? ""));
}

/** Besides, where a table is asked by a variable: slugs that stand as strings outside of the table's own file. */
function chosenOf({ name, slugs }: Table): readonly string[] {
  const byVariable = new RegExp(`\\b${name}\\[\\s*[^\\s"]`);
  if (!sources.some(({ text }) => byVariable.test(text))) return [];
  const declaredIn = new RegExp(`\\bexport const ${name}\\b`);
  const others = sources.filter(({ text }) => !declaredIn.test(text));
  return slugs.filter((slug) => others.some(({ text }) => text.includes(`"${slug}"`)));
}

describe("the catalogue of codes", () => {
  it("knows every table: each stands in an exported constant", () => {
    for (const { file, text } of declaring) {
      const calls = text.match(/defineDiagnostics\(/g)?.length ?? 0;
      expect([file, text.match(DECLARATION)?.length ?? 0]).toEqual([file, calls]);
    }
    const all = tables.flatMap(({ area, slugs }) => slugs.map((slug) => `${area}/${slug}`));
    expect(all.length).toBeGreaterThan(100);
    expect([...declaredCodes().keys()].sort()).toEqual(all.sort());
  });

  it("has a page for every code, and no other page", () => {
    const pages = readdirSync(`${root}docs/codes`, { recursive: true, encoding: "utf8" })
      .filter((file) => file.endsWith(".md"))
      .map((file) => file.slice(0, -".md".length));
    expect(pages.sort()).toEqual([...declaredCodes().keys()].sort());
  });

  it("has pages of the same parts", () => {
    for (const code of declaredCodes().keys()) {
      const page = readFileSync(`${root}docs/codes/${code}.md`, "utf8");
      const prose = page.replaceAll(/^```.*?^```$/gms, "");
      expect(prose.match(/^#+ .*$/gm), code).toEqual([`# ${code}`, "## Meaning", "## Wrong", "## Cure"]);
      expect(page.split("\n")[4]?.length, `${code} says what it means`).toBeGreaterThan(10);
    }
  });

  it("has no code that nothing gives", () => {
    const unused = tables.flatMap((table) => {
      const created = new Set([...namedOf(table), ...chosenOf(table)]);
      return table.slugs.filter((slug) => !created.has(slug)).map((slug) => `${table.area}/${slug}`);
    });
    expect(unused).toEqual([]);
  });

  it("has every code that something gives", () => {
    const unknown = tables.flatMap((table) =>
      namedOf(table)
        .filter((slug) => !table.slugs.includes(slug))
        .map((slug) => `${table.name}: ${slug}`),
    );
    expect(unknown).toEqual([]);
  });
});
