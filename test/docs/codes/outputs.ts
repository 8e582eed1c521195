import { lstatSync, mkdirSync, readdirSync, readFileSync, readlinkSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { compiledBuild, type TemporaryProject } from "../../compiled-build.ts";

/** A folder, a link with its target, or a file with what it holds. */
interface Entry {
  readonly path: string;
  readonly content: Buffer | null;
  readonly target: string | null;
}

/** Gives projects of the same files the outputs of a build, which the first of them makes for all. */
export function outputsOfOneBuild(): (project: TemporaryProject) => Promise<void> {
  let made: Promise<readonly Entry[]> | null = null;
  return async (project) => {
    const isFirst = made === null;
    made ??= builtOutputs(project);
    const entries = await made;
    if (!isFirst) writeEntries(join(project.root, ".assay"), entries);
  };
}

async function builtOutputs({ root }: TemporaryProject): Promise<readonly Entry[]> {
  const { diagnostics } = await compiledBuild(root, { write: true });
  if (diagnostics.length > 0) throw new Error(JSON.stringify(diagnostics));
  return entriesOf(join(root, ".assay"));
}

/** A folder and all in it; links are not followed. */
function entriesOf(folder: string, path = ""): readonly Entry[] {
  const whole = join(folder, path);
  const facts = lstatSync(whole);
  if (facts.isSymbolicLink()) return [{ path, content: null, target: readlinkSync(whole) }];
  if (facts.isFile()) return [{ path, content: readFileSync(whole), target: null }];
  const inside = readdirSync(whole).flatMap((name) => entriesOf(folder, join(path, name)));
  return [{ path, content: null, target: null }, ...inside];
}

/** Folders stand in front of what they hold. */
function writeEntries(folder: string, entries: readonly Entry[]): void {
  for (const { path, content, target } of entries) {
    const whole = join(folder, path);
    if (target !== null) symlinkSync(target, whole);
    else if (content !== null) writeFileSync(whole, content);
    else mkdirSync(whole, { recursive: true });
  }
}
