import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { REINSTALL } from "../../src/diagnostics/missing-package.ts";
import { LIBRARY_ROOT } from "../library-root.ts";
import type { Row, Said } from "./check.ts";

/**
 * Packages that a package names as its dependencies and that are in no `node_modules` around it. This module needs none itself:
 * it is loaded where others can't be.
 */
export function missingPackages(root: string): readonly string[] {
  // Plug'n'Play keeps packages elsewhere, and refuses by itself what is not there.
  if ("pnp" in process.versions) return [];
  return dependenciesOf(root).filter((name) => !isAround(root, name));
}

/** A row for a package that is not there. */
export function missingRow(name: string): Said {
  return { verdict: "error", text: `\`${name}\` is not installed, and Assay needs it`, cure: REINSTALL };
}

/** What can be told where a package is missing that the checks need themselves. */
export function rowsWithout(name: string): readonly Row[] {
  const names = [...new Set([...missingPackages(LIBRARY_ROOT), name])].sort();
  const rest: Said = { verdict: "warning", text: "nothing else was looked at", cure: "mend the packages first" };
  return [...names.map((one) => missingRow(one)), rest].map((said) => ({ check: "packages", ...said }));
}

function dependenciesOf(root: string): readonly string[] {
  try {
    const { dependencies = {} } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as {
      readonly dependencies?: object;
    };
    return Object.keys(dependencies);
  } catch {
    return [];
  }
}

function isAround(folder: string, name: string): boolean {
  for (let around = folder; ; around = dirname(around)) {
    if (existsSync(join(around, "node_modules", name, "package.json"))) return true;
    if (around === dirname(around)) return false;
  }
}
