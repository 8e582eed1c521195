import { type Check, ok } from "./check.ts";

/**
 * How fields of classes come about. Options work either way, and the compiler goes by the same setting as Assay; what differs
 * is worth knowing, since the compiler's own messages (TS2612, TS2729) don't name options.
 */
export const classFields: Check = {
  name: "class-fields",
  about: "which value an option keeps that a subclass repeats, and what its default may read",
  ofProject: true,
  look: ({ tsconfig, compilerOptions }) => {
    if (compilerOptions === null) return [];
    return tsconfig.flags.useDefineForClassFields
      ? [
          ok(
            "fields are defined: an option that a subclass repeats without a value loses its default (write `declare`), and a default can't read an injected parameter (write a getter)",
          ),
        ]
      : [ok("fields are assigned: an option that a subclass repeats without a value keeps its default")];
  },
};
