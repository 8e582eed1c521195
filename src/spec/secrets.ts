import type { TextRange } from "../diagnostics/finding.ts";
import { toPointer } from "../origin/pointer.ts";

/** A text that must not be in a file. */
export interface FoundSecret {
  /** Where it stands in the value that was looked through. */
  readonly pointer: string;
  /** Its characters in the value there. */
  readonly range: TextRange;
  /** What gives it away, in words. */
  readonly what: string;
  /** The secret itself: for taking it out of texts, never for showing. */
  readonly text: string;
}

/** Secrets that are known by their form. */
const SHAPES: readonly (readonly [what: string, pattern: string])[] = [
  ["an AWS access key id", String.raw`\b(?:AKIA|ASIA)[0-9A-Z]{16}\b`],
  ["a GitHub token", String.raw`\bgh[pousr]_[A-Za-z0-9]{36,}\b|\bgithub_pat_[A-Za-z0-9_]{22,}\b`],
  ["a GitLab token", String.raw`\bglpat-[A-Za-z0-9_-]{20,}`],
  ["a Hugging Face token", String.raw`\bhf_[A-Za-z0-9]{30,}\b`],
  ["a Slack token", String.raw`\bxox[abeprs]-[A-Za-z0-9-]{10,}`],
  ["an API key", String.raw`\bsk-(?:[a-z]+-)?[A-Za-z0-9_-]{32,}`],
  ["a private key", String.raw`-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)`],
  ["a JSON web token", String.raw`\beyJ[A-Za-z0-9_-]{10,}\.eyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{10,}`],
  [
    "a password in an address",
    String.raw`(?<=\b[a-z][a-z0-9+.-]*:\/\/[^\s/:@"'${"`"}]*:)(?!\$\{)[^\s/@"'${"`"}]+(?=@)`,
  ],
];

const ANY_SHAPE = new RegExp(SHAPES.map(([, pattern]) => `(${pattern})`).join("|"), "g");

/** What every shape has: most texts need no closer look. */
const HINT = /AKIA|ASIA|gh[pousr]_|github_pat_|glpat-|hf_|xox|sk-|PRIVATE KEY|eyJ|:\/\/[^\s/]*@/;

/** Names whose value is a secret whatever it looks like, and names whose value is one if it is no word, path or number. */
const SECRET_NAME =
  /(?:^|_)(?:PASSWORD|PASSWD|PASSPHRASE|SECRETS?|CREDENTIALS?|API_?KEY|(?:ACCESS|SECRET|PRIVATE|AUTH|SIGNING)_KEY)$/;
const OPAQUE_NAME = /(?:^|_)(?:TOKEN|KEY)$/;

/** Values that are no secrets under any name. */
const HARMLESS = /^(?:|true|false|null|none|yes|no|on|off|\*+|\[secret\])$/i;
const PATH = /^(?:\.{0,2}\/|~\/|[a-z][a-z0-9+.-]*:\/\/)/i;

/** What a name says of its value; names are few, and stand in data many times. */
type NameKind = "secret" | "opaque" | "plain";
const kinds = new Map<string, NameKind>();
const MOST_NAMES = 10_000;

function kindOf(name: string): NameKind {
  const known = kinds.get(name);
  if (known !== undefined) return known;
  const snake = name
    .replaceAll(/([a-z0-9])([A-Z])/g, "$1_$2")
    .replaceAll(/[^A-Za-z0-9]+/g, "_")
    .toUpperCase();
  const kind = SECRET_NAME.test(snake) ? "secret" : OPAQUE_NAME.test(snake) ? "opaque" : "plain";
  if (kinds.size < MOST_NAMES) kinds.set(name, kind);
  return kind;
}

/** True if a value is a secret for its name's sake. Names of options, fields and variables of the environment are alike. */
export function isSecretByName(name: string, value: string): boolean {
  const kind = kindOf(name);
  if (kind === "plain") return false;
  const literal = value.replaceAll(/\$\{[^}]*\}/g, "").trim();
  if (HARMLESS.test(literal) || PATH.test(literal) || literal.length < 4) return false;
  if (kind === "secret") return !/\s/.test(literal);
  // `pad_token` is `<pad>` and a key of data is a word: what opens something is long, and has digits.
  return /^[A-Za-z0-9+/_=.~-]{16,}$/.test(literal) && /\d/.test(literal) && /[A-Za-z]/.test(literal);
}

