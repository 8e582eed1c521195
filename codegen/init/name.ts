import { readLibraryClasses } from "../library-classes.ts";

/** Longest name: manifests carry it in their file's name, together with that of a preset or a point. */
const MOST_CHARACTERS = 64;

/** A name made of a folder's or a package's: lower case, and what a name can't hold becomes a hyphen. */
export function nameLike(text: string): string {
  return (
    text
      .replace(/^@[^/]*\//, "")
      // Letters lose their accents.
      .normalize("NFKD")
      .replaceAll(/\p{M}/gu, "")
      .toLowerCase()
      .replaceAll(/[^a-z0-9]+/g, "-")
      .replaceAll(/^-+|-+$/g, "")
  );
}

/**
 * What is wrong with a name, which becomes that of the package, the first experiment, its file and its class; `null` if
 * nothing is.
 */
export function nameProblem(name: string): string | null {
  if (name === "") return "it has no letters";
  if (!/^[a-z]/.test(name)) return "a name begins with a letter from a to z";
  if (!/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/.test(name))
    return "a name holds letters, digits and single hyphens, in lower case";
  if (name.length > MOST_CHARACTERS) return `a name has at most ${MOST_CHARACTERS} characters`;
  if (name === "assay") return "that is Assay's own name";
  if (Object.hasOwn(readLibraryClasses().experiments, name)) return "a shipped experiment has this name";
  return null;
}

/** The name of a class: `my-run` becomes `MyRun`. */
export function className(name: string): string {
  return name
    .split("-")
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
    .join("");
}
