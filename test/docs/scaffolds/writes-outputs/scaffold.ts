import type { ProjectScaffold } from "../../codes/scaffolds.ts";

export default { command: ["build"] } satisfies ProjectScaffold;
