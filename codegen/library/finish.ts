// Runs after the library's sources are compiled: writes what they say of themselves, for builds of other projects to read.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { JsonValue } from "type-fest";
import type { Finding } from "../../src/diagnostics/finding.ts";
import { LIBRARY_CLASSES_FILE } from "../library-classes.ts";
import { LIBRARY_ROOT } from "../library-root.ts";
import { DESCRIPTOR_NAME } from "../plugins.ts";
import { descriptorText, sorted } from "../plugins/text.ts";
import { loadSourceReader } from "../ts-morph-reader.ts";
import { libraryClasses } from "./classes.ts";
import { describeShipped } from "./describe.ts";
import { readLibrary } from "./sources.ts";

const reader = await loadSourceReader({ isLibrary: (module) => /^(assay$|\.\.?\/)/.test(module) });
const sources = readLibrary(LIBRARY_ROOT, reader);
const { library, findings } = libraryClasses(sources);
fail([...sources.findings, ...findings]);
writeFileSync(join(LIBRARY_ROOT, LIBRARY_CLASSES_FILE), `${JSON.stringify(sorted(library as unknown as JsonValue))}\n`);
const descriptor = await describeShipped(LIBRARY_ROOT, sources, library, reader);
writeFileSync(join(LIBRARY_ROOT, DESCRIPTOR_NAME), descriptorText(descriptor));

/** The library's own sources must be read without a word. */
function fail(found: readonly Finding[]): void {
  if (found.length === 0) return;
  for (const { code, message, at } of found) {
    const place =
      at.kind === "span" ? `${at.span.file.replace(/^assay:/, "")}:${at.span.line}:${at.span.column}: ` : "";
    console.error(`${place}${code}: ${message}`);
  }
  process.exit(1);
}
