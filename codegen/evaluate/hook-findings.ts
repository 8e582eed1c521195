import type { Finding, Place } from "../../src/diagnostics/finding.ts";
import type { CallSite } from "../../src/origin/call-site.ts";
import { hookDiagnostics } from "../../src/plugin/hook-diagnostics.ts";
import type { HookIdentity } from "../../src/plugin/hook-use.ts";

/** The line of code that a frame is in. */
export function pointOf({ file, line, column }: CallSite): Place {
  return { kind: "span", span: { file, line, column, length: 0 } };
}

function details(hook: HookIdentity, where: Place | null) {
  const related = where === null ? {} : { related: [{ at: where, message: "it happens here" }] };
  return { at: hook.at, ...related };
}

/** A hook that takes too long, or too much. `found` is what would be said of an experiment. */
export function hookLimit({ data }: Finding, hook: HookIdentity, where: Place | null): Finding {
  const { kind, type, package: owner } = hook;
  const problem =
    "timeoutMs" in data
      ? `still runs after ${String(data["timeoutMs"])} ms`
      : "heapMiB" in data
        ? `needs more than ${String(data["heapMiB"])} MiB of memory`
        : `asks for more than ${String(data["buffersMiB"])} MiB of array buffers`;
  return hookDiagnostics["hook-limit"]({ kind, type, package: owner, problem }, details(hook, where));
}

/** A hook that can't be used at all, and why. */
export function hookNotLoaded(hook: HookIdentity, problem: string, where: Place | null = null): Finding {
  const { kind, type, package: owner } = hook;
  return hookDiagnostics["hook-not-loaded"]({ kind, type, package: owner, problem }, details(hook, where));
}

/** A hook that failed while it ran. `found` is what would be said of an experiment that threw the same. */
export function hookThrew(found: Finding, hook: HookIdentity, where: Place | null): Finding {
  if (found.code === "evaluate/buffer-limit") return hookLimit(found, hook, where);
  const { type, package: owner } = hook;
  const code = hook.kind === "rule" ? "rule-threw" : "mutator-threw";
  return hookDiagnostics[code]({ type, package: owner, error: errorText(found) }, details(hook, where));
}

/** What went wrong, without the experiment that the words for experiments name. */
export function errorText({ code, data, message }: Finding): string {
  if (code === "evaluate/threw") return String(data["error"]);
  if (code === "evaluate/denied") {
    return `it uses \`${String(data["what"])}\`, whose answer differs from run to run, or from machine to machine`;
  }
  return message;
}
