/** Name of one build as it is typed and shown: `sft`, `sft.one-node`. */
export function buildName(experiment: string, preset: string | null): string {
  return preset === null ? experiment : `${experiment}.${preset}`;
}