const NONE: readonly [] = [];

/** Secrets in one text, under its name. */
export function secretsInText(name: string, value: string): readonly Omit<FoundSecret, "pointer">[] {
  // Nearly all texts end here.
  if (kindOf(name) === "plain" && !HINT.test(value)) return NONE;
  if (isSecretByName(name, value)) {
    return [{ range: { offset: 0, length: value.length }, what: `a secret by its name, \`${name}\``, text: value }];
  }
  return [...value.matchAll(ANY_SHAPE)].map((match) => {
    const shape = match.slice(1).findIndex((group) => group !== undefined);
    const [text] = match;
    return { range: { offset: match.index, length: text.length }, what: SHAPES[shape]?.[0] ?? "a secret", text };
  });
}

/** All secrets in plain data, in its order. A text in a list has the name of the list. */
export function secretsIn(root: unknown): readonly FoundSecret[] {
  const found: FoundSecret[] = [];
  const path: (string | number)[] = [];
  const walk = (value: unknown, name: string): void => {
    if (typeof value === "string") {
      const secrets = secretsInText(name, value);
      if (secrets.length > 0) found.push(...secrets.map((secret) => ({ ...secret, pointer: toPointer(path) })));
      return;
    }
    if (typeof value !== "object" || value === null) return;
    if (Array.isArray(value)) {
      for (let index = 0; index < value.length; index += 1) {
        path.push(index);
        walk(value[index], name);
        path.pop();
      }
      return;
    }
    for (const key in value) {
      if (!Object.hasOwn(value, key)) continue;
      path.push(key);
      walk((value as Readonly<Record<string, unknown>>)[key], key);
      path.pop();
    }
  };
  walk(root, "");
  return found;
}

/** `NAME=value`, `name: "value"`: how programs print settings, and sources write them. `${secret:NAME}` is none. */
const ASSIGNMENT = /(?<!\$\{|[\w.-])([A-Za-z_][\w.-]*)(["'`]?\s*[:=]\s*)(["'`]?)([^\s"'`,;{}()]+)\3/g;

/** The same text with every character of its secrets replaced: by form, and by the names that stand before them. */
export function maskSecrets(text: string, mask: (secret: string) => string = stars): string {
  const shaped = HINT.test(text) ? text.replaceAll(ANY_SHAPE, (secret) => mask(secret)) : text;
  return shaped.replaceAll(ASSIGNMENT, (whole, name: string, sign: string, quote: string, value: string) => {
    const last = name.split(/[.-]/).at(-1) ?? name;
    return isSecretByName(last, value) ? `${name}${sign}${quote}${mask(value)}${quote}` : whole;
  });
}

/** The same for a source: values without quotes are no values there, but names. */
export function maskSource(text: string): string {
  const shaped = HINT.test(text) ? text.replaceAll(ANY_SHAPE, stars) : text;
  return shaped.replaceAll(ASSIGNMENT, (whole, name: string, sign: string, quote: string, value: string) =>
    quote !== "" && isSecretByName(name, value) ? `${name}${sign}${quote}${stars(value)}${quote}` : whole,
  );
}

/** What stands in the place of a secret. */
export const REDACTED = "[secret]";

/** A copy of plain data without secrets: the given texts, as they are or as JSON writes them, and all that looks like one. */
export function withoutSecrets<T>(value: T, texts: readonly string[]): T {
  const known = [...new Set(texts.flatMap((text) => [text, JSON.stringify(text).slice(1, -1)]))]
    .filter((text) => text !== "")
    .sort((a, b) => b.length - a.length);
  const clean = (text: string) =>
    maskSecrets(
      known.reduce((left, secret) => left.replaceAll(secret, REDACTED), text),
      () => REDACTED,
    );
  const walk = (part: unknown): unknown => {
    if (typeof part === "string") return clean(part);
    if (Array.isArray(part)) return part.map(walk);
    if (typeof part !== "object" || part === null) return part;
    return Object.fromEntries(Object.entries(part).map(([key, inner]) => [key, walk(inner)]));
  };
  return walk(value) as T;
}

function stars(secret: string): string {
  return secret.replaceAll(/[^\n]/g, "*");
}
