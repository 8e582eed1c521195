import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, posix, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";

const root = fileURLToPath(new URL("../..", import.meta.url));

/** Rooms of `src`, and the rooms that each may import from besides itself. */
const SRC: Readonly<Record<string, readonly string[]>> = {
  schema: [],
  origin: [],
  diagnostics: ["origin"],
  spec: ["origin", "diagnostics"],
  manifest: ["schema", "origin", "diagnostics", "spec"],
  layout: ["origin", "diagnostics", "spec"],
  memory: ["diagnostics", "spec", "manifest"],
  resolve: ["schema", "origin", "diagnostics", "spec", "manifest", "memory"],
  realm: ["origin", "diagnostics", "spec", "manifest"],
  plugin: ["schema", "origin", "diagnostics", "spec", "manifest", "memory", "realm"],
  dsl: ["origin", "diagnostics", "spec", "manifest", "layout", "realm", "plugin"],
  export: ["spec", "manifest", "resolve"],
  launch: ["origin", "diagnostics", "spec", "manifest", "plugin"],
  rehearsal: ["origin", "diagnostics", "spec", "manifest"],
  testing: [
    "schema",
    "origin",
    "diagnostics",
    "spec",
    "manifest",
    "layout",
    "memory",
    "realm",
    "plugin",
    "dsl",
    "resolve",
  ],
  cli: ["origin", "diagnostics", "spec", "manifest", "memory", "resolve", "realm", "plugin", "dsl", "launch", "export"],
};

/** Rooms that have no effects: no files, no processes, no clock, no container. */
const PURE = ["schema", "origin", "diagnostics", "spec", "layout", "memory", "resolve", "export"];
/** Built-in modules that are pure themselves. */
const PURE_BUILTINS = ["node:path", "node:url", "node:util"];

interface Import {
  readonly file: string;
  readonly specifier: string;
  readonly typeOnly: boolean;
  readonly dynamic: boolean;
}

function sources(folder: string): readonly string[] {
  return readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.[cm]?tsx?$/.test(entry.name))
    .map((entry) => relative(root, join(entry.parentPath, entry.name)).split("\\").join("/"))
    .sort();
}

