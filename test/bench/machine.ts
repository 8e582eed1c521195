import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { arch, availableParallelism, cpus, platform, totalmem } from "node:os";
import { join } from "node:path";

/** What the numbers were measured on. */
export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly memoryGiB: number;
  readonly system: string;
  readonly node: string;
  readonly python: string | null;
  readonly packages: Readonly<Record<string, string>>;
}

const PACKAGES = ["typescript", "ts-morph", "oxc-transform", "tsyringe", "reflect-metadata", "canonicalize"] as const;

/** Looks at the machine and at the packages that matter. */
export function thisMachine(checkout: string): Machine {
  const python = spawnSync("python3", ["--version"], { encoding: "utf8" });
  return {
    cpu: cpus()[0]?.model.trim() ?? "unknown",
    cores: availableParallelism(),
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    system: `${platform()} ${arch()}`,
    node: process.version,
    python: python.status === 0 ? python.stdout.trim().replace("Python ", "") : null,
    packages: Object.fromEntries(PACKAGES.map((name) => [name, versionOf(checkout, name)])),
  };
}

/** The machine in three lines. */
export function renderMachine({ cpu, cores, memoryGiB, system, node, python, packages }: Machine): string {
  const versions = Object.entries(packages).map(([name, version]) => `${name} ${version}`);
  return [
    `${cpu}, ${cores} cores, ${memoryGiB} GiB, ${system}`,
    `Node ${node}, Python ${python ?? "missing"}`,
    versions.join(", "),
  ].join("\n");
}

function versionOf(checkout: string, name: string): string {
  const manifest: unknown = JSON.parse(readFileSync(join(checkout, "node_modules", name, "package.json"), "utf8"));
  return (manifest as { readonly version: string }).version;
}
