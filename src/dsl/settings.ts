import type { PartialDeep, Paths } from "type-fest";

/** Values for some of the options `T`: nested as they are, or by dotted path; and the name of a cluster. */
export type Settings<T> = PartialDeep<T> & {
  readonly [P in Dotted<T>]?: PartialDeep<ValueAt<T, P>>;
} & { readonly cluster?: string };

/** Paths that lead into a group; elements of a list are no options. */
type Dotted<T> = Exclude<Extract<Paths<T>, `${string}.${string}`>, `${string}.${number}`>;

/** What a dotted path leads to; a group may be null. */
type ValueAt<T, P> = P extends `${infer Key}.${infer Rest}` ? ValueAt<Member<T, Key>, Rest> : Member<T, P>;

type Member<T, Key> = Key extends keyof NonNullable<T> ? NonNullable<T>[Key] : never;
