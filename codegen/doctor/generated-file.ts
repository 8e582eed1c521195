import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { isTaken } from "../write/generated-file.ts";
import { fileOperations } from "../write/operations.ts";
import { type Check, failure, ok, type Said, type Setup, warning } from "./check.ts";

/** The generated file is that of the sources, and version control treats it and the outputs alike for everybody. */
export const generatedFile: Check = {
  name: "generated",
  about: "the generated file is fresh, and committed or ignored; the output folder is ignored",
  ofProject: true,
  look: async (setup) => [await freshness(setup), ...versionControl(setup)],
};

async function freshness({ root, config: { gen }, generated }: Setup): Promise<Said> {
  const path = join(root, gen);
  if (isTaken(path, fileOperations)) {
    return failure(
      `\`${gen}\` is where the generated file goes, and it does not look generated`,
      "move it away, or set another `gen` file in the config",
    );
  }
  if (!existsSync(path))
    return warning(`there is no \`${gen}\` yet: programs don't know experiments by name`, "run `assay build`");
  const now = await generated();
  if (now === null)
    return warning(`\`${gen}\` can't be compared: the sources are not read without errors`, "see `assay check`");
  if (now === readFileSync(path, "utf8")) return ok(`\`${gen}\` is fresh`);
  return warning(`\`${gen}\` is not what the sources give now`, "run `assay build`");
}

/** What git is told of a path. */
interface Told {
  readonly isTracked: boolean;
  readonly isIgnored: boolean;
}

function versionControl(setup: Setup): readonly Said[] {
  const { root, project, config } = setup;
  const inside = setup.machine.run("git", ["rev-parse", "--is-inside-work-tree"], root);
  if (inside === null || inside.status !== 0 || project === null) return [];
  const out = toldOf(`${config.out}/index.json`, setup);
  const gen = toldOf(config.gen, setup);
  const rows: Said[] = [];
  if (out.isTracked) {
    rows.push(
      warning(
        `outputs in \`${config.out}\` are committed, and are of one machine`,
        `add \`${config.out}/\` to .gitignore, and run \`git rm -r --cached ${config.out}\``,
      ),
    );
  } else if (!out.isIgnored) {
    rows.push(warning(`git does not ignore \`${config.out}\``, `add \`${config.out}/\` to .gitignore`));
  }
  if (gen.isTracked && gen.isIgnored) {
    rows.push(
      warning(
        `\`${config.gen}\` is committed, though .gitignore names it: a new clone has an old one`,
        `take it out of .gitignore, or run \`git rm --cached ${config.gen}\``,
      ),
    );
  } else if (!gen.isTracked && !gen.isIgnored && toldOf(project.configFile, setup).isTracked) {
    rows.push(
      warning(
        `\`${config.gen}\` is neither committed nor ignored: a new clone does not compile before it is built`,
        `run \`git add ${config.gen}\`, or add it to .gitignore and build before compiling`,
      ),
    );
  }
  if (rows.length > 0) return rows;
  const genText = gen.isIgnored ? "ignored" : "committed";
  return [
    ok(`git ignores \`${config.out}\`${gen.isTracked || gen.isIgnored ? `; \`${config.gen}\` is ${genText}` : ""}`),
  ];
}

function toldOf(path: string, { root, machine }: Setup): Told {
  const tracked = machine.run("git", ["ls-files", "--", path], root);
  // Without `--no-index` a committed file never counts as ignored.
  const ignored = machine.run("git", ["check-ignore", "--no-index", "--quiet", "--", path], root);
  return { isTracked: tracked?.stdout.trim() !== "" && tracked?.status === 0, isIgnored: ignored?.status === 0 };
}
