import type { Allocation } from "./allocation-string.ts";
import type { IsLiteral, Said } from "./edit-time.ts";
import type { KnownModel, ModelOptions } from "./model-spec.ts";

/**
 * Settings `S` for the options `Keys` of a class `T` as they are, with the message of the build in the place of each value that is
 * wrong. Groups are set nested or by dotted path. Only what is set is looked at: the cost does not grow with the class.
 */
export type CheckedSettings<S, T, Keys> = {
  readonly [Path in keyof S]: CheckedSetting<S[Path], Path, T, Keys>;
};

/** The messages of all settings that are wrong; `never` if none is. */
export type ProblemsOf<S, T, Keys> = {
  readonly [Path in keyof S]: Problem<S[Path], Path, T, Keys>;
}[keyof S];

/** Settings of a class that nobody knows yet: what means the same for all experiments is checked. */
export type CheckedForAny<S> = {
  readonly [Path in keyof S]: Path extends "allocationMode" | "cluster"
    ? CheckedSetting<S[Path], Path, { readonly [P in Path]: string }, Path>
    : S[Path];
};

/** A setting as it is, or its message; in a group the message stands at the value inside that is wrong. */
type CheckedSetting<V, Path, T, Keys> = [Problem<V, Path, T, Keys>] extends [never]
  ? Path extends "allocationMode"
    ? Allocation<V>
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

/** What is wrong with the value of one path; paths that are no literals are left to the build. */
type Problem<V, Path, T, Keys> = Path extends string
  ? IsLiteral<Path> extends false
    ? never
    : Path extends "cluster"
      ? Misfit<V, string, Path>
      : Path extends `${infer Key}.${infer Rest}`
        ? Inside<V, Rest, OptionOf<T, Keys, Key>, Path>
        : IfKnown<V, OptionOf<T, Keys, Path>, Path>
  : never;

/** The type of an option; methods are none. */
type OptionOf<T, Keys, Key> = Key extends Keys & keyof T
  ? T[Key] extends (...values: never) => unknown
    ? never
    : T[Key]
  : never;

type Inside<V, Rest extends string, O, Path extends string> = Rest extends `${infer Key}.${infer Deeper}`
  ? Inside<V, Deeper, Member<O, Key>, Path>
  : ProblemInside<V, O, Rest, Path>;

/** What is wrong with a value of a group; where it is the path of a model, that nothing is known of the model. */
type ProblemInside<V, O, Key, Path extends string> =
  | IfKnown<V, Member<O, Key>, Path>
  | (Key extends "path" ? ProblemOfModel<V, Extract<O, AnyModel>> : never);

type AnyModel = Pick<ModelOptions, "path" | "backend" | "initFromScratch">;

type ProblemOfModel<V, O> = [O] extends [never]
  ? never
  : V extends string
    ? string extends V
      ? never
      : Exclude<KnownModel<V>, V>
    : never;

/** The type of a value in a group, which may be null; lists have none. */
type Member<O, Key> = O extends Scalar | readonly unknown[] ? never : Key extends keyof O ? O[Key] : never;

type IfKnown<V, O, Path extends string> = [O] extends [never]
  ? Said<"option/unknown", { path: Path }>
  : unknown extends O
    ? never
    : Misfit<V, O, Path>;

/** What is wrong with a value for an option of type `O`. */
type Misfit<V, O, Path extends string> = unknown extends V
  ? never
  : V extends Scalar
    ? V extends O | undefined
      ? never
      : V extends string
        ? [Extract<O, string>] extends [never]
          ? WrongType<V, O, Path>
          : Said<"option/choice", { path: Path; found: V }>
        : WrongType<V, O, Path>
    : V extends readonly (infer Element)[]
      ? [ElementOf<O>] extends [never]
        ? WrongType<V, O, Path>
        : [Element] extends [ElementOf<O>]
          ? never
          : Said<"option/type", { path: Path; expected: Expected<O>; found: "one of other values" }>
      : [Exclude<O, Scalar | readonly unknown[]>] extends [never]
        ? WrongType<V, O, Path>
        : string extends keyof V
          ? never
          : { readonly [Key in keyof V]: ProblemInside<V[Key], O, Key, `${Path}.${Key & string}`> }[keyof V];

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
    : "string"
  : V extends number | boolean | null
    ? `${V}`
    : V extends readonly unknown[]
      ? "array"
      : "object";
