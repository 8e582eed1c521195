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
  ["a GitLab token", String.raw`\bgl(?:pat|rt)-[A-Za-z0-9_-]{20,}`],
  ["a Hugging Face token", String.raw`\b(?:hf|api_org)_[A-Za-z0-9]{30,}\b`],
  ["a Slack token", String.raw`\bxox[abeprs]-[A-Za-z0-9-]{10,}|\bxapp-\d-[A-Za-z0-9-]{20,}`],
  ["a Slack webhook", String.raw`(?<=\bhooks\.slack\.com\/(?:services|workflows)\/)[A-Za-z0-9/]{20,}`],
  [
    "an API key",
    // Long names may begin like keys: a key has digits and capitals, or one long stretch without a dash.
    String.raw`\bsk-(?:[a-z0-9]+-)*(?:[a-z0-9]{24,}|(?=[\w-]*[0-9])(?=[\w-]*[A-Z])[\w-]{32,})[\w-]*|\bgsk_[A-Za-z0-9]{40,}|\br8_[A-Za-z0-9]{30,}`,
  ],
  ["a W&B key", String.raw`\bwandb_v1_\w{20,}`],
  ["a Google key", String.raw`\bAIza[\w-]{35}|\bya29\.[\w-]{20,}|\bGOCSPX-[\w-]{20,}`],
  ["an Azure key", String.raw`(?<=\bAccountKey=)[A-Za-z0-9+/]{40,}={0,2}`],
  ["a token of a package registry", String.raw`\bnpm_[A-Za-z0-9]{36}\b|\bpypi-[\w-]{40,}`],
  ["a Stripe key", String.raw`\b[rs]k_live_[A-Za-z0-9]{16,}`],
  ["a SendGrid key", String.raw`\bSG\.[\w-]{20,}\.[\w-]{20,}`],
  ["a cloud token", String.raw`\bdapi[0-9a-f]{32}\b|\bdop_v1_[0-9a-f]{64}\b|\bhvs\.[\w-]{20,}`],
  [
    "a private key",
    String.raw`-----BEGIN [A-Z ]*PRIVATE KEY(?: BLOCK)?-----[\s\S]*?(?:-----END [A-Z ]*PRIVATE KEY(?: BLOCK)?-----|$)|\bAGE-SECRET-KEY-1[0-9A-Z]{50,}`,
  ],
  ["a JSON web token", String.raw`\beyJ[A-Za-z0-9_-]{10,}\.eyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{10,}`],
  [
    "a password in an address",
    String.raw`(?<=\b[a-z][a-z0-9+.-]*:\/\/[^\s/:@?#"'${"`"}]*:)(?!\$\{)[^\s/?#"'${"`"}]+(?=@)`,
  ],
  [
    "a token in an address",
    String.raw`(?<=\b[a-z][a-z0-9+.-]*:\/\/)(?=[a-z_-]*[0-9])[\w-]{20,}(?=@)|(?<=[?&](?:[\w-]*[_-])?(?:[Tt]oken|[Kk]ey|[Aa]pikey|[Ss]ig|[Ss]ignature|[Ss]ecret|[Pp]assword)=)(?!\$\{)[^\s&#"'${"`"}]{8,}`,
  ],
  [
    "credentials of a request",
    String.raw`(?<=\b[Bb]earer )(?=[A-Za-z._~+/-]*[0-9])[A-Za-z0-9._~+/-]{16,}=*|(?<=\b[Aa]uthorization["']?\s*[:=]\s*["']?[Bb]asic )[A-Za-z0-9+/]{8,}={0,2}`,
  ],
];

const ANY_SHAPE = new RegExp(SHAPES.map(([, pattern]) => `(${pattern})`).join("|"), "g");

/** What every shape has: most texts need no closer look. */
const HINT =
  /AKIA|ASIA|gh[pousr]_|github_pat_|gl(?:pat|rt)-|hf_|api_org_|xox|xapp-|hooks\.slack|sk-|gsk_|r8_|wandb_v1_|AIza|ya29\.|GOCSPX-|AccountKey=|npm_|pypi-|k_live_|SG\.|dapi|dop_v1_|hvs\.|PRIVATE KEY|AGE-SECRET|eyJ|:\/\/[^\s/]*@|[?&][\w-]*(?:oken|ey|ig|ignature|ecret|assword)=|earer |[Bb]asic /;
/** No text with a secret is shorter. */
const SHORTEST = 8;

