import { join } from "node:path";
import type { Finding } from "../../src/diagnostics/finding.ts";
import { outputDiagnostics } from "./diagnostics.ts";
import { CURRENT } from "./layout.ts";
import { absentAs, type FileOperations, systemCode } from "./operations.ts";

/** Makes the visible name of every output that has none. Each leads through the link to the current set. */
export function addLinks(outDir: string, names: Iterable<string>, operations: FileOperations): void {
  const there = operations.list(outDir);
  for (const name of names) {
    if (there.has(name)) continue;
    try {
      operations.symlink(targetOf(name), join(outDir, name));
    } catch (error) {
      // Another build may make the same one.
      if (systemCode(error) !== "EEXIST") throw error;
    }
  }
}

/** Removes visible names that no longer lead to anything. Only links of the kind that {@link addLinks} makes are touched. */
export function removeStaleLinks(outDir: string, names: ReadonlySet<string>, operations: FileOperations): void {
  for (const [name, kind] of operations.list(outDir)) {
    if (kind !== "link" || names.has(name)) continue;
    const path = join(outDir, name);
    if (operations.readLinkOrNull(path) === targetOf(name)) absentAs(undefined, () => operations.unlink(path));
  }
}

/** What stands where an output's visible name should be, and is not ours to replace. */
export function takenFindings(
  outDir: string,
  names: Iterable<string>,
  show: (path: string) => string,
  operations: FileOperations,
): readonly Finding[] {
  const there = operations.list(outDir);
  return [...names]
    .filter((name) => {
      const kind = there.get(name);
      return kind !== undefined && !(kind === "link" && leadsToSet(outDir, name, operations));
    })
    .map((name) => {
      const path = show(join(outDir, name));
      return outputDiagnostics["output-taken"](
        { path },
        { at: { kind: "nowhere", reason: "it is in the output folder" } },
      );
    });
}

function leadsToSet(outDir: string, name: string, operations: FileOperations): boolean {
  const target = operations.readLinkOrNull(join(outDir, name));
  // A link that another build removes at this moment is in nobody's way.
  return target === null || target === targetOf(name);
}

function targetOf(name: string): string {
  return `${CURRENT}/${name}`;
}
