import type { Command } from "../context.ts";
import { runBuild } from "../run-build.ts";

/** Proves experiments and writes nothing. */
export const check: Command = (context, positional, own) =>
  runBuild(context, positional, { write: false, keepGoing: false }, own);
