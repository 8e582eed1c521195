import { derivationSource, derive } from "../../../src/resolve/derivation.ts";
import { callModelName, type ModelFunctionCall } from "../../../src/spec/call.ts";
import { modelNameText } from "../../../src/spec/model-name.ts";
import type { ResolvedSetup } from "../../../src/manifest/format.ts";
import type { InsightBuild } from "../insight.ts";
import { gridOf, sizesText, workersText } from "./gpu-places.ts";
import { bullets, code, codes, counted, paragraphs } from "./markdown.ts";

/** A call in one setup of a build. */
export interface FoundCall {
  readonly call: ModelFunctionCall;
  readonly setup: ResolvedSetup;
  /** JSON pointer into the authored part. */
  readonly pointer: string;
}

/** The call of a name in a build; `null` if it has none. */
export function callIn(build: InsightBuild, name: string): FoundCall | null {
  const made = build.made();
  if (made === null) return null;
  for (const [index, { modelRpcs }] of made.manifest.authored.setups.entries()) {
    const at = modelRpcs.findIndex((call) => call.name === name);
    const setup = made.manifest.resolved.setups[index];
    const call = modelRpcs[at];
    if (call !== undefined && setup !== undefined) return { call, setup, pointer: `/setups/${index}/modelRpcs/${at}` };
  }
  return null;
}

/** Builds that are told one by one. */
const MOST_BUILDS = 4;

/** Tells of a call: interface, replica and place, keys with who yields and reads them, and hooks. Builds that agree are told once. */
export function callHover(name: string, builds: readonly InsightBuild[]): string | null {
  const byText = new Map<string, string[]>();
  for (const build of builds) {
    const text = callText(name, build);
    if (text !== null) byText.set(text, [...(byText.get(text) ?? []), build.name]);
  }
  if (byText.size === 0) return null;
  const texts = [...byText].slice(0, MOST_BUILDS).map(([text, names]) => paragraphs([`In ${codes(names)}:`, text]));
  const more = byText.size - MOST_BUILDS;
  return paragraphs([`**${code(name)}**`, ...texts, more > 0 ? `and ${counted(more, "other form")}` : ""]);
}

function callText(name: string, build: InsightBuild): string | null {
  const made = build.made();
  const found = callIn(build, name);
  if (made === null || found === null) return null;
  const { call, setup } = found;
  const model = modelNameText(callModelName(call));
  const topology = setup.modelTopos[model];
  const workers = setup.msid2mwid[model];
  const grid = gridOf(made);
  const on = workers === undefined || grid === null ? "" : ` on ${workersText(grid, workers)}`;
  const hooks = derive(derivationSource(made.manifest, made.spans), `hook ${name}`)?.because ?? [];
  return bullets([
    `${call.interfaceType} with interface ${code(call.interfaceImpl.type)}, role ${code(callModelName(call).role)}, replica ${code(model)}, ${counted(call.nSeqs, "sequence")} a step`,
    topology === undefined ? "no worker holds its model" : `${sizesText(topology)}${on}`,
    ...readsText(call, setup),
    ...yieldsText(call, setup),
    ...hooks.map(({ text, because: [why] }) => (why === undefined ? text : `${text} (${why.text})`)),
  ]);
}

/** Keys by whom they come from. */
function readsText({ name, inputKeys }: ModelFunctionCall, { graph }: ResolvedSetup): readonly string[] {
  const edges = graph.edges.filter(({ to }) => to === name);
  const produced = new Set(edges.flatMap(({ keys }) => keys));
  const loaded = inputKeys.filter((key) => !produced.has(key));
  return [
    ...(inputKeys.length === 0 ? ["reads nothing"] : []),
    ...(loaded.length === 0 ? [] : [`reads ${codes(loaded)} from the dataset`]),
    ...edges.map(({ from, keys }) => `reads ${codes(keys)} from ${code(from)}`),
  ];
}

/** Keys by who reads them. */
function yieldsText({ name, outputKeys }: ModelFunctionCall, { graph }: ResolvedSetup): readonly string[] {
  if (outputKeys.length === 0) return ["yields nothing"];
  const edges = graph.edges.filter(({ from }) => from === name);
  return outputKeys.map((key) => {
    const readers = edges.filter(({ keys }) => keys.includes(key)).map(({ to }) => to);
    return `yields ${code(key)}${readers.length === 0 ? ", which no call reads" : ` to ${codes(readers)}`}`;
  });
}