/** Names whose value is a secret whatever it looks like, and names whose value is one if it is no word, path or number. */
const SECRET_NAME =
  /(?:^|_)(?:SECRETS?|CREDENTIALS?|API_?KEYS?|(?:ACCESS|SECRET|PRIVATE|AUTH|SIGNING)_KEYS?|SECRET_KEY_BASE)$/;
const PASSWORD_NAME = /(?:^|_)(?:[A-Z0-9]*PASSWORD|PASSWD|PASSPHRASE)$/;
/** Of variables of the environment only: a pass is many things elsewhere. */
const PASSWORD_VARIABLE = /^[A-Z0-9_]+_(?:PASS|PWD)$/;
const OPAQUE_NAME = /(?:^|_)(?:TOKENS?|KEY)$/;
/** Tokens of texts, keys of data, and names of secrets that are kept elsewhere. */
const PLAIN_NAME =
  /(?:^|_)(?:(?:PAD|BOS|EOS|UNK|SEP|CLS|MASK|STOP|SPECIAL|IMAGE|EXTRA)_TOKENS?|(?:CACHE|PRIMARY|FOREIGN|SORT|PARTITION|PUBLIC|DATA|GROUP|HASH|INDEX|INPUT|OUTPUT|SOURCE|TARGET|PROMPT|ANSWER|ROW|RUN)_KEY|IMAGE_PULL_SECRETS?)$/;

/** Values that are no secrets under any name: nothing, placeholders, and what servers without keys are given. */
const HARMLESS =
  /^(?:|true|false|null|none|yes|no|on|off|\*+|\[secret\]|empty|dummy|fake|placeholder|unused|not[-_ ]?(?:needed|used|set)|(?:sk-)?no-key(?:-required)?|token-abc123|<[^<>]*>)$/i;
const PATH = /^(?:\.{0,2}\/|~\/|[a-z][a-z0-9+.-]*:\/\/)/i;
const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** What a name says of its value; names are few, and stand in data many times. */
type NameKind = "password" | "secret" | "opaque" | "plain";
const kinds = new Map<string, NameKind>();
const MOST_NAMES = 10_000;

function kindOf(name: string): NameKind {
  const known = kinds.get(name);
  if (known !== undefined) return known;
  const snake = name
    .replaceAll(/([a-z0-9])([A-Z])/g, "$1_$2")
    .replaceAll(/[^A-Za-z0-9]+/g, "_")
    .toUpperCase();
  const kind = kindOfSnake(snake, name);
  if (kinds.size < MOST_NAMES) kinds.set(name, kind);
  return kind;
}

function kindOfSnake(snake: string, name: string): NameKind {
  if (PLAIN_NAME.test(snake)) return "plain";
  if (PASSWORD_NAME.test(snake) || PASSWORD_VARIABLE.test(name)) return "password";
  if (SECRET_NAME.test(snake)) return "secret";
  return OPAQUE_NAME.test(snake) ? "opaque" : "plain";
}

/** True if a value is a secret for its name's sake. Names of options, fields and variables of the environment are alike. */
export function isSecretByName(name: string, value: string): boolean {
  const kind = kindOf(name);
  if (kind === "plain") return false;
  const literal = value.replaceAll(/\$\{[^}]*\}/g, "").trim();
  if (HARMLESS.test(literal) || PATH.test(literal) || literal.length < 4) return false;
  if (kind === "password") return true;
  if (kind === "secret") return !/\s/.test(literal);
  // A token of a text is `<pad>`, a key of data is made of words: what opens something is long, and mixes letters with digits.
  if (!/^[A-Za-z0-9+/_=.~-]{16,}$/.test(literal) || UUID.test(literal)) return false;
  return literal.split(/[-_.]/).some((part) => part.length >= 12 && /\d/.test(part) && /[A-Za-z]/.test(part));
}

const NONE: readonly [] = [];

/** Secrets in one text, under its name. */
export function secretsInText(name: string, value: string): readonly Omit<FoundSecret, "pointer">[] {
  // Nearly all texts end here.
  if (kindOf(name) === "plain" && (value.length < SHORTEST || !HINT.test(value))) return NONE;
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

/** A text of a source, such as a comment or the value that a name is given, without secrets. */
export function maskWritten(name: string, text: string): string {
  const shaped = HINT.test(text) ? text.replaceAll(ANY_SHAPE, () => REDACTED) : text;
  return name === ""
    ? shaped
    : shaped.replaceAll(QUOTED, (whole, quote: string, value: string) =>
        isSecretByName(name, value) ? `${quote}${REDACTED}${quote}` : whole,
      );
}

const QUOTED = /(["'`])((?:(?!\1)[^\\\n])*)\1/g;

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
