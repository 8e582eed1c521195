import { defineDiagnostics } from "../diagnostics/define.ts";
import { factor, sentence } from "../diagnostics/sentence.ts";
import { namesInTicks } from "../spec/diagnostics.ts";

/** Codes of the dataflow graph and of what follows from it. */
export const graphDiagnostics = defineDiagnostics("graph", {
  "no-calls": {
    severity: "error",
    message: ({ setup }: { setup: number }) => `setup ${setup} has no model function calls`,
    help: () => "give `modelRpcs` (or `calls` of a flow) at least one call",
  },
  "duplicate-call": {
    severity: "error",
    message: ({ call, first, second }: { call: string; first: number; second: number }) =>
      `two calls are named \`${call}\`: number ${first} and number ${second}`,
    help: () => "give each call a name of its own",
  },
  "key-produced-twice": {
    severity: "error",
    message: ({ key, first, second }: { key: string; first: string; second: string }) =>
      `key \`${key}\` is produced twice, by call \`${first}\` and by call \`${second}\``,
    help: ({ key }) => `rename the output of one of them, e.g. \`rename: { ${JSON.stringify(key)}: ... }\``,
  },
  cycle: {
    severity: "error",
    message: ({ calls }: { calls: readonly string[] }) =>
      calls.length === 1
        ? `call \`${calls[0]}\` reads what it produces itself`
        : `calls wait for one another in a circle: ${circleText(calls)}`,
    help: () => "break the circle: let one of the keys come from a dataset or from another call",
  },
  "no-source": {
    severity: "error",
    message: ({ calls }: { calls: readonly string[] }) =>
      calls.length === 1
        ? `no call can start: \`${calls[0]}\` reads what it produces itself`
        : `no call can start: each waits for another, ${circleText(calls)}`,
    help: () => "let at least one call read keys of the datasets only",
  },
  "unproduced-key": {
    severity: "error",
    message: ({ call, key }: { call: string; key: string; datasets: readonly string[] }) =>
      `call \`${call}\` reads \`${key}\`, which no call and no dataset yields`,
    help: ({ datasets }) => `add a call or a dataset that yields it; the data is of ${namesInTicks(datasets)}`,
  },
  "model-without-shards": {
    severity: "error",
    message: ({ by, model }: { by: string; model: string }) =>
      `${by} needs model \`${model}\`, of which no model worker holds a shard`,
    help: ({ model }) => `give model workers shards of \`${model}\`, or name a model that has some`,
  },
  "two-train-steps": {
    severity: "error",
    message: ({ role, first, second }: { role: string; first: string; second: string }) =>
      `role \`${role}\` is trained by two calls, \`${first}\` and \`${second}\``,
    help: () => "train a role in one call; use a role of its own for the other",
  },
  "tensor-sizes": {
    severity: "error",
    message: ({
      call,
      own,
      ownSize,
      other,
      otherSize,
    }: {
      call: string;
      own: string;
      ownSize: number;
      other: string;
      otherSize: number;
    }) =>
      sentence`call \`${call}\` syncs parameters between \`${own}\` of ${factor("own", `tensor size ${ownSize}`)} and \`${other}\` of ${factor("other", `tensor size ${otherSize}`)}, and neither size divides the other`,
    help: ({ own, ownSize, otherSize }) =>
      `choose tensor sizes of which one divides the other, e.g. ${nearestFitting(ownSize, otherSize).join(" or ")} for \`${own}\``,
  },
  "sync-self": {
    severity: "error",
    message: ({ call, model }: { call: string; model: string }) =>
      `call \`${call}\` syncs parameters of \`${model}\` with itself`,
    help: () => "name another replica of the role as the hook's other side, or drop the hook",
  },
  "role-without-call": {
    severity: "warning",
    message: ({ role }: { role: string }) =>
      `role \`${role}\` has shards but no call: none of its parameters are made at start`,
    help: () => "drop the shards of the role, or add a call that uses it",
  },
  "replica-not-called": {
    severity: "warning",
    message: ({ role, made, called }: { role: string; made: string; called: string }) =>
      sentence`calls of role \`${role}\` use ${factor("called", called)}, but the parameters made at start are those of ${made}`,
    help: ({ made }) => `call ${made}, or leave the replica ids to Assay`,
  },
});

