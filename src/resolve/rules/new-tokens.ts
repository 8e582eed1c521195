import { defineDiagnostics } from "../../diagnostics/define.ts";
import { at, type Finding } from "../../diagnostics/finding.ts";
import { factor, sentence } from "../../diagnostics/sentence.ts";
import { fieldOf, isPair } from "../../spec/placed-pairs.ts";
import { typeFacts } from "../facts.ts";
import { argumentPointer, numberAt, type Rule, textAt } from "./context.ts";

/** Codes of lengths of answers. */
export const tokenRangeDiagnostics = defineDiagnostics("call", {
  "new-tokens": {
    severity: "error",
    message: ({ least, most }: { by: string; least: number; most: number }) =>
      sentence`answers have at least ${factor("least", `${least} tokens`)} and at most ${factor("most", most)}: there are none`,
    help: ({ most }) => `ask for no more than ${most} at least, or allow longer answers`,
  },
});

/** An answer's least length is not above its longest. */
export const answerLengths: Rule = ({ calls, config, base, facts }) => {
  const generating = [
    ...calls.flatMap(({ call, args, pointer, interfaceFacts }) =>
      call.interfaceType === "generate"
        ? [
            {
              by: call.name,
              args,
              pointer: `${pointer}/interfaceImpl/args`,
              path: textAt(interfaceFacts, "generation"),
            },
          ]
        : [],
    ),
    ...[...fieldOf(config, "rolloutWorker", "agent", base)].flatMap(([agent, pointer]) =>
      isPair(agent)
        ? [
            {
              by: agent.type,
              args: agent.args,
              pointer: `${pointer}/args`,
              path: textAt({ ...typeFacts(facts, "agent", agent.type)?.facts }, "generation"),
            },
          ]
        : [],
    ),
  ];
  return generating.flatMap(({ by, args, pointer, path }): readonly Finding[] => {
    if (path === null) return [];
    const least = numberAt(args, `${path}.minNewTokens`);
    const most = numberAt(args, `${path}.maxNewTokens`);
    if (least === null || most === null || least <= most) return [];
    const place = (name: string) => at(argumentPointer(pointer, `${path}.${name}`));
    return [
      tokenRangeDiagnostics["new-tokens"](
        { by, least, most },
        {
          at: place("minNewTokens"),
          gives: ["least"],
          related: [{ at: place("maxNewTokens"), message: `at most ${most}`, gives: ["most"] }],
        },
      ),
    ];
  });
};
