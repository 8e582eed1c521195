import { paint, type Style } from "../../diagnostics/render/style.ts";
import { oneLine } from "../../diagnostics/render/text-width.ts";
import type { Fact, FactPlace } from "../../resolve/derivation.ts";
import { wrap } from "./wrap.ts";

/** What trees look like. */
export interface TreeOptions {
  readonly style: Style;
  readonly width: number;
  /** A place as the reader finds it. */
  readonly showPlace: (place: FactPlace) => string;
}

/** A derivation as a tree: what holds first, below it why. */
export function renderTree(root: Fact, options: TreeOptions): string {
  return `${lineOf(root, 0, options)}\n${branches(root.because, "", options)}`;
}

function branches(facts: readonly Fact[], indent: string, options: TreeOptions): string {
  return facts
    .map((fact, index) => {
      const last = index === facts.length - 1;
      const inner = `${indent}${last ? "   " : "│  "}`;
      const text = lineOf(fact, inner.length, options).replaceAll("\n", `\n${inner}`);
      return `${indent}${last ? "└─ " : "├─ "}${text}\n${branches(fact.because, inner, options)}`;
    })
    .join("");
}

function lineOf({ text, places }: Fact, indent: number, { style, width, showPlace }: TreeOptions): string {
  const where = places.map((place) => paint(showPlace(place), "place", style)).join(", ");
  const shown = wrap(oneLine(text), Math.max(20, width - indent), 0);
  return where === "" ? shown : `${shown}  ${where}`;
}
