import { Command as Program, CommanderError, Option } from "commander";
import { FORMATS, type Format } from "../diagnostics/render/renderers.ts";
import { COMMANDS, type CommandEntry } from "./commands.ts";
import type { Command, Settings } from "./context.ts";

/** A command line that was understood. */
export interface Request {
  readonly entry: CommandEntry;
  readonly load: () => Promise<Command>;
  readonly settings: Settings;
  readonly positional: readonly string[];
  readonly own: Readonly<Record<string, unknown>>;
}

/** Help that was asked for, or a command line that is not understood. */
export { CommanderError };

/** Texts that the parser prints by itself: help. */
export interface HelpSink {
  readonly write: (text: string) => void;
  readonly columns: number | null;
}

const HEAD = `Proves distributed RL experiments before they take a single GPU.`;

const FOOT = `
Diagnostics of check and build are what these commands are run for: they go to stdout. Those of the
other commands, and errors of usage, go to stderr.

Exit codes: 0 fine, 1 errors, 2 usage, 3 a bug in Assay.

Examples:
  $ assay check                          prove all experiments of the project
  $ assay build sft.one-node             write one manifest
  $ assay why sft.one-node replica actor@1`;

/** Reads a command line. @throws {CommanderError} for help and for what is not understood. */
export function readRequest(argumentList: readonly string[], version: string, sink: HelpSink): Request {
  let request: Request | null = null;
  const program = new Program("assay")
    .description(HEAD)
    .version(version, "-V, --version", "print the version")
    .helpOption("-h, --help", "print help")
    .helpCommand(false)
    .exitOverride()
    .configureOutput({
      writeOut: sink.write,
      writeErr: () => {},
      getOutHelpWidth: () => sink.columns ?? 100,
      getErrHelpWidth: () => sink.columns ?? 100,
    })
    .configureHelp({ subcommandTerm: (command) => command.name() })
    .addHelpText("after", FOOT);
  for (const option of globalOptions()) program.addOption(option);
  for (const entry of COMMANDS) {
    const command = program
      .command(entry.name)
      .usage(entry.usage)
      .summary(entry.summary)
      .description(entry.description)
      .argument("[arguments...]")
      .addHelpText("after", `\nExamples:\n${entry.examples.map((line) => `  $ ${line}\n`).join("")}`)
      .configureHelp({ showGlobalOptions: true, visibleArguments: () => [] })
      .action((positional: string[], own: Record<string, unknown>) => {
        request = { entry, load: entry.load, settings: settingsOf(program.opts()), positional, own };
      });
    for (const [flags, text] of entry.options ?? []) command.option(flags, text);
  }
  program.parse(argumentList, { from: "user" });
  if (request === null) throw new CommanderError(2, "commander.help", "no command is given");
  return request;
}

/** Names of all options of a command, for suggestions. */
export function optionNames(command: string | null): readonly string[] {
  const own = COMMANDS.find(({ name }) => name === command)?.options ?? [];
  const texts = [...globalOptions().map(({ flags }) => flags), ...own.map(([flags]) => flags), "--help", "--version"];
  return texts.flatMap((flags) => flags.match(/--[a-z-]+/g) ?? []);
}

/** Options that every command takes. */
export function globalOptions(): readonly Option[] {
  return [
    new Option("--config <path>", "the project's config (default: the nearest assay.config.ts upward)"),
    new Option("--format <form>", "form of diagnostics").choices(FORMATS).default("pretty"),
    new Option("--json", "print data, and diagnostics, as JSON"),
    new Option("--quiet", "print nothing but data and diagnostics"),
    new Option("--no-cache", "do all work anew"),
    new Option("--deny-warnings", "exit with 1 if there are warnings"),
    new Option("--color", "colour texts (default: on a terminal, unless NO_COLOR is set)"),
    new Option("--no-color", "do not colour texts"),
  ];
}

function settingsOf(options: Readonly<Record<string, unknown>>): Settings {
  const json = options["json"] === true;
  return {
    config: typeof options["config"] === "string" ? options["config"] : null,
    format: json ? "json" : (options["format"] as Format),
    json,
    quiet: options["quiet"] === true,
    cache: options["cache"] !== false,
    denyWarnings: options["denyWarnings"] === true,
    color: typeof options["color"] === "boolean" ? options["color"] : null,
  };
}
