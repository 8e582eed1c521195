import { createHash } from "node:crypto";
import type { JsonValue } from "type-fest";
import { canonicalJson } from "./canonical.ts";

/** One path that a point of a sweep changes, and its value there. */
export interface PointChange {
  readonly path: string;
  readonly value: JsonValue;
}

/** Longest name of a point, in characters, all of which are ASCII. */
export const MAX_POINT_LENGTH = 120;
const MAX_VALUE_LENGTH = 40;
const SLUG_LENGTH = 16;
const HASH_LENGTH = 12;

/** A path as classes declare it. */
const PLAIN_PATH = /^[a-z][A-Za-z0-9]*(?:\.[a-z][A-Za-z0-9]*)*$/;
/** Capitals are none of these: names that differ by case only are one file on some machines. */
const PLAIN_VALUE = /^[a-z0-9._+-]+$/;

/**
 * Name of a point: `dataset.trainBsNSeqs=128,model.optimizer.lr=1e-5`. It depends on the paths and values alone, not on their
 * order or on what other points there are; it is sound as a part of a file name, and distinct values have distinct names.
 * What is long or has other characters is shortened and gets a hash behind `~`.
 */
export function pointName(changes: readonly PointChange[]): string {
  const sorted = [...changes].sort((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0));
  const whole = sorted.map(({ path, value }) => `${pathText(path)}=${valueText(value)}`).join(",");
  if (whole.length <= MAX_POINT_LENGTH) return whole;
  const hash = hashOf(sorted.map(({ path, value }) => [path, value]));
  return `${whole.slice(0, MAX_POINT_LENGTH - HASH_LENGTH - 1)}~${hash}`;
}

function pathText(path: string): string {
  return PLAIN_PATH.test(path) ? path : hashed(path, path);
}

function valueText(value: JsonValue): string {
  const text = typedText(value);
  return PLAIN_VALUE.test(text) && text.length <= MAX_VALUE_LENGTH ? text : hashed(text, value);
}

/** A value as it is typed on a command line: JSON, or the text itself where that reads as nothing else. */
export function typedText(value: JsonValue): string {
  if (typeof value === "number") return numberText(value);
  return typeof value === "string" && !isJson(value) ? value : canonicalJson(value);
}

/** The shortest form for small numbers, which learning rates are: `1e-5`. */
function numberText(value: number): string {
  return value !== 0 && Math.abs(value) < 1e-3 ? value.toExponential() : String(value);
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

function hashed(text: string, value: JsonValue): string {
  const slug = text
    .toLowerCase()
    .replaceAll(/[^a-z0-9._+]+/g, "-")
    .replaceAll(/^-|-$/g, "")
    .slice(0, SLUG_LENGTH);
  return `${slug}~${hashOf(value)}`;
}

function hashOf(value: JsonValue): string {
  return createHash("sha256").update(canonicalJson(value)).digest("hex").slice(0, HASH_LENGTH);
}
