import { existsSync, readFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { packageManagerField } from "./package-json.ts";

/** What installs a project's packages, and how it is called. */
export interface PackageManager {
  readonly name: "npm" | "pnpm" | "yarn" | "bun";
  /** Installs what the `package.json` names. */
  readonly install: string;
  /** Installs exactly what the lock file names, or fails. */
  readonly installLocked: string;
  /** Runs a program of an installed package: stands in front of it. */
  readonly execute: string;
  /** Steps of a workflow that bring the program itself, before Node is set up. */
  readonly setUp: readonly string[];
}

const NPM: PackageManager = {
  name: "npm",
  install: "npm install",
  installLocked: "npm ci",
  execute: "npx",
  setUp: [],
};

type Manager = PackageManager["name"];

const BY_LOCK_FILE: readonly (readonly [file: string, manager: Manager])[] = [
  ["package-lock.json", "npm"],
  ["npm-shrinkwrap.json", "npm"],
  ["pnpm-lock.yaml", "pnpm"],
  ["yarn.lock", "yarn"],
  ["bun.lock", "bun"],
  ["bun.lockb", "bun"],
];

/** A package manager, and what told of it. */
export interface FoundManager extends PackageManager {
  /** Absolute folder that has the lock file, or names the package manager; `null` if nothing tells. */
  readonly toldIn: string | null;
}

/**
 * The package manager of a project: that of the nearest `package.json` that names one (`packageManager`), or of the nearest lock
 * file, from its folder upward; npm if nothing tells. A workspace has both in a folder around.
 */
export function packageManagerOf(root: string): FoundManager {
  for (let folder = resolve(root); ; folder = dirname(folder)) {
    const named = managerNamed(folder);
    const locked = BY_LOCK_FILE.find(([file]) => existsSync(join(folder, file)));
    const name = named?.name ?? locked?.[1];
    if (name !== undefined) return { ...made(name, folder, named?.major ?? null), toldIn: folder };
    // Beyond a repository lies what has nothing to do with the project.
    if (folder === dirname(folder) || existsSync(join(folder, ".git"))) return { ...NPM, toldIn: null };
  }
}

function made(name: Manager, folder: string, major: number | null): PackageManager {
  switch (name) {
    case "npm":
      return NPM;
    case "pnpm": {
      // The action takes the version from `packageManager`, and refuses two.
      const version = major === null ? ["  with:", "    version: 10"] : [];
      return {
        name,
        install: "pnpm install",
        installLocked: "pnpm install --frozen-lockfile",
        execute: "pnpm exec",
        setUp: ["- uses: pnpm/action-setup@v4", ...version],
      };
    }
    case "yarn": {
      const isModern = major === null ? existsSync(join(folder, ".yarnrc.yml")) : major > 1;
      return {
        name,
        install: "yarn install",
        installLocked: isModern ? "yarn install --immutable" : "yarn install --frozen-lockfile",
        execute: "yarn",
        setUp: isModern ? ["- run: corepack enable"] : [],
      };
    }
    case "bun":
      return {
        name,
        install: "bun install",
        installLocked: "bun install --frozen-lockfile",
        execute: "bunx",
        setUp: ["- uses: oven-sh/setup-bun@v2"],
      };
  }
}

function managerNamed(folder: string): { readonly name: Manager; readonly major: number } | null {
  const field = packageManagerField(textOf(join(folder, "package.json")));
  const [, name, major] = /^(npm|pnpm|yarn|bun)@(\d+)/.exec(field ?? "") ?? [];
  return name === undefined ? null : { name: name as Manager, major: Number(major) };
}

function textOf(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}
