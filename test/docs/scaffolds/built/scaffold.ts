import { compiledBuild } from "../../../compiled-build.ts";
import type { ProjectScaffold } from "../../codes/scaffolds.ts";

/** A project whose outputs are there. */
export default {
  before: async ({ root }) => {
    await compiledBuild(root, { write: true });
  },
} satisfies ProjectScaffold;
