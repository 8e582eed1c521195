import type { JsonObject } from "type-fest";
import { paint, type Style } from "../../diagnostics/render/style.ts";
import { oneLine } from "../../diagnostics/render/text-width.ts";
import type { Authored, Manifest, ResolvedSetup } from "../../manifest/format.ts";
import { typedText } from "../../manifest/point-name.ts";
import { type CallHook, callModelName, type ModelFunctionCall } from "../../spec/call.ts";
import type { ExperimentConfig } from "../../spec/experiment-config.ts";
import { modelNameText } from "../../spec/model-name.ts";
import type { TypeArgs } from "../../spec/pair.ts";
import { groupsOf, type Scheduling } from "../../spec/scheduling.ts";
import type { ProcessTopology } from "../../spec/topology.ts";
import { axesOf } from "../../spec/topology.ts";
import { WORKER_KINDS } from "../../spec/worker.ts";
import { bytesText } from "./builds.ts";
import { reachLines } from "./closing.ts";
import { renderTable } from "./table.ts";

/** What is known of a manifest besides its text. */
export interface ManifestHead {
  readonly name: string;
  /** Values that a point of a sweep sets. */
  readonly overrides: JsonObject;
  readonly bytes: number;
}

/** One manifest in detail. */
export function renderManifest(manifest: Manifest, head: ManifestHead, style: Style, width: number): string {
  const { authored, resolved } = manifest;
  const setups = resolved.setups.flatMap((setup, index) => {
    const config = authored.setups[index];
    const which = resolved.setups.length === 1 ? "" : ` (setup ${index + 1} of ${resolved.setups.length})`;
    return config === undefined ? [] : setupSections(config, setup, which, style);
  });
  const sections: readonly Section[] = [
    ...setups,
    { title: "workers", text: workersTable(authored, style) },
    {
      title: "mutated",
      text: (authored.mutations ?? [])
        .map(
          ({ at, type, package: owner, because }) => `  ${oneLine(at)}  by ${type} of ${owner}: ${oneLine(because)}\n`,
        )
        .join(""),
    },
    { title: "reach", text: reachLines(resolved.reach, style, width) },
    {
      title: "warnings",
      text: authored.findings.map(({ code, message }) => `  ${code}: ${oneLine(message)}\n`).join(""),
    },
    {
      title: "acknowledged",
      text: authored.acknowledgements.map(({ code, reason }) => `  ${oneLine(code)}: ${oneLine(reason)}\n`).join(""),
    },
  ];
  const body = sections
    .filter(({ text }) => text !== "")
    .map(({ title, text }) => `\n${paint(title, "strong", style)}\n${text}`)
    .join("");
  return `${headOf(manifest, head, style)}${body}`;
}

interface Section {
  readonly title: string;
  readonly text: string;
}

function headOf(
  { declared, authored, hashes }: Manifest,
  { name, overrides, bytes }: ManifestHead,
  style: Style,
): string {
  const { cluster } = authored;
  const place = declared === null ? null : `${declared.file}:${declared.line}`;
  const lines = [
    paint(oneLine(name), "strong", style),
    ...(declared === null || declared.doc === "" ? [] : [`  ${oneLine(declared.doc.split("\n", 1)[0] ?? "")}`]),
    ...(place === null ? [] : [`  ${paint(oneLine(place), "place", style)}`]),
    ...Object.entries(overrides).map(([path, value]) => `  ${oneLine(`${path}=${typedText(value ?? null)}`)}`),
    `  cluster ${oneLine(cluster.name)}: ${cluster.nodes} nodes, ${cluster.gpusPerNode} GPUs each`,
    `  manifest ${bytesText(bytes)}, authored ${hashes.authored.slice(0, 12)}, resolved ${hashes.resolved.slice(0, 12)}`,
  ];
  return `${lines.join("\n")}\n`;
}

