#!/usr/bin/env node
import { readFileSync } from "node:fs";

// Nothing is imported here before it is known what for.
const version = packageVersion();
const [first] = process.argv.slice(2);
if (first === "--version" || first === "-V") process.stdout.write(`${version}\n`);
else {
  try {
    await run();
  } catch (error) {
    await refuse(error);
  }
}

async function run(): Promise<void> {
  const [{ main, crash }, { processHost }] = await Promise.all([import("./main.ts"), import("./host.ts")]);
  // Only terminals show links.
  const isTerminal = process.stdout.isTTY || process.stderr.isTTY;
  const links = isTerminal ? await import("supports-hyperlinks") : null;
  const host = processHost(version, links?.createSupportsHyperlinks);
  // What nobody waited for is a bug, too.
  process.on("uncaughtException", (error) => process.exit(crash(error, host)));
  process.exitCode = await main(host);
}

/** Says which package the program itself can't do without; what else it may be is a bug. */
async function refuse(error: unknown): Promise<void> {
  const { missingPackage, missingText } = await import("../diagnostics/missing-package.ts");
  const missing = missingPackage(error);
  if (missing === null) throw error;
  process.stderr.write(missingText(missing));
  process.exitCode = 1;
}

/** Of the nearest `package.json` upward: sources and `dist` lie differently deep. */
function packageVersion(): string {
  for (const up of ["../../package.json", "../../../package.json"]) {
    try {
      const text = readFileSync(new URL(up, import.meta.url), "utf8");
      return (JSON.parse(text) as { readonly version: string }).version;
    } catch {
      // It is one folder further up.
    }
  }
  return "unknown";
}
