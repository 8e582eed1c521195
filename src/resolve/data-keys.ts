import { at, type Finding } from "../diagnostics/finding.ts";
import { suggestion } from "../diagnostics/nearest.ts";
import type { Authored, PluginFacts } from "../manifest/format.ts";
import type { ExperimentConfig } from "../spec/experiment-config.ts";
import { own } from "../spec/own.ts";
import { datasetsOf, fieldOf } from "../spec/placed-pairs.ts";
import { graphDiagnostics } from "./diagnostics.ts";
import { strings, typeFacts } from "./facts.ts";

/** What the datasets of a setup yield; `null` where one of them is a mere name, or nothing is known of its type. */
export interface DataKeys {
  readonly yields: readonly string[] | null;
  readonly datasets: readonly string[];
}

/** Keys that the model workers' datasets yield. Facts that depend on a pair's arguments come first. */
export function dataKeys(config: ExperimentConfig, base: string, authored: Authored, facts: PluginFacts): DataKeys {
  const datasets = [...datasetsOf(config, base)].filter(({ pointer }) => pointer.startsWith(`${base}/modelWorker/`));
  const named = [...fieldOf(config, "modelWorker", "datasets", base)].some(
    ([value]) => Array.isArray(value) && value.some((dataset) => typeof dataset === "string"),
  );
  const yields = datasets.map(({ pair, pointer }) => {
    const known = own(authored.facts, pointer) ?? typeFacts(facts, "dataset", pair.type)?.facts;
    return known === undefined || !("yields" in known) ? null : strings(known["yields"]);
  });
  const known = datasets.length > 0 && !named && yields.every((keys) => keys !== null);
  return {
    yields: known ? [...new Set(yields.flatMap((keys) => keys ?? []))] : null,
    datasets: datasets.map(({ pair }) => pair.type),
  };
}

/** Reports keys that neither a call nor a dataset gives. */
export function unproducedKeys(config: ExperimentConfig, base: string, keys: DataKeys): readonly Finding[] {
  const { yields } = keys;
  if (yields === null) return [];
  const produced = new Set([...yields, ...config.modelRpcs.flatMap((call) => call.outputKeys)]);
  const reported = new Set<string>();
  return config.modelRpcs.flatMap((call, index) =>
    call.inputKeys.flatMap((key, position) => {
      // A copied call lacks what the first one lacks.
      const lack = JSON.stringify([call.name, key]);
      if (produced.has(key) || reported.has(lack)) return [];
      reported.add(lack);
      return [
        graphDiagnostics["unproduced-key"](
          { call: call.name, key, datasets: keys.datasets },
          {
            at: at(`${base}/modelRpcs/${index}/inputKeys/${position}`),
            ...suggestion(key, produced),
          },
        ),
      ];
    }),
  );
}
