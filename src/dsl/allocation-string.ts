import type { Engine } from "../spec/allocation-mode.ts";
import type { IsLiteral, Said } from "../spec/edit-time.ts";

/**
 * An allocation string as the compiler reads it: `S` itself if it can be read, else the message of what is wrong with it, the first
 * one of the build. What is no literal, or longer than 480 characters, is left to the build.
 * @example function layOut<const S extends string>(mode: Allocation<S>): void
 */
export type Allocation<S> = S extends string
  ? IsLiteral<S> extends true
    ? [Problem<S>] extends [never]
      ? S
      : Problem<S>
    : S
  : S;

/** What is wrong with an allocation string; `never` if nothing is. */
type Problem<S extends string> = S extends "manual" | "heuristic"
  ? never
  : S extends ""
    ? Unreadable<S, "it is empty">
    : IsLong<S> extends true
      ? never
      : S extends `${infer Left}+${infer Right}`
        ? Right extends `${string}+${string}`
          ? Unreadable<S, "it has more than two parts">
          : Said1<S, Halves<Left, Right>>
        : S extends `${infer E extends Engine}.${string}`
          ? Unreadable<S, `after \`${E}\`'s part it needs \`+\` and the other calls'`>
          : Said1<S, Entries<S, false>>;

type Unreadable<S extends string, P extends string> = Said<"allocation/syntax", { text: S; problem: P }>;

/** What can't be read. */
interface Refusal<P extends string> {
  readonly problem: P;
}

/** What was read: the first degree that is zero, and the first name that comes again. */
interface Reading<Zero extends string | null, Again extends string | null> {
  readonly zero: Zero;
  readonly again: Again;
}

type Said1<S extends string, R> =
  R extends Refusal<infer P>
    ? Unreadable<S, P>
    : R extends Reading<infer Zero extends string, string | null>
      ? Said<"allocation/zero-degree", { axis: Zero }>
      : R extends Reading<null, infer Name extends string>
        ? Said<"allocation/repeated-name", { name: Name }>
        : never;

// Two halves

type Halves<Left extends string, Right extends string> = Left extends `${Engine}.${infer Layout}`
  ? Right extends `${Engine}.${string}`
    ? Refusal<"both parts name an engine">
    : LeftEngine<LayoutOf<Layout>, Entries<Right, true>>
  : Right extends `${Engine}.${infer Layout}`
    ? RightEngine<LayoutOf<Layout>, Entries<Left, true>>
    : Refusal<NoEngine<Left, NoEngine<Right, "one part must be an engine's, e.g. `sglang.d4p1m1`">>>;

type LeftEngine<Own, Other> =
  Own extends Reading<infer Zero, null>
    ? Other extends Reading<infer OtherZero, infer Again>
      ? Reading<Zero extends null ? OtherZero : Zero, Again>
      : Other
    : Own;

type RightEngine<Own, Other> =
  Own extends Reading<infer Zero, null>
    ? Other extends Reading<infer OtherZero, infer Again>
      ? Reading<OtherZero extends null ? Zero : OtherZero, Again>
      : Other
    : Own;

/** Why a half is none of an engine, where it looks like one. */
type NoEngine<Half extends string, Otherwise extends string> =
  Letters<Half> extends [infer Name extends string, infer Rest]
    ? Name extends ""
      ? Otherwise
      : Rest extends `.${string}`
        ? `\`${Name}\` is no engine; engines are vllm, sglang, mock`
        : Rest extends `:${string}`
          ? Name extends Engine
            ? `engine \`${Name}\` needs a \`.\` here`
            : Otherwise
          : Otherwise
    : Otherwise;

/** The letters that a text starts with, and what follows. */
type Letters<S extends string, Before extends string = ""> = S extends `${infer C}${infer Rest}`
  ? C extends Letter
    ? Letters<Rest, `${Before}${C}`>
    : [Before, S]
  : [Before, S];

// Lists

/** A layout of all calls, or a list of calls and their layouts. */
type Entries<S extends string, BesideEngine extends boolean> = S extends `${string}:${string}`
  ? List<S, BesideEngine>
  : LayoutOf<S>;

type List<
  S extends string,
  BesideEngine extends boolean,
  Names extends string = never,
  Zero extends string | null = null,
  Again extends string | null = null,
> = S extends `${infer Piece},${infer Rest}`
  ? EntryOf<Piece, BesideEngine> extends infer E
    ? E extends Entry<infer Name, infer OwnZero>
      ? List<
          Rest,
          BesideEngine,
          Names | Name,
          Zero extends null ? OwnZero : Zero,
          Again extends null ? (Name extends Names ? Name : null) : Again
        >
      : E
    : never
  : EntryOf<S, BesideEngine> extends infer E
    ? E extends Entry<infer Name, infer OwnZero>
      ? Reading<Zero extends null ? OwnZero : Zero, Again extends null ? (Name extends Names ? Name : null) : Again>
      : E
    : never;

/** One call of a list and its layout. */
interface Entry<Name extends string, Zero extends string | null> {
  readonly name: Name;
  readonly zero: Zero;
}

