import { defineDiagnostics } from "../diagnostics/define.ts";

/** A hook in the data of a message. */
type Named = { readonly type: string; readonly package: string };

/** Codes of rules and mutators that do not do what they should; what rules find has codes of their own. */
export const hookDiagnostics = defineDiagnostics("plugin", {
  "hook-not-loaded": {
    severity: "error",
    message: ({ kind, type, package: owner, problem }: Named & { kind: string; problem: string }) =>
      `${kind} \`${type}\` of ${owner} can't be used: ${problem}`,
    help: ({ kind, type }) => `mend the class of \`${type}\`, or take it out of \`${kind}s\` of the config`,
  },
  "hook-limit": {
    severity: "error",
    message: ({ kind, type, package: owner, problem }: Named & { kind: string; problem: string }) =>
      `${kind} \`${type}\` of ${owner} ${problem}`,
    help: ({ kind }) => `mend the ${kind}, or raise \`limits\` in the config`,
  },
  "rule-threw": {
    severity: "error",
    message: ({ type, package: owner, error }: Named & { error: string }) =>
      `rule \`${type}\` of ${owner} failed: ${error}`,
    help: () => "mend the rule, or take it out of `rules`",
  },
  "rule-answer": {
    severity: "error",
    message: ({ type, package: owner, problem }: Named & { problem: string }) =>
      `rule \`${type}\` of ${owner} gives no sound finding: ${problem}`,
    help: () => "mend the rule, or take it out of `rules`",
  },
  "mutator-threw": {
    severity: "error",
    message: ({ type, package: owner, error }: Named & { error: string }) =>
      `mutator \`${type}\` of ${owner} failed: ${error}`,
    help: () => "mend the mutator, or take it out of `mutators`",
  },
  "mutator-change": {
    severity: "error",
    message: ({ type, package: owner, problem }: Named & { problem: string }) =>
      `mutator \`${type}\` of ${owner} makes no sound change: ${problem}`,
    help: () => "mend the mutator, or take it out of `mutators`",
  },
  "mutators-clash": {
    severity: "error",
    message: ({
      place,
      first,
      second,
    }: {
      place: string;
      first: string;
      firstPackage: string;
      second: string;
      secondPackage: string;
    }) => `mutators \`${first}\` and \`${second}\` both change \`${place}\``,
    help: () => "take one of them out of `mutators`, or give them arguments that leave the place to one",
  },
});
