import type { Allocation } from "./allocation-string.ts";
import type { IsLiteral, IsSingle, Said } from "../spec/edit-time.ts";
import type { KnownModel, ModelOptions } from "./model-spec.ts";

/**
 * Settings `S` for the options `Keys` of a class `T` as they are, with the message of the build in the place of each value that is
 * wrong. Groups are set nested or by dotted path. Only what is set is looked at: the cost does not grow with the class.
 */
export type CheckedSettings<S, T, Keys extends keyof T> = {
  readonly [Path in keyof S]: CheckedSetting<S[Path], Path, T, Keys>;
};

/** The message of each setting that is wrong; `never` for those that are right. */
export type ProblemsOf<S, T, Keys extends keyof T> = {
  readonly [Path in keyof S]: Problem<S[Path], Path, T, Keys>;
};

/** Settings of a class that nobody knows yet: what means the same for all experiments is checked. */
export type CheckedForAny<S> = {
  readonly [Path in keyof S]: Path extends "allocationMode" ? AllocationSetting<S[Path]> : S[Path];
};

/** An empty text is no allocation yet: whoever builds the experiment is told that one is needed. */
type AllocationSetting<V> = V extends "" ? V : Allocation<V>;

/** What is wrong with the allocation string that a class has as its default, where its field is `readonly`: others are any text. */
export type DefaultProblem<T> = T extends { readonly allocationMode: infer V extends string }
  ? Exclude<AllocationSetting<V>, V>
  : never;

/** A setting as it is, or its message; in a group the message stands at the value inside that is wrong. */
type CheckedSetting<V, Path, T, Keys extends keyof T> = [Problem<V, Path, T, Keys>] extends [never]
  ? Path extends "allocationMode"
    ? AllocationSetting<V>
    : V
  : [Problem<NoSettings, Path, T, Keys>] extends [never]
    ? V extends Scalar | readonly unknown[]
      ? [Problem<V, Path, T, Keys>] extends [never]
        ? V
        : Problem<V, Path, T, Keys>
      : { readonly [Key in keyof V]: CheckedSetting<V[Key], `${Path & string}.${Key & string}`, T, Keys> }
    : Problem<V, Path, T, Keys>;

/** An empty group: wrong only where no group is. */
type NoSettings = Readonly<Record<never, never>>;

/** What is no group and no list. */
type Scalar = string | number | boolean | null | undefined;

/**
 * What is wrong with the value of one path. What fits at once, as most does, is not looked at any further. `cluster` always names a
 * cluster: a class may hold the one that it was given under the same name.
 */
type Problem<V, Path, T, Keys extends keyof T> = Path extends "cluster"
  ? V extends string
    ? never
    : OptionProblem<V, string, Path>
  : Path extends Keys
    ? V extends Scalar
      ? V extends T[Path]
        ? never
        : OptionProblem<V, Widened<OptionType<T[Path]>>, Path & string>
      : OptionProblem<V, OptionType<T[Path]>, Path & string>
    : Path extends `${infer Key}.${infer Rest}`
      ? Key extends Keys
        ? ProblemInside<V, OptionType<T[Key]>, Rest, Path>
        : Unknown<Path>
      : Unknown<Path & string>;

/** Paths that are no literals are left to the build. */
type Unknown<Path extends string> = IsLiteral<Path> extends true ? Said<"option/unknown", { path: Path }> : never;

/** The type of an option; methods are none. */
type OptionType<O> = O extends (...values: never) => unknown ? never : O;

/** The type of an option whose only value is its default: `readonly rate = 1` is a number as any, and a preset may set it. */
type Widened<O> =
  IsSingle<O> extends true
    ? O extends string
      ? string
      : O extends number
        ? number
        : O extends boolean
          ? boolean
          : O
    : O;

