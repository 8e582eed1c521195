import { readFileSync } from "node:fs";
import { join, posix } from "node:path";
import type { IncompleteCard, ModelCard } from "../src/manifest/format.ts";
import { type ModelConfigReading, readModelConfig } from "../src/manifest/model-card.ts";

/**
 * Cards of the Hugging Face `config.json` files among a project's declared inputs. Each is known by its own path and by that of
 * its folder: an experiment names either, or `models` of the config maps a path of the cluster to it. Files that describe no
 * causal language model give no card; whoever needs one is told so.
 */
export function cardsOfInputs(root: string, inputs: readonly string[]): Readonly<Record<string, ModelCard>> {
  const readings = [...readingsOf(root, inputs)];
  return Object.fromEntries(readings.flatMap(({ id, card }) => (card === null ? [] : [[id, card]])));
}

/**
 * The configurations among a project's declared inputs that give no card, by the paths that an experiment may name.
 * @param models table of the project: path of a checkpoint, and the id of its card.
 */
export function incompleteInputs(
  root: string,
  inputs: readonly string[],
  models: Readonly<Record<string, string>>,
): Readonly<Record<string, IncompleteCard>> {
  const own = new Map<string, IncompleteCard>();
  for (const { id, file, card, problems } of readingsOf(root, inputs))
    if (card === null) own.set(id, { file, problems });
  const mapped = Object.entries(models).flatMap(([path, id]) => {
    const found = own.get(id);
    return found === undefined ? [] : [[path, found] as const];
  });
  return Object.fromEntries([...own, ...mapped]);
}

interface InputReading extends ModelConfigReading {
  readonly id: string;
  readonly file: string;
}

function* readingsOf(root: string, inputs: readonly string[]): Generator<InputReading> {
  for (const file of inputs) {
    if (posix.basename(file) !== "config.json") continue;
    const config = parsed(join(root, file));
    for (const id of [posix.dirname(file), file]) {
      const reading =
        config === null ? { card: null, problems: ["holds no JSON object"] } : readModelConfig(config, id);
      yield { ...reading, id, file };
    }
  }
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
