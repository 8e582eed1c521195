import { at, type Place, type RelatedPlace } from "../../diagnostics/finding.ts";
import { isObject, own } from "../../spec/own.ts";
import { callFactsOf, strings } from "../facts.ts";
import { argumentAt, argumentPointer, isSize, objectAt, type RuleCall, textAt } from "./context.ts";
import { degreeOf } from "./degrees.ts";

/** A number that arguments say, and where. */
export interface Said {
  readonly value: number;
  /** `null` where nothing says it, and it is what holds then. */
  readonly place: Place | null;
}

/** Sequences of a call, and the parts that they are cut into. */
export interface Batch {
  readonly nSeqs: number;
  /** Sequences for each one that the call takes, such as answers to a prompt. */
  readonly each: Said;
  readonly total: number;
  /** Data ranks that get different sequences: those that split one sequence get the same. */
  readonly ranks: number;
  readonly minibatches: Said;
  readonly nMbs: number;
}

/** The batch of a call; `null` if its numbers make no sense, or no worker holds its model. */
export function batchOf({ call, model, interfaceFacts, args, pointer }: RuleCall): Batch | null {
  const { nSeqs, mbSpec } = call;
  if (model === null || !isSize(nSeqs) || !isSize(mbSpec.nMbs)) return null;
  const load = objectAt(objectAt(interfaceFacts, "loads"), call.interfaceType);
  const said = (paths: readonly string[]): Said => {
    const path = paths.find((one) => isSize(argumentAt(args, one)));
    if (path === undefined) return { value: 1, place: null };
    return {
      value: Number(argumentAt(args, path)),
      place: at(argumentPointer(`${pointer}/interfaceImpl/args`, path)),
    };
  };
  const each = said(strings(load["sequences"]));
  const minibatches = textAt(load, "minibatches");
  const shared = degreeOf(model, "context").size * degreeOf(model, "sequence").size;
  const ranks = model.topo.data / shared;
  if (!Number.isInteger(ranks)) return null;
  return {
    nSeqs,
    each,
    total: nSeqs * each.value,
    ranks,
    minibatches: said(minibatches === null ? [] : [minibatches]),
    nMbs: mbSpec.nMbs,
  };
}

/** `false` for calls that leave their model alone. */
export function runsModel({ call, interfaceFacts }: RuleCall): boolean {
  const loads = own(interfaceFacts, "loads");
  const load = isObject(loads) ? own(loads, call.interfaceType) : undefined;
  return !isObject(load) || load["runs"] !== false;
}

/** Places of the numbers of a batch, as origins of the factors of a message. */
export function batchFactors(
  { call, pointer, model }: RuleCall,
  { each, minibatches, nMbs }: Batch,
): readonly RelatedPlace[] {
  const { data = 1 } = model?.topo ?? {};
  return [
    ...(each.place === null
      ? []
      : [{ at: each.place, message: `${each.value} for each comes from here`, gives: ["each"] }]),
    ...(model === null
      ? []
      : [
          {
            at: at(`${model.pointer}/topo/data`),
            message: `dp ${data} of \`${call.name}\` comes from here`,
            gives: ["layout"],
          },
        ]),
    ...(minibatches.place === null || minibatches.value === 1
      ? []
      : [
          { at: minibatches.place, message: `${minibatches.value} minibatches come from here`, gives: ["minibatches"] },
        ]),
    ...(nMbs === 1
      ? []
      : [{ at: at(`${pointer}/mbSpec/nMbs`), message: `${nMbs} micro-batches come from here`, gives: ["nMbs"] }]),
  ];
}

/** `true` for interfaces that take whatever they are given. */
export function takesAnything({ call, interfaceFacts }: RuleCall): boolean {
  const offered = callFactsOf(interfaceFacts)?.[call.interfaceType];
  return offered !== undefined && offered.reads === null;
}
