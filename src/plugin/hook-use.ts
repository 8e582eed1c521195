import type { JsonObject } from "type-fest";
import type { Place, Severity } from "../diagnostics/finding.ts";

/** What becomes of a rule's code in a project: its severity there, or `off`. */
export type CodeSetting = Severity | "off";

/** A rule or a mutator that a project uses, as far as its code is not needed. */
export interface HookIdentity {
  readonly kind: "rule" | "mutator";
  readonly type: string;
  /** Package that brings it. */
  readonly package: string;
  /** Where the project names it: its entry in the config. */
  readonly at: Place;
}

/** A rule that a project uses. */
export interface RuleHook extends HookIdentity {
  readonly kind: "rule";
  readonly args: JsonObject;
  /** Its own codes. */
  readonly codes: Readonly<Record<string, CodeSetting>>;
}

/** A mutator that a project uses. */
export interface MutatorHook extends HookIdentity {
  readonly kind: "mutator";
  readonly args: JsonObject;
}

/** A rule or a mutator in a sentence. */
export function hookText({ kind, type, package: owner }: Pick<HookIdentity, "kind" | "type" | "package">): string {
  return `${kind} \`${type}\` of ${owner}`;
}
