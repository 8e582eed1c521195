import { defineDiagnostics } from "../diagnostics/define.ts";

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
      `replica id of role \`${role}\` must be a whole number from 0, found ${replicaId}`,
  },
  "shard-rank": {
    severity: "error",
    message: ({ model, axis, rank, size }: { model: string; axis: string; rank: number; size: number }) =>
      `${axis} rank ${rank} of model \`${model}\` is outside its topology: the ${axis} axis has size ${size}, ranks 0 to ${size - 1}`,
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
      `size of the ${axis} axis must be a whole number from 1, found ${size}`,
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
      `call \`${call}\` generates ${generated} tokens after prompts of ${prompt}, ${total} in all, but ${engine} captures graphs for ${limit}`,
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
      `call \`${call}\` must take a whole number of sequences from 1, found ${nSeqs}`,
  },
  "interface-type": {
    severity: "error",
    message: ({ call, found }: { call: string; found: string }) =>
      `call \`${call}\` has interface type \`${found}\`, expected one of generate, trainStep, inference, evaluate`,
  },
  eta: {
    severity: "error",
    message: ({ eta }: { eta: number }) => `eta of a reallocation hook must lie in [0, 1], found ${eta}`,
  },
});

/** Codes of scheduling. */
export const schedulingDiagnostics = defineDiagnostics("scheduling", {
  amount: {
    severity: "error",
    message: ({ field, found, expected }: { field: string; found: number; expected: string }) =>
      `\`${field}\` must be ${expected}, found ${found}`,
  },
  time: {
    severity: "error",
    message: ({ field, found }: { field: string; found: string }) =>
      `\`${field}\` is no time that Slurm reads: \`${found}\``,
  },
  "deadline-too-early": {
    severity: "error",
    message: ({ deadline, earliest }: { deadline: string; earliest: string }) =>
      `deadline \`${deadline}\` lies before the earliest end, ${earliest} (begin plus time limit)`,
    help: () => "move the deadline, or shorten the time limit",
  },
  count: {
    severity: "error",
    message: ({ found }: { found: number }) => `\`count\` must be a whole number from 0, found ${found}`,
  },
  "whole-nodes": {
    severity: "error",
    message: ({ tasks, gpu, gpusPerNode }: { tasks: number; gpu: number; gpusPerNode: number }) =>
      gpusPerNode % gpu === 0
        ? `${tasks} x ${gpu} = ${tasks * gpu} GPUs don't fill nodes of ${gpusPerNode}; a job with GPUs takes whole nodes`
        : `a task of ${gpu} GPUs does not divide a node of ${gpusPerNode}`,
    help: () => "ask for whole nodes",
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
      `\`${field}\` of the cluster must be ${expected}, found ${found}`,
  },
  "cluster-file": {
    severity: "error",
    message: ({ file, reason }: { file: string; reason: string }) =>
      `cluster file \`${file}\` can't be used: ${reason}`,
  },
  name: {
    severity: "error",
    message: ({ kind, name, problem }: { kind: string; name: string; problem: string }) =>
      `${kind} name \`${name}\` ${problem}`,
    help: () => "use letters, digits, `-` and `.`",
  },
});

/** Joins names for a message. */
export function namesInTicks(names: readonly string[]): string {
  return ticks(names);
}
