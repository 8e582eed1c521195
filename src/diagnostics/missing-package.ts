/** What mends packages that are not there, or lack their part for the machine. */
export const REINSTALL =
  "delete `node_modules` and run `npm install` on this machine, without `--omit=optional`; if the lock file was made on another one, delete it, too";

/** A package that was needed, and what needed it. */
export interface MissingPackage {
  readonly name: string;
  /** File, as the system names it; `null` if it does not tell. */
  readonly neededBy: string | null;
}

/**
 * The package whose lack an error tells of; `null` for any other error. What authors import is looked up by the evaluation, and
 * never gets here.
 */
export function missingPackage(error: unknown): MissingPackage | null {
  if (!(error instanceof Error)) return null;
  const [, esm, by] = /^Cannot find package '([^']+)' imported from (.+)/.exec(error.message) ?? [];
  if (esm !== undefined) return { name: esm, neededBy: by ?? null };
  const [, commonjs, after = ""] = /^Cannot find module '([^']+)'\n(Require stack:\n- .+)/.exec(error.message) ?? [];
  // A path is a file of the package itself: that it lacks is a bug.
  if (commonjs === undefined || /^[./\\]|^[a-zA-Z]:/.test(commonjs)) return null;
  return { name: commonjs, neededBy: after.split("\n- ")[1] ?? null };
}

/** What is said where a command can't run for want of a package. */
export function missingText({ name, neededBy }: MissingPackage): string {
  const by = neededBy === null ? "" : `\n  needed by ${neededBy}`;
  return `error: package \`${name}\`, which Assay needs, is not installed${by}\n  help: ${REINSTALL}\n`;
}
