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
  outputName,
} from "./report.ts";
import type { BuiltResult, ExperimentResult } from "./results.ts";
import type { KnownContent, OutputContent } from "./write.ts";
import { currentId, readRecord, setFolder } from "./write/layout.ts";
import { fileOperations } from "./write/operations.ts";

/** What goes into the output folder. */
export interface Outputs {
  readonly files: ReadonlyMap<string, OutputContent>;
  readonly index: BuildIndex;
}

/** The outputs of the last good build, as far as they are still wanted. */
interface Previous {
  readonly index: BuildIndex | null;
  /** Content of a file; `null` if it is not there. */
  readonly content: (name: string) => KnownContent | null;
}

/**
 * Puts the outputs of a build together. What has errors, or was not asked for, keeps its last good files.
 * @param experiments all that the project has, built or not.
 */
export function outputsOf(
  outDir: string,
  experiments: readonly ProjectExperiment[],
  results: readonly ExperimentResult[],
): Outputs {
  const previous = previousOutputs(outDir);
  const files = new Map<string, OutputContent>();
  const indexed = experiments.map((experiment): IndexedExperiment => {
    const result = results.find((one) => one.experiment === experiment);
    const { name } = experiment.declared;
    const builds = [null, ...experiment.presets].flatMap((preset): IndexedBuild[] => {
      const number = result?.builds.findIndex((build) => build.preset === preset) ?? -1;
      const built = result?.builds[number];
      if (result !== undefined && built?.status === "proved" && built.hashesOfFiles !== null) {
        const { manifest, spans } = built.hashesOfFiles;
        const stem = outputName(name, preset);
        files.set(
          `${stem}.manifest.json`,
          known(manifest, () => result.files(number)?.manifest),
        );
        files.set(
          `${stem}.spans.json`,
          known(spans, () => result.files(number)?.spans),
        );
        return [indexedBuild(built, "fresh", stem)];
      }
      if (built?.status === "needs") return [indexedBuild(built, "needs", null)];
      return kept(previous, name, preset, built, files);
    });
    return { ...described(experiment), builds };
  });
  const index: BuildIndex = { assayIndex: INDEX_VERSION, experiments: indexed };
  files.set(INDEX_NAME, canonicalJson(index));
  return { files, index };
}

/** What syntax shows of an experiment, for lists. */
export function described(experiment: ProjectExperiment): Omit<IndexedExperiment, "builds"> {
  const { name, file, span, className, doc, tags } = experiment.declared;
  return { name, file, line: span.line, className, doc, tags };
}

function indexedBuild(built: BuiltResult, status: IndexedBuild["status"], stem: string | null): IndexedBuild {
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

/** The last good files of a build; `stale` if it was built anew and has errors. */
function kept(
  previous: Previous,
  name: string,
  preset: string | null,
  built: BuiltResult | undefined,
  files: Map<string, OutputContent>,
): IndexedBuild[] {
  const old = previous.index?.experiments
    .find((experiment) => experiment.name === name)
    ?.builds.find((build) => build.preset === preset);
  const manifest = old?.manifest == null ? null : previous.content(old.manifest);
  const spans = old?.spans == null ? null : previous.content(old.spans);
  if (old === undefined || old.manifest === null || old.spans === null || manifest === null || spans === null) {
    return built === undefined ? [] : [indexedBuild(built, "failed", null)];
  }
  files.set(old.manifest, manifest);
  files.set(old.spans, spans);
  return [built === undefined ? old : { ...old, status: "stale" }];
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