function setupSections(config: ExperimentConfig, setup: ResolvedSetup, head: string, style: Style): readonly Section[] {
  const indented = (text: string) => text.replaceAll(/^(?=.)/gm, "  ");
  return [
    { title: `calls${head}`, text: config.modelRpcs.map((call) => callText(call, setup, style)).join("") },
    { title: `trackers${head}`, text: (config.trackers ?? []).map(trackerText).join("") },
    { title: `models${head}`, text: indented(modelsTable(setup, style)) },
    {
      title: `pairs${head}`,
      text: `  data  ${pairsText(setup.dataTransferPairs)}\n  sync  ${pairsText(setup.syncParamPairs)}\n`,
    },
  ];
}

function callText(call: ModelFunctionCall, { graph }: ResolvedSetup, style: Style): string {
  const model = modelNameText(callModelName(call));
  const parents = graph.nodes.find(({ name }) => name === call.name)?.parents ?? [];
  const details: readonly (readonly [string, string])[] = [
    ["reads", remapped(call.inputKeys, call.inputKeyRemap)],
    ["yields", remapped(call.outputKeys, call.outputKeyRemap)],
    ["after", parents.join(", ")],
    ["first", call.preHooks.map(hookText).join(", ")],
    ["then", call.postHooks.map(hookText).join(", ")],
  ];
  const lines = details.flatMap(([name, text]) =>
    text === "" ? [] : [`    ${paint(name.padEnd(6), "dim", style)}  ${oneLine(text)}\n`],
  );
  const { type } = call.interfaceImpl;
  const head = `${call.name}  ${call.interfaceType} by ${type} on ${model}, ${call.nSeqs} sequences`;
  return `  ${oneLine(head)}\n${lines.join("")}`;
}

function trackerText({ type, args }: TypeArgs): string {
  return `  ${oneLine(type)}  ${oneLine(JSON.stringify(args))}\n`;
}

function remapped(keys: readonly string[], renames: Readonly<Record<string, string>>): string {
  return keys.map((key) => (Object.hasOwn(renames, key) ? `${key} (as ${renames[key]})` : key)).join(", ");
}

/** A hook in words. */
export function hookText(hook: CallHook): string {
  if (hook.kind === "offload") return "offload the model";
  const eta = hook.eta === 1 ? "" : ` with eta ${hook.eta}`;
  if (hook.source !== null) return `parameters from ${modelNameText(hook.source)}${eta}`;
  return `parameters to ${hook.target === null ? "nobody" : modelNameText(hook.target)}${eta}`;
}

function modelsTable(setup: ResolvedSetup, style: Style): string {
  return renderTable(
    [
      { head: "model" },
      { head: "layout" },
      { head: "topology" },
      { head: "workers" },
      { head: "made" },
      { head: "card" },
    ],
    setup.modelNames.map((model) => {
      const topo = setup.modelTopos[model];
      return [
        model,
        topo === undefined ? "" : layoutText(topo),
        topo === undefined
          ? ""
          : axesOf(topo)
              .map((axis) => `${axis} ${topo[axis]}`)
              .join(", "),
        setup.msid2mwid[model] ?? "",
        setup.modelNamesToInstantiate.includes(model) ? "at start" : "from its replica",
        setup.models[model]?.card ?? "",
      ];
    }),
    style,
    null,
  );
}

/** Sizes in the grammar of allocation strings. */
export function layoutText({ data, pipe, tensor }: ProcessTopology): string {
  return `d${data}p${pipe}m${tensor}`;
}

function pairsText(pairs: readonly (readonly [string, string])[]): string {
  return pairs.length === 0 ? "none" : oneLine(pairs.map(([from, to]) => `${from} -> ${to}`).join(", "));
}

function workersTable(authored: Authored, style: Style): string {
  const rows = WORKER_KINDS.flatMap((kind) =>
    groupsOf(authored.scheduling[kind]).map(({ count, scheduling }) => [kind, String(count), ...amountsOf(scheduling)]),
  );
  const columns = ["worker", "count", "CPUs", "GPUs", "memory", "image"].map((head, index) => ({
    head,
    isNumber: index > 0 && index < 5,
  }));
  return renderTable(columns, rows, style, null).replaceAll(/^(?=.)/gm, "  ");
}

function amountsOf({ cpu, gpu, memMiB, containerImage }: Scheduling): readonly string[] {
  return [String(cpu), String(gpu), `${memMiB} MiB`, containerImage ?? ""];
}
