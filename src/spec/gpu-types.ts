/**
 * Memory of well-known GPUs in MiB, as their makers' data sheets say (in GiB, which all of them write as GB). Types of which there
 * are several sizes (A100, V100, GH200) stand with theirs only.
 */
const GPU_MEMORY_MIB: Readonly<Record<string, number>> = Object.fromEntries(
  Object.entries({
    a10: 24,
    a10g: 24,
    "a100-40g": 40,
    "a100-80g": 80,
    a30: 24,
    a40: 48,
    a6000: 48,
    a800: 80,
    b200: 180,
    gb200: 186,
    h100: 80,
    h20: 96,
    h200: 141,
    h800: 80,
    l20: 48,
    l4: 24,
    l40: 48,
    l40s: 48,
    mi210: 64,
    mi300x: 192,
    mi325x: 256,
    rtx3090: 24,
    rtx4090: 24,
    rtx5090: 32,
    t4: 16,
    "v100-16g": 16,
    "v100-32g": 32,
  }).map(([type, gib]) => [type, gib * 1024]),
);

/** Types of GPUs whose memory is known. */
export const GPU_TYPES: readonly string[] = Object.keys(GPU_MEMORY_MIB);

/** What is said of the GPUs of a cluster. */
interface Gpus {
  readonly gpuType: string;
  readonly gpuMemMiB: number | null;
}

/** Memory of one GPU of a cluster in MiB: what the cluster says, else what its type has; `null` if neither is known. */
export function gpuMemoryMiB({ gpuType, gpuMemMiB }: Gpus): number | null {
  if (gpuMemMiB !== null) return gpuMemMiB;
  const type = gpuType
    .toLowerCase()
    .replaceAll(/^nvidia[-_ ]|^amd[-_ ]/g, "")
    .replaceAll(/[_ ]/g, "-");
  const plain = type.replace(/-?80gb?$/, "-80g").replace(/-?40gb?$/, "-40g");
  const found = [type, plain, plain.replace(/-80g$/, "")].find((name) => Object.hasOwn(GPU_MEMORY_MIB, name));
  return found === undefined ? null : (GPU_MEMORY_MIB[found] ?? null);
}
