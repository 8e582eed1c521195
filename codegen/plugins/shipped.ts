import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { PluginFacts } from "../../src/manifest/format.ts";
import { factsOf, type PluginDescriptor } from "../../src/plugin/descriptor.ts";
import { LIBRARY_ROOT } from "../library-root.ts";

/** Name of a package's descriptor, unless its `package.json` says otherwise. */
export const DESCRIPTOR_NAME = "assay-plugin.json";

/** The descriptor that the library's own build wrote. */
export interface Shipped {
  readonly file: string;
  readonly sha256: string;
  readonly descriptor: PluginDescriptor;
}

let read: Shipped | undefined;
let facts: PluginFacts | undefined;

/** Descriptor of the plugins that Assay ships. */
export function shippedDescriptor(): Shipped {
  return (read ??= readShipped(join(LIBRARY_ROOT, DESCRIPTOR_NAME)));
}

/** What the shipped plugins say of their types. */
export function shippedFacts(): PluginFacts {
  return (facts ??= factsOf([shippedDescriptor().descriptor]));
}

function readShipped(file: string): Shipped {
  const text = readFileSync(file, "utf8");
  const descriptor = JSON.parse(text) as PluginDescriptor;
  return { file, sha256: createHash("sha256").update(text).digest("hex"), descriptor };
}
