import { callSites, originOf } from "../origin/call-site.ts";
import { allOf, currentRealm, lookUp } from "../realm/realm.ts";
import type { PluginDefinition } from "./definition.ts";
import type { PluginKind } from "../spec/plugin-kinds.ts";

/** Makes a definition known to the current realm; the same kind and type replace an earlier definition. */
export function registerPlugin(definition: PluginDefinition): void {
  const { plugins, defined } = currentRealm();
  plugins.set(keyOf(definition.kind, definition.type), definition);
  defined.push({ definition, frames: callSites(registerPlugin) });
}

/** Notes that a pair was made by a definition; the first pair of each counts. */
export function notePair(definition: PluginDefinition, pair: object): void {
  const { used } = currentRealm();
  if (!used.has(definition)) used.set(definition, originOf(pair)?.frames ?? []);
}

/** A definition by kind and type. */
export function findPlugin<K extends PluginKind>(
  kind: K,
  type: string,
): Extract<PluginDefinition, { readonly kind: K }> | undefined {
  return lookUp((realm) => realm.plugins, keyOf(kind, type)) as never;
}

/** All definitions that are loaded, in the order of their registration. */
export function loadedPlugins(): readonly PluginDefinition[] {
  return [...allOf((realm) => realm.plugins).values()] as unknown as readonly PluginDefinition[];
}

function keyOf(kind: PluginKind, type: string): string {
  return `${kind} ${type}`;
}
