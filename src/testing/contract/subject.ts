import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { JsonObject } from "type-fest";
import type { PluginDefinition } from "../../plugin/definition.ts";
import type { PluginDescriptor, PluginTypeDescriptor } from "../../plugin/descriptor.ts";
import { isObject } from "../../spec/own.ts";
import type { PairFacts, TypeArgs } from "../../spec/pair.ts";
import { pairFactsOf } from "../../spec/pair.ts";

/** A file: its path, or its address, such as `new URL("../assay-plugin.json", import.meta.url)`. */
export type FileAddress = string | { readonly href: string };

/** A descriptor: the file, or what is in it. */
export type DescriptorSource = FileAddress | PluginDescriptor;

/** Path of a file; `null` for a descriptor itself. */
export function pathOf(source: DescriptorSource): string | null {
  if (typeof source === "string") return source;
  return "href" in source ? fileURLToPath(source.href) : null;
}

/** What a suite is about. */
export interface Subject<D extends PluginDefinition = PluginDefinition> {
  readonly definition: D;
  /** What the file holds, whatever it is. */
  readonly descriptor: unknown;
  /** Path of the file, if it is one. */
  readonly file: string | null;
  /** What the descriptor says of the type; `undefined` if it does not. */
  readonly described: PluginTypeDescriptor | undefined;
  /** Schema that the host checks arguments by. */
  readonly schema: JsonObject | boolean | null;
  /** Arguments that are meant to fit. */
  readonly samples: readonly JsonObject[];
  readonly make: (args?: JsonObject) => TypeArgs;
}

/** Puts together what a suite is about; a descriptor that can't be read is left to its case. */
export function subjectOf<D extends PluginDefinition>(
  factory: { readonly definition: D },
  source: DescriptorSource,
  samples: readonly JsonObject[],
): Subject<D> {
  const { definition } = factory;
  const descriptor = readDescriptor(source);
  const types = isObject(descriptor) && Array.isArray(descriptor["types"]) ? descriptor["types"] : [];
  const described = (types as readonly unknown[]).find(
    (entry) => isObject(entry) && entry["kind"] === definition.kind && entry["type"] === definition.type,
  ) as PluginTypeDescriptor | undefined;
  return {
    definition,
    descriptor,
    file: pathOf(source),
    described,
    schema: (described?.args ?? definition.args) as JsonObject | boolean | null,
    samples,
    make: factory as never,
  };
}

function readDescriptor(source: DescriptorSource): unknown {
  const path = pathOf(source);
  if (path === null) return source;
  try {
    return JSON.parse(readFileSync(path, "utf8")) as unknown;
  } catch {
    return undefined;
  }
}

/** Facts of one pair beside those of its type. */
export function factsOfPair(pair: TypeArgs): PairFacts["facts"] {
  return pairFactsOf(pair)?.facts ?? {};
}
