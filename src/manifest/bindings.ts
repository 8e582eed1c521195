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

/** Values for a whole manifest: the caller's bindings, and what the manifest itself knows. */
export interface Scope extends Bindings {
  readonly experiment: string;
  /** The cluster's file root; it may hold references itself, but not to itself. */
  readonly fileroot: string;
}

const REFERENCE = /\$\$\{|\$\{([^}]*)\}/g;

/**
 * A copy of plain data in which the references of all string values are filled in: `${trial}`, `${user}`, `${experiment}`,
 * `${cluster.fileroot}`, `${env:NAME}`, `${secret:NAME}`. `$${` stands for a plain `${`. Keys stay as they are, and so does
 * text that a binding brought in.
 * @throws {AssayError} `manifest/unbound`, naming all references without a value at once.
 */
export function bind(value: unknown, scope: Scope): unknown {
  const unbound = new Set<string>();
  const walk = (part: unknown): unknown => {
    if (typeof part === "string") return bindText(part, scope, unbound);
    if (Array.isArray(part)) return part.map(walk);
    if (typeof part !== "object" || part === null) return part;
    // `fromEntries` defines properties: a key `__proto__` stays data.
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
  return bound;
}

function bindText(text: string, scope: Scope, unbound: Set<string>, insideFileroot = false): string {
  if (!text.includes("${")) return text;
  return text.replaceAll(REFERENCE, (whole, name: string | undefined) => {
    if (name === undefined) return "${";
    if (name === "cluster.fileroot" && !insideFileroot) return bindText(scope.fileroot, scope, unbound, true);
    const value = lookUp(name, scope);
    if (value === undefined) unbound.add(whole);
    return value ?? whole;
  });
}

function lookUp(name: string, scope: Scope): string | undefined {
  if (name === "trial" || name === "user" || name === "experiment") return scope[name];
  if (name.startsWith("env:")) return own(scope.env, name.slice("env:".length));
  if (name.startsWith("secret:")) return own(scope.secrets, name.slice("secret:".length));
  return undefined;
}

function own(table: Readonly<Record<string, string>> | undefined, key: string): string | undefined {
  return table !== undefined && Object.hasOwn(table, key) ? table[key] : undefined;
}
