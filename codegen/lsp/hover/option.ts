import type { OptionOriginSpans, OptionSpans } from "../../../src/origin/spans-file.ts";
import type { JoinedOption } from "../../option-schema.ts";
import type { InsightBuild } from "../insight.ts";
import { cell, code, codes, counted, paragraphs, valueCode } from "./markdown.ts";

/** Builds and values that are listed before the rest is only counted. */
const MOST_ROWS = 12;

/**
 * Tells of an option: what it means, what it may be, and its value in each build with who set it.
 * @param path as it stands in the source; it may lead into the option's value.
 */
export function optionHover(path: string, option: JoinedOption, builds: readonly InsightBuild[]): string {
  const { type, help, range, choices, required, defaultText } = option;
  const what = option.path === path ? type : null;
  const part = option.path === path ? "" : `, in option ${code(option.path)}`;
  const title = `**${code(path)}**${what === null ? "" : ` : ${code(what)}`}${part}`;
  const facts = [
    ...(range === null ? [] : [`range ${code(range)}`]),
    ...(choices === null ? [] : [`one of ${codes(choices)}`]),
    ...(required ? ["required"] : []),
    ...(defaultText === null ? [] : [`default ${code(defaultText.replaceAll(/\s+/g, " "))}${placeOf(option)}`]),
  ];
  return paragraphs([title, help, facts.join(" · "), ...valuesText(path, builds)]);
}

/** Where a default is written, if that is a file of the project. */
function placeOf({ span, defaultSpan, owner }: JoinedOption): string {
  const { file, line } = defaultSpan ?? span;
  return file.includes(":") ? ` (${owner.name})` : ` (${file}:${line})`;
}

function valuesText(path: string, builds: readonly InsightBuild[]): readonly string[] {
  const rows = builds.slice(0, MOST_ROWS).flatMap((build) => rowsOf(path, build));
  if (rows.length === 0) return [];
  const more = builds.length - MOST_ROWS;
  return [
    ["| build | value | set by |", "| --- | --- | --- |", ...rows].join("\n"),
    more > 0 ? `and ${counted(more, "more build")}` : "",
  ];
}

function rowsOf(path: string, build: InsightBuild): readonly string[] {
  const made = build.made();
  const row = (value: string, by: string) => `| ${cell(code(build.name))} | ${cell(value)} | ${cell(by)} |`;
  if (made === null) {
    const { status, needs } = build.result;
    return [row("", status === "needs" ? `needs ${needs.join(", ")}` : `failed: ${counted(build.errors, "error")}`)];
  }
  const { options } = made.spans;
  const own = options.find((other) => other.path === path) ?? around(options, path);
  if (own !== undefined) return [row(valueCode(own.value), originText(own.origin))];
  const inside = options.filter((other) => other.path.startsWith(`${path}.`));
  const set = inside.filter(({ origin }) => origin.kind !== "default");
  if (inside.length === 0) return [];
  const [first] = set;
  const by = first === undefined ? "defaults" : `${counted(set.length, "value")} by ${originText(first.origin)}`;
  return [row(`group of ${counted(inside.length, "option")}`, by)];
}

/** The option whose value has the path inside. */
function around(options: readonly OptionSpans[], path: string): OptionSpans | undefined {
  return options.find((option) => path.startsWith(`${option.path}.`));
}

function originText(origin: OptionOriginSpans): string {
  switch (origin.kind) {
    case "default":
      return "default";
    case "preset": {
      const [frame] = origin.frames;
      return `preset ${code(origin.preset)}${frame === undefined ? "" : ` (${frame.file}:${frame.line})`}`;
    }
    case "override":
      return "override";
    case "environment":
      return `environment variable ${code(origin.name)}`;
  }
}
