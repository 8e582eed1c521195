import type { Style } from "../../diagnostics/render/style.ts";
import type { MemoryPart, MemoryPartKind, MemoryPhase, SetupMemory } from "../../manifest/format.ts";
import { renderTable } from "./table.ts";

const GIB = 1024 ** 3;

/** Columns, and the kinds of parts that each adds up. */
const COLUMNS: readonly (readonly [head: string, kinds: readonly MemoryPartKind[]])[] = [
  ["weights", ["weights"]],
  ["gradients", ["gradients"]],
  ["optimizer", ["optimizer"]],
  ["activations", ["activations"]],
  ["logits", ["logits"]],
  ["KV cache", ["cache"]],
  ["other", ["buffers", "runtime"]],
];

/** Estimated memory in GiB: a row for each call on the GPU that needs most, and one for each further model on it. */
export function memoryTable({ phases, gpuBytes }: SetupMemory, style: Style): string {
  return renderTable(
    [
      { head: "call" },
      { head: "model" },
      ...COLUMNS.map(([head]) => ({ head, isNumber: true })),
      { head: "GiB", isNumber: true },
      { head: "of GPU", isNumber: true },
      { head: "" },
    ],
    phases.flatMap((phase) => rowsOf(phase, gpuBytes)),
    style,
    null,
  );
}

function rowsOf(phase: MemoryPhase, gpuBytes: number | null): readonly (readonly string[])[] {
  const { call, model, parts, totalBytes, verdict } = phase;
  const others = [
    ...new Set(parts.flatMap((part) => (part.model === null || part.model === model ? [] : [part.model]))),
  ];
  const own = parts.filter((part) => part.model === null || part.model === model);
  const share = gpuBytes === null ? "" : `${Math.round((100 * totalBytes) / gpuBytes)} %`;
  const said = verdict === null || verdict === "fits" ? "" : verdict;
  return [
    [call ?? "servers", call === null ? "" : model, ...amounts(own), gib(totalBytes), share, said],
    ...others.map((other) => ["", other, ...amounts(parts.filter((part) => part.model === other)), "", "", ""]),
  ];
}

function amounts(parts: readonly MemoryPart[]): readonly string[] {
  return COLUMNS.map(([, kinds]) => {
    const bytes = parts.reduce((sum, part) => (kinds.includes(part.kind) ? sum + part.bytes : sum), 0);
    return bytes === 0 ? "" : gib(bytes);
  });
}

function gib(bytes: number): string {
  return (bytes / GIB).toFixed(1);
}
