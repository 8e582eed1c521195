import { originOf, withOrigin } from "../origin/call-site.ts";
import type { TypeArgs } from "../spec/pair.ts";

/**
 * The same dataset (or another pair), with the options that its arguments come from, both by dotted path: what is wrong with an argument is
 * then told where its option is set, be it in a preset far from here.
 * @example fromOptions(promptAnswer({ datasetPath: data.path, maxLength: 1024 }), { datasetPath: "data.path" });
 */
export function fromOptions<P extends TypeArgs>(pair: P, options: Readonly<Record<string, string>>): P {
  const fieldOptions = Object.fromEntries(
    Object.entries(options).map(([name, path]) => [`args/${name.replaceAll(".", "/")}`, path]),
  );
  return withOrigin({ ...pair }, { frames: [], ...originOf(pair), fieldOptions });
}
