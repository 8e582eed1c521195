import type { TextRange } from "../../../src/diagnostics/finding.ts";
import { callModelName } from "../../../src/spec/call.ts";
import { modelNameText } from "../../../src/spec/model-name.ts";
import {
  type AllocationMode,
  entryFor,
  type Layout3D,
  parseAllocationMode,
} from "../../../src/spec/allocation-mode.ts";
import type { InsightBuild } from "../insight.ts";
import { firstGpusText, type GpuGrid, gridOf, sizesText, workersText } from "./gpu-places.ts";
import { bullets, code, counted, paragraphs } from "./markdown.ts";

/** What a part of an allocation string means, and the characters that it is. */
export interface AllocationHover {
  readonly markdown: string;
  readonly range: TextRange;
}

/** A layout in the string, and whose it is. */
interface Part {
  /** `null`: the engine's, or else a call's name or `*`. */
  readonly name: string | null;
  readonly layout: Layout3D;
  readonly layoutRange: TextRange;
  readonly range: TextRange;
}

/** Builds that are told one by one. */
const MOST_BUILDS = 3;

/**
 * Tells what stands at a character of an allocation string; `null` if it can't be read.
 * @param builds those whose allocation it is.
 */
export function allocationHover(text: string, index: number, builds: readonly InsightBuild[]): AllocationHover | null {
  const { value: mode } = parseAllocationMode(text);
  if (mode === null) return null;
  const whole = { offset: 0, length: text.length };
  if (mode.kind === "manual" || mode.kind === "heuristic") {
    const meaning =
      mode.kind === "manual" ? "each call is laid out by its own option" : "the experiment's own rule lays calls out";
    return { markdown: `${code(text)}: ${meaning}`, range: whole };
  }
  const parts = partsOf(mode);
  const part = parts.find(({ range }) => index >= range.offset && index < range.offset + range.length);
  const chosen = part === undefined ? parts : [part];
  const range = part?.range ?? whole;
  const shown = builds.slice(0, MOST_BUILDS).map((build) => buildText(mode, chosen, build, builds.length > 1));
  const axis = part === undefined ? "" : axisText(text, index, part);
  const meanings = chosen.map((one) => `${code(nameOf(mode, one))}: ${sizesText(one.layout)}`);
  return {
    markdown: paragraphs([
      meanings.join("  \n"),
      axis,
      ...shown,
      builds.length > MOST_BUILDS ? `and ${counted(builds.length - MOST_BUILDS, "more build")}` : "",
    ]),
    range,
  };
}

function partsOf(mode: Extract<AllocationMode, { readonly entries: unknown }>): readonly Part[] {
  const entries = mode.entries.map(({ name, layout, layoutRange, range }): Part => ({
    name,
    layout,
    layoutRange,
    range,
  }));
  if (mode.kind === "globalHybrid") return entries;
  const { range } = mode.gen;
  // The engine's name and its dot stand in front.
  const lead = mode.engine.length + 1;
  const engine: Part = {
    name: null,
    layout: mode.gen.layout,
    layoutRange: range,
    range: { offset: range.offset - lead, length: range.length + lead },
  };
  return mode.side === "left" ? [engine, ...entries] : [...entries, engine];
}

function nameOf(mode: AllocationMode, { name }: Part): string {
  if (name === null) return mode.kind === "decoupled" ? mode.engine : "";
  return name;
}

/** What the letter under the cursor stands for. */
function axisText(text: string, index: number, { layout, layoutRange }: Part): string {
  const { offset, length } = layoutRange;
  if (index < offset || index >= offset + length) return "";
  const [letter] = /[dpm]\d*$/.exec(text.slice(offset, index + 1)) ?? [];
  const { data, pipe, tensor } = layout;
  switch (letter?.[0]) {
    case "d":
      return `${code(`d${data}`)}: ${data === 1 ? "one copy of the model" : `${data} copies of the model share each batch`}`;
    case "p":
      return `${code(`p${pipe}`)}: ${pipe === 1 ? "its layers are in one stage" : `its layers are cut into ${pipe} stages`}`;
    case "m":
      return `${code(`m${tensor}`)}: ${tensor === 1 ? "its tensors are whole" : `each of its tensors is cut into ${tensor}`}`;
    default:
      return "";
  }
}

/** What the parts became in one build: a line for each call. */
function buildText(
  mode: Extract<AllocationMode, { readonly entries: unknown }>,
  parts: readonly Part[],
  build: InsightBuild,
  isOneOfSeveral: boolean,
): string {
  const head = isOneOfSeveral ? `In ${code(build.name)}:\n` : "";
  const made = build.made();
  if (made === null) {
    const why =
      build.result.status === "needs" ? `needs ${build.result.needs.join(", ")}` : counted(build.errors, "error");
    return `${code(build.name)} is not laid out: ${why}`;
  }
  const [config] = made.manifest.authored.setups;
  const [setup] = made.manifest.resolved.setups;
  const grid = gridOf(made);
  if (config === undefined || setup === undefined) return "";
  const lines = parts.flatMap((part): readonly string[] => {
    const servers = part.name === null ? setup.counts.generationServer : 0;
    if (servers > 0) return [serversText(part, servers, grid)];
    return config.modelRpcs
      .filter((call) => isOf(mode, part, call.name, call.interfaceType))
      .map((call) => {
        const model = modelNameText(callModelName(call));
        const workers = setup.msid2mwid[model];
        if (workers === undefined) return `${code(call.name)}: not laid out`;
        const on = grid === null ? "" : ` on ${workersText(grid, workers)}`;
        return `${code(call.name)}: ${sizesText(part.layout)}${on}, replica ${code(model)}`;
      });
  });
  const failed = build.result.status === "failed" ? [`${code(build.name)} has ${counted(build.errors, "error")}`] : [];
  return head + bullets([...(lines.length === 0 ? ["no call is laid out by it"] : lines), ...failed]);
}

function isOf(
  mode: Extract<AllocationMode, { readonly entries: unknown }>,
  part: Part,
  call: string,
  kind: string,
): boolean {
  if (mode.kind === "decoupled" && kind === "generate") return part.name === null;
  return part.name !== null && entryFor(mode, call)?.name === part.name;
}

function serversText({ layout }: Part, servers: number, grid: GpuGrid | null): string {
  const gpus = layout.data * layout.pipe * layout.tensor;
  const on = grid === null ? "" : ` on ${firstGpusText(grid, gpus)}`;
  const each = servers === 1 ? "1 server" : `${servers} servers`;
  return `generation servers: ${sizesText(layout)}${on}, ${each} of ${counted(layout.tensor, "GPU")}`;
}
