import type { Diagnostic } from "../finding.ts";
import { renderJson } from "./json.ts";
import { type PrettyOptions, renderPretty } from "./pretty.ts";

/** Turns diagnostics into a text. */
export type Renderer = (diagnostics: readonly Diagnostic[], options: PrettyOptions) => string;

/** The forms that diagnostics can be printed in, by the name that `--format` takes. */
export const RENDERERS = {
  pretty: renderPretty,
  json: (diagnostics) => renderJson(diagnostics),
} as const satisfies Readonly<Record<string, Renderer>>;

export type Format = keyof typeof RENDERERS;
export const FORMATS = Object.keys(RENDERERS) as readonly Format[];
