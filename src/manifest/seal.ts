import { createHash } from "node:crypto";
import { canonicalJson } from "./canonical.ts";
import { AssayError } from "../diagnostics/assay-error.ts";
import type { Finding } from "../diagnostics/finding.ts";
import { toPointer } from "../origin/pointer.ts";
import { manifestDiagnostics } from "./diagnostics.ts";
import { type Manifest, MANIFEST_VERSION } from "./format.ts";

/** The parts of a manifest, before they are one. */
export type ManifestParts = Pick<Manifest, "name" | "preset" | "declared" | "authored" | "resolved">;

/** A manifest and its file's content. */
export interface SealedManifest {
  readonly manifest: Manifest;
  /** Canonical JSON (RFC 8785): the same bytes on every machine, without a line end. */
  readonly text: string;
}

/**
 * Makes a manifest of its parts: hashes them and writes its text. Each part is written once.
 * @throws {AssayError} `manifest/not-json` for values that JSON does not have.
 */
export function seal({ name, preset, declared, authored, resolved }: ManifestParts): SealedManifest {
  const own = sealPart(authored, "authored");
  const other = sealPart(resolved, "resolved");
  const hashes = { authored: own.hash, resolved: other.hash };
  const members: Readonly<Record<keyof Manifest, string>> = {
    assayManifest: String(MANIFEST_VERSION),
    authored: own.text,
    declared: canonicalText(declared, "declared"),
    hashes: canonicalText(hashes, "hashes"),
    name: canonicalText(name, "name"),
    preset: canonicalText(preset, "preset"),
    resolved: other.text,
  };
  const keys = Object.keys(members).sort() as (keyof Manifest)[];
  return {
    manifest: { assayManifest: MANIFEST_VERSION, name, preset, declared, authored, resolved, hashes },
    text: `{${keys.map((key) => `"${key}":${members[key]}`).join(",")}}`,
  };
}

/** A part of a manifest as canonical JSON, with its hash. @throws {AssayError} `manifest/not-json` */
export function sealPart(
  part: object,
  name: "authored" | "resolved",
): { readonly text: string; readonly hash: string } {
  const text = canonicalText(part, name);
  return { text, hash: sha256(text) };
}

/** Hash of a part of a manifest, as `hashes` holds it: SHA-256, in hex, over the part's canonical JSON. */
export function hashOf(part: object): string {
  return sha256(canonicalText(part));
}

/** SHA-256 of a text, in hex. */
export function sha256(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

function canonicalText(value: unknown, ...path: readonly string[]): string {
  try {
    return canonicalJson(value);
  } catch (error) {
    const findings = notJson(value, path);
    if (findings.length === 0) throw error;
    throw new AssayError(findings);
  }
}

function notJson(
  value: unknown,
  path: readonly (string | number)[],
  above: readonly object[] = [],
): readonly Finding[] {
  if (typeof value === "object" && value !== null) {
    if (above.includes(value)) return [foundAt(path, "an object that contains itself")];
    return Object.entries(value).flatMap(([key, inner]) => [
      ...(HALF_CHARACTER.test(key) ? [foundAt(path, "an object with half of a character in a key")] : []),
      ...notJson(inner, [...path, key], [...above, value]),
    ]);
  }
  if (typeof value === "number" && !Number.isFinite(value)) return [foundAt(path, String(value))];
  if (typeof value === "string" && HALF_CHARACTER.test(value))
    return [foundAt(path, "a string with half of a character")];
  return typeof value === "bigint" ? [foundAt(path, "a BigInt")] : [];
}

/** One half of a surrogate pair without the other: no text encoding has it. */
const HALF_CHARACTER = /\p{Surrogate}/u;

function foundAt(path: readonly (string | number)[], found: string): Finding {
  const [part, ...rest] = path;
  const place =
    part === "authored"
      ? ({ kind: "pointer", pointer: toPointer(rest) } as const)
      : ({ kind: "nowhere", reason: "this part of the manifest is not the author's" } as const);
  return manifestDiagnostics["not-json"]({ pointer: toPointer(path), found }, { at: place });
}
