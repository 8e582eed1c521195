import { paint, type Style } from "../../diagnostics/render/style.ts";
import { printable } from "../../diagnostics/render/text-width.ts";
import type { LaunchStep } from "../../plugin/launcher.ts";

/** What a run would do, step by step, for people: texts are whole, and arguments as one would type them. */
export function previewText(steps: readonly LaunchStep[], style: Style): string {
  return steps
    .map((step, index) => `${paint(`${index + 1}. ${headOf(step)}`, "strong", style)}\n${bodyOf(step)}`)
    .join("\n");
}

function headOf(step: LaunchStep): string {
  switch (step.kind) {
    case "file":
      return `write ${printable(step.path)}`;
    case "command":
      return `run in ${printable(step.folder ?? ".")}`;
    case "http":
      return `${step.method} ${printable(step.url)}`;
  }
}

function bodyOf(step: LaunchStep): string {
  switch (step.kind) {
    case "file":
      return indented(step.text);
    case "command": {
      const command = step.argv.map(quoted).join(" ");
      return `${indented(command)}${envText(step.env)}${step.stdin === undefined ? "" : `  with the input\n${indented(step.stdin)}`}`;
    }
    case "http":
      return `${indented(JSON.stringify(step.body))}${envText(step.env)}`;
  }
}

function envText(env: Readonly<Record<string, string>> | undefined): string {
  const lines = Object.entries(env ?? {}).map(([name, text]) => `${name}=${quoted(text)}`);
  return lines.length === 0 ? "" : `  with the variables\n${indented(lines.join("\n"))}`;
}

function indented(text: string): string {
  return `${printable(text).trimEnd().replaceAll(/^/gm, "  ")}\n`;
}

/** An argument as a shell takes it. */
function quoted(argument: string): string {
  return /^[\w@%+=:,./-]+$/.test(argument) ? argument : `'${argument.replaceAll("'", String.raw`'\''`)}'`;
}
