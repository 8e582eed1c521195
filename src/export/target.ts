import type { Manifest, PluginFacts } from "../manifest/format.ts";

/** Part of a manifest that another system has no field for. */
export interface LeftOut {
  /** Pointer into the authored part. */
  readonly pointer: string;
  readonly what: string;
}

/** A file of an export. */
export interface ExportedFile {
  /** Name in the folder of the export. */
  readonly name: string;
  readonly text: string;
}

/** An export: its files, and what of the experiment is not in them. */
export interface Export {
  readonly files: readonly ExportedFile[];
  readonly leftOut: readonly LeftOut[];
}

/** A system that experiments are exported to. */
export interface ExportTarget {
  readonly name: string;
  /** What it makes, for help texts. */
  readonly summary: string;
  /** File beside the target's module that stands on its own in the other language. */
  readonly template: string;
  /** @param template text of that file */
  readonly make: (manifest: Manifest, facts: PluginFacts, template: string) => Export;
}
