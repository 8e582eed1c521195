import { defineDiagnostics } from "../diagnostics/define.ts";
import { factor, sentence, type Sentence } from "../diagnostics/sentence.ts";

const ticks = (names: readonly string[]) => names.map((name) => `\`${name}\``).join(", ");

/** Codes of models: their names, shards and cards. */
export const modelDiagnostics = defineDiagnostics("model", {
  "at-in-role": {
    severity: "error",
    message: ({ role }: { role: string }) =>
      `role \`${role}\` contains \`@\`, which separates a role from its replica id`,
    help: ({ role }) => `rename the role, e.g. to \`${role.replaceAll("@", "-")}\``,
  },
  "replica-id": {
    severity: "error",
    message: ({ role, replicaId }: { role: string; replicaId: number }) =>
      sentence`replica id of role \`${role}\` must be a whole number from 0, found ${factor("replicaId", replicaId)}`,
    help: ({ replicaId }) => `write ${Math.max(0, Math.round(replicaId) || 0)} or another whole number`,
  },
  "shard-rank": {
    severity: "error",
    message: ({ model, axis, rank, size }: { model: string; axis: string; rank: number; size: number }) =>
      sentence`${axis} rank ${factor("rank", rank)} of model \`${model}\` is outside its topology: the ${axis} axis has size ${factor("size", size)}, ranks 0 to ${size - 1}`,
    help: ({ axis, size }) => `give a rank from 0 to ${size - 1}, or a topology with a larger ${axis} axis`,
  },
  "shard-twice": {
    severity: "error",
    message: ({ model, worker }: { model: string; worker: number }) =>
      `model worker ${worker} holds model \`${model}\` twice`,
    help: () => "give each model worker at most one shard of a model",
  },
});

/** Codes of parallel topologies. */
export const topologyDiagnostics = defineDiagnostics("topology", {
  axes: {
    severity: "error",
    message: ({ axes }: { axes: string }) => `axes \`${axes}\` are no known layout`,
    help: () => "use `pipe-data-tensor` for training or `data-pipe-tensor` for inference and generation",
  },
  size: {
    severity: "error",
    message: ({ axis, size }: { axis: string; size: number }) =>
      sentence`size of the ${axis} axis must be a whole number from 1, found ${factor("size", size)}`,
    help: ({ size }) => `write ${Math.max(1, Math.round(size) || 1)} or another whole number`,
  },
});

/** Codes of model function calls and their hooks. */
export const callDiagnostics = defineDiagnostics("call", {
  "capture-length": {
    severity: "error",
    message: ({
      call,
      prompt,
      generated,
      total,
      engine,
      limit,
    }: {
      call: string;
      prompt: number;
      generated: number;
      total: number;
      engine: string;
      limit: number;
    }) =>
      sentence`call \`${call}\` generates ${factor("generated", `${generated} tokens`)} after prompts of ${factor("prompt", prompt)}, ${total} in all, but ${engine} captures graphs for ${factor("limit", limit)}`,
  },
  "blend-without-model": {
    severity: "error",
    message: ({ call, role }: { call: string; role: string }) =>
      `call \`${call}\` blends its parameters into those of role \`${role}\`, which no call uses`,
    help: ({ role }) => `leave the blending out, or add a call of role \`${role}\``,
  },
  "hook-both": {
    severity: "error",
    message: ({ source, target }: { source: string; target: string }) =>
      `a reallocation hook has both a source (\`${source}\`) and a target (\`${target}\`)`,
    help: () => "keep `source` to receive parameters before a call, or `target` to send them after one",
  },
  "hook-neither": {
    severity: "error",
    message: ({ eta }: { eta: number }) => `a reallocation hook (eta ${eta}) has neither source nor target`,
    help: () => "give it the `source` to receive parameters from, or the `target` to send them to",
  },
  "offload-before": {
    severity: "error",
    message: ({ call }: { call: string }) => `call \`${call}\` offloads before it runs`,
    help: () => "move the offload hook to `postHooks`",
  },
  "n-seqs": {
    severity: "error",
    message: ({ call, nSeqs }: { call: string; nSeqs: number }) =>
      sentence`call \`${call}\` must take a whole number of sequences from 1, found ${factor("nSeqs", nSeqs)}`,
    help: ({ nSeqs }) => `take ${Math.max(1, Math.round(nSeqs) || 1)} or another whole number`,
  },
  "interface-type": {
    severity: "error",
    message: ({ call, found }: { call: string; found: string }) =>
      `call \`${call}\` has interface type \`${found}\`, expected one of generate, trainStep, inference, evaluate`,
    help: () => "use one of `generate`, `trainStep`, `inference`, `evaluate`",
  },
  eta: {
    severity: "error",
    message: ({ eta }: { eta: number }) =>
      sentence`eta of a reallocation hook must lie in [0, 1], found ${factor("eta", eta)}`,
    help: ({ eta }) => `write ${eta > 1 ? 1 : 0}, or what lies between 0 and 1`,
  },
});