type EntryOf<Piece extends string, BesideEngine extends boolean> = Piece extends `${infer Name}:${infer Layout}`
  ? Name extends ""
    ? Refusal<"a name is missing before `:`">
    : IsName<Name> extends true
      ? BesideEngine extends true
        ? Name extends Engine
          ? Refusal<`engine \`${Name}\` stands where a call's name belongs`>
          : Named<Name, LayoutOf<Layout>>
        : Named<Name, LayoutOf<Layout>>
      : Refusal<`\`${Name}\` is no name of a call`>
  : Piece extends ""
    ? Refusal<"a layout is missing beside `,`">
    : Refusal<`\`${Piece}\` has no \`:\``>;

type Named<Name extends string, R> = R extends Reading<infer Zero, null> ? Entry<Name, Zero> : R;

type IsName<S extends string> = S extends "*" ? true : HasNameCharacters<S>;

type HasNameCharacters<S extends string> = S extends `${infer C}${infer Rest}`
  ? C extends Letter | Digit | "_" | "-"
    ? HasNameCharacters<Rest>
    : false
  : true;

// Layouts

interface Axes {
  readonly d: "data";
  readonly p: "pipe";
  readonly m: "tensor";
}

/** A layout of three degrees in any order. */
type LayoutOf<
  S extends string,
  Seen extends keyof Axes = never,
  Zero extends string | null = null,
> = S extends `${infer Axis}${infer Rest}`
  ? [keyof Axes] extends [Seen]
    ? Refusal<`unexpected \`${S}\` after a layout`>
    : Axis extends keyof Axes
      ? Axis extends Seen
        ? Refusal<`\`${Axis}\` is there twice`>
        : Digits<Rest> extends [infer N extends string, infer After extends string]
          ? N extends ""
            ? Refusal<`\`${Axis}\` needs a number`>
            : WithoutZeros<N> extends infer M extends string
              ? IsTooLarge<M> extends true
                ? Refusal<`${N} is too large`>
                : LayoutOf<After, Seen | Axis, Zero extends null ? (M extends "" ? Axes[Axis] : null) : Zero>
              : never
          : never
      : Refusal<`unexpected \`${Axis}\`, expected d, p or m`>
  : [keyof Axes] extends [Seen]
    ? Reading<Zero, null>
    : Refusal<Missing<Seen>>;

/** What a layout lacks, in the order of the letters. */
type Missing<Seen extends keyof Axes> = [Seen] extends [never]
  ? "d and p and m are missing"
  : [Seen] extends ["d"]
    ? "p and m are missing"
    : [Seen] extends ["p"]
      ? "d and m are missing"
      : [Seen] extends ["m"]
        ? "d and p are missing"
        : `${Exclude<keyof Axes, Seen>} is missing`;

/** The digits that a text starts with, and what follows. */
type Digits<S extends string, Before extends string = ""> = S extends `${infer C}${infer Rest}`
  ? C extends Digit
    ? Digits<Rest, `${Before}${C}`>
    : [Before, S]
  : [Before, S];

type WithoutZeros<N extends string> = N extends `0${infer Rest}` ? WithoutZeros<Rest> : N;

/** Whether a number, written without leading zeros, is above the largest whole number that is exact. */
type IsTooLarge<N extends string> =
  AfterFifteen<N> extends infer Rest extends string
    ? Rest extends ""
      ? false
      : Rest extends Digit
        ? IsAbove<N, "9007199254740991">
        : true
    : false;

/** Compares numbers of the same length, digit by digit. */
type IsAbove<N extends string, Most extends string> = N extends `${infer X}${infer Rest}`
  ? Most extends `${infer Y extends Digit}${infer MostRest}`
    ? X extends Y
      ? IsAbove<Rest, MostRest>
      : X extends Below[Y]
        ? false
        : true
    : false
  : false;

/** The digits below each digit. */
interface Below {
  readonly "0": never;
  readonly "1": "0";
  readonly "2": "0" | "1";
  readonly "3": Below["2"] | "2";
  readonly "4": Below["3"] | "3";
  readonly "5": Below["4"] | "4";
  readonly "6": Below["5"] | "5";
  readonly "7": Below["6"] | "6";
  readonly "8": Below["7"] | "7";
  readonly "9": Below["8"] | "8";
}

// Characters

type Digit = keyof Below;
type SmallLetter =
  | ("a" | "b" | "c" | "d" | "e" | "f" | "g" | "h" | "i" | "j" | "k" | "l" | "m")
  | ("n" | "o" | "p" | "q" | "r" | "s" | "t" | "u" | "v" | "w" | "x" | "y" | "z");
type Letter = SmallLetter | Uppercase<SmallLetter>;

/** Whether a text has more than 480 characters: beyond that the compiler's own bounds come near. */
type IsLong<S extends string, Steps extends 1[] = []> =
  AfterFifteen<S> extends infer Rest extends string
    ? Steps["length"] extends 32
      ? true
      : IsLong<Rest, [...Steps, 1]>
    : false;

/** What follows the first fifteen characters; `null` if there are fewer. */
type AfterFifteen<S extends string> =
  S extends `${infer _1}${infer _2}${infer _3}${infer _4}${infer _5}${infer _6}${infer _7}${infer _8}${infer _9}${infer _10}${infer _11}${infer _12}${infer _13}${infer _14}${infer _15}${infer Rest}`
    ? Rest
    : null;
