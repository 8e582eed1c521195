import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { CHECKOUT } from "../compiled-build.ts";

const TSC = join(CHECKOUT, "node_modules/typescript/bin/tsc");

/** What the compiler says of one file. */
export interface Said {
  /** Messages that types hold, each once, in the order in which they are printed. */
  readonly messages: readonly string[];
  /** Errors that carry none. */
  readonly others: readonly string[];
}

/** Compiles a project and reads what is under its squiggles, by project-relative file. */
export function compileProject(root: string): ReadonlyMap<string, Said> {
  const { stdout } = spawnSync(process.execPath, [TSC, "-p", ".", "--noEmit", "--pretty", "false"], {
    cwd: root,
    encoding: "utf8",
    maxBuffer: 2 ** 28,
  });
  const said = new Map<string, Said>();
  for (const error of stdout.split(/\n(?=\S)/)) {
    const [, file] = /^([^\s(]+)\(\d+,\d+\): error /.exec(error) ?? [];
    if (file === undefined) {
      if (error.trim() !== "") throw new Error(`the compiler says: ${error}`);
      continue;
    }
    const before = said.get(file) ?? { messages: [], others: [] };
    const found = [...error.matchAll(/"✗ (?:[^"\\]|\\.)*"/g)].map(([text]) => (JSON.parse(text) as string).slice(2));
    said.set(file, {
      messages: [...new Set([...before.messages, ...found])],
      others: found.length > 0 ? before.others : [...before.others, error],
    });
  }
  return said;
}