/** Codes of scheduling. */
export const schedulingDiagnostics = defineDiagnostics("scheduling", {
  amount: {
    severity: "error",
    message: ({ field, found, expected }: { field: string; found: number; expected: string }) =>
      sentence`\`${field}\` must be ${expected}, found ${factor("found", found)}`,
    help: ({ field, found, expected }) => `write ${expected}${nearAmounts(field, found)}`,
  },
  time: {
    severity: "error",
    message: ({ field, found }: { field: string; found: string }) =>
      `\`${field}\` is no time that Slurm reads: \`${found}\``,
  },
  "deadline-too-early": {
    severity: "error",
    message: ({
      deadline,
      begin,
      timeLimit,
    }: {
      deadline: string;
      /** Begin and time limit as one text, for tools. */
      earliest: string;
      begin: string | null;
      timeLimit: string | null;
    }) =>
      sentence`deadline ${factor("deadline", `\`${deadline}\``)} lies before the earliest end, ${earliestText(begin, timeLimit)}`,
    help: () => "move the deadline, or shorten the time limit",
  },
  count: {
    severity: "error",
    message: ({ found }: { found: number }) =>
      sentence`\`count\` must be a whole number from 0, found ${factor("found", found)}`,
    help: ({ found }) => `schedule ${Math.max(0, Math.round(found) || 0)} or another whole number`,
  },
  "whole-nodes": {
    severity: "error",
    message: ({ tasks, gpu, gpusPerNode }: { tasks: number; gpu: number; gpusPerNode: number }) =>
      gpusPerNode % gpu === 0
        ? sentence`${factor("tasks", tasks)} x ${factor("gpu", gpu)} = ${tasks * gpu} GPUs don't fill nodes of ${factor("gpusPerNode", gpusPerNode)}; a job with GPUs takes whole nodes`
        : sentence`a task of ${factor("gpu", `${gpu} GPUs`)} does not divide a node of ${factor("gpusPerNode", gpusPerNode)}`,
    help: (facts) => wholeNodesHelp(facts),
  },
  "environment-name": {
    severity: "error",
    message: ({ name }: { name: string }) => `\`${name}\` is no name of an environment variable`,
    help: () => "use letters, digits and `_`, not starting with a digit",
  },
});

/** Codes of whole configurations. */
export const configDiagnostics = defineDiagnostics("config", {
  "cluster-field": {
    severity: "error",
    message: ({ field, found, expected }: { field: string; found: string; expected: string }) =>
      sentence`\`${field}\` of the cluster must be ${expected}, found ${factor("found", found)}`,
    help: ({ expected }) => `write ${expected}`,
  },
  "cluster-file": {
    severity: "error",
    message: ({ file, reason }: { file: string; reason: string }) =>
      `cluster file \`${file}\` can't be used: ${reason}`,
    help: () => "correct the file; `clusterSpec` says what a cluster has",
  },
  name: {
    severity: "error",
    message: ({ kind, name, problem }: { kind: string; name: string; problem: string }) =>
      `${kind} name \`${name}\` ${problem}`,
    help: () => "use letters, digits, `-` and `.`",
  },
});

/** When a job ends at the earliest: its begin, which is its submission unless said otherwise, plus its time limit. */
function earliestText(begin: string | null, timeLimit: string | null): Sentence {
  const start = begin === null ? sentence`submission` : sentence`begin ${factor("begin", `\`${begin}\``)}`;
  return timeLimit === null ? start : sentence`${start} + time limit ${factor("timeLimit", `\`${timeLimit}\``)}`;
}

/** Whole numbers next to an amount, as examples. */
function nearAmounts(field: string, found: number): string {
  if (!Number.isFinite(found)) return "";
  const least = field === "gpu" ? 0 : 1;
  const near = [...new Set([Math.floor(found), Math.ceil(found)].map((amount) => Math.max(least, amount)))];
  return `: ${near.join(" or ")} is nearest`;
}

/** The numbers of tasks, or of GPUs of a task, that fill nodes and are nearest to what is asked for. */
function wholeNodesHelp({ tasks, gpu, gpusPerNode }: { tasks: number; gpu: number; gpusPerNode: number }): string {
  if (gpusPerNode % gpu === 0) {
    const step = gpusPerNode / gpu;
    const fewer = Math.floor(tasks / step) * step;
    return `schedule ${[...(fewer > 0 ? [fewer] : []), fewer + step].join(" or ")} tasks`;
  }
  const divisors = Array.from({ length: gpusPerNode }, (_, index) => index + 1).filter(
    (size) => gpusPerNode % size === 0,
  );
  const near = [divisors.findLast((size) => size < gpu), divisors.find((size) => size > gpu)];
  return `give a task ${near.filter((size) => size !== undefined).join(" or ")} GPUs`;
}

/** Joins names for a message. */
export function namesInTicks(names: readonly string[]): string {
  return ticks(names);
}
