/** How a fixture package is written. */
export type PackageKind = "module" | "commonjs";

/** What a fixture package does when it is loaded, and when its `use` is called. */
export interface PackageCode {
  readonly loaded?: string;
  readonly called?: string;
}

/** Files of a package in the project's `node_modules`, by path. */
export function fixturePackage(
  name: string,
  kind: PackageKind,
  { loaded = "", called = "" }: PackageCode,
): Readonly<Record<string, string>> {
  const folder = `node_modules/${name}`;
  const head = kind === "module" ? "export function use()" : "exports.use = function use()";
  return {
    [`${folder}/package.json`]: JSON.stringify({
      name,
      version: "1.0.0",
      main: "index.js",
      ...(kind === "module" ? { type: "module" } : {}),
    }),
    [`${folder}/index.js`]: `{\n  ${loaded}\n}\n${head} {\n  ${called}\n}\n`,
    [`${folder}/index.d.ts`]: "export declare function use(): unknown;\n",
  };
}
