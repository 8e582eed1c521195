import { hasErrors } from "../../diagnostics/finding.ts";
import { COMMAND_LINE } from "../../diagnostics/render/region.ts";
import { paint } from "../../diagnostics/render/style.ts";
import { readManifest } from "../../manifest/read.ts";
import type { SpansFile } from "../../origin/spans-file.ts";
import {
  askable,
  derive,
  type DerivationSource,
  derivationSource,
  type FactPlace,
  nearestQuestions,
  optionOrigins,
} from "../../resolve/derivation.ts";
import { buildName } from "../build-name.ts";
import { oneLine } from "../../diagnostics/render/text-width.ts";
import { type Command, type Context, printJson, reportAside, reportFindings } from "../context.ts";
import { cliDiagnostics } from "../diagnostics.ts";
import { EXIT, type ExitCode } from "../exit-code.ts";
import { findBuild } from "../last-outputs.ts";
import { nowhere, placeNames, spanAt } from "../places.ts";
import { type ParsedArguments, parseArguments } from "../overrides.ts";
import { renderTable } from "../render/table.ts";
import { renderTree } from "../render/tree.ts";
import { buildOptions } from "../run-build.ts";

/** Says where a value or a resolved fact comes from. */
export const why: Command = async (context, positional) => {
  const parsed = parseArguments(positional, context.commandLine);
  const [name, ...words] = parsed.names;
  if (parsed.findings.length > 0 || name === undefined) {
    const at = nowhere("it is missing on the command line");
    const missing = cliDiagnostics.usage({ problem: "`assay why` needs the name of an experiment" }, { at });
    reportFindings(context, parsed.findings.length > 0 ? parsed.findings : [missing]);
    return EXIT.usage;
  }
  const found = await sourceOf(context, name, parsed);
  const { source, failed } = found;
  if (source === null) return EXIT.errors;
  const code =
    words.length === 0 ? listQuestions(context, name, source) : answer(context, name, words, { source, failed });
  return failed ? EXIT.errors : code;
};

/** What is derived from, and whether it has errors: much can be told of it even then. */
interface FoundSource {
  readonly source: DerivationSource | null;
  readonly failed: boolean;
  /** What was asked for; of a point, what it is a point of. */
  readonly name: string;
}

function answer(
  context: Context,
  name: string,
  words: readonly string[],
  { source, failed }: { readonly source: DerivationSource; readonly failed: boolean },
): ExitCode {
  const { output, settings, commandLine } = context;
  const question = words.join(" ");
  const tree = derive(source, question);
  if (tree === null) {
    const near = nearestQuestions(source, question);
    const help =
      near.length > 0
        ? `use ${near.map((other) => `\`${other}\``).join(" or ")}`
        : failed
          ? "mend the errors above first: with them, some things are not there"
          : `run \`assay why ${name}\` for all that can be asked`;
    const [, , first] = commandLine.spansOf(["why", name, ...words]);
    const at =
      first === undefined
        ? nowhere("it is not on the command line")
        : spanAt(words.length === 1 ? first : { ...first, length: question.length });
    reportFindings(context, [cliDiagnostics["no-such-fact"]({ experiment: name, question }, { at, help })]);
    return EXIT.errors;
  }
  if (settings.json) printJson(context, { experiment: name, question, derivation: tree });
  else {
    const options = { style: output.style("data"), width: output.width("data"), showPlace };
    output.write("data", renderTree(tree, options));
  }
  return EXIT.fine;
}

function showPlace({ file, line, column }: FactPlace): string {
  return file === COMMAND_LINE ? "on the command line" : oneLine(`${file}:${line}:${column}`);
}

function listQuestions(context: Context, name: string, source: DerivationSource): ExitCode {
  const { output, settings } = context;
  const options = optionOrigins(source);
  const { facts } = askable(source);
  if (settings.json) {
    printJson(context, { experiment: name, options, facts });
    return EXIT.fine;
  }
  const style = output.style("data");
  const table = renderTable(
    [{ head: "option" }, { head: "value" }, { head: "set by" }, { head: "place" }],
    options.map(({ path, value, by, places }) => [path, shortText(value), by, places.map(showPlace).join(", ")]),
    style,
    output.columns("data"),
  );
  const title = paint("resolved facts", "strong", style);
  output.write("data", `${table}\n${title}\n${facts.map((line) => `  ${oneLine(line)}\n`).join("")}`);
  return EXIT.fine;
}

