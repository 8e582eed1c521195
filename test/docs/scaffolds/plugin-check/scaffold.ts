import type { ProjectScaffold } from "../../codes/scaffolds.ts";

export default { command: ["plugin", "build", "--check"] } satisfies ProjectScaffold;
