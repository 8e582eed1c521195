import { didYouMean } from "../../diagnostics/nearest.ts";
import { meaningOf, sentenceOf } from "../../diagnostics/render/page.ts";
import { paint } from "../../diagnostics/render/style.ts";
import type { PluginPage } from "../../../codegen/hooks/pages.ts";
import { type Command, type Context, printJson, reportFindings } from "../context.ts";
import { cliDiagnostics } from "../diagnostics.ts";
import { EXIT, type ExitCode } from "../exit-code.ts";
import { codesWithPages, pageText } from "../pages.ts";
import { renderPage } from "../render/page.ts";
import { wrap } from "../render/wrap.ts";

/** Shows the page of a code, or all codes, be it of one area: Assay's own, and those of the plugins of the project. */
export const explain: Command = async (context, [code]) => {
  if (code === undefined) return listCodes(context, codesWithPages(), await pagesOfPlugins(context));
  const isOfArea = (known: string): boolean => known.startsWith(`${code.replace(/\/$/, "")}/`);
  const ofArea = codesWithPages().filter(isOfArea);
  if (ofArea.length > 0) return listCodes(context, ofArea, []);
  let page = pageText(code);
  if (page === null) {
    const pages = await pagesOfPlugins(context);
    const known = pages.filter((one) => isOfArea(one.code));
    if (known.length > 0) return listCodes(context, [], known);
    page = pages.find((one) => one.code === code)?.page ?? null;
    if (page === null) return unknownCode(context, code, pages);
  }
  if (context.settings.json) printJson(context, { code, page });
  else {
    const { output } = context;
    output.write("data", renderPage(page, output.style("data"), Math.min(output.width("data"), MOST_COLUMNS)));
  }
  return EXIT.fine;
};

/** Longer lines of prose are hard to read. */
const MOST_COLUMNS = 100;

function pagesOfPlugins({ tools, host, settings }: Context): Promise<readonly PluginPage[]> {
  return tools.pluginPages({ cwd: host.cwd, config: settings.config });
}

function unknownCode(context: Context, code: string, pages: readonly PluginPage[]): ExitCode {
  const help = nearestCode(code, [...codesWithPages(), ...pages.map((page) => page.code)]);
  const at = context.commandLine.placeOf(code);
  reportFindings(context, [cliDiagnostics["unknown-code"]({ code }, help === undefined ? { at } : { at, help })]);
  return EXIT.errors;
}

/** Codes are remembered by either half. */
function nearestCode(code: string, known: readonly string[]): string | undefined {
  const slug = code.slice(code.indexOf("/") + 1);
  const sameSlug = known.filter((other) => other.endsWith(`/${slug}`)).slice(0, 3);
  return sameSlug.length > 0 ? `use ${sameSlug.map((other) => `\`${other}\``).join(" or ")}` : didYouMean(code, known);
}

function listCodes(context: Context, names: readonly string[], pages: readonly PluginPage[]): ExitCode {
  const { output, settings } = context;
  const codes = [
    ...names.map((code) => ({ code, meaning: sentenceOf(meaningOf(pageText(code) ?? "") ?? "") })),
    ...pages.map(({ code, meaning }) => ({ code, meaning: sentenceOf(meaning) })),
  ];
  if (settings.json) {
    printJson(context, { codes });
    return EXIT.fine;
  }
  const style = output.style("data");
  const nameWidth = Math.max(...codes.map(({ code }) => code.length));
  const width = output.columns("data") === null ? Number.POSITIVE_INFINITY : output.width("data");
  let area = "";
  let text = "";
  for (const { code, meaning } of codes) {
    const own = code.slice(0, code.indexOf("/"));
    if (own !== area && area !== "") text += "\n";
    area = own;
    const indent = nameWidth + 2;
    const shown = wrap(meaning, width - indent, 0).replaceAll("\n", `\n${" ".repeat(indent)}`);
    text += `${paint(code, "strong", style)}${" ".repeat(indent - code.length)}${shown}\n`;
  }
  output.write("data", text);
  return EXIT.fine;
}
