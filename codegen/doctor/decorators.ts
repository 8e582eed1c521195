import { type Check, fromFinding, ok } from "./check.ts";

/** The compiler's settings are there, and switch on what experiment classes need. */
export const decorators: Check = {
  name: "decorators",
  about: "`tsconfig.json` can be read, and switches on decorators and their metadata",
  ofProject: true,
  look: ({ tsconfig }) =>
    tsconfig.findings.length > 0
      ? tsconfig.findings.map((finding) => fromFinding(finding))
      : [ok("`experimentalDecorators` and `emitDecoratorMetadata` are on")],
};