/** Codes of topologies that only shards on workers can show. */
export const layoutDiagnostics = defineDiagnostics("topology", {
  "rank-missing": {
    severity: "error",
    message: ({ model, missing, world, held }: { model: string; missing: string; world: number; held: number }) =>
      sentence`no worker holds rank ${missing} of model \`${model}\`: its topology has ${factor("world", `${world} ranks`)}, ${held} are held`,
    help: ({ missing }) => `give rank ${missing} to a worker, or make the topology smaller`,
  },
  "rank-twice": {
    severity: "error",
    message: ({ model, rank, first, second }: { model: string; rank: number; first: number; second: number }) =>
      `rank ${rank} of model \`${model}\` is held twice, by model workers ${first} and ${second}`,
    help: ({ second }) => `give worker ${second} a rank that nobody holds, or take its shard away`,
  },
  disagree: {
    severity: "error",
    message: ({ model, first, second }: { model: string; first: string; second: string }) =>
      `shards of model \`${model}\` disagree on its topology: ${first} and ${second}`,
    help: () => "give all shards of a model one topology",
  },
});

/** Codes of shards and cards. */
export const shardDiagnostics = defineDiagnostics("model", {
  "replica-gap": {
    severity: "error",
    message: ({ role, found }: { role: string; found: readonly number[] }) =>
      sentence`replica ids of role \`${role}\` must be 0, 1, 2, ... without a gap, found ${factor("found", found.join(", "))}`,
    help: ({ found }) => `number them 0 to ${found.length - 1}`,
  },
  "shards-differ": {
    severity: "warning",
    message: ({ model, part }: { model: string; part: string }) =>
      `shards of model \`${model}\` differ in their ${part}; the first worker's counts`,
    help: () => "give all shards of a model the same",
  },
  "not-in-catalogue": {
    severity: "error",
    message: ({ path }: { path: string; role: string }) => `nothing is known of the model at \`${path}\``,
    help: ({ role }) =>
      `for role \`${role}\` use a catalogue id, map the path in \`models\` of the project or the cluster, or declare the checkpoint's \`config.json\` as an input`,
  },
  "family-unknown": {
    severity: "error",
    message: ({ family, role }: { family: string; role: string }) =>
      `role \`${role}\` has model family \`${family}\`, which no plugin brings`,
  },
  "family-mismatch": {
    severity: "error",
    message: ({ family, actual, card, role }: { family: string; actual: string; card: string; role: string }) =>
      `role \`${role}\` loads \`${card}\`, a ${actual} model, as family \`${family}\`, which can't read its configuration`,
    help: ({ actual }) => `load it as family \`${actual}\`, or load another checkpoint`,
  },
  "heads-not-divisible": {
    severity: "error",
    message: ({
      models,
      card,
      heads,
      kvHeads,
      tensor,
    }: {
      models: readonly string[];
      card: string;
      heads: number;
      kvHeads: number;
      tensor: number;
    }) =>
      sentence`${factor("tensor", `tensor size ${tensor}`)} of ${namesInTicks(models)} must divide the ${heads} attention heads and the ${kvHeads} key-value heads of ${factor("card", `\`${card}\``)}`,
    help: ({ heads, kvHeads }) => `use a tensor size among ${commonDivisors(heads, kvHeads).join(", ")}`,
  },
});

/** Codes of setups as a whole. */
export const setupDiagnostics = defineDiagnostics("config", {
  "master-workers": {
    severity: "error",
    message: ({ setup, count }: { setup: number; count: number }) =>
      sentence`setup ${setup} has ${factor("count", `${count} master workers`)}; exactly one drives a setup`,
    help: () => "leave `masterWorker` out: it is made from the model workers",
  },
  "no-model-workers": {
    severity: "error",
    message: ({ setup }: { setup: number }) => `setup ${setup} has no model workers`,
    help: () => "give `modelWorker` at least one worker",
  },
  "no-setups": {
    severity: "error",
    message: ({ experiment }: { experiment: string }) => `\`initialSetup\` of \`${experiment}\` returned no setup`,
    help: () => "return what `experimentConfig(...)` makes, or a list of at least one",
  },
  "ignored-difference": {
    severity: "warning",
    message: ({ field }: { field: string }) =>
      `\`${field}\` differs between model workers; the master worker takes the first one's`,
    help: ({ field }) => `give all model workers the same \`${field}\``,
  },
});

/** Codes of values that must not be in a file. */
export const secretDiagnostics = defineDiagnostics("config", {
  secret: {
    severity: "error",
    message: ({ where, what }: { where: string; what: string }) =>
      `\`${where}\` holds ${what}, and manifests are no place for it`,
  },
});

/** Codes of acknowledged warnings. */
export const acknowledgementDiagnostics = defineDiagnostics("config", {
  "unused-acknowledgement": {
    severity: "warning",
    message: ({ acknowledged }: { acknowledged: string }) =>
      `warning \`${acknowledged}\` is acknowledged, but nothing gives it`,
    help: () => "remove the acknowledgement",
  },
  "acknowledged-error": {
    severity: "error",
    message: ({ acknowledged }: { acknowledged: string }) =>
      `\`${acknowledged}\` is an error, and errors can't be acknowledged`,
    help: () => "remove the acknowledgement, and what gives the error",
  },
  "acknowledged-unknown": {
    severity: "warning",
    message: ({ acknowledged }: { acknowledged: string }) =>
      `\`${acknowledged}\` is acknowledged, but no warning has that code`,
  },
  "acknowledgement-reason": {
    severity: "error",
    message: ({ acknowledged }: { acknowledged: string }) =>
      `warning \`${acknowledged}\` is acknowledged without a reason`,
    help: () => "say why it is meant so: whoever reads the manifest reads it",
  },
});