/** What is wrong with a value for a dotted path inside of an option. */
type ProblemInside<V, O, Rest extends string, Path extends string> = Rest extends `${infer Key}.${infer Deeper}`
  ? ProblemInside<V, Member<O, Key>, Deeper, Path>
  : Rest extends "path"
    ? OptionProblem<V, Member<O, Rest>, Path> | ModelProblem<V, Extract<O, AnyModel>>
    : OptionProblem<V, Member<O, Rest>, Path>;

/** The type of a value in a group, which may be null; lists have none. */
type Member<O, Key> = O extends Scalar | readonly unknown[] ? never : Key extends keyof O ? O[Key] : never;

/** What is wrong with a value of a group; where it is the path of a model, that nothing is known of the model. */
type MemberProblem<V, G, Key, GroupPath extends string> = Key extends keyof G
  ? V extends Scalar
    ? V extends G[Key]
      ? Key extends "path"
        ? ModelProblem<V, Extract<G, AnyModel>>
        : never
      : OptionProblem<V, G[Key], `${GroupPath}.${Key & string}`>
    : OptionProblem<V, G[Key], `${GroupPath}.${Key & string}`>
  : OptionProblem<V, Member<G, Key>, `${GroupPath}.${Key & string}`>;

type AnyModel = Pick<ModelOptions, "path" | "backend" | "initFromScratch">;

type ModelProblem<V, O> = [O] extends [never]
  ? never
  : V extends string
    ? string extends V
      ? never
      : Exclude<KnownModel<V>, V>
    : never;

/** What is wrong with a value for an option of type `O`; there is no option if that is `never`. */
type OptionProblem<V, O, Path extends string> = [O] extends [never]
  ? Unknown<Path>
  : unknown extends O
    ? never
    : unknown extends V
      ? never
      : V extends Scalar
        ? ScalarProblem<V, O, Path>
        : V extends readonly unknown[]
          ? ListProblem<V, V[number], O, Path>
          : GroupProblem<V, Exclude<O, Scalar | readonly unknown[]>, O, Path>;

type ScalarProblem<V, O, Path extends string> = V extends O | undefined
  ? never
  : V extends string
    ? [Extract<O, string>] extends [never]
      ? WrongType<V, O, Path>
      : Said<"option/choice", { path: Path; found: V }>
    : WrongType<V, O, Path>;

type ListProblem<V, Element, O, Path extends string> = [ElementOf<O>] extends [never]
  ? WrongType<V, O, Path>
  : [Element] extends [ElementOf<O>]
    ? never
    : Said<"option/type", { path: Path; expected: Expected<O>; found: "one of other values" }>;

/** @typeParam G what of `O` is a group. */
type GroupProblem<V, G, O, Path extends string> = [G] extends [never]
  ? WrongType<V, O, Path>
  : string extends keyof V
    ? never
    : { readonly [Key in keyof V]: MemberProblem<V[Key], G, Key, Path> }[keyof V];

type ElementOf<O> = O extends readonly (infer Element)[] ? Element : never;

type WrongType<V, O, Path extends string> = Said<"option/type", { path: Path; expected: Expected<O>; found: Found<V> }>;

/** The types that an option takes, by name and in the order of the build. */
type Expected<O> = Or<
  NameIf<O, string, "a string">,
  Or<
    NameIf<O, number, "a number">,
    Or<
      NameIf<O, boolean, "a boolean">,
      Or<
        NameIf<O, readonly unknown[], "an array">,
        NameIf<Exclude<O, Scalar | readonly unknown[]>, object, "an object">
      >
    >
  >
>;

type NameIf<O, Type, Name extends string> = [Extract<O, Type>] extends [never] ? "" : Name;

type Or<A extends string, B extends string> = A extends "" ? B : B extends "" ? A : `${A} or ${B}`;

/** A value as the build shows it; one that is no literal, and what has values inside, by the name of its type. */
type Found<V> = V extends string
  ? IsLiteral<V> extends true
    ? `"${V}"`
    : "a string"
  : V extends number | boolean | null
    ? number extends V
      ? "a number"
      : `${V}`
    : V extends readonly unknown[]
      ? "an array"
      : "an object";
