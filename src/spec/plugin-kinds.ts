/**
 * What a plugin can be. Those up to `wrapper` make type+args pairs that stand in a manifest; `modelFamily` gives cards and
 * families; the others act at build or launch time.
 */
export const PLUGIN_KINDS = [
  "dataset",
  "model",
  "backend",
  "interface",
  "agent",
  "environment",
  "wrapper",
  "modelFamily",
  "tracker",
  "launcher",
  "rule",
  "mutator",
] as const;

export type PluginKind = (typeof PLUGIN_KINDS)[number];
