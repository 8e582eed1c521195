import type { Finding, Place } from "../../src/diagnostics/finding.ts";
import type { PluginDescriptor } from "../../src/plugin/descriptor.ts";
import { packageDiagnostics } from "./diagnostics.ts";

/** A descriptor and where the config names its package; `null` for Assay's own. */
export interface Placed {
  readonly descriptor: PluginDescriptor;
  readonly at: Place | null;
}

/** What two packages bring, each time it is brought again: types, cards of models, groups of options, codes. */
export function ownerFindings(placed: readonly Placed[]): readonly Finding[] {
  const owners = new Map<string, Placed>();
  return placed.flatMap((second) =>
    broughtBy(second.descriptor).flatMap((what) => {
      const first = owners.get(what);
      if (first === undefined) owners.set(what, second);
      if (first === undefined || first === second || second.at === null) return [];
      const data = { what, first: first.descriptor.package, second: second.descriptor.package };
      const related = first.at === null ? [] : [{ at: first.at, message: `\`${data.first}\` is named here` }];
      return [packageDiagnostics["two-owners"](data, { at: second.at, ...(related.length === 0 ? {} : { related }) })];
    }),
  );
}

function broughtBy({ types, codes = [] }: PluginDescriptor): readonly string[] {
  const brought = types.flatMap(({ kind, type, cards = [], options }) => [
    `${kind} \`${type}\``,
    ...cards.map(({ id }) => `card of the model \`${id}\``),
    ...(options === undefined ? [] : [`options \`${options.group}\` of models`]),
  ]);
  return [...new Set([...brought, ...codes.map(({ code }) => `code \`${code}\``)])];
}
