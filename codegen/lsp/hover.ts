import type { TextDocument } from "vscode-languageserver-textdocument";
import type { Range } from "vscode-languageserver/node";
import type { ProjectExperiment } from "../declare.ts";
import type { SourcePlace, SourceReader } from "../source-reader.ts";
import { allocationHover } from "./hover/allocation.ts";
import { callHover, callIn } from "./hover/call.ts";
import { optionHover } from "./hover/option.ts";
import { type Insight, type InsightBuild, optionAt } from "./insight.ts";

/** Where the cursor is. */
export interface HoverRequest {
  /** The file as the editor has it. */
  readonly document: TextDocument;
  /** Its project-relative path. */
  readonly file: string;
  readonly offset: number;
  /** The same place in the saved file, as runs know it, and that file's text. */
  readonly saved: { readonly offset: number; readonly text: string };
}

/** What is told, about which stretch of the document. */
export interface HoverAnswer {
  readonly markdown: string;
  readonly range: Range;
}

const ALLOCATION = "allocationMode";

/** Tells what stands under the cursor: an allocation's part, an option, or a call; `null` for all else. */
export async function hover(
  reader: SourceReader,
  insight: Insight,
  request: HoverRequest,
): Promise<HoverAnswer | null> {
  const { document, file, offset } = request;
  const place = reader.placeAt(file, document.getText(), offset);
  if (place === null) return null;
  const range = rangeOf(place.span, document);
  if (place.kind === "call") {
    const builds = await buildsWithCall(reader, insight, request, place.name);
    const markdown = callHover(place.name, builds);
    return markdown === null ? null : { markdown, range };
  }
  const experiments = experimentsOf(insight, request, place);
  const builds = await buildsOf(insight, experiments, place);
  if (place.path === ALLOCATION && place.text !== null) {
    const { value, index, starts } = place.text;
    const using = builds.filter((build) => usesText(build, value));
    const told = allocationHover(value, index, using);
    if (told !== null) {
      const [start = 0, end = start] = [starts[told.range.offset], starts[told.range.offset + told.range.length]];
      return {
        markdown: told.markdown,
        range: { start: document.positionAt(start), end: document.positionAt(end) },
      };
    }
  }
  const [first] = experiments;
  const option = first === undefined ? null : optionAt(first, place.path);
  return option === null ? null : { markdown: optionHover(place.path, option, builds), range };
}

/** Experiments that a place in the source is about. */
function experimentsOf(
  { experiments }: Insight,
  { file, saved }: HoverRequest,
  place: Exclude<SourcePlace, { readonly kind: "call" }>,
): readonly ProjectExperiment[] {
  if (place.kind === "setting") {
    return experiments.filter(({ declared, type }) =>
      place.targets.some((target) =>
        target.kind === "experiment"
          ? declared.name === target.name
          : type?.name === target.className && type.file === file,
      ),
    );
  }
  const [field = ""] = place.path.split(".", 1);
  const declares = (name: string, at: string) => name === place.className && at === file;
  return experiments.filter(({ type, options }) => {
    const option = options.find(({ path }) => path === field);
    if (option === undefined) return false;
    // All that inherit it from the class; the class itself and bases of others may give it a new default, too.
    const { owner, defaultSpan } = option;
    if (declares(owner.name, owner.file) || (type !== null && declares(type.name, type.file))) return true;
    return defaultSpan?.file === file && holds(saved.text, defaultSpan, saved.offset);
  });
}

async function buildsOf(
  insight: Insight,
  experiments: readonly ProjectExperiment[],
  place: SourcePlace,
): Promise<readonly InsightBuild[]> {
  const all = (await Promise.all(experiments.map((one) => insight.builds(one)))).flat();
  if (place.kind !== "setting") return all;
  return all.filter(({ preset, experiment: { declared, type } }) =>
    place.targets.some((target) =>
      target.kind === "experiment"
        ? declared.name === target.name
        : type?.name === target.className && preset === target.preset,
    ),
  );
}

/** True for builds that have this very text as their allocation, or of which nothing is known. */
function usesText(build: InsightBuild, text: string): boolean {
  const made = build.made();
  if (made === null) return build.result.status === "failed";
  return made.spans.options.some(({ path, value }) => path === ALLOCATION && value === text);
}

/** Builds with a call that was made in a file and stands under the name at the cursor. */
async function buildsWithCall(
  reader: SourceReader,
  insight: Insight,
  { file, saved }: HoverRequest,
  name: string,
): Promise<readonly InsightBuild[]> {
  const all = await Promise.all(insight.experiments.map((one) => insight.builds(one)));
  const candidates = all.flat().flatMap((build) => {
    if (!build.files.has(file)) return [];
    const found = callIn(build, name);
    const noun = found === null ? undefined : build.made()?.spans.nouns[found.pointer];
    const frames = noun?.frames.filter((frame) => frame.file === file) ?? [];
    return frames.length === 0 ? [] : [{ build, frames }];
  });
  // Several classes of a file may have calls of the same name: that of the cursor stands under this very name.
  const exact = candidates.filter(({ frames }) =>
    frames.some(({ line, column }) => {
      const key = reader.locate(file, saved.text, { line, column, path: ["#key"] });
      return key.exact && holds(saved.text, key.span, saved.offset);
    }),
  );
  return (exact.length > 0 ? exact : candidates).map(({ build }) => build);
}

/** True if a stretch of a text, by line and column, has an offset in it. */
function holds(
  text: string,
  { line, column, length }: { readonly line: number; readonly column: number; readonly length: number },
  offset: number,
): boolean {
  let start = 0;
  for (let skipped = 1; skipped < line; skipped += 1) start = text.indexOf("\n", start) + 1;
  start += column - 1;
  return start <= offset && offset <= start + length;
}

function rangeOf({ line, column, length }: SourcePlace["span"], document: TextDocument): Range {
  const start = { line: line - 1, character: column - 1 };
  return { start, end: document.positionAt(document.offsetAt(start) + length) };
}
