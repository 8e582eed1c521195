import { defineDiagnostics } from "../../diagnostics/define.ts";
import { at, type Finding, type RelatedPlace } from "../../diagnostics/finding.ts";
import { factor, sentence } from "../../diagnostics/sentence.ts";
import { fieldOf, isPair } from "../../spec/placed-pairs.ts";
import { typeFacts } from "../facts.ts";
import {
  argumentAt,
  argumentPointer,
  isSize,
  numberAt,
  objectAt,
  type Rule,
  type RuleCall,
  type RuleContext,
  textAt,
} from "./context.ts";

/** Codes of groups of answers to one prompt. */
export const groupDiagnostics = defineDiagnostics("call", {
  "group-of-one": {
    severity: "warning",
    message: ({ call, size, switch: normalizes }: { call: string; size: number; switch: string }) =>
      sentence`call \`${call}\` normalizes advantages within groups (\`${normalizes}\`) of ${factor("size", size)}: all of them are 0`,
    help: ({ switch: normalizes }) => `take groups of at least 2, or switch \`${normalizes}\` off`,
  },
  "group-size": {
    severity: "warning",
    message: ({ call, size, generated, by }: GroupFacts) =>
      sentence`call \`${call}\` works on groups of ${factor("size", size)}, but ${by} gives ${factor("generated", `${generated} answers`)} to a prompt`,
    help: ({ size, generated }) => `make both ${size}, or both ${generated}`,
  },
  "too-few-generated": {
    severity: "warning",
    message: ({ call, size, generated }: { call: string; size: number; generated: number }) =>
      sentence`call \`${call}\` keeps ${factor("size", size)} of ${factor("generated", `${generated} generated answers`)} to a prompt`,
    help: ({ size }) => `generate at least ${size}, or keep fewer`,
  },
});

type GroupFacts = {
  readonly call: string;
  readonly size: number;
  readonly generated: number;
  readonly by: string;
};

/** Groups have as many answers as are generated, and at least two if anything is compared within them. */
export const groupSizes: Rule = (context) => {
  const groups = context.calls.flatMap((call) => groupOf(call) ?? []);
  const seen = new Set<string>();
  const once = (key: string, findings: readonly Finding[]) => {
    if (seen.has(key)) return [];
    if (findings.length > 0) seen.add(key);
    return findings;
  };
  return groups.flatMap((group) => [
    ...once(`one ${group.size}`, ofOne(group)),
    ...once(`kept ${group.size}`, tooFew(group)),
    ...once(`other ${group.size}`, otherSizes(group, context)),
  ]);
};

/** What an interface says of groups, by names of its arguments. */
interface Group {
  readonly call: RuleCall;
  readonly size: number;
  readonly sizePath: string;
  readonly facts: ReturnType<typeof objectAt>;
}

function groupOf(call: RuleCall): Group | null {
  const facts = objectAt(call.interfaceFacts, "group");
  const sizePath = textAt(facts, "size");
  const size = sizePath === null ? null : argumentAt(call.args, sizePath);
  return sizePath !== null && isSize(size) ? { call, size, sizePath, facts } : null;
}

function placeOf({ call }: Group, path: string) {
  return at(argumentPointer(`${call.pointer}/interfaceImpl/args`, path));
}

function ofOne(group: Group): readonly Finding[] {
  const { call, size, facts, sizePath } = group;
  const normalizes = textAt(facts, "normalizes");
  if (call.call.interfaceType !== "trainStep" || size !== 1) return [];
  if (normalizes === null || argumentAt(call.args, normalizes) !== true) return [];
  return [
    groupDiagnostics["group-of-one"](
      { call: call.call.name, size, switch: normalizes },
      {
        at: placeOf(group, sizePath),
        gives: ["size"],
        related: [{ at: placeOf(group, normalizes), message: "switched on here" }],
      },
    ),
  ];
}

function tooFew(group: Group): readonly Finding[] {
  const { call, size, facts, sizePath } = group;
  const path = textAt(facts, "generated");
  const generated = path === null ? null : numberAt(call.args, path);
  if (path === null || !isSize(generated) || generated >= size) return [];
  return [
    groupDiagnostics["too-few-generated"](
      { call: call.call.name, size, generated },
      {
        at: placeOf(group, path),
        gives: ["generated"],
        related: [{ at: placeOf(group, sizePath), message: `groups of ${size}`, gives: ["size"] }],
      },
    ),
  ];
}

/** Answers that others give to a prompt: the interface's own setting of generation, unless it is one, and agents. */
function otherSizes(group: Group, context: RuleContext): readonly Finding[] {
  const { call, size, facts, sizePath } = group;
  const wrong = (generated: number, by: string, place: RelatedPlace["at"]) =>
    groupDiagnostics["group-size"](
      { call: call.call.name, size, generated, by },
      {
        at: place,
        gives: ["generated"],
        related: [{ at: placeOf(group, sizePath), message: `groups of ${size}`, gives: ["size"] }],
      },
    );
  if (call.call.interfaceType === "trainStep") {
    for (const [agent, pointer] of fieldOf(context.config, "rolloutWorker", "agent", context.base)) {
      if (!isPair(agent)) continue;
      const path = textAt({ ...typeFacts(context.facts, "agent", agent.type)?.facts }, "generation");
      const generated = path === null ? null : numberAt(agent.args, `${path}.n`);
      if (path === null || generated === null || generated === size) continue;
      return [wrong(generated, `agent \`${agent.type}\``, at(argumentPointer(`${pointer}/args`, `${path}.n`)))];
    }
    return [];
  }
  const samples = textAt(facts, "samples");
  const generated = samples === null ? null : numberAt(call.args, samples);
  if (call.call.interfaceType !== "generate" || samples === null || generated === null) return [];
  // One sequence for each copy of a prompt is what a group is made of.
  return generated === 1 || generated === size ? [] : [wrong(generated, "generation", placeOf(group, samples))];
}
