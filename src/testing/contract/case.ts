/** One promise of a plugin, ready to be a test of any runner: `test(name, run)`. */
export interface ContractCase {
  /** Unique in its suite: what it is about, and the promise. */
  readonly name: string;
  /** @throws {ContractError} if the promise is broken */
  readonly run: () => void | Promise<void>;
}

/** A broken promise: which one, the value that broke it, and how to mend it. */
export class ContractError extends Error {
  override readonly name = "ContractError";
  readonly promise: string;
  /** What was found, as text. */
  readonly found: string;
  readonly help: string;

  constructor(promise: string, found: unknown, help: string, options?: ErrorOptions) {
    const text = shown(found);
    super(`${promise}\n  found: ${text}\n  help: ${help}`, options);
    this.promise = promise;
    this.found = text;
    this.help = help;
  }
}

/** Makes a case. */
export function contractCase(name: string, run: () => void | Promise<void>): ContractCase {
  return Object.freeze({ name, run });
}

const MOST_SHOWN = 400;

/** A value in few words, whatever it is. */
export function shown(value: unknown): string {
  const text = typeof value === "string" ? visible(value) : textOf(value);
  return text.length > MOST_SHOWN ? `${text.slice(0, MOST_SHOWN)}... (${text.length} characters)` : text;
}

function textOf(value: unknown): string {
  if (value instanceof Error) return visible(`${value.name}: ${value.message}`);
  if (typeof value === "function") return `a function ${value.name}`;
  try {
    return visible(JSON.stringify(value, spelled) ?? String(value));
  } catch {
    return `a value that JSON can't hold (${Object.prototype.toString.call(value)})`;
  }
}

/** What JSON would make `null` of, or leave out. */
function spelled(_key: string, value: unknown): unknown {
  if (typeof value === "number" && (!Number.isFinite(value) || Object.is(value, -0))) {
    return Object.is(value, -0) ? "-0" : String(value);
  }
  if (typeof value === "bigint" || typeof value === "symbol" || value === undefined) return String(value);
  return typeof value === "function" ? `a function ${value.name}` : value;
}

/** Control characters and those that turn the direction of text, as escapes. */
function visible(text: string): string {
  return text
    .slice(0, MOST_SHOWN * 2)
    .replaceAll(
      /[\u0000-\u0009\u000B-\u001F\u007F-\u009F\u200E\u200F\u202A-\u202E\u2066-\u2069\uD800-\uDFFF]/g,
      (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
    );
}
