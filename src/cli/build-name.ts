/** Name of one build as it is typed and shown: `sft`, `sft.one-node`, `sft.one-node@model.optimizer.lr=1e-5`. */
export function buildName(experiment: string, preset: string | null, point: string | null = null): string {
  const build = preset === null ? experiment : `${experiment}.${preset}`;
  return point === null ? build : `${build}@${point}`;
}
