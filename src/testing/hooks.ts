import type { JsonObject } from "type-fest";
import type { Finding, Place } from "../diagnostics/finding.ts";
import { construct } from "../dsl/container.ts";
import { frozenCopy } from "../dsl/frozen-copy.ts";
import type { OptionValue } from "../dsl/author-protocol.ts";
import type { Authored, PluginFacts, Resolved } from "../manifest/format.ts";
import type { MutatorUse, RuleUse } from "../plugin/define-hooks.ts";
import type { CodeSetting, RuleHook } from "../plugin/hook-use.ts";
import { findPlugin } from "../plugin/registry.ts";
import type { ProvedBuild, Rule } from "../plugin/rule.ts";
import { ruleFindings } from "../plugin/rule-answers.ts";
import { acknowledgeRules } from "../resolve/acknowledge.ts";

/** Rules and mutators to prove with, as a config has them. */
export interface HookOptions {
  readonly rules?: readonly RuleUse[];
  readonly mutators?: readonly MutatorUse[];
  readonly severities?: Readonly<Record<string, CodeSetting>>;
}

/** What is proved, for hooks. */
export interface ProvedAbout extends Pick<ProvedBuild, "name" | "preset" | "tags"> {
  readonly options: readonly OptionValue[];
}

const AT: Place = { kind: "nowhere", reason: "it was given by the program" };

/** What rules find in a proved build. @throws whatever a rule throws, and for one that is not loaded */
export function checkRules(
  parts: { readonly authored: Authored; readonly resolved: Resolved },
  { options, ...about }: ProvedAbout,
  { rules = [], severities = {} }: HookOptions,
  facts: PluginFacts,
): readonly Finding[] {
  const values = Object.fromEntries(options.map(({ path, value }) => [path, value]));
  const build: ProvedBuild = frozenCopy({ ...about, ...parts, cluster: parts.authored.cluster, options: values });
  const used = rules.map(({ type, args }) => {
    const definition = findPlugin("rule", type);
    if (definition === undefined) throw new Error(`no rule \`${type}\` is defined in what this program imports`);
    const codes = Object.entries(definition.codes).map(
      ([code, { severity }]) =>
        [code, Object.hasOwn(severities, code) ? (severities[code] ?? severity) : severity] as const,
    );
    const hook: RuleHook = { kind: "rule", type, package: "loaded", at: AT, args, codes: Object.fromEntries(codes) };
    return { hook, type: definition.rule };
  });
  const findings = used.flatMap(({ hook, type }) => {
    const rule = construct(type as never, build.cluster) as Rule<JsonObject>;
    return ruleFindings(rule.check({ args: frozenCopy(hook.args), build }), hook, build);
  });
  const settings = Object.assign({}, ...used.map(({ hook }) => hook.codes)) as Readonly<Record<string, CodeSetting>>;
  const ran = new Set(Object.keys(settings));
  return acknowledgeRules(findings, parts.authored.acknowledgements, { facts, settings, ran }).findings;
}
