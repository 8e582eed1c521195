import type { Diagnostic } from "../finding.ts";
import { renderGitHub } from "./github.ts";
import { renderJson } from "./json.ts";
import type { RenderOptions } from "./options.ts";
import { renderPretty } from "./pretty.ts";
import { renderSarif } from "./sarif.ts";

/** Turns diagnostics into a text. */
export type Renderer = (diagnostics: readonly Diagnostic[], options: RenderOptions) => string;

/** The forms that diagnostics can be printed in, by the name that `--format` takes. */
export const RENDERERS = {
  pretty: renderPretty,
  json: (diagnostics) => renderJson(diagnostics),
  sarif: renderSarif,
  github: renderGitHub,
} as const satisfies Readonly<Record<string, Renderer>>;

export type Format = keyof typeof RENDERERS;
export const FORMATS = Object.keys(RENDERERS) as readonly Format[];
