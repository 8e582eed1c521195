import type { Finding, Span } from "../../src/diagnostics/finding.ts";
import { offsetAt } from "../../src/diagnostics/render/region.ts";
import type { OpenedProject } from "../session.ts";
import type { SourceReader } from "../source-reader.ts";

/** Gives findings about plugins that the config does not name the fix that adds them to it. */
export function withNames(
  findings: readonly Finding[],
  project: Pick<OpenedProject, "configFrames" | "sources">,
  reader: SourceReader,
): readonly Finding[] {
  return findings.map((finding) => {
    if (finding.code !== "plugin/not-named") return finding;
    const added = adding(String(finding.data["plugin"]), project, reader);
    return added === null ? finding : { ...finding, fix: added.text, fixAt: { kind: "span", span: added.span } };
  });
}

/** The list of plugins with one more, or the object of the config with a list; `null` where neither is written out. */
function adding(
  plugin: string,
  { configFrames, sources }: Pick<OpenedProject, "configFrames" | "sources">,
  reader: SourceReader,
): { readonly span: Span; readonly text: string } | null {
  const [frame] = configFrames;
  const text = frame === undefined ? null : sources.text(frame.file);
  if (frame === undefined || text === null) return null;
  const { file, line, column } = frame;
  const literal = (path: readonly (string | number)[], ends: string): { span: Span; inside: string } | null => {
    const { span, exact } = reader.locate(file, text, { line, column, path });
    const start = offsetAt(text, span.line, span.column);
    const own = exact && start !== null ? text.slice(start, start + span.length) : "";
    return own.startsWith(ends.charAt(0)) && own.endsWith(ends.charAt(1)) ? { span, inside: own.slice(1, -1) } : null;
  };
  const name = JSON.stringify(plugin);
  const list = literal([0, "plugins"], "[]");
  if (list !== null) {
    const before = list.inside.trimEnd().replace(/,$/, "");
    const rest = list.inside.slice(list.inside.trimEnd().length);
    return { span: list.span, text: `[${before}${before.trim() === "" ? "" : ", "}${name}${rest}]` };
  }
  const object = literal([0], "{}");
  if (object === null || /\bplugins\b/.test(object.inside)) return null;
  return { span: object.span, text: `{ plugins: [${name}],${object.inside === "" ? " " : object.inside}}` };
}
