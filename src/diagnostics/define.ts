import type { JsonValue } from "type-fest";
import type { Finding, Place, RelatedPlace, Severity } from "./finding.ts";

/** What a table says of one code: how bad it is, and its line of text as a function of named values. */
export interface Declaration<D extends Readonly<Record<string, JsonValue>>> {
  readonly severity: Severity;
  readonly message: (data: D) => string;
  readonly help?: (data: D) => string;
}

/** Details that belong to one finding rather than to its code. */
export interface FindingDetails {
  readonly at: Place;
  readonly related?: readonly RelatedPlace[];
  readonly notes?: readonly string[];
  readonly help?: string;
  readonly fix?: string;
}

// A table's entries differ in their data, so the constraint must accept every parameter type.
type AnyDeclaration = Declaration<never>;
type DataOf<T> = T extends { readonly message: (data: infer D) => string } ? D : never;

/** Typed creators, one for each code of a table. */
export type Creators<T> = { readonly [K in keyof T]: (data: DataOf<T[K]>, details: FindingDetails) => Finding };

const declared = new Map<string, Severity>();

/**
 * Declares the codes of one area. The holes of a message are the parameters of its creator, so a code outside the
 * table, or a missing value, does not compile.
 */
export function defineDiagnostics<const T extends Readonly<Record<string, AnyDeclaration>>>(area: string, table: T): Creators<T> {
  const creators: Record<string, (data: never, details: FindingDetails) => Finding> = {};
  for (const [slug, declaration] of Object.entries(table)) {
    const code = `${area}/${slug}`;
    if (declared.has(code)) throw new Error(`diagnostic code ${code} is declared twice`);
    declared.set(code, declaration.severity);
    creators[slug] = (data, details) => {
      const help = details.help ?? declaration.help?.(data);
      return {
        code,
        severity: declaration.severity,
        message: declaration.message(data),
        data,
        ...details,
        ...(help === undefined ? {} : { help }),
      };
    };
  }
  return creators as Creators<T>;
}

/** All codes declared by the modules that are loaded, with their severity. */
export function declaredCodes(): ReadonlyMap<string, Severity> {
  return declared;
}
