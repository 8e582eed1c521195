import type { JsonPrimitive } from "type-fest";
import { withArgument } from "./facts.ts";
import type { CallTokens, MemoryLayout, MemoryModel } from "./model.ts";
import { type Phase, phaseMemory } from "./phase.ts";

/** Something that makes a call fit. */
export interface Remedy {
  /** What to do, after "use" or "set": `d2p1m4`, `mbSpec.maxTokensPerMb: 20480`. */
  readonly change: string;
  readonly kind: "layout" | "setting" | "both" | "gpus";
  readonly totalBytes: number;
}

/** What else a layout must keep to. */
export interface LayoutBounds {
  readonly gpusPerNode: number;
  /** GPUs of the cluster. */
  readonly gpus: number;
  /** Sequences that each data rank and stage needs, and how many there are. */
  readonly hasSequences: (layout: Pick<MemoryLayout, "data" | "pipe">) => boolean;
}

/** Remedies of one kind that are told of at most. */
const MOST = 2;
/** Caps of micro-batches are told in steps of so many tokens. */
const TOKEN_STEP = 1024;

/**
 * What makes a call fit into so many bytes, each worked out: other layouts on as many GPUs, those that change the least first, and
 * single settings; where none of them is enough, both together, and where that is not, more GPUs.
 */
export function remediesOf(phase: Phase, mostBytes: number, bounds: LayoutBounds): readonly Remedy[] {
  const fits = (changed: Phase, kind: Remedy["kind"], change: string): readonly Remedy[] => {
    const totalBytes = phaseMemory(changed)?.totalBytes ?? Number.POSITIVE_INFINITY;
    return totalBytes <= mostBytes ? [{ kind, change, totalBytes }] : [];
  };
  const { layout } = phase.own;
  const gpus = layout.data * layout.pipe * layout.tensor;
  const layouts = layoutsOf(phase, gpus, bounds);
  const settings = settingsOf(phase, mostBytes);
  const found = [
    ...layouts.flatMap((one) => fits(withLayout(phase, one), "layout", layoutText(one))).slice(0, MOST),
    ...settings.flatMap(({ text, changed }) => fits(changed, "setting", text)).slice(0, MOST),
  ];
  if (found.length > 0) return found;
  const all = allSettings(phase);
  if (all !== null) {
    const together = [layout, ...layouts].flatMap((one) => {
      const text = one === layout ? all.text : `${layoutText(one)} with ${all.text}`;
      return fits(withLayout(all.changed, one), "both", text);
    });
    if (together.length > 0) return together.slice(0, 1);
  }
  for (let more = 2 * gpus; more <= bounds.gpus; more *= 2) {
    const wider = layoutsOf(phase, more, bounds).flatMap((one) =>
      fits(withLayout(phase, one), "gpus", `${layoutText(one)} on ${more} GPUs`),
    );
    if (wider.length > 0) return wider.slice(0, 1);
  }
  return [];
}

/** A layout in the grammar of allocation strings. */
export function layoutText({ data, pipe, tensor }: Pick<MemoryLayout, "data" | "pipe" | "tensor">): string {
  return `d${data}p${pipe}m${tensor}`;
}

/** The layouts of so many GPUs that the model and the call allow, those nearest to its own first; without its own. */
function layoutsOf({ own, call }: Phase, gpus: number, bounds: LayoutBounds): readonly MemoryLayout[] {
  const { layout, card } = own;
  const steps = (from: number, to: number) => Math.abs(Math.log2(to / from));
  const changeOf = (other: MemoryLayout) =>
    steps(layout.data, other.data) + 1.01 * steps(layout.pipe, other.pipe) + 1.02 * steps(layout.tensor, other.tensor);
  const layouts: MemoryLayout[] = [];
  for (let tensor = 1; tensor <= Math.min(gpus, bounds.gpusPerNode); tensor += 1) {
    if (gpus % tensor !== 0 || card.heads % tensor !== 0 || card.kvHeads % tensor !== 0) continue;
    for (let pipe = 1; pipe <= Math.min(gpus / tensor, card.layers); pipe += 1) {
      if ((gpus / tensor) % pipe !== 0) continue;
      const data = gpus / tensor / pipe;
      const sequenceParallel = call.kind === "trainStep" && tensor > 1;
      const one = { ...layout, data, pipe, tensor, sequenceParallel };
      if (layoutText(one) !== layoutText(layout) && bounds.hasSequences(one)) layouts.push(one);
    }
  }
  return layouts.sort((a, b) => changeOf(a) - changeOf(b));
}

