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
  "load-failed": {
    severity: "error",
    message: ({ plugin, problem }: { plugin: string; problem: string; file: string }) =>
      `the plugin \`${plugin}\` can't be loaded: ${problem}`,
    help: ({ file }) => `mend what fails in ${file}`,
  },
  "descriptor-differs": {
    severity: "error",
    message: ({ plugin, kind, type }: { plugin: string; kind: string; type: string }) =>
      `the descriptor of \`${plugin}\` does not say what its code does of the ${kind} \`${type}\``,
    help: ({ plugin }) => `run \`assay plugin build\` in the package \`${plugin}\``,
  },
  "not-named": {
    severity: "error",
    message: ({ plugin, kind, type }: { plugin: string; kind: string; type: string }) =>
      `the ${kind} \`${type}\` comes from \`${plugin}\`, which the config does not name`,
    help: ({ plugin }) => `add \`${JSON.stringify(plugin)}\` to \`plugins\` of the config`,
  },
  "version-differs": {
    severity: "error",
    message: ({ file, described, found }: { file: string; described: string; found: string }) =>
      `\`${file}\` describes \`${described}\`, but is of \`${found}\``,
    help: () => "build the package's descriptor anew",
  },
});

/** Codes of making a descriptor from the sources of plugins. */
export const typeDiagnostics = defineDiagnostics("plugin", {
  "type-not-json": {
    severity: "error",
    message: ({ path, found }: { path: string; found: string }) => `\`${path}\` ${found}`,
    help: () => "use strings, numbers, booleans, null, lists, and objects of these",
  },
  "doc-tag": {
    severity: "error",
    message: ({ path, problem }: { path: string; problem: string }) =>
      `the comment of \`${path}\` is wrong: ${problem}`,
    help: ({ path }) =>
      `correct the tag in the comment of \`${path}\`: \`@range\` is a comparison like \`>= 1\` or an interval like \`[0, 1)\``,
  },
  "args-schema": {
    severity: "error",
    message: ({ kind, type, pointer, problem }: { kind: string; type: string; pointer: string; problem: string }) =>
      `the JSON Schema of the ${kind} \`${type}\` is wrong${pointer === "" ? "" : ` at \`${pointer}\``}: ${problem}`,
    help: ({ pointer }) =>
      `write JSON Schema 2020-12${pointer === "" ? "" : ` at \`${pointer}\``}, or describe arguments by \`typed<...>()\``,
  },
  "no-definitions": {
    severity: "error",
    message: ({ modules }: { modules: readonly string[] }) =>
      `nothing that ${modules.map((module) => `\`${module}\``).join(" and ")} exports is a plugin`,
    help: () => "export what `defineDataset(...)`, or another `define...` of `assay/plugin`, gives",
  },
  "defined-twice": {
    severity: "error",
    message: ({ kind, type }: { kind: string; type: string }) => `the ${kind} \`${type}\` is defined twice`,
    help: () => "give one of the two another `type`",
  },
  "not-exported": {
    severity: "error",
    message: ({ kind, type }: { kind: string; type: string; modules: readonly string[] }) =>
      `no module of the package exports the ${kind} \`${type}\``,
    help: ({ modules }) => `export it from ${modules.map((module) => `\`${module}\``).join(" or ")}`,
  },
  "hook-method": {
    severity: "error",
    message: ({ kind, type, methods }: { kind: string; type: string; methods: readonly string[] }) =>
      `the class of the ${kind} \`${type}\` has no ${methods.map((method) => `\`${method}\``).join(" and no ")}`,
    help: ({ methods }) =>
      `write ${methods.map((method) => `\`${method}(...)\``).join(" and ")} as methods of the class`,
  },
  "code-form": {
    severity: "error",
    message: ({ type, code }: { type: string; code: string }) => `\`${code}\`, of the rule \`${type}\`, is no code`,
    help: () => "write it as `area/slug`: small letters, digits and `-`",
  },
  "code-area": {
    severity: "error",
    message: ({ code, area }: { type: string; code: string; area: string }) =>
      `\`${code}\` is in the area \`${area}\`, which is Assay's own`,
    help: () => "use an area of your own, such as the name of your site",
  },
  "package-json": {
    severity: "error",
    message: ({ problem }: { problem: string }) => `no descriptor can be made for this package: ${problem}`,
    help: () => "complete `package.json`: a plugin's package has `name`, `version` and `exports`",
  },
  "entry-missing": {
    severity: "error",
    message: ({ subpath, file }: { subpath: string; file: string }) =>
      `\`${subpath}\` of the package is \`${file}\`, and there is no source of it`,
    help: () => "name the source under `assay.sources` of `package.json`, or build the package first",
  },
  "descriptor-stale": {
    severity: "error",
    message: ({ file }: { file: string; differs: readonly string[] }) => `\`${file}\` is not what the sources say`,
    help: () => "run `assay plugin build`",
  },
});
