import { createHash } from "node:crypto";
import type { JsonValue } from "type-fest";
import type { TranspileFlags } from "../evaluate/protocol.ts";

/** What every experiment of a project stands on, besides its modules. */
export interface ContextParts {
  readonly flags: TranspileFlags;
  /** The project's config, evaluated: clusters, models, limits. */
  readonly config: JsonValue;
  /** Descriptors of the plugins in use, with the versions of their packages. */
  readonly plugins: JsonValue;
  /** Contents of declared inputs. */
  readonly inputs: readonly FileHash[];
}

/** A file and the SHA-256 (hex) of its bytes as they were read; `null`: it was looked for and is not there. */
export interface FileHash {
  /** Project-relative POSIX path. */
  readonly file: string;
  readonly sha256: string | null;
}

/** One key for {@link ContextParts}. */
export function contextKey({ flags, config, plugins, inputs }: ContextParts): string {
  const files = inputs.map(({ file, sha256 }) => [file, sha256] as const).sort(([a], [b]) => (a < b ? -1 : 1));
  return keyOf([flags as unknown as JsonValue, config, plugins, files]);
}

/** Hash of JSON data; the order of an object's keys does not count, that of a list does. */
export function keyOf(value: JsonValue): string {
  return createHash("sha256").update(JSON.stringify(value, sortKeys)).digest("hex");
}

function sortKeys(_key: string, value: unknown): unknown {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries);
}
