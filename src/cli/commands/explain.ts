import { didYouMean } from "../../diagnostics/nearest.ts";
import { meaningOf, sentenceOf } from "../../diagnostics/render/page.ts";
import { paint } from "../../diagnostics/render/style.ts";
import { type Command, type Context, printJson, reportFindings } from "../context.ts";
import { cliDiagnostics } from "../diagnostics.ts";
import { EXIT, type ExitCode } from "../exit-code.ts";
import { codesWithPages, pageText } from "../pages.ts";
import { renderPage } from "../render/page.ts";
import { wrap } from "../render/wrap.ts";

/** Shows the page of a code, or all codes, be it of one area. */
export const explain: Command = async (context, [code]) => {
  if (code === undefined) return listCodes(context, codesWithPages());
  const ofArea = codesWithPages().filter((known) => known.startsWith(`${code.replace(/\/$/, "")}/`));
  if (ofArea.length > 0) return listCodes(context, ofArea);
  const page = pageText(code);
  if (page === null) {
    const help = nearestCode(code);
    const at = context.commandLine.placeOf(code);
    reportFindings(context, [cliDiagnostics["unknown-code"]({ code }, help === undefined ? { at } : { at, help })]);
    return EXIT.errors;
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

/** Codes are remembered by either half. */
function nearestCode(code: string): string | undefined {
  const known = codesWithPages();
  const slug = code.slice(code.indexOf("/") + 1);
  const sameSlug = known.filter((other) => other.endsWith(`/${slug}`)).slice(0, 3);
  return sameSlug.length > 0 ? `use ${sameSlug.map((other) => `\`${other}\``).join(" or ")}` : didYouMean(code, known);
}

function listCodes(context: Context, names: readonly string[]): ExitCode {
  const { output, settings } = context;
  const codes = names.map((code) => ({ code, meaning: sentenceOf(meaningOf(pageText(code) ?? "") ?? "") }));
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
