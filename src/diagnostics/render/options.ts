import type { AcknowledgedDiagnostic } from "../finding.ts";
import type { PrettyOptions } from "./pretty.ts";

/** What all forms of diagnostics together depend on. */
export interface RenderOptions extends PrettyOptions {
  /** `line`: a document is one line of many. `pretty` unless given. */
  readonly form?: "pretty" | "line";
  /** Warnings that are not told, for forms that say so. */
  readonly acknowledged?: readonly AcknowledgedDiagnostic[];
  /** File that stands for what is in none, where a form needs one: the project's config. */
  readonly projectFile?: string;
  /** The tool that found them. */
  readonly tool: ToolDescription;
  /** Page of a code, as Markdown; `null` if it has none. */
  readonly pageTextOf: (code: string) => string | null;
  /** Page of a code on the web; `null` if it is not known. */
  readonly webPageOf: (code: string) => string | null;
  /** Short text that stands for a longer one: equal for equal texts only, and the same on every machine. */
  readonly digest: (text: string) => string;
}

/** What the package says of itself. */
export interface ToolDescription {
  readonly version: string;
  /** Where to read about the package; `null` if it does not say. */
  readonly homepage: string | null;
}
