import { type Check, fromFinding, ok, warning } from "./check.ts";

/** The project's config is found and loads. */
export const configFile: Check = {
  name: "config",
  about: "the project's config is found, loads, and sets what it may",
  ofProject: false,
  look: ({ project, config, configFindings, isConfigRun }) => {
    if (project === null || configFindings.length > 0) return configFindings.map((finding) => fromFinding(finding));
    if (!isConfigRun) return [warning(`\`${project.configFile}\` was not run`, "mend the packages first")];
    const clusters = config.clusters.map(({ name }) => name).join(", ");
    return [ok(`\`${project.configFile}\` loads; ${clusters === "" ? "it has no clusters" : `clusters: ${clusters}`}`)];
  },
};
