import { createRequire } from "node:module";

const require = createRequire(import.meta.url);

/**
 * tsyringe's table of injectable classes. The package offers no way to take a class out of it again, and each class holds the
 * context that it was made in.
 */
export const injectableTypes = (
  require("tsyringe/dist/cjs/dependency-container.js") as { readonly typeInfo: Map<unknown, unknown> }
).typeInfo;
