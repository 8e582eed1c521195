import { callModelName, type ModelFunctionCall } from "../../spec/call.ts";
import { columnLength, runsOf } from "../../spec/column.ts";
import { modelNameText, parseModelName } from "../../spec/model-name.ts";
import { axesOf, type ProcessTopology, worldSize } from "../../spec/topology.ts";
import { type DerivationSource, type Fact, fact, firstOf, listText, type Setup } from "./fact.ts";
import { optionBehindFact } from "./options.ts";
import { madeFacts } from "./pointers.ts";

/** A replica: which calls use it, why it is one of its own, what it is laid out on, and whether it is made at start. */
export function modelFact(source: DerivationSource, text: string): Fact | null {
  return firstOf(source, (setup) => {
    const model = modelIn(setup, text);
    if (model === null) return null;
    const calls = callsOf(setup, model);
    const topology = topologyIn(source, setup, model);
    return fact(
      `model \`${model}\` is ${calls.length === 0 ? "used by no call" : `used by ${listText(names(calls))}`}`,
      [replicaReason(source, setup, model), ...(topology === null ? [] : [topology]), startReason(setup, model)],
    );
  });
}

/** The topology of a model: its sizes, its workers, and where they were chosen. */
export function topologyFact(source: DerivationSource, text: string): Fact | null {
  return firstOf(source, (setup) => {
    const model = modelIn(setup, text);
    return model === null ? null : topologyIn(source, setup, model);
  });
}

/** Text form of a model that is in a setup; a role alone is its replica 0. */
export function modelIn({ resolved, config }: Setup, text: string): string | null {
  const name = modelNameText(parseModelName(text));
  const known = [...resolved.modelNames, ...config.modelRpcs.map((call) => modelNameText(callModelName(call)))];
  return known.includes(name) ? name : null;
}

/** Calls that use a model. */
export function callsOf({ config }: Setup, model: string): readonly ModelFunctionCall[] {
  return config.modelRpcs.filter((call) => modelNameText(callModelName(call)) === model);
}

/** The call whose replica is 0: the train step, else the first inference, else the first. */
export function mainCallOf({ config }: Setup, role: string): ModelFunctionCall | undefined {
  const own = config.modelRpcs.filter((call) => callModelName(call).role === role);
  return (
    own.find(({ interfaceType }) => interfaceType === "trainStep") ??
    own.find(({ interfaceType }) => interfaceType === "inference") ??
    own[0]
  );
}

/** Where a model lies, in words: `d4p1m2 on workers 0-7`. */
export function layoutOf({ resolved }: Setup, model: string): string {
  const topo = resolved.modelTopos[model];
  const workers = resolved.msid2mwid[model];
  const on = workers === undefined ? "no worker" : `worker${columnLength(workers) === 1 ? "" : "s"} ${spanOf(workers)}`;
  return topo === undefined ? `on ${on}` : `${sizesText(topo)} on ${on}`;
}

function topologyIn(source: DerivationSource, setup: Setup, model: string): Fact | null {
  const topo = setup.resolved.modelTopos[model];
  if (topo === undefined) return null;
  const axes = axesOf(topo).map((axis) => `${axis} ${topo[axis]}`);
  const kind = topo.layout === "pipe-data-tensor" ? "a call trains it" : "no call trains it";
  return fact(`\`${model}\` is laid out as ${layoutOf(setup, model)}`, [
    fact(`${axes.join(" x ")} is ${worldSize(topo)} ranks, each on one worker; the axes run in this order as ${kind}`),
    ...sizeFacts(source, setup, model),
  ]);
}

/** Where the sizes of a model's layout were chosen. */
export function sizeFacts(source: DerivationSource, setup: Setup, model: string): readonly Fact[] {
  const shard = shardPointer(setup, model);
  return shard === null ? [] : [...madeFacts(source, `${shard}/topo`), ...meshFacts(source, shard)];
}

const SIZES_OF_CALL = /\.parallel$/;

/** Where sizes are those of a call's own option, its mesh is chosen beside them. */
function meshFacts(source: DerivationSource, shard: string): readonly Fact[] {
  const option = source.spans.nouns[`${shard}/topo`]?.option;
  if (option === undefined || !SIZES_OF_CALL.test(option)) return [];
  const mesh = option.replace(SIZES_OF_CALL, ".deviceMesh");
  return source.spans.options.some(({ path }) => path === mesh) ? [optionBehindFact(source, mesh)] : [];
}

