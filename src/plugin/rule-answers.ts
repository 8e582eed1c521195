import type { JsonValue } from "type-fest";
import type { Finding, Place, RelatedPlace, TextRange } from "../diagnostics/finding.ts";
import { nearest } from "../diagnostics/nearest.ts";
import { parsePointer } from "../origin/pointer.ts";
import { fieldsOf, type Fields, shown, textOf, UnsoundAnswer, valueAt } from "./answer-shape.ts";
import { hookDiagnostics } from "./hook-diagnostics.ts";
import { hookText, type RuleHook } from "./hook-use.ts";
import type { ProvedBuild } from "./rule.ts";

/** What of a build places are looked up in. */
export type RuleSubject = Pick<ProvedBuild, "authored" | "options">;

/** A rule that finds more finds the same thing over and over, or never ends. */
const MOST_FINDINGS = 1000;

const FINDING = ["code", "message", "at", "related", "help", "fix"];

/**
 * What a rule found, looked through: its own codes with the severities of the project, places that there are, texts that are
 * some. What is none of that is told of the rule. Whatever the rule throws is thrown.
 */
export function ruleFindings(answers: unknown, rule: RuleHook, subject: RuleSubject): readonly Finding[] {
  const findings: Finding[] = [];
  const refuse = (problem: string) => {
    const data = { type: rule.type, package: rule.package, problem };
    const finding = hookDiagnostics["rule-answer"](data, { at: rule.at });
    if (!findings.some(({ code, message }) => code === finding.code && message === finding.message)) {
      findings.push(finding);
    }
  };
  if (!isIterable(answers)) {
    refuse(`\`check\` returned ${shown(answers)}, and nothing that can be gone through`);
    return findings;
  }
  let count = 0;
  for (const answer of answers) {
    count += 1;
    if (count > MOST_FINDINGS) {
      refuse(`it gives more than ${MOST_FINDINGS}`);
      break;
    }
    try {
      const finding = findingOf(answer, rule, subject);
      if (finding !== null) findings.push(finding);
    } catch (error) {
      if (!(error instanceof UnsoundAnswer)) throw error;
      refuse(error.message);
    }
  }
  return findings;
}

function isIterable(value: unknown): value is Iterable<unknown> {
  return (
    typeof value === "object" && value !== null && typeof (value as Fields)[Symbol.iterator as never] === "function"
  );
}

/** One finding; `null` if its code is off in the project. */
function findingOf(answer: unknown, rule: RuleHook, subject: RuleSubject): Finding | null {
  const fields = fieldsOf(answer, "a finding", FINDING);
  const code = textOf(fields["code"], "the `code` of a finding");
  if (!Object.hasOwn(rule.codes, code)) {
    const declared = Object.keys(rule.codes);
    const [near] = nearest(code, declared);
    const known = near === undefined ? declared.map((name) => `\`${name}\``).join(", ") : `\`${near}\``;
    throw new UnsoundAnswer(`it has not declared the code \`${code}\`${known === "" ? "" : `, but ${known}`}`);
  }
  const severity = rule.codes[code];
  if (severity === undefined || severity === "off") return null;
  const message = textOf(fields["message"], `the message of \`${code}\``);
  const { at, value } = placeOf(fields["at"], `the place of \`${code}\``, subject);
  const { help, related } = fields;
  return {
    code,
    severity,
    message,
    data: { rule: rule.type, package: rule.package },
    at,
    ...(related === undefined ? {} : { related: relatedOf(related, code, subject) }),
    notes: [`found by ${hookText(rule)}`],
    ...(help === undefined ? {} : { help: textOf(help, `the help of \`${code}\``) }),
    ...fixOf(fields["fix"], value, code),
  };
}

function relatedOf(related: unknown, code: string, subject: RuleSubject): readonly RelatedPlace[] {
  if (!Array.isArray(related)) throw new UnsoundAnswer(`\`related\` of \`${code}\` is ${shown(related)}, and no list`);
  return Array.from(related, (one: unknown): RelatedPlace => {
    const what = `a related place of \`${code}\``;
    const fields = fieldsOf(one, what, ["at", "message"]);
    return {
      at: placeOf(fields["at"], what, subject).at,
      message: textOf(fields["message"], `the message of ${what}`),
    };
  });
}

