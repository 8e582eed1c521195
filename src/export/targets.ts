import { exportRealhf } from "./realhf.ts";
import type { ExportTarget } from "./target.ts";

/** Systems that experiments are exported to. */
export const EXPORT_TARGETS: readonly ExportTarget[] = [
  {
    name: "realhf",
    summary: "a Python module that registers the experiment in the reference system",
    template: "realhf.py",
    make: exportRealhf,
  },
];
