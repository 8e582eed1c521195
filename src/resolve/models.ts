import type { JsonObject } from "type-fest";
import { at, type Finding } from "../diagnostics/finding.ts";
import { suggestion } from "../diagnostics/nearest.ts";
import type { Authored, ModelCard, PluginFacts } from "../manifest/format.ts";
import { isObject, own } from "../spec/own.ts";
import type { ShardTemplate } from "../spec/worker-set.ts";
import { shardDiagnostics } from "./diagnostics.ts";
import { knowsKind, strings, typeFacts } from "./facts.ts";
import type { ModelShards, Shards } from "./shards.ts";

/** The card and family of each model, and what does not fit. */
export interface CheckedModels {
  readonly models: Readonly<Record<string, { readonly card: string | null; readonly family: string | null }>>;
  readonly findings: readonly Finding[];
}

/** Proves that each model is known, that its family can read it, and that its heads can be split as its layout says. */
export function checkModels(shards: Shards, authored: Authored, facts: PluginFacts): CheckedModels {
  const findings: Finding[] = [];
  const reported = new Set<string>();
  const undivided = new Map<string, readonly Undivided[]>();
  const once = (key: string, finding: () => Finding) => {
    if (!reported.has(key)) findings.push(finding());
    reported.add(key);
  };
  const models = [...shards.models.values()].map((model) => {
    const template = model.holdings[0]?.template as ShardTemplate;
    const weights = weightsOf(template, facts);
    if (weights === null) return [model.name, { card: null, family: null }] as const;
    const { path, family, pathPointer, familyPointer } = weights;
    const card = cardOf(path, authored, facts);
    // Without a family of its own a model has that of its card: one mistake if there is no card.
    const named = family !== null && (family !== "" || card !== null);
    if (named && knowsKind(facts, "modelFamily") && typeFacts(facts, "modelFamily", family) === undefined) {
      once(`family ${model.role} ${family}`, () => unknownFamily(family, model, familyPointer, facts));
    }
    if (card === null) {
      once(`path ${path}`, () => withoutCard(path, model, pathPointer, authored, facts));
      return [model.name, { card: null, family }] as const;
    }
    const unknown = reported.has(`family ${model.role} ${family}`);
    if (family !== null && !unknown && !readable(card.family, family, facts)) {
      once(`mismatch ${path} ${family}`, () =>
        shardDiagnostics["family-mismatch"](
          { family, actual: card.family, card: card.id, role: model.role },
          { at: at(`${model.pointer}${familyPointer}`) },
        ),
      );
    }
    const { tensor, data, pipe } = model.topo;
    if (Number.isSafeInteger(tensor) && tensor > 0 && (card.heads % tensor !== 0 || card.kvHeads % tensor !== 0)) {
      const key = [card.id, data, pipe, tensor].join(" ");
      undivided.set(key, [...(undivided.get(key) ?? []), { model, card, path: `${model.pointer}${pathPointer}` }]);
    }
    return [model.name, { card: card.id, family }] as const;
  });
  return {
    models: Object.fromEntries(models),
    findings: [...findings, ...[...undivided.values()].map(undividedHeads)],
  };
}

/** A model of which nothing is known, or whose own configuration does not say enough. */
function withoutCard(
  path: string,
  { role, pointer }: ModelShards,
  pathPointer: string,
  { cluster }: Pick<Authored, "cluster">,
  { incompleteCards = {} }: PluginFacts,
): Finding {
  const place = { at: at(`${pointer}${pathPointer}`) };
  const incomplete = own(incompleteCards, own(cluster.models, path) ?? path);
  if (incomplete === undefined) return shardDiagnostics["not-in-catalogue"]({ path, role }, place);
  return shardDiagnostics["config-incomplete"]({ path, role, ...incomplete }, place);
}

/** A model whose heads its tensor size does not divide. */
interface Undivided {
  readonly model: ModelShards;
  readonly card: ModelCard;
  /** Pointer of the checkpoint's path. */
  readonly path: string;
}

/** Models of one card in one layout mostly come from one entry of an allocation: they are one finding, with all their places. */
function undividedHeads(all: readonly Undivided[]): Finding {
  const [first, ...others] = all as readonly [Undivided, ...Undivided[]];
  const { model } = first;
  const { id, heads, kvHeads } = first.card;
  const placeOf = (one: Undivided) => at(`${one.model.pointer}/topo/tensor`);
  const related = [
    ...others.map((other) => ({ at: placeOf(other), message: `\`${other.model.name}\`, too` })),
    { at: at(first.path), message: `\`${id}\`: ${heads} attention heads, ${kvHeads} key-value heads`, gives: ["card"] },
  ];
  return shardDiagnostics["heads-not-divisible"](
    { models: all.map((one) => one.model.name), card: id, heads, kvHeads, tensor: model.topo.tensor },
    { at: placeOf(first), gives: ["tensor"], related },
  );
}

/** The card of a checkpoint path: the manifest's own, the cluster's table, or the catalogue. */
export function cardOf(
  path: string,
  authored: Pick<Authored, "models" | "cluster">,
  facts: PluginFacts,
): ModelCard | null {
  const id = own(authored.cluster.models, path) ?? path;
  return own(authored.models, path) ?? own(facts.cards, id) ?? null;
}

/** Where a model's arguments say what it loads, and how. */
export interface Weights {
  readonly path: string;
  readonly family: string | null;
  readonly pathPointer: string;
  readonly familyPointer: string;
}

/** Path and family in a model's arguments, where its plugin says that it holds weights. */
export function weightsOf(template: ShardTemplate, facts: PluginFacts): Weights | null {
  const type = typeFacts(facts, "model", template.model.type)?.facts;
  if (!isObject(type) || type["holds"] !== "weights") return null;
  const field = (name: string) => {
    const value = type[name];
    return typeof value === "string" ? value : "";
  };
  const args: JsonObject = template.model.args;
  const path = own(args, field("path"));
  const family = own(args, field("family"));
  if (typeof path !== "string") return null;
  return {
    path,
    family: typeof family === "string" ? family : null,
    pathPointer: `/model/args/${field("path")}`,
    familyPointer: `/model/args/${field("family")}`,
  };
}

/** True if a checkpoint of family `actual` loads as `family`: the plugin of its own family says as what. */
function readable(actual: string, family: string, facts: PluginFacts): boolean {
  if (actual === family) return true;
  const own = typeFacts(facts, "modelFamily", actual)?.facts;
  // Without its plugin nothing is known of what reads it.
  if (own === undefined) return !knowsKind(facts, "modelFamily");
  return strings(own["readableAs"]).includes(family);
}

function unknownFamily(family: string, model: ModelShards, pointer: string, facts: PluginFacts): Finding {
  return shardDiagnostics["family-unknown"](
    { family, role: model.role },
    {
      at: at(`${model.pointer}${pointer}`),
      ...suggestion(family, Object.keys(facts.types["modelFamily"] ?? {})),
    },
  );
}
