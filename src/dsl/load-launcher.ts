import type { JsonObject } from "type-fest";
import type { LauncherDefinition } from "../plugin/definition.ts";
import type { LauncherUse } from "../plugin/define-hooks.ts";
import { LaunchError, type Launcher } from "../plugin/launcher.ts";
import { findPlugin } from "../plugin/registry.ts";
import type { ClusterSpec } from "../spec/cluster.ts";
import { constructWith } from "./container.ts";

/**
 * Makes the launcher that a pair of a config means: its class gets the arguments, and what else its constructor asks for is
 * injected (the cluster, what `provide` says). The module that defines it has been imported before.
 * @throws {LaunchError} `request` if no plugin of the type is loaded, or its class can't be made
 */
export function loadLauncher(use: LauncherUse, cluster: ClusterSpec): Launcher {
  const definition = findPlugin("launcher", use.type);
  if (definition === undefined) throw new LaunchError("request", `no launcher \`${use.type}\` is loaded`);
  return makeLauncher(definition, use.args, cluster);
}

/**
 * Makes the launcher of a definition.
 * @throws {LaunchError} `request` if it lacks a method
 */
export function makeLauncher({ type, launcher }: LauncherDefinition, args: JsonObject, cluster: ClusterSpec): Launcher {
  const made = constructWith(launcher as never, [args], cluster) as Partial<Launcher>;
  const missing = METHODS.filter((method) => typeof made[method] !== "function");
  if (missing.length > 0) {
    const names = missing.map((method) => `\`${method}\``).join(", ");
    throw new LaunchError("request", `the launcher \`${type}\` lacks ${names}`);
  }
  return made as Launcher;
}

const METHODS = ["preview", "submit", "status", "logs", "cancel"] as const;
