import { relative, sep } from "node:path";
import { realpathSync } from "node:fs";
import { type Check, failure, ok, type Said, type Setup, warning } from "./check.ts";
import { copiesOf, type InstalledPackage, packageFrom } from "./packages.ts";

const NAMES = ["assay", "reflect-metadata", "tsyringe"] as const;

/** What is registered in one copy of a package is not seen by another one. */
export const oneCopy: Check = {
  name: "one-copy",
  about: "there is one copy of `assay`, `reflect-metadata` and `tsyringe`, and the command is the project's own",
  ofProject: true,
  look: (setup) => {
    const copies = copiesOf(setup.root, NAMES);
    return [...ownCommand(setup), ...NAMES.map((name) => copiesRow(name, copies, setup))];
  },
};

function copiesRow(name: (typeof NAMES)[number], all: readonly InstalledPackage[], { root }: Setup): Said {
  const copies = all.filter((copy) => copy.name === name);
  if (copies.length === 0) return ok(`no \`${name}\` in the \`node_modules\` of the project`);
  if (copies.length === 1) return ok(`one copy of \`${name}\``);
  const places = copies.map(({ version, folder }) => `${version} in ${shown(root, folder)}`).join(", ");
  const text = `${copies.length} copies of \`${name}\`: ${places}`;
  const cure = `let all that need it take one version: \`npm ls ${name}\` tells who asks for which, \`npm dedupe\` joins what fits; a plugin names it among its peers`;
  // Experiments and plugins are registered with a copy, and built by one.
  return name === "assay" ? failure(text, cure) : warning(text, cure);
}

function ownCommand({ root, library }: Setup): readonly Said[] {
  const installed = packageFrom(root, "assay");
  if (installed === null || installed.folder === realpathSync(library.root)) return [];
  return [
    failure(
      `this command is Assay ${library.version} of ${library.root}, the project has ${installed.version} of its own`,
      "run the project's own: `npx assay`",
    ),
  ];
}

function shown(root: string, folder: string): string {
  return relative(root, folder).split(sep).join("/");
}
