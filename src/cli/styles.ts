import type { Style } from "../diagnostics/render/style.ts";
import type { Host, Sink } from "./host.ts";

/**
 * What a stream shows. `choice` is that of `--color` and `--no-color`; without one, NO_COLOR (https://no-color.org),
 * FORCE_COLOR and the stream decide.
 */
export function styleOf(sink: Sink, env: Host["env"], choice: boolean | null): Style {
  const color = choice ?? colorByEnvironment(sink, env);
  return { color, hyperlinks: color && showsLinks(sink, env) };
}

function colorByEnvironment(sink: Sink, env: Host["env"]): boolean {
  if (isSet(env["NO_COLOR"])) return false;
  if (isSet(env["FORCE_COLOR"])) return env["FORCE_COLOR"] !== "0";
  return sink.isTerminal && env["TERM"] !== "dumb";
}

/** Terminals that are known to show OSC 8 links; the others would show the characters. */
function showsLinks(sink: Sink, env: Host["env"]): boolean {
  if (isSet(env["FORCE_HYPERLINK"])) return env["FORCE_HYPERLINK"] !== "0";
  if (!sink.isTerminal || isSet(env["CI"])) return false;
  if (LINKING_PROGRAMS.has(env["TERM_PROGRAM"] ?? "") || LINKING_TERMS.has(env["TERM"] ?? "")) return true;
  return isSet(env["WT_SESSION"]) || Number(env["VTE_VERSION"] ?? 0) >= 5000;
}

const LINKING_PROGRAMS: ReadonlySet<string> = new Set(["iTerm.app", "WezTerm", "vscode", "ghostty", "Hyper", "zed"]);
const LINKING_TERMS: ReadonlySet<string> = new Set(["xterm-kitty", "alacritty", "xterm-ghostty"]);

function isSet(value: string | undefined): value is string {
  return value !== undefined && value !== "";
}
