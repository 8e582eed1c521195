import type { JsonValue } from "type-fest";
import type { Finding } from "../diagnostics/finding.ts";
import type { Authored, Mutation } from "../manifest/format.ts";
import { type JsonPointer, parsePointer, toPointer } from "../origin/pointer.ts";
import type { SchemaProblem } from "../schema/problems.ts";
import { fieldsOf, type Fields, jsonCopy, shown, textOf, UnsoundAnswer, valueAt } from "./answer-shape.ts";
import { hookDiagnostics } from "./hook-diagnostics.ts";
import type { MutatorHook } from "./hook-use.ts";

/** One change that was made, by whom, and what it replaced. */
export interface MadeChange {
  readonly at: JsonPointer;
  readonly because: string;
  readonly mutator: MutatorHook;
  /** Number of the mutator in the config. */
  readonly entry: number;
  /** The value before; `undefined` if there was none. */
  readonly was: JsonValue | undefined;
}

/** What of the authored part may be changed. */
const OPEN = ["scheduling", "setups", "launch"];
/** A mutator that changes more changes the same over and over, or never ends. */
const MOST_CHANGES = 1000;

/** Changes of one authored part by one mutator after another. The part that it begins with stays as it is. */
export class Mutations {
  #authored: Authored;
  readonly #changes: MadeChange[] = [];
  readonly #findings: Finding[] = [];

  constructor(authored: Authored) {
    this.#authored = authored;
  }

  /** The authored part with all changes so far. */
  get authored(): Authored {
    return this.#authored;
  }

  get changes(): readonly MadeChange[] {
    return this.#changes;
  }

  /** What is wrong with the changes so far. */
  get findings(): readonly Finding[] {
    return this.#findings;
  }

  /** Makes the changes that a mutator gives; what is unsound is told of it. Whatever it throws is thrown. */
  apply(answers: unknown, mutator: MutatorHook, entry: number): void {
    if (typeof answers !== "object" || answers === null || !(Symbol.iterator in answers)) {
      this.#refuse(mutator, `\`mutate\` returned ${shown(answers)}, and nothing that can be gone through`);
      return;
    }
    let count = 0;
    for (const answer of answers as Iterable<unknown>) {
      count += 1;
      if (count > MOST_CHANGES) {
        this.#refuse(mutator, `it gives more than ${MOST_CHANGES}`);
        return;
      }
      try {
        this.#change(answer, mutator, entry);
      } catch (error) {
        if (!(error instanceof UnsoundAnswer)) throw error;
        this.#refuse(mutator, error.message);
      }
    }
  }

  /** Tells the mutators whose changes broke the shape. Problems elsewhere are none of theirs. */
  refuseShapes(problems: readonly SchemaProblem[]): void {
    for (const { pointer, problem } of problems) {
      const change = this.#changes.findLast(({ at }) => isInside(pointer, at) || isInside(at, pointer));
      if (change !== undefined) this.#refuse(change.mutator, `\`${pointer}\`: ${problem}`);
    }
  }

  /** The authored part with what a manifest keeps of the changes; without any it is as it was given. */
  sealed(): Authored {
    if (this.#changes.length === 0) return this.#authored;
    const mutations = this.#changes.map(({ at, because, mutator }): Mutation => ({
      type: mutator.type,
      package: mutator.package,
      at,
      because,
    }));
    return { ...this.#authored, facts: this.#factsLeft(), mutations };
  }

  /** Facts that a factory noted of arguments that are others now are not known any more. */
  #factsLeft(): Authored["facts"] {
    const entries = Object.entries(this.#authored.facts);
    return Object.fromEntries(
      entries.filter(([pointer]) => !this.#changes.some(({ at }) => isInside(at, pointer) || isInside(pointer, at))),
    );
  }

  #change(answer: unknown, mutator: MutatorHook, entry: number): void {
    const fields = fieldsOf(answer, "a change", ["at", "value", "because"]);
    const at = textOf(fields["at"], "the `at` of a change");
    const because = textOf(fields["because"], `the \`because\` of the change at \`${at}\``);
    const path = parsePointer(at);
    const [part = "", ...inner] = path;
    if (!at.startsWith("/") || !OPEN.includes(part) || inner.length === 0) {
      throw new UnsoundAnswer(`\`${at}\` is not below \`/scheduling\`, \`/setups\` or \`/launch\``);
    }
    const was = valueAt(this.#authored, at);
    this.#checkPlace(path, was);
    const value = fields["value"] === undefined ? undefined : jsonCopy(fields["value"], `the value at \`${at}\``);
    if (isSame(value, was)) return;
    const other = this.#changes.find((change) => isInside(at, change.at) || isInside(change.at, at));
    if (other !== undefined) {
      this.#clash(other, mutator, at);
      return;
    }
    if (value === undefined && Array.isArray(valueAt(this.#authored, toPointer(path.slice(0, -1))))) {
      throw new UnsoundAnswer(`\`${at}\` is an item of a list, which can't be taken out alone: change the list`);
    }
    this.#authored = withValue(this.#authored as unknown as JsonValue, path, value) as unknown as Authored;
    this.#changes.push({ at, because, mutator, entry, was });
  }

  /** A member may be new where the shape admits it, which is seen later; items of lists and settings of a launch may not. */
  #checkPlace(path: readonly string[], was: JsonValue | undefined): void {
    if (was !== undefined) return;
    const around = valueAt(this.#authored, toPointer(path.slice(0, -1)));
    const isMember = typeof around === "object" && around !== null && !Array.isArray(around);
    if (!isMember || (path[0] === "launch" && path.length === 2)) {
      throw new UnsoundAnswer(`there is nothing at \`${toPointer(path)}\``);
    }
  }

  #clash(other: MadeChange, second: MutatorHook, at: string): void {
    const first = other.mutator;
    const data = { place: at, first: first.type, second: second.type };
    const owners = { firstPackage: first.package, secondPackage: second.package };
    const related = [{ at: first.at, message: `\`${first.type}\` changes \`${other.at}\`` }];
    this.#findings.push(hookDiagnostics["mutators-clash"]({ ...data, ...owners }, { at: second.at, related }));
  }

  #refuse({ type, package: owner, at }: MutatorHook, problem: string): void {
    this.#findings.push(hookDiagnostics["mutator-change"]({ type, package: owner, problem }, { at }));
  }
}

/** True if a pointer leads to the place of another one, or into it. */
export function isInside(pointer: JsonPointer, around: JsonPointer): boolean {
  return pointer === around || pointer.startsWith(`${around}/`);
}

/** A copy with another value at a path; what is not on the path is shared. */
function withValue(root: JsonValue, path: readonly string[], value: JsonValue | undefined): JsonValue | undefined {
  const [first, ...rest] = path;
  if (first === undefined) return value;
  const inner = withValue((root as Fields)[first] as JsonValue, rest, value);
  if (Array.isArray(root)) return root.map((item, index) => (index === Number(first) ? (inner ?? null) : item));
  const entries = Object.entries(root as Fields).filter(([key]) => key !== first);
  const changed = inner === undefined ? [] : [[first, inner] as const];
  return Object.fromEntries([...entries, ...changed]) as JsonValue;
}

function isSame(a: JsonValue | undefined, b: JsonValue | undefined): boolean {
  if (a === b) return true;
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return false;
  if (Array.isArray(a) !== Array.isArray(b)) return false;
  const keys = Object.keys(a);
  return (
    keys.length === Object.keys(b).length &&
    keys.every((key) => Object.hasOwn(b, key) && isSame((a as never)[key], (b as never)[key]))
  );
}