/** A place, and the text or value that stands there; `undefined` where nothing could be replaced. */
interface FoundPlace {
  readonly at: Place;
  readonly value?: JsonValue;
}

function placeOf(at: unknown, what: string, subject: RuleSubject): FoundPlace {
  if (at === "experiment") return { at: { kind: "class" } };
  const fields = fieldsOf(at, what, ["pointer", "part", "option", "range"]);
  const { pointer, option, part } = fields;
  if ((pointer === undefined) === (option === undefined)) {
    throw new UnsoundAnswer(`${what} needs a \`pointer\` or an \`option\`, or is \`"experiment"\``);
  }
  if (option !== undefined) {
    if (part !== undefined) throw new UnsoundAnswer(`${what} is an option, which has no \`part\``);
    const path = textOf(option, `the option of ${what}`);
    const value = optionValue(path, what, subject);
    return ranged({ kind: "option", path }, value, fields["range"], what);
  }
  const text = pointer === "" ? "" : textOf(pointer, `the pointer of ${what}`);
  const value = valueAt(subject.authored, text);
  if (value === undefined) throw new UnsoundAnswer(`${what}, \`${text}\`, is no place of the authored part`);
  if (part === undefined || part === "value") {
    return ranged({ kind: "pointer", pointer: text }, value, fields["range"], what);
  }
  if (part !== "key") throw new UnsoundAnswer(`the part of ${what} is ${shown(part)}, and neither "key" nor "value"`);
  if (fields["range"] !== undefined) throw new UnsoundAnswer(`${what} is a name, which has no \`range\``);
  return { at: { kind: "pointer", pointer: text, part: "key" }, value: parsePointer(text).at(-1) ?? "" };
}

/** The value of an option, or `undefined` for a group of options. */
function optionValue(path: string, what: string, { options }: RuleSubject): JsonValue | undefined {
  if (Object.hasOwn(options, path)) return options[path] as JsonValue;
  const names = Object.keys(options);
  if (names.some((name) => name.startsWith(`${path}.`))) return undefined;
  const around = names.find((name) => path.startsWith(`${name}.`));
  if (around !== undefined) return valueAt(options, `/${around}${path.slice(around.length).replaceAll(".", "/")}`);
  const [near] = nearest(path, names);
  const meant = near === undefined ? "" : `; the nearest one is \`${near}\``;
  throw new UnsoundAnswer(`${what}, \`${path}\`, is no option of the experiment${meant}`);
}

function ranged(
  at: Place & { readonly kind: "pointer" | "option" },
  value: JsonValue | undefined,
  range: unknown,
  what: string,
): FoundPlace {
  if (range === undefined) return value === undefined ? { at } : { at, value };
  const { offset, length } = fieldsOf(range, `the range of ${what}`, ["offset", "length"]) as Partial<TextRange>;
  const isWithin =
    typeof value === "string" &&
    Number.isInteger(offset) &&
    Number.isInteger(length) &&
    Number(offset) >= 0 &&
    Number(length) >= 0 &&
    Number(offset) + Number(length) <= value.length;
  if (!isWithin) throw new UnsoundAnswer(`the range of ${what} is not within a text`);
  const found: TextRange = { offset: Number(offset), length: Number(length) };
  return { at: { ...at, range: found }, value: value.slice(found.offset, found.offset + found.length) };
}

/** A fix goes only where the source holds what it replaces. */
function fixOf(fix: unknown, value: JsonValue | undefined, code: string): Pick<Finding, "fix" | "replaces"> {
  if (fix === undefined) return {};
  if (typeof fix !== "string") throw new UnsoundAnswer(`the fix of \`${code}\` is ${shown(fix)}, and no text`);
  if (value === undefined || (typeof value === "object" && value !== null)) {
    throw new UnsoundAnswer(`\`${code}\` has a fix, but its place is no single value`);
  }
  return { fix, replaces: typeof value === "string" ? value : JSON.stringify(value) };
}
