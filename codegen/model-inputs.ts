import { readFileSync } from "node:fs";
import { join, posix } from "node:path";
import type { ModelCard } from "../src/manifest/format.ts";
import { modelCardFromConfig } from "../src/manifest/model-card.ts";

/**
 * Cards of the Hugging Face `config.json` files among a project's declared inputs. Each is known by its own path and by that of
 * its folder: an experiment names either, or `models` of the config maps a path of the cluster to it. Files that describe no
 * causal language model give no card; whoever needs one is told so.
 */
export function cardsOfInputs(root: string, inputs: readonly string[]): Readonly<Record<string, ModelCard>> {
  const cards: Record<string, ModelCard> = {};
  for (const file of inputs) {
    if (posix.basename(file) !== "config.json") continue;
    const config = parsed(join(root, file));
    if (config === null) continue;
    for (const id of [posix.dirname(file), file]) {
      const card = modelCardFromConfig(config, id);
      if (card !== null) cards[id] = card;
    }
  }
  return cards;
}

function parsed(path: string): Readonly<Record<string, unknown>> | null {
  try {
    const value: unknown = JSON.parse(readFileSync(path, "utf8"));
    return typeof value === "object" && value !== null && !Array.isArray(value)
      ? (value as Readonly<Record<string, unknown>>)
      : null;
  } catch {
    return null;
  }
}
