import { readFileSync } from "node:fs";
import { join } from "node:path";
import { canonicalJson } from "../src/manifest/canonical.ts";
import type { ProjectExperiment } from "./declare.ts";
import {
  type BuildIndex,
  INDEX_NAME,
  INDEX_VERSION,
  type IndexedBuild,
  type IndexedExperiment,
  type IndexedPoint,
  outputName,
  type PointReport,
} from "./report.ts";
import type { BuiltFiles, BuiltResult, ExperimentResult } from "./results.ts";
import type { KnownContent, OutputContent } from "./write.ts";
import { currentId, readRecord, setFolder } from "./write/layout.ts";
import { fileOperations } from "./write/operations.ts";

/** What goes into the output folder. */
export interface Outputs {
  readonly files: ReadonlyMap<string, OutputContent>;
  readonly index: BuildIndex;
  /** Names that two builds have: an experiment `a.b`, and a preset `b` of `a`. */
  readonly twice: readonly string[];
}

/** The outputs of the last good build, as far as they are still wanted. */
interface Previous {
  readonly index: BuildIndex | null;
  /** Content of a file; `null` if it is not there. */
  readonly content: (name: string) => KnownContent | null;
}

/**
 * Puts the outputs of a build together. What has errors, or was not asked for, keeps its last good files. The points of what
 * was asked for are those of this build: without a sweep it has none.
 * @param experiments all that the project has, built or not.
 */
export function outputsOf(
  outDir: string,
  experiments: readonly ProjectExperiment[],
  results: readonly ExperimentResult[],
): Outputs {
  const previous = previousOutputs(outDir);
  const files = new OutputFiles();
  const indexed = experiments.map((experiment): IndexedExperiment => {
    const own = results.filter((one) => one.experiment === experiment);
    const result = own.find(({ point }) => point === null);
    const { name } = experiment.declared;
    const builds = [null, ...experiment.presets].flatMap((preset): IndexedBuild[] => {
      const number = result?.builds.findIndex((build) => build.preset === preset) ?? -1;
      const built = result?.builds[number];
      if (result !== undefined && built?.status === "proved" && built.hashesOfFiles !== null) {
        const { manifest, spans } = built.hashesOfFiles;
        const stem = outputName(name, preset);
        addFiles(files, stem, { manifest, spans }, () => result.files(number));
        return [indexedBuild(built, "fresh", stem)];
      }
      if (built?.status === "needs") return [indexedBuild(built, "needs", null)];
      const old = previousExperiment(previous, name)?.builds.find((build) => build.preset === preset);
      const last = kept(previous, old, files);
      if (built === undefined) return last === null ? [] : [last];
      return [last === null ? indexedBuild(built, "failed", null) : { ...last, status: "stale" }];
    });
    const points = [...keptPoints(previous, experiment, own, files), ...ownPoints(previous, name, own, files)];
    return { ...described(experiment), builds, ...(points.length === 0 ? {} : { points }) };
  });
  const index: BuildIndex = { assayIndex: INDEX_VERSION, experiments: indexed };
  files.set(INDEX_NAME, canonicalJson(index));
  return { files, index, twice: files.twice };
}

/** Files by name, and names that were given twice. */
class OutputFiles extends Map<string, OutputContent> {
  readonly twice: string[] = [];

  override set(name: string, content: OutputContent): this {
    if (this.has(name)) this.twice.push(name);
    return super.set(name, content);
  }
}

/** What syntax shows of an experiment, for lists. */
export function described(experiment: ProjectExperiment): Omit<IndexedExperiment, "builds" | "points"> {
  const { name, file, span, className, doc, tags } = experiment.declared;
  return { name, file, line: span.line, className, doc, tags };
}

/** Points of earlier sweeps over what was not asked for now. */
function keptPoints(
  previous: Previous,
  { declared, presets: known }: ProjectExperiment,
  results: readonly ExperimentResult[],
  files: Map<string, OutputContent>,
): readonly IndexedPoint[] {
  const asked = new Set(results.flatMap(({ presets }) => presets));
  const others = [null, ...known].filter((preset) => !asked.has(preset));
  return (previousExperiment(previous, declared.name)?.points ?? []).flatMap((old) =>
    others.includes(old.preset) ? (kept(previous, old, files) ?? []) : [],
  );
}

