import {
  defineAgent,
  defineDataset,
  defineMutator,
  defineRule,
  type Rule,
  type RuleRequest,
  typed,
} from "assay/plugin";

interface ChatArgs {
  readonly path: string;
  readonly maxLength?: number;
}

const chat = defineDataset({ type: "chat", args: typed<ChatArgs>(), yields: ["packed_input_ids"], paths: ["path"] });
chat({ path: "chat.jsonl" });
// @ts-expect-error path is missing
chat({});
// @ts-expect-error no such argument
chat({ path: "chat.jsonl", length: 1 });

const solver = defineAgent({ type: "solver", args: typed<{ turns?: number }>() });
solver();
solver({ turns: 2 });

class Limit implements Rule<{ gpus: number }, "site/gpu-limit"> {
  check({ args, build }: RuleRequest<{ gpus: number }>) {
    return build.cluster.nodes > args.gpus
      ? [{ code: "site/gpu-limit" as const, message: "too many", at: "experiment" as const }]
      : [];
  }
}

const limit = defineRule({
  type: "limit",
  args: typed<{ gpus: number }>(),
  codes: { "site/gpu-limit": { severity: "error", meaning: "too many GPUs" } },
  rule: Limit,
});
limit({ gpus: 8 });
// @ts-expect-error wrong type
limit({ gpus: "8" });

defineRule({
  type: "limit",
  args: typed<{ gpus: number }>(),
  codes: { "site/other": { severity: "error", meaning: "another code" } },
  // @ts-expect-error the rule has another code
  rule: Limit,
});

// @ts-expect-error a rule is no mutator
defineMutator({ type: "limit", args: typed<{ gpus: number }>(), mutator: Limit });