/** The call in another layout; models beside it that are laid out the same follow the same entry of an allocation. */
function withLayout(phase: Phase, layout: MemoryLayout): Phase {
  const before = layoutText(phase.own.layout);
  const sizes = { data: layout.data, pipe: layout.pipe, tensor: layout.tensor };
  const follow = (model: MemoryModel) =>
    layoutText(model.layout) === before ? { ...model, layout: { ...model.layout, ...sizes } } : model;
  return {
    ...phase,
    own: { ...phase.own, layout: { ...phase.own.layout, ...layout } },
    others: phase.others.map(follow),
    source: phase.source === null ? null : follow(phase.source),
  };
}

interface Setting {
  readonly text: string;
  readonly changed: Phase;
}

/** Single settings that take memory away, each as far as it is needed. */
function settingsOf(phase: Phase, mostBytes: number): readonly Setting[] {
  const cap = capped(phase, mostBytes);
  const split = splitGeneration(phase, mostBytes);
  return [cap, recomputed(phase), offloaded(phase), split].filter((one) => one !== null);
}

/** All of them at once, with micro-batches as small as they can be. */
function allSettings(phase: Phase): Setting | null {
  const steps = [recomputed, offloaded, smallest];
  let result: Setting | null = null;
  for (const step of steps) {
    const next: Setting | null = step(result?.changed ?? phase);
    if (next !== null) {
      result = { text: result === null ? next.text : `${result.text} and ${next.text}`, changed: next.changed };
    }
  }
  return result;
}

function recomputed(phase: Phase): Setting | null {
  const { own, call } = phase;
  if (call.kind !== "trainStep" || own.layout.recompute) return null;
  return {
    text: "`gradientCheckpointing: true`",
    changed: { ...phase, own: { ...own, layout: { ...own.layout, recompute: true } } },
  };
}

/** The backend's own way to keep its optimizer in the memory of the host. */
function offloaded(phase: Phase): Setting | null {
  const { own } = phase;
  const fact = own.isTrained
    ? own.backend.optimizer?.find(({ on, when }) => on === "host" && when !== undefined)
    : undefined;
  const conditions = Object.entries(fact?.when ?? {});
  if (conditions.length === 0) return null;
  let { args } = own;
  for (const [path, value] of conditions) args = withArgument(args, path, value);
  if (JSON.stringify(args) === JSON.stringify(own.args)) return null;
  const text = conditions
    .map(([path, value]: readonly [string, JsonPrimitive]) => `\`${path}: ${value}\``)
    .join(" and ");
  return { text, changed: { ...phase, own: { ...own, args } } };
}

/** The largest bound of a micro-batch that fits. */
function capped(phase: Phase, mostBytes: number): Setting | null {
  const { tokens, kind } = phase.call;
  if (tokens === null || kind === "generate") return null;
  const length = tokens.prompt + tokens.generated;
  const fitting = (cap: number) =>
    (phaseMemory(withTokens(phase, { maxTokensPerMb: cap }))?.totalBytes ?? Infinity) <= mostBytes;
  let low = Math.ceil(length / TOKEN_STEP);
  let high = Math.ceil(Math.min(tokens.maxTokensPerMb, tokens.sequences * length) / TOKEN_STEP);
  if (high <= low || !fitting(low * TOKEN_STEP)) return null;
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (fitting(middle * TOKEN_STEP)) low = middle;
    else high = middle;
  }
  return capSetting(phase, low * TOKEN_STEP);
}

/** Micro-batches of one longest sequence each. */
function smallest(phase: Phase): Setting | null {
  const { tokens, kind } = phase.call;
  if (tokens === null || kind === "generate") return null;
  const length = Math.ceil((tokens.prompt + tokens.generated) / TOKEN_STEP) * TOKEN_STEP;
  return tokens.maxTokensPerMb <= length ? null : capSetting(phase, length);
}

function capSetting(phase: Phase, cap: number): Setting {
  return { text: `\`mbSpec.maxTokensPerMb: ${cap}\``, changed: withTokens(phase, { maxTokensPerMb: cap }) };
}

/** The fewest micro-batches of a generation whose caches fit. */
function splitGeneration(phase: Phase, mostBytes: number): Setting | null {
  const { tokens, kind } = phase.call;
  if (tokens === null || kind !== "generate" || phase.own.backend.pool !== undefined) return null;
  for (let nMbs = 2 * tokens.nMbs; nMbs <= tokens.sequences; nMbs *= 2) {
    const changed = withTokens(phase, { nMbs });
    if ((phaseMemory(changed)?.totalBytes ?? Infinity) <= mostBytes)
      return { text: `\`mbSpec.nMbs: ${nMbs}\``, changed };
  }
  return null;
}

function withTokens(phase: Phase, change: Partial<CallTokens>): Phase {
  const { tokens } = phase.call;
  return tokens === null ? phase : { ...phase, call: { ...phase.call, tokens: { ...tokens, ...change } } };
}
