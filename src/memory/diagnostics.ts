import { defineDiagnostics } from "../diagnostics/define.ts";
import { factor, sentence } from "../diagnostics/sentence.ts";
import { wholeText } from "./text.ts";

/** What a message about too much memory says of a call. */
interface Need {
  readonly call: string;
  readonly model: string;
  readonly layout: string;
  /** `67.3 GiB`. */
  readonly total: string;
  readonly gpu: string;
  readonly gpuType: string;
  readonly percent: string;
  /** `weights 14.2 GiB + logits 9.3 GiB`. */
  readonly sum: string;
  readonly totalBytes: number;
  readonly gpuBytes: number;
}

/** Codes of estimated GPU memory. */
export const memoryDiagnostics = defineDiagnostics("memory", {
  "exceeds-gpu": {
    severity: "error",
    message: (need: Need & Record<string, string | number>) => needText(need, "needs about"),
  },
  "near-limit": {
    severity: "warning",
    message: (need: Need & Record<string, string | number>) => needText(need, "may need about"),
  },
  "unbounded-batch": {
    severity: "warning",
    message: ({
      call,
      tokens,
      sequences,
      total,
      gpu,
      gpuType,
      percent,
    }: {
      call: string;
      tokens: number;
      sequences: number;
      total: string;
      gpu: string;
      gpuType: string;
      percent: string;
      totalBytes: number;
      gpuBytes: number;
    }) =>
      sentence`nothing bounds the micro-batches of call \`${call}\` but its batch: ${wholeText(sequences)} sequences of up to ${wholeText(tokens)} tokens at a time would need about ${total} on a GPU, ${percent} of the ${factor("gpu", gpu)} of \`${gpuType}\` (an estimate)`,
  },
  "kv-capacity": {
    severity: "error",
    message: ({
      who,
      model,
      pool,
      weights,
      fraction,
      gpu,
      bytesPerToken,
      capacity,
      prompt,
      generated,
    }: {
      who: string;
      model: string;
      pool: string;
      weights: string;
      fraction: number;
      gpu: string;
      bytesPerToken: string;
      capacity: number;
      prompt: number;
      generated: number;
    }) =>
      sentence`the cache of ${who} holds ${capacity} tokens of \`${model}\`, fewer than one sequence of ${prompt} + ${generated} = ${prompt + generated}: ${factor("fraction", fraction)} x ${factor("gpu", gpu)} = ${pool}, less ${weights} of weights, at ${bytesPerToken} bytes a token (an estimate)`,
  },
});

function needText({ call, model, layout, total, gpu, gpuType, percent, sum }: Need, needs: string) {
  return sentence`call \`${call}\` ${needs} ${total} on a GPU of \`${model}\` as ${factor("layout", layout)}, ${percent} of the ${factor("gpu", gpu)} of \`${gpuType}\`: ${sum} (an estimate)`;
}
