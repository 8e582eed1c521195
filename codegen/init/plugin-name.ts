import { builtinModules } from "node:module";
import { codeProblem } from "../../src/plugin/code-areas.ts";
import type { PluginKind } from "../../src/spec/plugin-kinds.ts";
import { className, nameLike } from "./name.ts";

/** Longest name that the registry takes. */
const MOST_CHARACTERS = 214;

/** Names of packages that nobody can have. */
const RESERVED: ReadonlySet<string> = new Set(["node_modules", "favicon.ico", "assay", ...builtinModules]);

/** What is wrong with the name of a new package, with or without a scope; `null` if nothing is. */
export function packageNameProblem(name: string): string | null {
  if (name === "") return "it is empty";
  if (name.length > MOST_CHARACTERS) return `a name has at most ${MOST_CHARACTERS} characters`;
  if (name !== name.toLowerCase()) return "a name is in lower case";
  if (!/^(@[a-z0-9~-][a-z0-9._~-]*\/)?[a-z0-9~-][a-z0-9._~-]*$/.test(name)) {
    return "a name holds letters from a to z, digits, `-`, `_`, `.` and `~`, begins with none of `_` and `.`, and may have a scope: `@lab/chat`";
  }
  if (RESERVED.has(name)) return "npm, Node or Assay has this name itself";
  if (nameLike(name) === "") return "it has no letters";
  return null;
}

/** What a plugin is called in the texts of its package. */
export interface PluginNames {
  /** Name of the package. */
  readonly package: string;
  /** Name under which workers know it, or configs for kinds that they don't see. */
  readonly type: string;
  /** In lower case with hyphens: area of codes, ids of cards. */
  readonly kebab: string;
  /** Of the constant that is exported. */
  readonly constant: string;
  /** Of its types and its class. */
  readonly pascal: string;
}

/** Kinds that no worker implements: their types are read by people alone. */
const FOR_PEOPLE: ReadonlySet<PluginKind> = new Set(["tracker", "launcher", "rule", "mutator"]);

/**
 * Names in a package of this name: `@lab/assay-dataset-chat` brings `chat`.
 * @param sources texts of the package, whose words nothing else can be called by
 */
export function pluginNames(kind: PluginKind, name: string, sources: readonly string[]): PluginNames {
  const kindName = nameLike(kind.replaceAll(/[A-Z]/g, (letter) => `-${letter}`));
  const whole = nameLike(name);
  // What is said twice is left out, if anything is left.
  const short = whole.replace(/^assay-/, "").replace(new RegExp(`^${kindName}-|-${kindName}$`), "");
  const plain = /[a-z]/.test(short) ? short : whole;
  const isWord = /^[a-z]/.test(plain) && !isTaken(constantOf(plain), sources) && !isTaken(className(plain), sources);
  const kebab = isWord ? plain : `${kindName}-${plain}`;
  const area = codeProblem(`${kebab}/x`) === null ? kebab : `${kebab}-${kindName}`;
  return {
    package: name,
    type: FOR_PEOPLE.has(kind) ? area : area.replaceAll("-", "_"),
    kebab: area,
    constant: constantOf(area),
    pascal: className(area),
  };
}

/** `my-run` becomes `myRun`. */
function constantOf(kebab: string): string {
  const pascal = className(kebab);
  return pascal.charAt(0).toLowerCase() + pascal.slice(1);
}

/** True for a word that the language, its globals or the texts themselves have. */
function isTaken(word: string, sources: readonly string[]): boolean {
  if (Object.hasOwn(globalThis, word) || !isNameOfConstant(word)) return true;
  return sources.some((source) => new RegExp(`\\b${word}\\b`).test(source));
}

/** Words of the language are none; `await` is one in modules only, which are asynchronous. */
function isNameOfConstant(word: string): boolean {
  try {
    return typeof new Function(`"use strict"; (async () => { const ${word} = 0; })`) === "function";
  } catch {
    return false;
  }
}
