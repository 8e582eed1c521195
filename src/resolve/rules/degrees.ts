import { at, type RelatedPlace } from "../../diagnostics/finding.ts";
import { argumentPointer, isSize, argumentAt, objectAt, type RuleModel, textAt } from "./context.ts";

/**
 * Degrees that a backend splits by beside those of its topology: the argument that says each is a fact of its plugin.
 * `context` splits sequences, and so does `sequence`, whose ranks exchange heads; `expert` splits experts over ranks and `expertTensor` each of them, `virtualPipe`
 * makes several stages of a rank.
 */
export type DegreeName = "context" | "sequence" | "expert" | "expertTensor" | "virtualPipe";

/** A degree, and where it is said. */
export interface Degree {
  readonly size: number;
  /** Pointer of the argument; `null` where it is not given, or not one of the backend's. */
  readonly pointer: string | null;
}

/** A degree of a model; what is not given is `otherwise`, and 1 where the backend has no such degree. */
export function degreeOf(model: RuleModel, name: DegreeName, otherwise = 1): Degree {
  const argument = textAt(objectAt(model.supports, "degrees"), name);
  if (argument === null) return { size: 1, pointer: null };
  const size = argumentAt(model.backendArgs, argument);
  // What is no size at all is refused by the schema of the arguments.
  if (!isSize(size)) return { size: otherwise, pointer: null };
  return { size, pointer: argumentPointer(`${model.pointer}/backend/args`, argument) };
}

/** The place of a degree, as the origin of a factor. */
export function degreeFactor({ size, pointer }: Degree, what: string, gives: string): readonly RelatedPlace[] {
  return pointer === null ? [] : [{ at: at(pointer), message: `${what} ${size} comes from here`, gives: [gives] }];
}
