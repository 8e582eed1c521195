import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { compiledFolder } from "../crash/compiled.ts";

/** A module of the compiled library: what starts processes runs compiled. */
export async function compiled<T>(module: string): Promise<T> {
  return (await import(pathToFileURL(join(compiledFolder(), module)).href)) as T;
}

/**
 * Numbers, on this machine, of the processes that have a number in a PID namespace of their own.
 * @param argument that they have: other namespaces have the same numbers
 */
export function pidsInNamespaces(inner: number, argument: string): readonly number[] {
  return readdirSync("/proc").flatMap((name) => {
    if (!/^\d+$/.test(name)) return [];
    try {
      const [, numbers = ""] = /^NSpid:(.*)$/m.exec(readFileSync(`/proc/${name}/status`, "utf8")) ?? [];
      const all = numbers.trim().split(/\s+/).map(Number);
      const stat = readFileSync(`/proc/${name}/stat`, "latin1");
      const hasEnded = /^[ZX]/.test(stat.slice(stat.lastIndexOf(")") + 2));
      const isMeant = readFileSync(`/proc/${name}/cmdline`, "utf8").split("\0").includes(argument);
      return all.length > 1 && all.at(-1) === inner && isMeant && !hasEnded ? [Number(name)] : [];
    } catch {
      return [];
    }
  });
}
