import type { PluginCode, PluginDescriptor } from "../../src/plugin/descriptor.ts";
import type { CodeSetting } from "../../src/plugin/hook-use.ts";

/** A code that a plugin in use brings, and its page. */
export interface PluginPage {
  readonly code: string;
  /** One line: what it means. */
  readonly meaning: string;
  /** Markdown, in the form of the pages of Assay's own codes. */
  readonly page: string;
}

/** Pages of all codes that plugins bring, sorted. */
export function pluginPages(
  descriptors: readonly PluginDescriptor[],
  severities: Readonly<Record<string, CodeSetting>>,
): readonly PluginPage[] {
  return descriptors
    .flatMap((descriptor) =>
      (descriptor.codes ?? []).map((own) => ({
        code: own.code,
        meaning: own.meaning,
        page: pageOf(own, descriptor, Object.hasOwn(severities, own.code) ? (severities[own.code] ?? null) : null),
      })),
    )
    .sort((a, b) => (a.code < b.code ? -1 : 1));
}

function pageOf(
  { code, severity, meaning, explanation = "" }: PluginCode,
  { package: name, version, types }: PluginDescriptor,
  setting: CodeSetting | null,
): string {
  const rules = types.flatMap(({ kind, type, facts }) =>
    kind === "rule" && Array.isArray(facts["codes"]) && facts["codes"].includes(code) ? [`\`${type}\``] : [],
  );
  const who = rules.length === 0 ? name : `rule ${rules.join(", ")} of ${name}`;
  const weight = severity === "error" ? "An error" : "A warning";
  return [
    `# ${code}`,
    `## Meaning`,
    meaning,
    ...(explanation.trim() === "" ? [] : [explanation.trim()]),
    `## Severity`,
    `${weight}${settingText(severity, setting)}.`,
    `## Package`,
    `Found by ${who}, version ${version}.`,
  ]
    .join("\n\n")
    .concat("\n");
}

function settingText(severity: PluginCode["severity"], setting: CodeSetting | null): string {
  if (setting === null || setting === severity) return "";
  const here = { error: "an error in this project", warning: "a warning in this project", off: "off in this project" };
  return `; ${here[setting]}`;
}
