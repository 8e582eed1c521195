import { type Check, ok, warning } from "./check.ts";

/** Roles, keys and options are checked while one types, if the compiler is strict. */
export const strict: Check = {
  name: "strict",
  about: "the compiler is strict, as checks of roles, keys and options while one types need it",
  ofProject: true,
  look: ({ compilerOptions }) => {
    if (compilerOptions === null) return [];
    const { strict: all, strictNullChecks: nulls } = compilerOptions;
    if (nulls === false || (all !== true && nulls !== true)) {
      const setting =
        nulls === false ? "`strictNullChecks` is off" : `\`strict\` is ${all === false ? "off" : "not set"}`;
      return [
        warning(
          `${setting}: wrong roles, data keys and options may compile`,
          nulls === false
            ? 'leave `strictNullChecks` out, and set `"strict": true`'
            : 'set `"strict": true` in `compilerOptions`',
        ),
      ];
    }
    return [ok(all === true ? "`strict` is on" : "`strictNullChecks` is on")];
  },
};
