import { randomBytes } from "node:crypto";
import { lstatSync, renameSync, rmSync } from "node:fs";
import { basename, dirname, join, relative, resolve } from "node:path";
import type { Finding, Place } from "../src/diagnostics/finding.ts";
import { hasErrors } from "../src/diagnostics/finding.ts";
import { didYouMean } from "../src/diagnostics/nearest.ts";
import { PLUGIN_KINDS, type PluginKind } from "../src/spec/plugin-kinds.ts";
import { isInstalled, madeWith } from "./init/dependencies.ts";
import { initDiagnostics } from "./init/diagnostics.ts";
import { makeFiles, systemReason } from "./init/make-files.ts";
import { type PackageManager, packageManagerOf } from "./init/package-manager.ts";
import { packageNameProblem } from "./init/plugin-name.ts";
import { pluginPackage } from "./init/plugin-template.ts";
import { buildPlugin } from "./plugin-build.ts";

/** What is asked of {@link initPlugin}. */
export interface PluginInitOptions {
  readonly cwd: string;
  /** Kind and name of the package, as typed. */
  readonly kind: string;
  readonly name: string;
  /** Folder that is made, as typed; `null`: the name without its scope. */
  readonly folder: string | null;
  /** Version of this Assay. */
  readonly version: string;
  /** Where the arguments were typed. */
  readonly placeOf: (argument: "kind" | "name" | "folder") => Place;
}

/** A package that was made. */
export interface PluginInitReport {
  /** Absolute folder. */
  readonly root: string;
  readonly package: string;
  readonly kind: PluginKind;
  /** Its one type, and the constant that is exported for it. */
  readonly type: string;
  readonly constant: string;
  /** Files that were made, from the folder. */
  readonly made: readonly string[];
  /** False if packages must be installed first. */
  readonly installed: boolean;
  readonly packageManager: Pick<PackageManager, "name" | "install" | "execute">;
}

const DESCRIPTOR = "assay-plugin.json";

/**
 * Makes a package with one plugin, which builds, tests and packs at once. It is made beside its folder and gets its place as a whole:
 * what fails leaves nothing behind.
 */
export async function initPlugin(
  options: PluginInitOptions,
): Promise<{ readonly report: PluginInitReport | null; readonly findings: readonly Finding[] }> {
  const { cwd, kind, name, placeOf } = options;
  const folder = options.folder ?? name.slice(name.indexOf("/") + 1);
  const root = resolve(cwd, folder);
  const nameProblem = packageNameProblem(name);
  const mistakes: readonly Finding[] = [
    ...(isKind(kind) ? [] : [unknownKind(kind, placeOf)]),
    ...(nameProblem === null
      ? []
      : [initDiagnostics["plugin-name"]({ name, problem: nameProblem }, { at: placeOf("name") })]),
    ...((nameProblem === null || options.folder !== null) && isThere(root)
      ? [initDiagnostics["plugin-folder"]({ folder }, { at: placeOf("folder") })]
      : []),
  ];
  if (!isKind(kind) || mistakes.length > 0) return { report: null, findings: mistakes };

  const parent = dirname(root);
  const manager = packageManagerOf(parent);
  const needs = {
    library: { name: "assay", version: options.version },
    compiler: madeWith("typescript"),
    nodeTypes: madeWith("@types/node"),
  };
  const { names, files } = pluginPackage(kind, name, needs, manager);
  // Beside its folder all is found that is found in it.
  const scratch = join(parent, `.${basename(root)}-${randomBytes(4).toString("hex")}.tmp`);
  const notWritable = (path: string, reason: string) => ({
    report: null,
    findings: [
      initDiagnostics["init-not-writable"](
        { path, reason },
        {
          at: placeOf("folder"),
          help: `make the folder writable, or name another one: \`assay plugin init ${kind} ${name} <folder>\``,
        },
      ),
    ],
  });
  const failed = makeFiles(
    scratch,
    files.map((file) => ({ ...file, replaces: false })),
  );
  if (failed !== null) return notWritable(failed.path === "" ? folder : failed.path, failed.reason);
  try {
    await describe(scratch);
    renameSync(scratch, root);
  } catch (error) {
    rmSync(scratch, { recursive: true, force: true });
    if ((error as { readonly code?: string }).code === undefined) throw error;
    if (isThere(root)) {
      return { report: null, findings: [initDiagnostics["plugin-folder"]({ folder }, { at: placeOf("folder") })] };
    }
    return notWritable(folder, systemReason(error));
  }
  return {
    report: {
      root,
      package: name,
      kind,
      type: names.type,
      constant: names.constant,
      made: [...files.map(({ file }) => file), DESCRIPTOR].sort(),
      installed: Object.values(needs).every((each) => isInstalled(root, each.name)),
      packageManager: { name: manager.name, install: manager.install, execute: manager.execute },
    },
    findings: [],
  };
}

/** Writes the descriptor, as `assay plugin build` does. */
async function describe(root: string): Promise<void> {
  const { diagnostics, written } = await buildPlugin({ cwd: root, folder: ".", check: false });
  if (written && !hasErrors(diagnostics)) return;
  const told = diagnostics.map(({ code, message }) => `${code}: ${message}`).join("; ");
  throw new Error(`the new package ${relative(dirname(root), root)} can't be described: ${told}`);
}

function isKind(kind: string): kind is PluginKind {
  return (PLUGIN_KINDS as readonly string[]).includes(kind);
}

function unknownKind(kind: string, placeOf: PluginInitOptions["placeOf"]): Finding {
  const help = didYouMean(kind, PLUGIN_KINDS) ?? `name one of them: \`assay plugin init ${PLUGIN_KINDS[0]} my-plugin\``;
  return initDiagnostics["plugin-kind"]({ kind, known: PLUGIN_KINDS }, { at: placeOf("kind"), help });
}

/** True for a link that leads nowhere, too: something has that name. */
function isThere(path: string): boolean {
  try {
    return lstatSync(path, { throwIfNoEntry: false }) !== undefined;
  } catch {
    // A folder on the way is a file: making the package will tell.
    return false;
  }
}
