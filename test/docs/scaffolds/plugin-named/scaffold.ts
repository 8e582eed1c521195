import type { ProjectScaffold } from "../../codes/scaffolds.ts";
import { installPackages } from "../../codes/packages.ts";

export default { before: installPackages } satisfies ProjectScaffold;
