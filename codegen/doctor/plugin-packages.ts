import type { Place } from "../../src/diagnostics/finding.ts";
import { readPlugins } from "../plugins.ts";
import { isObject } from "../plugins/find.ts";
import { type Check, failure, fromFinding, ok, type Said, type Setup, warning } from "./check.ts";
import { packageFrom, packageManifest } from "./packages.ts";
import { isInRange } from "./version-range.ts";

const IN_CONFIG: Place = { kind: "nowhere", reason: "it is one of `plugins` in the config" };

/** The packages that the config names are there, can be read, and are made for this Assay. */
export const pluginPackages: Check = {
  name: "plugins",
  about: "plugin packages of the config are found, described in this format, and made for this Assay",
  ofProject: true,
  look: (setup) => {
    const { root, config } = setup;
    if (config.plugins.length === 0) return [ok("the config names no plugins besides Assay's own")];
    const { findings } = readPlugins(root, config.plugins, () => IN_CONFIG);
    const bad = new Set(findings.flatMap(({ data }) => (typeof data["plugin"] === "string" ? [data["plugin"]] : [])));
    return [
      ...findings.map((finding) => fromFinding(finding)),
      ...config.plugins.filter((name) => !bad.has(name)).flatMap((name) => peerRows(name, setup)),
    ];
  },
};

function peerRows(name: string, { root, library }: Setup): readonly Said[] {
  const found = packageFrom(root, name);
  // A descriptor in the project has no version of its own.
  if (found === null) return [];
  const peers = packageManifest(found.folder)?.["peerDependencies"];
  const range = isObject(peers) ? peers["assay"] : undefined;
  const shown = `\`${name}\` ${found.version}`;
  if (typeof range !== "string") {
    return [
      warning(
        `${shown} does not say which versions of Assay it is made for`,
        `ask its author to name \`assay\` among its \`peerDependencies\`, such as \`^${library.version}\``,
      ),
    ];
  }
  const fits = isInRange(library.version, range);
  if (fits === null) return [ok(`${shown} is made for \`assay\` ${range}`)];
  if (fits) return [ok(`${shown} is made for \`assay\` ${range}; this is ${library.version}`)];
  return [
    failure(
      `${shown} is made for \`assay\` ${range}, and this is ${library.version}`,
      `install versions that fit: \`npm install ${name}@latest assay@latest\``,
    ),
  ];
}
