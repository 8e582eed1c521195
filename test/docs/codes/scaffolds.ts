import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { TemporaryProject } from "../../compiled-build.ts";
import type { Example } from "./pages.ts";

const FOLDER = fileURLToPath(new URL("../scaffolds/", import.meta.url));

/** Where an example is put: a line of its own, or what stands for an expression. */
export const MARK = "/* example */";

/** The name of the experiment in every scaffold and example; the test gives each of them one of its own. */
export const EXPERIMENT = "my-run";

/** What a folder's `scaffold.ts` exports as its default, if it has one. */
export interface ProjectScaffold {
  /** Arguments of the command line; `check` if left out. An example in a `console` block has its own. */
  readonly command?: readonly string[];
  /** Does what no file can, before the command runs. */
  readonly before?: (project: TemporaryProject, example: Example) => void | Promise<void>;
  /** What another program does once experiments are evaluated, and all sources read. */
  readonly meanwhile?: (project: TemporaryProject, example: Example) => void;
  /** Codes that the example gives, where no command says them; the command does not run then. */
  readonly codes?: (project: TemporaryProject, example: Example) => Promise<readonly string[]>;
}

/**
 * What completes an example. `module`: one file of experiments, which shares a project with others; `project`: a folder of files
 * for a project of its own, of which at most one has the mark.
 */
export type Scaffold =
  | { readonly kind: "module"; readonly text: string }
  | { readonly kind: "project"; readonly files: Readonly<Record<string, string>>; readonly settings: ProjectScaffold };

/** Files of the project that all modules share. */
export function sharedFiles(): Readonly<Record<string, string>> {
  return filesOf(join(FOLDER, "shared"));
}

/** The scaffold of a name. @throws {Error} if there is none. */
export async function scaffoldOf(name: string): Promise<Scaffold> {
  const module = join(FOLDER, `${name}.ts`);
  if (existsSync(module)) return { kind: "module", text: readFileSync(module, "utf8") };
  const folder = join(FOLDER, name);
  if (!existsSync(folder)) throw new Error(`there is no scaffold ${name} in test/docs/scaffolds`);
  const { "scaffold.ts": settings, ...files } = filesOf(folder);
  const imported =
    settings === undefined ? {} : ((await import(`../scaffolds/${name}/scaffold.ts`)) as { default: ProjectScaffold });
  return { kind: "project", files, settings: "default" in imported ? imported.default : {} };
}

/** Puts an example's text to the mark: lines keep their indentation, an expression loses its semicolon. */
export function complete(scaffold: string, text: string): string {
  const line = new RegExp(`^( *)${escaped(MARK)}$`, "m").exec(scaffold);
  if (line !== null) {
    const indented = text.trimEnd().replaceAll(/^(?=.)/gm, line[1] ?? "");
    return scaffold.replace(line[0], () => indented);
  }
  return scaffold.replace(MARK, () => text.trim().replace(/;$/, ""));
}

const escaped = (text: string): string => text.replaceAll(/[/*]/g, String.raw`\$&`);

function filesOf(folder: string): Readonly<Record<string, string>> {
  const names = readdirSync(folder, { recursive: true, encoding: "utf8" });
  const files = names.filter((name) => statSync(join(folder, name)).isFile());
  return Object.fromEntries(files.map((name) => [name, readFileSync(join(folder, name), "utf8")]));
}
