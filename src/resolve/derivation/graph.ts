import { type DerivationSource, type Fact, fact, firstOf, listText, type Setup } from "./fact.ts";
import { madeFacts } from "./pointers.ts";

/** Questions about the graph of a setup: its edges, and the keys that move along them. */
export function graphQuestions({ config, resolved }: Setup): readonly string[] {
  const keys = new Set(config.modelRpcs.flatMap(({ inputKeys, outputKeys }) => [...inputKeys, ...outputKeys]));
  return [...resolved.graph.edges.map(({ from, to }) => `edge ${from} ${to}`), ...[...keys].map((key) => `key ${key}`)];
}

/** An edge between two calls: the keys that one yields and the other reads. */
export function edgeFact(source: DerivationSource, from: string, to: string): Fact | null {
  return firstOf(source, (setup) => {
    const edge = setup.resolved.graph.edges.find((each) => each.from === from && each.to === to);
    if (edge === undefined) return null;
    return fact(
      `\`${to}\` waits for \`${from}\``,
      edge.keys.flatMap((key) => [
        fact(`\`${from}\` yields \`${key}\``, keyPlaces(source, setup, from, "outputKeys", key)),
        fact(`\`${to}\` reads \`${key}\``, keyPlaces(source, setup, to, "inputKeys", key)),
      ]),
    );
  });
}

/** A key of the graph: what yields it, and the calls that read it. */
export function keyFact(source: DerivationSource, key: string): Fact | null {
  return firstOf(source, (setup) => {
    const { modelRpcs } = setup.config;
    const yields = modelRpcs.filter(({ outputKeys }) => outputKeys.includes(key)).map(({ name }) => name);
    const reads = modelRpcs.filter(({ inputKeys }) => inputKeys.includes(key)).map(({ name }) => name);
    if (yields.length + reads.length === 0) return null;
    // Servers answer the generate call: what it yields comes with the stream, and no call of the graph has it.
    const isStreamed = setup.config.rolloutWorker.count > 0;
    const given = isStreamed ? "the stream of rollouts" : "the dataset";
    const from = yields.length === 0 ? given : `call ${listText(yields)}`;
    return fact(`\`${key}\` comes from ${from}${reads.length === 0 ? ", and no call reads it" : ""}`, [
      ...(yields.length === 0 ? [fact(`${given} gives it, as no call yields it`, datasetFacts(source, setup))] : []),
      ...yields.map((name) => fact(`\`${name}\` yields it`, keyPlaces(source, setup, name, "outputKeys", key))),
      ...reads.map((name) => fact(`\`${name}\` reads it`, keyPlaces(source, setup, name, "inputKeys", key))),
    ]);
  });
}

/** Where a key of a call is said: in the call's own list, or by its interface. */
export function keyPlaces(
  source: DerivationSource,
  { config, index }: Setup,
  name: string,
  field: "inputKeys" | "outputKeys",
  key: string,
): readonly Fact[] {
  const at = config.modelRpcs.findIndex((call) => call.name === name);
  const position = config.modelRpcs[at]?.[field].indexOf(key) ?? -1;
  return position < 0 ? [] : madeFacts(source, `/setups/${index}/modelRpcs/${at}/${field}/${position}`);
}

function datasetFacts(source: DerivationSource, { index }: Setup): readonly Fact[] {
  return madeFacts(source, `/setups/${index}/modelWorker/shared/datasets/0`);
}
