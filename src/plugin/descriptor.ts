import type { JsonObject } from "type-fest";
import type { Severity } from "../diagnostics/finding.ts";
import type { ModelCard, PluginFacts, TypeFacts } from "../manifest/format.ts";
import type { OptionSchema } from "../realm/option-schema.ts";
import type { PluginDefinition } from "./definition.ts";
import type { PluginKind } from "../spec/plugin-kinds.ts";

/** Version of `assay-plugin.json`; `docs/plugin-descriptor.md` describes it. */
export const PLUGIN_API_VERSION = 1;

/** What a package says of its plugins: the host reads this and runs no code for it. */
export interface PluginDescriptor {
  readonly assayPlugin: typeof PLUGIN_API_VERSION;
  /** Name and version of the package. */
  readonly package: string;
  readonly version: string;
  readonly types: readonly PluginTypeDescriptor[];
  /** Diagnostics that its plugins bring. */
  readonly codes?: readonly PluginCode[];
}

/** A diagnostic of a plugin's own. */
export interface PluginCode {
  /** `area/slug`; the area is the plugin's. */
  readonly code: string;
  readonly severity: Severity;
  /** One line: what it means. */
  readonly meaning: string;
  /** Longer text for `assay explain`: Markdown. */
  readonly explanation?: string;
}

/** One plugin type in a descriptor. */
export interface PluginTypeDescriptor {
  readonly kind: PluginKind;
  readonly type: string;
  /** What it is, in a few words: the doc comment of its factory. */
  readonly description?: string;
  /**
   * Module that exports a hook's definition (of a rule, mutator, launcher or tracker): a subpath of the package, `"."` unless
   * given; of a file of the project, that file.
   */
  readonly module?: string;
  /** JSON Schema of the arguments; `null` for kinds that make no pairs. */
  readonly args: JsonObject | boolean | null;
  readonly facts: JsonObject;
  /** Cards of a model family. */
  readonly cards?: readonly ModelCard[];
  /** Options that models carry for a backend, under `group`. */
  readonly options?: { readonly group: string; readonly schema: OptionSchema };
}

/** What a definition does not say of its type by itself. */
export type TypeDetails = Pick<PluginTypeDescriptor, "description" | "module" | "options"> &
  Partial<Pick<PluginTypeDescriptor, "args">>;

/** Describes definitions, sorted by kind and type, and the codes that they bring. */
export function describePlugins(
  definitions: readonly PluginDefinition[],
  owner: Pick<PluginDescriptor, "package" | "version" | "codes">,
  detailsOf: (definition: PluginDefinition) => TypeDetails = () => ({}),
): PluginDescriptor {
  const types = definitions.map((definition) => ({ ...describeType(definition), ...detailsOf(definition) }));
  return descriptorOf(types, [...(owner.codes ?? []), ...definitions.flatMap(codesOf)], owner);
}

/** A descriptor of types and codes, both sorted. */
export function descriptorOf(
  types: readonly PluginTypeDescriptor[],
  codes: readonly PluginCode[],
  { package: name, version }: Pick<PluginDescriptor, "package" | "version">,
): PluginDescriptor {
  return {
    assayPlugin: PLUGIN_API_VERSION,
    package: name,
    version,
    types: [...types].sort((a, b) => order(a.kind, b.kind) || order(a.type, b.type)),
    ...(codes.length === 0 ? {} : { codes: [...codes].sort((a, b) => order(a.code, b.code)) }),
  };
}

/** What a definition says of its type by itself. */
export function describeType(definition: PluginDefinition): PluginTypeDescriptor {
  return {
    kind: definition.kind,
    type: definition.type,
    args: definition.args as JsonObject | boolean | null,
    facts: definition.facts,
    ...(definition.kind === "modelFamily" ? { cards: definition.cards } : {}),
    ...(definition.kind === "backend" && definition.group !== null
      ? { options: { group: definition.group, schema: [] } }
      : {}),
  };
}

/** The codes that a definition brings. */
export function codesOf(definition: PluginDefinition): readonly PluginCode[] {
  if (definition.kind !== "rule") return [];
  return Object.entries(definition.codes).map(([code, { severity, meaning, explanation }]) => ({
    code,
    severity,
    meaning,
    ...(explanation === undefined ? {} : { explanation }),
  }));
}

/** Facts for the resolver from descriptors. Two owners of one type: the first stays; the caller reports it. */
export function factsOf(descriptors: readonly PluginDescriptor[]): PluginFacts {
  const types: Record<string, Record<string, TypeFacts>> = {};
  const cards = Object.create(null) as Record<string, ModelCard>;
  for (const descriptor of descriptors) {
    for (const { kind, type, args, facts, cards: own } of descriptor.types) {
      const known = (types[kind] ??= Object.create(null) as Record<string, TypeFacts>);
      known[type] ??= { owner: descriptor.package, args, facts };
      for (const card of own ?? []) cards[card.id] ??= card;
    }
  }
  return { types, cards };
}

/** Facts of definitions that are loaded in this program. */
export function factsOfDefinitions(definitions: readonly PluginDefinition[]): PluginFacts {
  return factsOf([describePlugins(definitions, { package: "loaded", version: "0" })]);
}

/** Types that two packages claim. */
export function twoOwners(
  descriptors: readonly PluginDescriptor[],
): readonly { readonly kind: PluginKind; readonly type: string; readonly first: string; readonly second: string }[] {
  const owners = new Map<string, string>();
  return descriptors.flatMap((descriptor) =>
    descriptor.types.flatMap(({ kind, type }) => {
      const key = `${kind} ${type}`;
      const first = owners.get(key);
      if (first === undefined) {
        owners.set(key, descriptor.package);
        return [];
      }
      return [{ kind, type, first, second: descriptor.package }];
    }),
  );
}

function order(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