const LONGEST_VALUE = 40;

/** A value that leaves room for who set it. */
function shortText(value: unknown): string {
  const text = JSON.stringify(value);
  return text.length <= LONGEST_VALUE ? text : `${text.slice(0, LONGEST_VALUE - 1)}…`;
}

/** The last outputs if they are there and nothing is overridden, else a build in memory. */
async function sourceOf(context: Context, name: string, parsed: ParsedArguments): Promise<FoundSource> {
  const written = parsed.overrides.length === 0 ? await writtenSource(context, name) : null;
  const found = written ?? (await builtSource(context, await requestOf(context, name, parsed)));
  const { source } = found;
  if (source === null) return found;
  const { tools, host, settings, output } = context;
  const { manifest } = source;
  const answering = buildName(manifest.name, manifest.preset);
  // A bare experiment that needs values is built in its presets only.
  if (answering !== found.name && !settings.quiet)
    output.write("aside", `${name} needs values: this is ${answering}\n`);
  const places = await tools.places({ cwd: host.cwd, config: settings.config }, source.spans);
  return { ...found, source: { ...source, places } };
}

/** What to build in memory: a point of a sweep is what it is a point of, with the values that it sets. */
async function requestOf(
  { tools, host, settings, commandLine }: Context,
  name: string,
  parsed: ParsedArguments,
): Promise<ParsedArguments> {
  const { index } = name.includes("@")
    ? await tools.outputs({ cwd: host.cwd, config: settings.config }, () => false)
    : { index: null };
  const found = index === null ? null : findBuild(index, name);
  const place = commandLine.placeOf(name);
  if (found === null || found.overrides === null || place.kind !== "span") return { ...parsed, names: [name] };
  const { span } = place;
  const own = Object.entries(found.overrides).map(([path, value]) => ({ path, value: value ?? null, span }));
  const overrides = [
    ...own.filter(({ path }) => !parsed.overrides.some((one) => one.path === path)),
    ...parsed.overrides,
  ];
  return { ...parsed, names: [buildName(found.experiment.name, found.build.preset)], overrides };
}

async function builtSource(context: Context, parsed: ParsedArguments): Promise<FoundSource> {
  const [name = ""] = parsed.names;
  const options = buildOptions(context, parsed);
  const { manifest, spans, diagnostics, root } = await context.tools.buildOne(options, name);
  context.output.clearStatus();
  reportAside(context, placeNames(diagnostics, [name], context.commandLine), root);
  const failed = hasErrors(diagnostics);
  if (manifest !== null && spans !== null) return { source: derivationSource(manifest, spans), failed, name };
  if (!failed) {
    const at = context.commandLine.placeOf(name);
    const help = `name one of its presets, or give values: \`assay check ${name}\` says which are needed`;
    reportFindings(context, [cliDiagnostics["not-built"]({ name, status: "it needs values" }, { at, help })]);
  }
  return { source: null, failed: true, name };
}

async function writtenSource(context: Context, name: string): Promise<FoundSource | null> {
  const { tools, host, settings } = context;
  // Names may hold dots: the bare experiment's is one of the beginnings.
  const isWanted = (file: string) => {
    if (file === `${name}.manifest.json`) return true;
    const stem = file.endsWith(".spans.json") ? file.slice(0, -".spans.json".length) : null;
    return stem !== null && (stem === name || [".", "@"].some((sign) => name.startsWith(stem + sign)));
  };
  const { index, files } = await tools.outputs({ cwd: host.cwd, config: settings.config }, isWanted);
  const found = index === null ? null : findBuild(index, name);
  // What is stale answers for sources that are gone.
  if (found === null || found.build.status !== "fresh") return null;
  const manifest = files.get(found.build.manifest ?? "");
  const spans = files.get(found.build.spans ?? "");
  if (manifest === undefined || spans === undefined) return null;
  const isBare = found.build.preset === null && found.overrides === null;
  const bare = isBare ? undefined : files.get(`${found.experiment.name}.spans.json`);
  const source = derivationSource(
    readManifest(manifest),
    JSON.parse(spans) as SpansFile,
    bare === undefined ? null : (JSON.parse(bare) as SpansFile),
  );
  return { source, failed: false, name: buildName(found.experiment.name, found.build.preset) };
}
