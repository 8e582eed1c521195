import type { BuildIndex } from "../../../codegen/report.ts";
import { readManifest } from "../../manifest/read.ts";
import { type Command, type Context, printJson } from "../context.ts";
import { EXIT, type ExitCode } from "../exit-code.ts";
import { findBuild, type FoundBuild, type LastOutputs, lastOutputs, reportNotBuilt } from "../last-outputs.ts";
import { renderBuilds, rowsOf } from "../render/builds.ts";
import { renderManifest } from "../render/manifest.ts";

/** Shows what the last build wrote: a table, or one manifest in detail. */
export const show: Command = async (context, [name]) => {
  const outputs = await lastOutputs(context, name ?? null);
  if (outputs === null) return EXIT.errors;
  if (name === undefined) return showTable(context, outputs.index);
  const found = findBuild(outputs.index, name);
  const experiment = outputs.index.experiments.find((other) => other.name === name);
  if (found?.build.manifest !== undefined && found.build.manifest !== null) {
    return showManifest(context, outputs, name, found);
  }
  // An experiment that is built in its presets only.
  if (experiment !== undefined && experiment.builds.some(({ manifest }) => manifest !== null)) {
    return showTable(context, { ...outputs.index, experiments: [experiment] });
  }
  reportNotBuilt(context, name, outputs.index);
  return EXIT.errors;
};

function showTable(context: Context, index: BuildIndex): ExitCode {
  const { output, settings } = context;
  if (settings.json) printJson(context, index);
  else output.write("data", renderBuilds(rowsOf(index.experiments), output.style("data"), output.columns("data")));
  return EXIT.fine;
}

function showManifest(
  context: Context,
  { files }: LastOutputs,
  name: string,
  { build: { manifest: file }, overrides }: FoundBuild,
): ExitCode {
  const { output, settings } = context;
  const text = files.get(file ?? "");
  if (text === undefined) throw new Error(`the index names ${file}, which the set does not hold`);
  if (settings.json) output.write("data", `${text}\n`);
  else {
    const manifest = readManifest(text);
    const head = { name, overrides: overrides ?? {}, bytes: Buffer.byteLength(text) };
    output.write("data", renderManifest(manifest, head, output.style("data"), output.width("data")));
  }
  return EXIT.fine;
}
