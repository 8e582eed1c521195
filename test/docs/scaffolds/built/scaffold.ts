import { outputsOfOneBuild } from "../../codes/outputs.ts";
import type { ProjectScaffold } from "../../codes/scaffolds.ts";

/** A project that was built. */
export default { before: outputsOfOneBuild() } satisfies ProjectScaffold;
