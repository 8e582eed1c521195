import { defineDiagnostics } from "../../diagnostics/define.ts";
import { at, type Finding } from "../../diagnostics/finding.ts";
import { factor, sentence } from "../../diagnostics/sentence.ts";
import { own } from "../../spec/own.ts";
import { argumentPointer, numberAt, objectAt, type Rule, textAt } from "./context.ts";

/** Codes of a policy that is kept close to a reference, or not. */
export const referenceDiagnostics = defineDiagnostics("call", {
  "kl-without-reference": {
    severity: "error",
    message: ({ call, argument, weight, key }: KlFacts) =>
      sentence`call \`${call}\` weighs the distance from a reference by ${factor("weight", weight)} (\`${argument}\`), but does not read \`${key}\``,
    help: ({ argument, key }) => `add a call that yields \`${key}\` and read it, or set \`${argument}\` to 0`,
  },
  "reference-unused": {
    severity: "warning",
    message: ({ call, argument, weight, key }: KlFacts) =>
      sentence`call \`${call}\` reads \`${key}\`, and weighs the distance from it by ${factor("weight", weight)} (\`${argument}\`): the reference is computed for nothing`,
    help: ({ argument, key }) => `leave out \`${key}\` and the call that yields it, or give \`${argument}\` a weight`,
  },
});

type KlFacts = {
  readonly call: string;
  readonly argument: string;
  readonly weight: number;
  readonly key: string;
};

/** A distance from the reference that has a weight is computed, and no other is: the reference is there, or is left out. */
export const references: Rule = ({ calls }) => {
  const seen = new Set<string>();
  return calls.flatMap(({ call, args, pointer, interfaceFacts }): readonly Finding[] => {
    const facts = objectAt(interfaceFacts, "kl");
    const argument = textAt(facts, "weight");
    const key = textAt(facts, "reads");
    const weight = argument === null ? null : numberAt(args, argument);
    if (call.interfaceType !== "trainStep" || argument === null || key === null || weight === null) return [];
    const position = call.inputKeys.findIndex((name) => (own(call.inputKeyRemap, name) ?? name) === key);
    const data = { call: call.name, argument, weight, key };
    const place = at(argumentPointer(`${pointer}/interfaceImpl/args`, argument));
    // The policy and the value function mostly have one weight: one mistake.
    const once = (code: string) => !seen.has(code) && seen.add(code) !== undefined;
    if (weight > 0 && position < 0 && once("without")) {
      return [
        referenceDiagnostics["kl-without-reference"](data, {
          at: at(`${pointer}/inputKeys`),
          related: [{ at: place, message: `weight ${weight}`, gives: ["weight"] }],
        }),
      ];
    }
    if (weight === 0 && position >= 0 && once("unused")) {
      return [
        referenceDiagnostics["reference-unused"](data, {
          at: place,
          gives: ["weight"],
          related: [{ at: at(`${pointer}/inputKeys/${position}`), message: "it is read here" }],
        }),
      ];
    }
    return [];
  });
};
