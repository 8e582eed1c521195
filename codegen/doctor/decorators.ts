import { readFileSync } from "node:fs";
import { relative } from "node:path";
import { type Check, failure, fromFinding, ok, type Said, type Setup } from "./check.ts";
import { syntaxProblem } from "./compiler-options.ts";

/** The compiler's settings are there, and switch on what experiment classes need. */
export const decorators: Check = {
  name: "decorators",
  about: "`tsconfig.json` can be read, and switches on decorators and their metadata",
  ofProject: true,
  look: (setup) => {
    const broken = brokenFiles(setup);
    // What a reader makes of a broken file is no news.
    if (broken.length > 0) return broken;
    const { findings } = setup.tsconfig;
    return findings.length > 0
      ? findings.map((finding) => fromFinding(finding))
      : [ok("`experimentalDecorators` and `emitDecoratorMetadata` are on")];
  },
};

function brokenFiles({ root, tsconfig }: Setup): readonly Said[] {
  return tsconfig.files.flatMap((file) => {
    const problem = syntaxProblem(readFileSync(file, "utf8"));
    const shown = `\`${relative(root, file) || file}\``;
    return problem === null
      ? []
      : [
          failure(
            `${shown} is no JSON: ${problem}`,
            `mend its syntax, or move it away and run \`assay init\` for a new one`,
          ),
        ];
  });
}
