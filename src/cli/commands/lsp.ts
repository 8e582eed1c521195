import type { Command } from "../context.ts";

/** Serves editors until they end it; the process ends there. */
export const lsp: Command = async ({ host }) =>
  (await import("../../../codegen/lsp/server.ts")).serve({ version: host.version });
