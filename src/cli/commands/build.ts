import type { Command } from "../context.ts";
import { runBuild } from "../run-build.ts";

/** Proves experiments and writes their manifests. */
export const build: Command = (context, positional, own) =>
  runBuild(context, positional, { write: true, keepGoing: own["keepGoing"] === true }, own);
