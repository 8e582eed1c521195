/** Names of fields whose spelling in the reference follows no rule. */
const ODD: Readonly<Record<string, string>> = {
  memMiB: "mem",
  datasetCacheRoot: "dataset_cahce_root",
  type: "type_",
};

/** A field's name as the reference spells it: `nSeqs` is `n_seqs`. */
export function fieldName(name: string): string {
  return Object.hasOwn(ODD, name) ? (ODD[name] as string) : snakeCase(name);
}

/** A name in lower case with `_` before what was a capital. */
export function snakeCase(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}
