/** Areas of Assay's own codes: plugins have others. */
export const ASSAY_AREAS: ReadonlySet<string> = new Set([
  "allocation",
  "build",
  "call",
  "cli",
  "codegen",
  "config",
  "dataset",
  "dsl",
  "evaluate",
  "graph",
  "launch",
  "manifest",
  "memory",
  "mesh",
  "model",
  "option",
  "plugin",
  "scheduling",
  "topology",
]);

const FORM = /^[a-z][a-z0-9-]*\/[a-z][a-z0-9-]*$/;

/** What is wrong with a code of a plugin: it has no form of one, or it belongs to Assay; `null` if nothing is. */
export function codeProblem(code: string): "form" | "area" | null {
  if (!FORM.test(code)) return "form";
  return ASSAY_AREAS.has(code.slice(0, code.indexOf("/"))) ? "area" : null;
}
