/**
 * What the compiler says under a squiggle, by code of the diagnostic that the build gives for the same source. The texts are those
 * of the tables of codes; holes stand in braces.
 */
export interface EditTimeMessages {
  readonly "allocation/syntax": "allocation string `{text}` can't be read: {problem}";
  readonly "allocation/zero-degree": "the {axis} degree is 0; it must be at least 1";
  readonly "allocation/repeated-name": "`{name}` has two layouts in one allocation string";
  readonly "dsl/unknown-experiment": "no experiment is registered as `{name}`";
  readonly "dsl/unknown-role": "call `{call}` uses role `{role}`, of which the flow has no model";
  readonly "graph/unproduced-key": "call `{call}` reads `{key}`, which no call and no dataset yields";
  readonly "model/not-in-catalogue": "nothing is known of the model at `{path}`";
  readonly "option/choice": "option `{path}` has no choice `{found}`";
  readonly "option/type": "option `{path}` takes {expected}, found {found}";
  readonly "option/unknown": "there is no option `{path}`";
  readonly "plugin/args": "{kind} `{type}`: `{path}` {problem}";
}

/** The message of a code with its holes filled: a type that no value of an author has, so that the compiler prints it. */
export type Said<Code extends keyof EditTimeMessages, Values extends Readonly<Record<string, string>>> = `✗ ${Fill<
  EditTimeMessages[Code],
  Values
>}`;

type Fill<
  Text extends string,
  Values extends Readonly<Record<string, string>>,
  Done extends string = "",
> = Text extends `${infer Before}{${infer Hole}}${infer After}`
  ? Fill<After, Values, `${Done}${Before}${Values[Hole]}`>
  : `${Done}${Text}`;

/** A text whose characters are known: neither `string` nor a pattern such as `d${number}p1m1`. */
export type IsLiteral<S extends string> = {} extends Readonly<Record<S, 1>> ? false : true;

/** Whether a type has no other one beside it. */
export type IsSingle<O, All = O> = O extends unknown ? ([All] extends [O] ? true : false) : never;
