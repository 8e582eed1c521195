const of = (area: string, ...slugs: string[]) => slugs.map((slug) => `${area}/${slug}`);
/** Rows of codes whose slug is the reference's reason, and of those that it names with their area, `mesh-values`. */
const same = (area: string, ...slugs: string[]) => slugs.map((slug) => [slug, of(area, slug)] as const);
const named = (area: string, ...slugs: string[]) => slugs.map((slug) => [`${area}-${slug}`, of(area, slug)] as const);
const RANGES = ["min-lr-ratio", "warmup", "top-p", "top-k", "generation-range", "group-size"];

/** Cause that the reference names -> the codes with which Assay answers it. */
export const CODES_BY_REASON = new Map<string, readonly string[]>([
  ...same("graph", "duplicate-call", "two-train-steps", "tensor-sizes", "sync-self", "model-without-shards"),
  ...same("allocation", "no-layout-for-call", "gpu-product", "generate-size", "generate-pipeline", "no-generate-call"),
  ...same("allocation", "two-generate-calls", "no-heuristic", "nodelist-required", "sglang-hybrid", "backend"),
  ...same("allocation", "async-needs-decoupled", "too-many-nodes", "too-many-gpus-per-node", "partial-nodes"),
  ...same("allocation", "local-multi-node", "batch-too-small"),
  ...same("mesh", "gpus-not-power-of-two", "split-size", "gpu-id", "gpus-of-many-nodes", "node-prefix", "node-number"),
  ...same("mesh", "node-not-in-list", "no-nodes"),
  ...same("call", "offload-before", "hook-both", "capture-length"),
  ...same("model", "at-in-role"),
  ...named("mesh", "not-contiguous", "partial-nodes", "values", "shape", "product"),
  ...named("allocation", "syntax"),
  // A value outside its option's range is one mistake, whatever the option.
  ...RANGES.map((reason) => [reason, of("option", "range")] as const),
  ...Object.entries({ "duplicate-shard": of("model", "shard-twice"), "replica-ids": of("model", "replica-gap") }),
  ...Object.entries({ "rank-out-of-range": of("model", "shard-rank"), heads: of("model", "heads-not-divisible") }),
  ["model-family", of("model", "family-unknown", "family-mismatch")],
  ["model-path", ["model/not-in-catalogue", "dsl/option-required"]],
  ["ranks", of("topology", "rank-missing", "rank-twice", "disagree")],
  ["no-calls", of("graph", "no-calls", "no-source")],
  ["mock-engine", of("allocation", "mock-engine-unsupported")],
  ["whole-nodes", ["mesh/whole-nodes", "scheduling/whole-nodes"]],
  ["nodelist-too-short", of("mesh", "list-too-short")],
  ["function-call-address", of("scheduling", "environment-value")],
  ["ema-without-reference", of("call", "blend-without-model")],
]);

/** Codes of what the reference takes though it is wrong. */
export const DELIBERATE = [
  ...of("graph", "key-produced-twice", "cycle", "no-calls", "no-source", "model-without-shards"),
  ...of("topology", "rank-missing", "rank-twice", "disagree"),
  ...of("allocation", "syntax", "zero-degree", "repeated-name"),
  ...of("config", "no-model-workers"),
];
