import { defineDiagnostics } from "../../diagnostics/define.ts";
import { at, type Finding } from "../../diagnostics/finding.ts";
import { factor, sentence } from "../../diagnostics/sentence.ts";
import { argumentPointer, numberAt, type Rule, textAt } from "./context.ts";
import { lengthsOf } from "./lengths.ts";

/** Codes of punishments for answers that are too long. */
export const overlongDiagnostics = defineDiagnostics("call", {
  "overlong-buffer": {
    severity: "error",
    message: ({ call, buffer, most }: { call: string; buffer: number; most: number; argument: string }) =>
      sentence`call \`${call}\` punishes the last ${factor("buffer", `${buffer} tokens`)} of an answer, which has at most ${factor("most", most)}: every answer is too long`,
    help: ({ most, argument }) => `give \`${argument}\` at most ${most}, or allow longer answers`,
  },
});

/** The end of an answer that is punished as too long is a part of it. */
export const overlongBuffers: Rule = (context) => {
  const generated = lengthsOf(context)?.generated ?? null;
  if (generated === null) return [];
  const seen = new Set<string>();
  return context.calls.flatMap(({ call, args, pointer, interfaceFacts }): readonly Finding[] => {
    const argument = textAt(interfaceFacts, "overlongBuffer");
    const buffer = argument === null ? null : numberAt(args, argument);
    if (argument === null || buffer === null || buffer <= generated.tokens) return [];
    // Generation and training mostly have one interface: one mistake.
    if (seen.has(`${argument} ${buffer}`)) return [];
    seen.add(`${argument} ${buffer}`);
    return [
      overlongDiagnostics["overlong-buffer"](
        { call: call.name, buffer, most: generated.tokens, argument },
        {
          at: at(argumentPointer(`${pointer}/interfaceImpl/args`, argument)),
          gives: ["buffer"],
          related: [{ at: generated.place, message: `at most ${generated.tokens}`, gives: ["most"] }],
        },
      ),
    ];
  });
};
