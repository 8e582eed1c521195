import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { ProjectScaffold } from "../../codes/scaffolds.ts";

/** A source with a mistake that can be fixed. */
export default {
  before: ({ root }, { side }) => {
    // Who runs as root may write everything: a folder in the way of the new text is refused to anyone.
    const isRoot = process.getuid?.() === 0;
    if (side === "wrong" && isRoot) mkdirSync(join(root, "experiments", `my-run.ts.${process.pid}.assay-fix`));
  },
} satisfies ProjectScaffold;
