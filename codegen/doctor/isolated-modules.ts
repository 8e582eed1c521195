import { type Check, failure, ok, type Said, type Setup, warning } from "./check.ts";
import { packageManifest } from "./packages.ts";
import { dirname, resolve } from "node:path";

/** Files are transpiled one by one: what needs the whole program must be told by the compiler. */
export const isolatedModules: Check = {
  name: "one-by-one",
  about: "the compiler tells what does not work when files are transpiled one by one, as Assay does",
  ofProject: true,
  look: (setup) => {
    const { compilerOptions } = setup;
    if (compilerOptions === null) return [];
    const { isolatedModules: isolated, verbatimModuleSyntax: verbatim } = compilerOptions;
    if (verbatim === true) return verbatimRows(setup);
    if (isolated === true) return [ok("`isolatedModules` is on")];
    return [
      warning(
        "without `isolatedModules` the compiler accepts a re-exported type, which is missing when the module runs",
        'set `"isolatedModules": true` in `compilerOptions`',
      ),
    ];
  },
};

/** Where the nearest `package.json` says nothing, files are no ES modules, and the compiler refuses their imports. */
function verbatimRows({ root, compilerOptions }: Setup): readonly Said[] {
  const module = compilerOptions?.module?.toLowerCase() ?? "";
  if (/^(node\d+|nodenext|commonjs)$/.test(module) && (module === "commonjs" || moduleType(root) !== "module")) {
    return [
      failure(
        "under `verbatimModuleSyntax` the compiler refuses `import` and `export` here: the files are no ES modules",
        module === "commonjs" ? 'set `"module": "nodenext"`' : 'set `"type": "module"` in `package.json`',
      ),
    ];
  }
  return [ok("`verbatimModuleSyntax` is on: import types of constructor parameters without `type`")];
}

function moduleType(root: string): unknown {
  for (let folder = resolve(root); ; folder = dirname(folder)) {
    const manifest = packageManifest(folder);
    if (manifest !== null) return manifest["type"];
    if (folder === dirname(folder)) return undefined;
  }
}
