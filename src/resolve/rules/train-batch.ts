import { defineDiagnostics } from "../../diagnostics/define.ts";
import { at, type Finding } from "../../diagnostics/finding.ts";
import { factor, sentence } from "../../diagnostics/sentence.ts";
import type { Rule } from "./context.ts";
import { managersOf } from "./managers.ts";

/** Codes of batches that servers and train steps count differently. */
export const trainBatchDiagnostics = defineDiagnostics("config", {
  "train-batch": {
    severity: "error",
    message: ({ call, batch, nSeqs }: { call: string; batch: number; nSeqs: number }) =>
      batch < nSeqs
        ? sentence`the server manager counts ${factor("batch", `${batch} sequences`)} a training step, \`${call}\` takes ${factor("nSeqs", nSeqs)}: soon no rollout is fresh enough to start, and the step waits for ever`
        : sentence`the server manager counts ${factor("batch", `${batch} sequences`)} a training step, \`${call}\` takes ${factor("nSeqs", nSeqs)}: samples get older than is allowed`,
    help: ({ nSeqs }) => `let the server manager count ${nSeqs}`,
  },
});

/** Servers count versions in training batches: theirs is that of the train steps. */
export const trainBatches: Rule = (context) => {
  const trained = context.calls.find(({ call }) => call.interfaceType === "trainStep");
  if (trained === undefined) return [];
  const { name, nSeqs } = trained.call;
  return managersOf(context).flatMap(({ batch, batchPointer }): readonly Finding[] => {
    if (batch === nSeqs) return [];
    return [
      trainBatchDiagnostics["train-batch"](
        { call: name, batch, nSeqs },
        {
          at: at(batchPointer),
          gives: ["batch"],
          related: [{ at: at(`${trained.pointer}/nSeqs`), message: `\`${name}\` takes ${nSeqs}`, gives: ["nSeqs"] }],
        },
      ),
    ];
  });
};