/** Whether the parameters of a model are made at start, and why. */
export function startFact(source: DerivationSource, text: string): Fact | null {
  return firstOf(source, (setup) => {
    const model = modelIn(setup, text);
    if (model === null) return null;
    const main = mainCallOf(setup, parseModelName(model).role);
    const at = main === undefined ? -1 : setup.config.modelRpcs.indexOf(main);
    const { text: line } = startReason(setup, model);
    const made = at < 0 ? [] : madeFacts(source, `/setups/${setup.index}/modelRpcs/${at}`);
    const because = main === undefined ? [] : [fact(`\`${main.name}\` is the main call of the role`, made)];
    return fact(`model \`${model}\`: ${line}`, because);
  });
}

function shardPointer({ config, index }: Setup, model: string): string | null {
  const at = config.modelWorker?.shards.findIndex(({ modelName }) => modelNameText(modelName) === model) ?? -1;
  return at < 0 ? null : `/setups/${index}/modelWorker/shards/${at}`;
}

/** Why a call has the replica that it has. */
export function replicaReason(source: DerivationSource, setup: Setup, model: string): Fact {
  const { role, replicaId } = parseModelName(model);
  const main = mainCallOf(setup, role);
  const own = callsOf(setup, model);
  if (main === undefined) return fact(`no call uses role \`${role}\``);
  const mainModel = modelNameText(callModelName(main));
  if (mainModel === model) {
    const why =
      main.interfaceType === "trainStep" ? "it trains the role" : "no call trains the role, and it comes first";
    return fact(`replica ${replicaId} is that of the role's main call \`${main.name}\`: ${why}`);
  }
  const [call] = own;
  if (call === undefined) return fact(`replica ${replicaId} is named by a hook only`);
  const layouts = [layoutOf(setup, model), layoutOf(setup, mainModel)] as const;
  if (layouts[0] === layouts[1]) {
    // Without a layout by options the author numbered the replicas.
    const isNumbered = source.spans.options.some(({ path }) => path === "allocationMode");
    const why = isNumbered ? "its engine keeps its parameters apart from those that train" : "the experiment says so";
    return fact(`\`${call.name}\` has a replica of its own: ${why}`, [
      fact(`\`${call.name}\` and \`${main.name}\` are both ${layouts[0]}`),
      ...hybridFacts(source, setup, mainModel),
    ]);
  }
  return fact(`\`${call.name}\` is laid out otherwise than \`${main.name}\`, and a replica has one layout`, [
    fact(`\`${call.name}\` is ${layouts[0]}`),
    fact(`\`${main.name}\` is ${layouts[1]}, with replica ${parseModelName(mainModel).replicaId}`),
  ]);
}

/** The option that has a role's engine keep parameters of its own. */
function hybridFacts(source: DerivationSource, setup: Setup, model: string): readonly Fact[] {
  const shard = shardPointer(setup, model);
  const option = shard === null ? undefined : source.spans.nouns[`${shard}/model`]?.option;
  if (option === undefined) return [];
  return source.spans.options
    .filter(({ path, value }) => path.startsWith(`${option}.`) && path.endsWith(".hybridTrain") && value === true)
    .map(({ path }) => optionBehindFact(source, path));
}

function startReason(setup: Setup, model: string): Fact {
  const { role } = parseModelName(model);
  const trained = setup.config.modelRpcs.some(
    (call) => callModelName(call).role === role && call.interfaceType === "trainStep",
  );
  if (setup.resolved.modelNamesToInstantiate.includes(model)) {
    return fact(
      `its parameters are made at start: ${trained ? "it is the replica that trains" : "no call trains the role"}`,
    );
  }
  return fact("its parameters are not made at start: they come from the replica that trains");
}

function names(calls: readonly ModelFunctionCall[]): readonly string[] {
  return calls.map(({ name }) => name);
}

function sizesText({ data, pipe, tensor }: ProcessTopology): string {
  return `d${data}p${pipe}m${tensor}`;
}

/** The workers of a column in ascending runs, whatever the order of ranks. */
function spanOf(column: string): string {
  const runs = [...runsOf(column)];
  if (runs.length <= 3) return column.replaceAll(",", ", ");
  return `${Math.min(...runs.map(([first]) => first))} to ${Math.max(...runs.map(([, last]) => last))}`;
}