function ownPoints(
  previous: Previous,
  name: string,
  results: readonly ExperimentResult[],
  files: Map<string, OutputContent>,
): readonly IndexedPoint[] {
  return results.flatMap((result): readonly IndexedPoint[] => {
    const built = pointReport(result);
    if (built === null) return [];
    const { preset, point, overrides } = built;
    const hashes = result.builds[0]?.hashesOfFiles ?? null;
    const indexed = (status: IndexedBuild["status"], stem: string | null): IndexedPoint => ({
      ...indexedBuild(built, status, stem),
      point,
      overrides,
    });
    if (built.status === "proved" && hashes !== null) {
      const stem = outputName(name, preset, point);
      addFiles(files, stem, hashes, () => result.files(0));
      return [indexed("fresh", stem)];
    }
    if (built.status === "needs") return [indexed("needs", null)];
    const old = previousExperiment(previous, name)?.points?.find((one) => one.preset === preset && one.point === point);
    const last = kept(previous, old, files);
    return [last === null ? indexed("failed", null) : { ...last, status: "stale" }];
  });
}

/** What is known of a point; `null` if the result is of none. */
export function pointReport({ point, presets, overrides, builds, diagnostics }: ExperimentResult): PointReport | null {
  if (point === null) return null;
  const errors = diagnostics.filter(({ severity }) => severity === "error");
  const distinct = new Map(errors.map(({ code, message }) => [`${code} ${message}`, { code, message }]));
  const about = {
    point,
    overrides: Object.fromEntries(overrides.map(({ path, value }) => [path, value])),
    errors: [...distinct.values()],
  };
  const [built] = builds;
  if (built !== undefined) {
    const { hashesOfFiles: _files, ...report } = built;
    return { ...report, ...about };
  }
  const nothing = { needs: [], summary: null, reach: null, hashes: null, manifestBytes: 0 };
  return { preset: presets[0] ?? null, status: "failed", ...nothing, ...about };
}

function addFiles(
  files: Map<string, OutputContent>,
  stem: string,
  hashes: { readonly manifest: string; readonly spans: string },
  load: () => BuiltFiles | null,
): void {
  files.set(
    `${stem}.manifest.json`,
    known(hashes.manifest, () => load()?.manifest),
  );
  files.set(
    `${stem}.spans.json`,
    known(hashes.spans, () => load()?.spans),
  );
}

function indexedBuild(
  built: Omit<BuiltResult, "status" | "hashesOfFiles">,
  status: IndexedBuild["status"],
  stem: string | null,
): IndexedBuild {
  const { preset, needs, summary, reach, hashes, manifestBytes } = built;
  return {
    preset,
    needs,
    summary,
    reach,
    hashes,
    manifestBytes,
    status,
    manifest: stem === null ? null : `${stem}.manifest.json`,
    spans: stem === null ? null : `${stem}.spans.json`,
  };
}

function previousExperiment({ index }: Previous, name: string): IndexedExperiment | undefined {
  return index?.experiments.find((experiment) => experiment.name === name);
}

/** The last good files of a build. */
function kept<B extends IndexedBuild>(
  previous: Previous,
  old: B | undefined,
  files: Map<string, OutputContent>,
): B | null {
  const manifest = old?.manifest == null ? null : previous.content(old.manifest);
  const spans = old?.spans == null ? null : previous.content(old.spans);
  if (old === undefined || old.manifest === null || old.spans === null || manifest === null || spans === null) {
    return null;
  }
  files.set(old.manifest, manifest);
  files.set(old.spans, spans);
  return old;
}

function previousOutputs(outDir: string): Previous {
  const id = currentId(outDir, fileOperations);
  const record = id === null ? null : readRecord(outDir, id, fileOperations);
  if (id === null || record === null) return { index: null, content: () => null };
  const folder = setFolder(outDir, id);
  return {
    index: readIndex(join(folder, INDEX_NAME)),
    content: (name) => {
      const entry = Object.hasOwn(record.files, name) ? record.files[name] : undefined;
      return entry === undefined ? null : { sha256: entry[0], load: () => readFileSync(join(folder, name)) };
    },
  };
}

function readIndex(path: string): BuildIndex | null {
  try {
    const index = JSON.parse(readFileSync(path, "utf8")) as BuildIndex;
    return index.assayIndex === INDEX_VERSION ? index : null;
  } catch {
    return null;
  }
}

function known(sha256: string, load: () => string | undefined): KnownContent {
  return {
    sha256,
    load: () => {
      const text = load();
      if (text === undefined) throw new Error("a build that is proved has no files");
      return text;
    },
  };
}
