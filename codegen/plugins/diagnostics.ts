import { defineDiagnostics } from "../../src/diagnostics/define.ts";
import { PLUGIN_API_VERSION } from "../../src/plugin/descriptor.ts";

/** Codes of the packages that a project's config names. */
export const packageDiagnostics = defineDiagnostics("plugin", {
  "not-found": {
    severity: "error",
    message: ({ plugin, problem }: { plugin: string; problem: string }) =>
      `the plugin \`${plugin}\` can't be found: ${problem}`,
    help: ({ plugin }) =>
      plugin.startsWith(".")
        ? "correct its path in `plugins`"
        : `install it (\`npm install ${plugin}\`), or correct its name in \`plugins\``,
  },
  "no-descriptor": {
    severity: "error",
    message: ({ plugin, problem }: { plugin: string; problem: string }) =>
      `the package \`${plugin}\` does not say what plugins it has: ${problem}`,
    help: () => "take a package that ships an `assay-plugin.json`, or ask its author for one",
  },
  "descriptor-shape": {
    severity: "error",
    message: ({ file, pointer, problem }: { file: string; pointer: string; problem: string }) =>
      `\`${file}\` is no plugin descriptor: ${pointer === "" ? "" : `\`${pointer}\`: `}${problem}`,
    help: () => "build the package's descriptor anew, or ask its author to",
  },
  "api-version": {
    severity: "error",
    message: ({ file, version }: { file: string; version: number }) =>
      `\`${file}\` has version ${version} of the format; this Assay reads version ${PLUGIN_API_VERSION}`,
    help: ({ version }) => (version > PLUGIN_API_VERSION ? "update `assay`" : "update the package"),
  },
  "two-owners": {
    severity: "error",
    message: ({ what, first, second }: { what: string; first: string; second: string }) =>
      `two packages bring the ${what}: \`${first}\` and \`${second}\``,
    help: () => "take one of the two packages out of `plugins`",
  },
  "version-differs": {
    severity: "error",
    message: ({ file, described, found }: { file: string; described: string; found: string }) =>
      `\`${file}\` describes \`${described}\`, but is of \`${found}\``,
    help: () => "build the package's descriptor anew",
  },
});
