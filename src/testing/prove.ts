import type { JsonObject } from "type-fest";
import { hasErrors, type Result } from "../diagnostics/finding.ts";
import type { Authored, PluginFacts, Resolved } from "../manifest/format.ts";
import { factsOfDefinitions } from "../plugin/descriptor.ts";
import { loadedPlugins } from "../plugin/registry.ts";
import { currentRealm, enterRealm, leaveRealm } from "../realm/realm.ts";
import { withoutUnused } from "../resolve/acknowledge.ts";
import { resolve } from "../resolve/resolve.ts";
import type { ClusterSpec } from "../spec/cluster.ts";
import { authorExperiment } from "../dsl/author.ts";
import { overrideList } from "../dsl/make.ts";

/** What to prove in this process. */
export interface ProveOptions {
  readonly preset?: string;
  readonly overrides?: JsonObject;
  /** Runs on this cluster whatever the preset names. */
  readonly cluster?: ClusterSpec;
  /** Cards of further models, on top of those of loaded plugins. */
  readonly cards?: PluginFacts["cards"];
}

/** An experiment as far as it was proved. */
export interface Proof {
  readonly authored: Authored | null;
  readonly resolved: Resolved | null;
}

/**
 * Makes, runs and resolves a registered experiment in this process, without isolation and without writing anything: for tests.
 * Findings of both stages come together.
 */
export function proveExperiment(name: string, options: ProveOptions = {}): Result<Proof> {
  const realm = enterRealm();
  try {
    const { cluster } = options;
    if (cluster !== undefined) {
      currentRealm().clusters.set(cluster.name, cluster);
      currentRealm().defaultCluster = cluster.name;
    }
    for (const [id, card] of Object.entries(options.cards ?? {})) currentRealm().cards.set(id, card);
    const overrides = overrideList(options.overrides ?? {});
    const result = authorExperiment({
      name,
      preset: options.preset ?? null,
      overrides: cluster === undefined ? overrides : [...overrides, { path: "cluster", value: cluster.name }],
    });
    if (result.authored === null) return { value: { authored: null, resolved: null }, findings: result.findings };
    const made = result.authored as Authored;
    const authored: Authored = { ...made, findings: result.findings };
    const loaded = factsOfDefinitions(loadedPlugins());
    const facts = { types: loaded.types, cards: { ...loaded.cards, ...options.cards } };
    const resolved = resolve({ authored }, facts);
    return { value: { authored, resolved: resolved.value }, findings: withoutUnused(resolved.findings) };
  } finally {
    leaveRealm(realm);
  }
}

/** True if nothing found is an error. */
export function isProved({ findings }: Result<Proof>): boolean {
  return !hasErrors(findings);
}
