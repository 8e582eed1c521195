import type { JsonObject } from "type-fest";
import type { Severity, TextRange } from "../diagnostics/finding.ts";
import type { Authored, Resolved } from "../manifest/format.ts";
import type { JsonPointer } from "../origin/pointer.ts";
import type { ClusterSpec } from "../spec/cluster.ts";

/** A build as rules see it: proved, frozen, and without anything that could change it. */
export interface ProvedBuild {
  /** Registered name of the experiment. */
  readonly name: string;
  readonly preset: string | null;
  readonly tags: readonly string[];
  readonly authored: Authored;
  readonly resolved: Resolved;
  readonly cluster: ClusterSpec;
  /** Values of all options, by dotted path. */
  readonly options: Readonly<Record<string, unknown>>;
}

/** What a rule is asked. */
export interface RuleRequest<A = JsonObject> {
  /** Arguments from the project's config. */
  readonly args: A;
  readonly build: ProvedBuild;
}

/**
 * Where a rule's finding belongs:
 * - `pointer`: a value of the authored part, e.g. `/scheduling/modelWorker/0/count`; findings land at the author's source of it;
 * - `option`: the value of an option, by dotted path, wherever it was set;
 * - `"experiment"`: the experiment as a whole.
 */
export type RulePlace =
  | { readonly pointer: JsonPointer; readonly part?: "key" | "value"; readonly range?: TextRange }
  | { readonly option: string; readonly range?: TextRange }
  | "experiment";

/** What a rule found wrong. */
export interface RuleFinding<C extends string = string> {
  /** One of the rule's own codes. */
  readonly code: C;
  /** One plain line that makes sense alone, with the numbers in it. */
  readonly message: string;
  readonly at: RulePlace;
  readonly related?: readonly { readonly at: RulePlace; readonly message: string }[];
  /** What to do about it; starts with a verb. */
  readonly help?: string;
  /**
   * What is certain to be meant, in place of the value at `at`: a text without its quotes, or a number as it is written. It is
   * offered only where the source holds that value itself.
   */
  readonly fix?: string;
}

/** A check over proved builds. It changes nothing: what it is given is frozen. */
export interface Rule<A = JsonObject, C extends string = string> {
  check(request: RuleRequest<A>): Iterable<RuleFinding<C>>;
}

/** A rule's class: its constructor's parameters are injected, a {@link ClusterSpec} for one. */
export type RuleClass<A, C extends string> = new (...injected: never[]) => Rule<A, C>;

/** What a rule's package says of one of its codes; `area/slug`, and the area is the plugin's. */
export interface RuleCode {
  readonly severity: Severity;
  /** One line: what it means. */
  readonly meaning: string;
  /** Longer text for `assay explain`: Markdown. */
  readonly explanation?: string;
}