/** Codes of counts. */
export const countDiagnostics = defineDiagnostics("scheduling", {
  "count-mismatch": {
    severity: "error",
    message: ({
      kind,
      scheduled,
      configured,
      setup,
    }: {
      kind: string;
      scheduled: number;
      configured: number;
      setup: number;
    }) =>
      sentence`${factor("scheduled", `${scheduled} workers`)} of kind \`${kind}\` are scheduled, but setup ${setup} configures ${factor("configured", configured)}`,
    help: ({ scheduled, configured }) => `schedule ${configured}, or configure ${scheduled}`,
  },
});

/** Codes of environment variables. */
export const environmentDiagnostics = defineDiagnostics("scheduling", {
  "environment-value": {
    severity: "error",
    message: ({
      name,
      value,
      kind,
      type,
      what,
    }: {
      name: string;
      value: string;
      kind: string;
      type: string;
      what: string;
    }) => `\`${name}\` is ${JSON.stringify(value)}; ${kind} \`${type}\` needs ${what}`,
    help: ({ name, what }) => `give \`${name}\` ${what}`,
  },
});

/** Codes of type+args pairs. */
export const pairDiagnostics = defineDiagnostics("plugin", {
  "unknown-type": {
    severity: "error",
    message: ({ kind, type }: { kind: string; type: string }) => `no plugin brings the ${kind} \`${type}\``,
  },
  args: {
    severity: "error",
    message: ({
      kind,
      type,
      path,
      problem,
    }: {
      kind: string;
      type: string;
      path: string;
      problem: string;
      /** The value, if it is no list and no map. */
      found: number | string | boolean | null;
    }) => sentence`${kind} \`${type}\`: \`${path}\` ${factor("problem", problem)}`,
    help: ({ path, problem }) =>
      problem === "is missing"
        ? `give \`${path}\` a value`
        : problem === "is no argument of it"
          ? `take \`${path}\` out`
          : `give \`${path}\` a value that it takes`,
  },
  "empty-path": {
    severity: "warning",
    message: ({ kind, type, path }: { kind: string; type: string; path: string }) =>
      `${kind} \`${type}\`: \`${path}\` is empty, workers will find no file there`,
    help: ({ path }) => `give \`${path}\` a path`,
  },
  "interface-type": {
    severity: "error",
    message: ({
      type,
      call,
      wanted,
      offered,
    }: {
      type: string;
      call: string;
      wanted: string;
      offered: readonly string[];
    }) => `interface \`${type}\` of call \`${call}\` has no \`${wanted}\`; it offers ${namesInTicks(offered)}`,
    help: ({ offered }) => `make the call one of ${namesInTicks(offered)}, or give it another interface`,
  },
  "missing-key": {
    severity: "error",
    message: ({ type, call, key, wanted }: { type: string; call: string; key: string; wanted: string }) =>
      `interface \`${type}\` needs \`${key}\` to ${wanted}, which call \`${call}\` does not read`,
    help: ({ key }) => `add ${JSON.stringify(key)} to the keys that the call reads`,
  },
  "interface-key": {
    severity: "error",
    message: ({ type, call, key, direction }: { type: string; call: string; key: string; direction: string }) =>
      `interface \`${type}\` of call \`${call}\` does not ${direction} \`${key}\``,
  },
});

function circleText(calls: readonly string[]): string {
  return [...calls, calls[0] ?? ""].map((call) => `\`${call}\``).join(" -> ");
}

function commonDivisors(a: number, b: number): readonly number[] {
  const divisors: number[] = [];
  for (let size = 1; size <= Math.min(a, b); size += 1) if (a % size === 0 && b % size === 0) divisors.push(size);
  return divisors;
}

/** Sizes next to `size`, the smaller and the larger one, that divide `other` or are multiples of it. */
function nearestFitting(size: number, other: number): readonly number[] {
  const fits = (candidate: number) => candidate % other === 0 || other % candidate === 0;
  const found: number[] = [];
  for (let smaller = size - 1; smaller >= 1 && found.length === 0; smaller -= 1) if (fits(smaller)) found.push(smaller);
  let larger = size + 1;
  // The next multiple of the other size ends the search.
  while (!fits(larger)) larger += 1;
  return [...found, larger];
}
