import type { Diagnostic, Finding } from "../diagnostics/finding.ts";
import type { Format } from "../diagnostics/render/renderers.ts";
import { jsonText } from "../diagnostics/render/json-text.ts";
import type { CommandLine } from "./command-line.ts";
import type { ExitCode } from "./exit-code.ts";
import type { Host } from "./host.ts";
import type { Output } from "./output.ts";
import { toDiagnostic } from "./places.ts";
import type { Tools } from "./tools.ts";

/** Options that every command takes. */
export interface Settings {
  readonly config: string | null;
  /** Form of diagnostics. */
  readonly format: Format;
  /** Data as JSON. */
  readonly json: boolean;
  readonly quiet: boolean;
  readonly cache: boolean;
  readonly denyWarnings: boolean;
  readonly color: boolean | null;
}

/** What a command gets. */
export interface Context {
  readonly host: Host;
  readonly settings: Settings;
  readonly output: Output;
  readonly commandLine: CommandLine;
  readonly tools: Tools;
}

/** Runs a command: its positional arguments, and the options that only it has. */
export type Command = (
  context: Context,
  positional: readonly string[],
  own: Readonly<Record<string, unknown>>,
) => Promise<ExitCode>;

/** Prints findings that a command made itself, aside of its data. */
export function reportFindings(context: Context, findings: readonly Finding[]): void {
  reportAside(
    context,
    findings.map((finding) => toDiagnostic(finding)),
    null,
  );
}

/** Prints diagnostics aside of the data that a command prints. */
export function reportAside(context: Context, diagnostics: readonly Diagnostic[], root: string | null): void {
  context.output.diagnostics(diagnostics, { to: "aside", root, format: context.settings.format });
}

/** Prints data as JSON. */
export function printJson({ output }: Context, data: unknown): void {
  output.write("data", `${jsonText(data, 2)}\n`);
}