function importsOf(file: string): readonly Import[] {
  const text = readFileSync(join(root, file), "utf8").replaceAll(/\/\*.*?\*\/|^\s*\/\/.*$/gms, "");
  const statics = [...text.matchAll(/^(?:import|export)\s+(type\s)?(?:[^"';]*?\sfrom\s+)?"([^"]+)"/gm)].map(
    ([, type, specifier = ""]) => ({ file, specifier, typeOnly: type !== undefined, dynamic: false }),
  );
  const dynamics = [...text.matchAll(/\bimport\(\s*"([^"]+)"\s*\)/g)].map(([, specifier = ""]) => ({
    file,
    specifier,
    typeOnly: false,
    dynamic: true,
  }));
  return [...statics, ...dynamics];
}

/** Project-relative target of a relative import. */
function targetOf({ file, specifier }: Import): string {
  return posix.join(dirname(file), specifier);
}

const all = ["src", "codegen", "plugins", "experiments"].flatMap(sources).flatMap(importsOf);
const within = (folder: string) => all.filter(({ file }) => file.startsWith(`${folder}/`));
const shown = (imports: readonly Import[]) => imports.map(({ file, specifier }) => `${file} imports ${specifier}`);
const isRelative = ({ specifier }: Import) => specifier.startsWith(".");

describe("imports", () => {
  it("are found at all", () => {
    expect(all.length).toBeGreaterThan(500);
    expect(within("plugins").some(({ specifier }) => specifier === "assay/plugin")).toBe(true);
  });

  it("of each room of src lead down only", () => {
    const rooms = readdirSync(join(root, "src"), { withFileTypes: true }).flatMap((entry) =>
      entry.isDirectory() ? [entry.name] : [],
    );
    expect(rooms.sort()).toEqual(Object.keys(SRC).sort());
    const up = rooms.flatMap((room) =>
      within(`src/${room}`)
        .filter(isRelative)
        .filter((one) => {
          const target = targetOf(one);
          // The command line loads builds when they are asked for; contract suites ask the host's own reader.
          const isLazy = one.dynamic && ["cli", "testing"].includes(room);
          if (!target.startsWith("src/")) return !(isLazy && target.startsWith("codegen/"));
          const other = target.split("/")[1] ?? "";
          return other !== room && !(SRC[room] ?? []).includes(other);
        }),
    );
    // The types of a build's report are all that the CLI knows of codegen before it loads it.
    const types = up.filter(({ typeOnly, file }) => typeOnly && file.startsWith("src/cli/"));
    expect(shown(up.filter((one) => !types.includes(one)))).toEqual([]);
  });

  it("of the pure rooms have no effects in reach", () => {
    const effects = PURE.flatMap((room) => within(`src/${room}`)).filter(
      ({ specifier, typeOnly }) =>
        !typeOnly &&
        ((specifier.startsWith("node:") && !PURE_BUILTINS.includes(specifier)) ||
          ["tsyringe", "reflect-metadata", "ts-morph"].includes(specifier)),
    );
    expect(shown(effects)).toEqual([]);
  });

  it("of plugins and experiments are public subpaths by the package's name, and their own files; experiments share some", () => {
    const open = ["assay", "assay/plugin", "assay/plugins", "assay/experiments"];
    const closed = ["plugins", "experiments"].flatMap((folder) =>
      within(folder).filter((one) => {
        if (!isRelative(one)) return one.specifier.startsWith("assay") && !open.includes(one.specifier);
        const target = targetOf(one);
        const own = one.file.split("/").slice(0, 2).join("/");
        const lists = ["index.ts", "assay.gen.ts", "assay.config.ts"].map((name) => `${folder}/${name}`);
        // An experiment may stand on another one, and on what they have in common.
        const shares = folder === "experiments" || lists.includes(one.file);
        return !(
          target.startsWith(`${own}/`) ||
          (shares && target.startsWith(`${folder}/`) && !lists.includes(target))
        );
      }),
    );
    expect(shown(closed)).toEqual([]);
    const plugins = within("plugins").filter(({ specifier }) => specifier.startsWith("assay"));
    expect(new Set(plugins.map(({ specifier }) => specifier))).toEqual(new Set(["assay/plugin"]));
  });

  it("of codegen lead to src, but not to the CLI, and to no plugin or experiment by path", () => {
    const wrong = within("codegen").filter((one) => {
      const target = isRelative(one) ? targetOf(one) : one.specifier;
      if (target.startsWith("src/")) return target.startsWith("src/cli/");
      return target.startsWith("plugins/") || target.startsWith("experiments/");
    });
    expect(shown(wrong)).toEqual([]);
  });

  it("of ts-morph stand in one file, and of the container in one", () => {
    const of = (name: string) => all.filter(({ specifier }) => specifier === name).map(({ file }) => file);
    expect([...new Set(of("ts-morph"))]).toEqual(["codegen/ts-morph-reader.ts"]);
    expect([...new Set(of("tsyringe"))].filter((file) => file.startsWith("src/"))).toEqual(["src/dsl/container.ts"]);
  });

  it("of the library never reach ts-morph, TypeScript, codegen or the CLI", () => {
    const seen = new Set<string>();
    const packages = new Set<string>();
    const visit = (file: string): void => {
      if (seen.has(file)) return;
      seen.add(file);
      for (const one of importsOf(file)) {
        if (one.typeOnly || one.dynamic) continue;
        if (isRelative(one)) visit(targetOf(one));
        else packages.add(one.specifier);
      }
    };
    visit("src/index.ts");
    expect(seen.size).toBeGreaterThan(40);
    expect([...seen].filter((file) => !file.startsWith("src/") || file.startsWith("src/cli/"))).toEqual([]);
    expect([...packages].filter((name) => /^(ts-morph|typescript|oxc|commander|tinyglobby)/.test(name))).toEqual([]);
  });
});
