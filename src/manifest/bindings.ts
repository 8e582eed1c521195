import type { JsonValue } from "type-fest";
import { AssayError } from "../diagnostics/assay-error.ts";
import { manifestDiagnostics } from "./diagnostics.ts";

/** Values for the references that a manifest leaves open. */
export interface Bindings {
  readonly trial: string;
  readonly user: string;
  /** Name of the trial's experiment; that of the manifest unless given. */
  readonly experiment?: string;
  /** Values for `${env:NAME}`. */
  readonly env?: Readonly<Record<string, string>>;
  /** Values for `${secret:NAME}`. */
  readonly secrets?: Readonly<Record<string, string>>;
}

const REFERENCE = /\$\$\{|\$\{([^}]*)\}/g;

/**
 * Fills references in all string values in: `${trial}`, `${user}`, `${experiment}`, `${cluster.fileroot}`, `${env:NAME}`,
 * `${secret:NAME}`; `$${` stands for a plain `${`.
 * @throws {AssayError} `manifest/unbound`, naming all that have no value.
 */
export function bind<T extends JsonValue | object>(value: T, bindings: Bindings, fileroot: string): T {
  const unbound = new Set<string>();
  const walk = (part: unknown): unknown => {
    if (typeof part === "string") return part.includes("${") ? bindText(part, bindings, fileroot, unbound) : part;
    if (Array.isArray(part)) return part.map(walk);
    if (typeof part !== "object" || part === null) return part;
    return Object.fromEntries(Object.entries(part).map(([key, inner]) => [key, walk(inner)]));
  };
  const bound = walk(value);
  if (unbound.size > 0) {
    throw new AssayError([
      manifestDiagnostics.unbound(
        { references: [...unbound].sort() },
        { at: { kind: "nowhere", reason: "bindings are given by the program that reads the manifest" } },
      ),
    ]);
  }
  return bound as T;
}

function bindText(text: string, bindings: Bindings, fileroot: string, unbound: Set<string>): string {
  return text.replaceAll(REFERENCE, (whole, name: string | undefined) => {
    if (name === undefined) return "${";
    const value = lookUp(name, bindings, fileroot);
    if (value === undefined) unbound.add(whole);
    return value ?? whole;
  });
}

function lookUp(name: string, bindings: Bindings, fileroot: string): string | undefined {
  switch (name) {
    case "trial":
      return bindings.trial;
    case "user":
      return bindings.user;
    case "experiment":
      return bindings.experiment;
    case "cluster.fileroot":
      return fileroot;
    default: {
      const [kind, key] = [name.slice(0, name.indexOf(":")), name.slice(name.indexOf(":") + 1)];
      const table = kind === "env" ? bindings.env : kind === "secret" ? bindings.secrets : undefined;
      return table !== undefined && Object.hasOwn(table, key) ? table[key] : undefined;
    }
  }
}
