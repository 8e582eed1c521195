import { createHash } from "node:crypto";
import { existsSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { LaunchHandle, LaunchRequest } from "assay/plugin";

/** What the supervisor does, as it stands in the attempt's folder. Variables of groups, which may hold secrets, come by its input. */
export interface Plan {
  readonly id: string;
  readonly containment: "namespace" | "processes";
  readonly run: LaunchRequest["run"];
  readonly workers: readonly PlannedWorker[];
}

/** One worker of a plan. */
export interface PlannedWorker {
  readonly group: string;
  readonly index: number;
  readonly argv: readonly string[];
  /** Variables that the launcher itself sets: plain texts. */
  readonly env: Readonly<Record<string, string>>;
}

/** Names of the files in an attempt's folder. */
export const FILES = {
  plan: "local.json",
  started: "started.json",
  cancelled: "cancelled.json",
  supervisorLog: "supervisor.log",
} as const;

/** A worker's name, of which its files are called. */
export function nameOf({ group, index }: Pick<PlannedWorker, "group" | "index">): string {
  return `${group}.${index}`;
}

/** The attempt's id: no other attempt has it, and every process finds the same one. */
export function idOf({ run, folder }: Pick<LaunchHandle, "run" | "folder">): string {
  const { experiment, preset, trial, attempt } = run;
  return createHash("sha256")
    .update(JSON.stringify([folder, experiment, preset, trial, attempt]))
    .digest("hex")
    .slice(0, 32);
}

/** Writes a file so that a reader sees the whole of it or none. */
export function writeWhole(folder: string, name: string, value: unknown): void {
  const file = join(folder, name);
  writeFileSync(`${file}.part`, JSON.stringify(value));
  renameSync(`${file}.part`, file);
}

/** A file of the attempt's folder; `null` if there is none. */
export function readFile(folder: string, name: string): unknown {
  const file = join(folder, name);
  return existsSync(file) ? (JSON.parse(readFileSync(file, "utf8")) as unknown) : null;
}
