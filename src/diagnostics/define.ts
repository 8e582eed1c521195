import type { JsonValue } from "type-fest";
import type { Finding, Place, RelatedPlace, Severity } from "./finding.ts";
import type { Sentence } from "./sentence.ts";

/** What a table says of one code: how bad it is, and its line of text as a function of named values. */
export interface Declaration<D extends MessageData> {
  readonly severity: Severity;
  /** Factors that come from places of their own are named: see `sentence`. */
  readonly message: (data: D) => string | Sentence;
  readonly help?: (data: D) => string;
}

/** Details that belong to one finding rather than to its code. */
export interface FindingDetails {
  readonly at: Place;
  readonly gives?: readonly string[];
  readonly related?: readonly RelatedPlace[];
  readonly notes?: readonly string[];
  readonly help?: string;
  readonly fix?: string;
  readonly replaces?: string;
  readonly fixAt?: Place;
}

/** Named values of a message. */
export type MessageData = Readonly<Record<string, JsonValue>>;

/** Typed creators, one for each code of a table. */
export type Creators<T> = { readonly [K in keyof T]: (data: T[K], details: FindingDetails) => Finding };

const declared = new Map<string, Severity>();

/**
 * Declares the codes of one area. The holes of a message are the parameters of its creator, so a code outside the
 * table, or a missing value, does not compile.
 */
export function defineDiagnostics<T extends Readonly<Record<string, MessageData>>>(
  area: string,
  table: { readonly [K in keyof T]: Declaration<T[K]> },
): Creators<T> {
  const creators: Record<string, (data: MessageData, details: FindingDetails) => Finding> = {};
  for (const [slug, declaration] of Object.entries<Declaration<never>>(table)) {
    const code = `${area}/${slug}`;
    if (declared.has(code)) throw new Error(`diagnostic code ${code} is declared twice`);
    declared.set(code, declaration.severity);
    creators[slug] = (data, details) => {
      const help = details.help ?? declaration.help?.(data as never);
      const said = declaration.message(data as never);
      const { text, factors } = typeof said === "string" ? { text: said, factors: {} } : said;
      return {
        code,
        severity: declaration.severity,
        message: text,
        ...(Object.keys(factors).length === 0 ? {} : { factors }),
        data,
        ...details,
        ...(help === undefined ? {} : { help }),
      };
    };
  }
  return creators as unknown as Creators<T>;
}

/** All codes declared by the modules that are loaded, with their severity. */
export function declaredCodes(): ReadonlyMap<string, Severity> {
  return declared;
}
