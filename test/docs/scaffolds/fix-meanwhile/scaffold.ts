import { appendFileSync } from "node:fs";
import { join } from "node:path";
import type { ProjectScaffold } from "../../codes/scaffolds.ts";

/** A source with a mistake that can be fixed; another program edits it while it is checked. */
export default {
  meanwhile: ({ root }, { side }) => {
    if (side === "wrong") appendFileSync(join(root, "experiments", "my-run.ts"), "\n// edited meanwhile\n");
  },
} satisfies ProjectScaffold;
