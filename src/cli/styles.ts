import type { Style } from "../diagnostics/render/style.ts";
import type { Host, Sink } from "./host.ts";

/**
 * What a stream shows. `choice` is that of `--color` and `--no-color`; without one, NO_COLOR (https://no-color.org),
 * FORCE_COLOR and the stream decide. Links are shown in colours only.
 */
export function styleOf(sink: Sink, env: Host["env"], choice: boolean | null): Style {
  const color = choice ?? colorByEnvironment(sink, env);
  return { color, hyperlinks: color && sink.showsLinks === true };
}

function colorByEnvironment(sink: Sink, env: Host["env"]): boolean {
  if (isSet(env["NO_COLOR"])) return false;
  if (isSet(env["FORCE_COLOR"])) return env["FORCE_COLOR"] !== "0";
  return sink.isTerminal && env["TERM"] !== "dumb";
}

function isSet(value: string | undefined): value is string {
  return value !== undefined && value !== "";
}
