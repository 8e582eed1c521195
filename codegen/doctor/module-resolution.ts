import { type Check, failure, ok, type Said, type Setup, warning } from "./check.ts";
import { packageFrom } from "./packages.ts";

/** First version of TypeScript whose own default finds subpaths of packages. */
const FINDS_BY_DEFAULT = 6;

/** The compiler and Node find `assay` and its subpaths. */
export const moduleResolution: Check = {
  name: "modules",
  about: "`assay` and its subpaths, such as `assay/plugins`, are found by Node and by the compiler",
  ofProject: true,
  look: (setup) => [...installed(setup), ...compiled(setup)],
};

function installed({ root, library }: Setup): readonly Said[] {
  if (root === library.root) return [ok("the project is Assay's own checkout")];
  const found = packageFrom(root, "assay");
  if (found === null) {
    return [failure("no `node_modules` of the project or around it has `assay`", "run `npm install assay`")];
  }
  return [ok(`\`assay\` ${found.version} is installed`)];
}

function compiled({ root, compilerOptions }: Setup): readonly Said[] {
  if (compilerOptions === null) return [];
  const { module, moduleResolution: given } = compilerOptions;
  const cure = 'set `"module": "nodenext"` in `compilerOptions`, and leave `moduleResolution` out';
  const resolution = given?.toLowerCase();
  if (resolution !== undefined) {
    return ["node16", "nodenext", "bundler"].includes(resolution)
      ? [ok(`\`moduleResolution\` is \`${given}\``)]
      : [failure(`with \`"moduleResolution": "${given}"\` the compiler finds no \`assay/plugins\``, cure)];
  }
  if (/^(node\d+|nodenext|preserve)$/i.test(module ?? "")) return [ok(`\`module\` is \`${module}\``)];
  const text = `with ${module === undefined ? "no `module`" : `\`"module": "${module}"\``}`;
  const typescript = packageFrom(root, "typescript")?.version ?? null;
  if (typescript !== null && Number.parseInt(typescript, 10) >= FINDS_BY_DEFAULT) {
    return [ok(`${text} TypeScript ${typescript} finds subpaths`)];
  }
  const which = typescript === null ? "a TypeScript before 6" : `TypeScript ${typescript}`;
  return [warning(`${text} ${which} finds no \`assay/plugins\``, cure)];
}
