import type { Finding } from "../../src/diagnostics/finding.ts";
import { withInputs } from "../../src/dsl/author.ts";
import type { Authored, PluginFacts } from "../../src/manifest/format.ts";
import type { MadeChange } from "../../src/plugin/mutations.ts";
import type { RuleSubject } from "../../src/plugin/rule-answers.ts";
import { acknowledgeRules, type Judged } from "../../src/resolve/acknowledge.ts";
import type { HookBuild, JobHooks, RulesOutcome } from "./hooks.ts";

/** An authored part after the mutators of the project. */
export interface MutatedBuild {
  readonly authored: Authored;
  readonly changes: readonly MadeChange[];
  /** What is wrong with the mutators or their changes: nothing is proved then. */
  readonly refused: readonly Finding[];
}

/** Has the mutators of a project change an authored part. */
export async function mutated(before: Authored, build: HookBuild, hooks: JobHooks | null): Promise<MutatedBuild> {
  if (hooks === null) return { authored: before, changes: [], refused: [] };
  const { mutations, failed } = await hooks.mutate(before, build);
  const { changes } = mutations;
  if (changes.length > 0) {
    const { authoredProblems } = await import("../../src/manifest/authored-shape.ts");
    mutations.refuseShapes(authoredProblems(mutations.authored));
  }
  const refused = [...failed, ...mutations.findings];
  if (refused.length > 0 || changes.length === 0) return { authored: before, changes, refused };
  // Another path of a checkpoint is another card, and one of a dataset other rows.
  return { authored: withInputs(mutations.sealed()), changes, refused };
}

/** What rules say of a build. */
export interface RuledBuild extends Judged {
  readonly reach: RulesOutcome["reach"];
}

/** What rules gave where none ran. */
export const NO_RULES: RuledBuild = {
  findings: [],
  acknowledged: [],
  reach: { proved: [], notChecked: [] },
};

/** Has the rules of a project look at a proved build; warnings that the class acknowledges are apart. */
export async function checkRules(
  hooks: JobHooks | null,
  parts: { readonly authored: string; readonly resolved: string },
  build: HookBuild,
  { facts, subject }: { readonly facts: PluginFacts; readonly subject: RuleSubject },
): Promise<RuledBuild> {
  const outcome = await hooks?.check(parts, build, subject);
  const judged = acknowledgeRules(outcome?.findings ?? [], subject.authored.acknowledgements, {
    facts,
    settings: hooks?.codes ?? {},
    ran: outcome?.ran ?? new Set(),
  });
  return { ...judged, reach: outcome?.reach ?? NO_RULES.reach };
}
