import { join } from "node:path";
import { sha256Of } from "./generated-file.ts";
import { GENERATED, readRecord, RECORD, setFolder, type SetRecord, setRecord } from "./layout.ts";
import { absentAs, type FileOperations, systemCode } from "./operations.ts";

/** Content that the current set probably has already: it is loaded only if that is not so. */
export interface KnownContent {
  /** SHA-256 (hex) of the bytes. */
  readonly sha256: string;
  readonly load: () => string | Uint8Array;
}

/** Content of one output. */
export type OutputContent = string | Uint8Array | KnownContent;

/** The generated file in the author's tree. */
export interface GeneratedFile {
  /** Project-relative path. */
  readonly file: string;
  /** Must say in its first lines that Assay generated it. */
  readonly text: string;
}

/** What goes into a set. */
export interface SetContent {
  readonly files: ReadonlyMap<string, OutputContent>;
  readonly gen: GeneratedFile | null;
}

/** Files of a set share their bytes with older sets: nobody may change them in place. */
const READ_ONLY = 0o444;

/** Writes a set's files into its folder. Those that the previous set has with the same bytes become links to them. */
export function fillSet(
  outDir: string,
  id: string,
  { files, gen }: SetContent,
  previous: string | null,
  operations: FileOperations,
): void {
  const folder = setFolder(outDir, id);
  const old = previous === null ? null : readRecord(outDir, previous, operations);
  const oldFolder = previous === null ? "" : setFolder(outDir, previous);
  operations.makeFolder(folder);
  const written: [string, SetRecord["files"][string]][] = [];
  for (const [name, content] of files) {
    const path = join(folder, name);
    const sha256 = hashOf(content);
    const known = old !== null && Object.hasOwn(old.files, name) ? old.files[name] : undefined;
    if (known !== undefined && known[0] === sha256 && linkUnchanged(join(oldFolder, name), path, known, operations)) {
      written.push([name, known]);
      continue;
    }
    operations.writeNew(path, bytesOf(content), READ_ONLY);
    const facts = operations.factsOrNull(path);
    written.push([name, [sha256, facts?.size ?? -1, facts?.mtimeMs ?? -1]]);
  }
  if (gen !== null) operations.writeNew(join(folder, GENERATED), gen.text, READ_ONLY);
  const record = setRecord({
    gen: gen?.file ?? null,
    dropped: previous === null ? null : droppedFile(outDir, previous, old, gen, operations),
    files: Object.fromEntries(written),
  });
  operations.writeNew(join(folder, RECORD), `${JSON.stringify(record)}\n`, READ_ONLY);
}

/** The previous set's generated file, if it is no longer at its place in the new one. */
function droppedFile(
  outDir: string,
  previous: string,
  old: SetRecord | null,
  gen: GeneratedFile | null,
  operations: FileOperations,
): SetRecord["dropped"] {
  const file = old?.gen ?? null;
  if (file === null || file === gen?.file) return null;
  const text = absentAs(null, () => operations.read(join(setFolder(outDir, previous), GENERATED)));
  return text === null ? null : { file, sha256: sha256Of(text) };
}

/** False if the old file is not what it was, or can't be linked: another build may have removed it, or edited by hand. */
function linkUnchanged(
  from: string,
  to: string,
  [, size, mtimeMs]: SetRecord["files"][string],
  operations: FileOperations,
): boolean {
  const facts = operations.factsOrNull(from);
  if (facts === null || facts.kind !== "file" || facts.size !== size || facts.mtimeMs !== mtimeMs) return false;
  try {
    return absentAs(false, () => {
      operations.link(from, to);
      return true;
    });
  } catch (error) {
    if (NO_LINKS.has(systemCode(error) ?? "")) return false;
    throw error;
  }
}

/** What file systems without hard links, or a file with too many, answer. */
const NO_LINKS = new Set(["EPERM", "EMLINK", "ENOTSUP", "EOPNOTSUPP", "ENOSYS", "EXDEV"]);

function isKnown(content: OutputContent): content is KnownContent {
  return typeof content === "object" && "sha256" in content;
}

function hashOf(content: OutputContent): string {
  return isKnown(content) ? content.sha256 : sha256Of(content);
}

function bytesOf(content: OutputContent): string | Uint8Array {
  return isKnown(content) ? content.load() : content;
}
