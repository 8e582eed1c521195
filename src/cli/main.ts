import { AssayError } from "../diagnostics/assay-error.ts";
import type { Finding } from "../diagnostics/finding.ts";
import { didYouMean } from "../diagnostics/nearest.ts";
import { printableOutput } from "../diagnostics/render/text-width.ts";
import { maskSecrets } from "../spec/secrets.ts";
import { CommandLine } from "./command-line.ts";
import { COMMANDS } from "./commands.ts";
import { type Context, reportFindings, type Settings } from "./context.ts";
import { cliDiagnostics } from "./diagnostics.ts";
import { EXIT, type ExitCode } from "./exit-code.ts";
import type { Host } from "./host.ts";
import { Output } from "./output.ts";
import { missingPackage, missingText } from "../diagnostics/missing-package.ts";
import { nowhere, spanAt } from "./places.ts";
import { CommanderError, optionNames, readRequest, type Request } from "./program.ts";
import { TOOLS, type Tools } from "./tools.ts";

/** Runs one command line to its end. Never rejects. */
export async function main(host: Host, tools: Tools = TOOLS): Promise<ExitCode> {
  const commandLine = new CommandLine(host.arguments);
  const outputFor = (color: boolean | null) => new Output(host, commandLine, color);
  let output = outputFor(null);
  try {
    const request = read(host, output);
    if (typeof request === "number") return request;
    if (request instanceof CommanderError) {
      return usage(contextOf(host, DEFAULTS, output, commandLine, tools), unreadable(request, host, commandLine));
    }
    output = outputFor(request.settings.color);
    const context = contextOf(host, request.settings, output, commandLine, tools);
    const miscounted = countFindings(request, commandLine);
    if (miscounted.length > 0) return usage(context, miscounted);
    return await run(context, request);
  } catch (error) {
    return crash(error, host, output);
  }
}

const DEFAULTS: Settings = {
  config: null,
  format: "pretty",
  json: false,
  quiet: false,
  cache: true,
  denyWarnings: false,
  color: null,
};

function contextOf(host: Host, settings: Settings, output: Output, commandLine: CommandLine, tools: Tools): Context {
  return { host, settings, output, commandLine, tools };
}

/** A request, a mistake, or an exit code if help was all that was wanted. */
function read(host: Host, output: Output): Request | CommanderError | ExitCode {
  let printed = "";
  const sink = { write: (text: string) => void (printed += text), columns: output.columns("data") };
  try {
    return readRequest(host.arguments, host.version, sink);
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode !== 0) return error;
    output.write("data", printed);
    return EXIT.fine;
  }
}

async function run(context: Context, request: Request): Promise<ExitCode> {
  const command = await request.load();
  try {
    return await command(context, request.positional, request.own);
  } catch (error) {
    if (!(error instanceof AssayError)) throw error;
    reportFindings(context, error.findings);
    return EXIT.errors;
  } finally {
    context.output.clearStatus();
  }
}

function usage(context: Context, findings: readonly Finding[]): ExitCode {
  reportFindings(context, findings);
  return EXIT.usage;
}

/** Says in our own way what the parser did not understand. */
function unreadable(error: CommanderError, host: Host, commandLine: CommandLine): readonly Finding[] {
  const [, quoted = ""] = /'([^']*)'/.exec(error.message) ?? [];
  const at = commandLine.placeOf(quoted);
  const command = host.arguments.find((argument) => COMMANDS.some(({ name }) => name === argument)) ?? null;
  const withHelp = (help: string | undefined) => (help === undefined ? { at } : { at, help });
  switch (error.code) {
    case "commander.unknownCommand": {
      const names = COMMANDS.map(({ name }) => name);
      return [cliDiagnostics["unknown-command"]({ name: quoted }, withHelp(nearestCommand(quoted, names)))];
    }
    case "commander.unknownOption": {
      const help = didYouMean(quoted, optionNames(command));
      const whole = command === null ? "assay" : `assay ${command}`;
      return [cliDiagnostics["unknown-option"]({ option: quoted, command: whole }, withHelp(help))];
    }
    case "commander.help": {
      const help = `give one of ${COMMANDS.map(({ name }) => `\`${name}\``).join(", ")}, or \`--help\``;
      const missing = nowhere("it is missing on the command line");
      return [cliDiagnostics.usage({ problem: "no command is given" }, { at: missing, help })];
    }
    default: {
      const [flag = quoted] = /--[a-z-]+/.exec(quoted) ?? [];
      return [cliDiagnostics.usage({ problem: problemOf(error, flag) }, { at: commandLine.placeOf(flag) })];
    }
  }
}

/** Command names are short: two letters that changed places are a third of one. */
function nearestCommand(name: string, names: readonly string[]): string | undefined {
  const near = names.filter((known) => sameLetters(known, name));
  return near.length > 0 ? `use ${near.map((known) => `\`${known}\``).join(" or ")}` : didYouMean(name, names);
}

function sameLetters(a: string, b: string): boolean {
  return [...a].sort().join("") === [...b].sort().join("");
}

function problemOf(error: CommanderError, flag: string): string {
  if (error.code === "commander.optionMissingArgument") return `\`${flag}\` needs a value`;
  const choices = /Allowed choices are (.*)\.$/.exec(error.message)?.[1];
  if (choices !== undefined) {
    const found = /argument '([^']*)'/.exec(error.message)?.[1] ?? "";
    return `\`${flag}\` takes ${choices}, found \`${found}\``;
  }
  return error.message.replace(/^error: /, "").replaceAll("'", "`");
}

function countFindings({ entry, positional }: Request, commandLine: CommandLine): readonly Finding[] {
  const { most, least, name } = entry;
  if (least !== undefined && positional.length < least.count) {
    const problem = `\`assay ${name}\` needs ${least.what}`;
    return [cliDiagnostics.usage({ problem }, { at: nowhere("it is missing on the command line") })];
  }
  if (most === null || positional.length <= most) return [];
  const [span] = commandLine.spansOf(positional).slice(most);
  const problem = `\`assay ${name}\` takes ${most === 1 ? "one argument" : `${most} arguments`}, found ${positional.length}`;
  return [cliDiagnostics.usage({ problem }, { at: span === undefined ? nowhere("it is too long") : spanAt(span) })];
}

/** A bug: what happened goes to whoever can mend it. That a package is missing, the user can mend himself. */
export function crash(
  error: unknown,
  host: Host,
  output: Output = new Output(host, new CommandLine(host.arguments), null),
): ExitCode {
  const missing = missingPackage(error);
  if (missing !== null) {
    output.write("aside", missingText(missing));
    return EXIT.errors;
  }
  const stack = error instanceof Error ? (error.stack ?? error.message) : String(error);
  const cause = error instanceof Error && error.cause !== undefined ? `\ncaused by ${stackOf(error.cause)}` : "";
  const text =
    `assay stopped because of a bug in Assay or in a plugin:\n\n${stack}${cause}\n\n` +
    `Please report it with the text above. It was: assay ${host.arguments.join(" ")}\n` +
    `Version ${host.version}, Node ${process.version}, ${process.platform} ${process.arch}\n`;
  // It is meant to be shown to others.
  output.write("aside", printableOutput(maskSecrets(text)));
  return EXIT.internal;
}

function stackOf(cause: unknown): string {
  return cause instanceof Error ? (cause.stack ?? cause.message) : String(cause);
}
