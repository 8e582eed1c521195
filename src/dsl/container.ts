import "reflect-metadata";
import { container, type DependencyContainer, injectable, Lifecycle } from "tsyringe";
import { allRealms, currentRealm } from "../realm/realm.ts";
import type { ClusterSpec as Cluster } from "../spec/cluster.ts";
import { ClusterSpec } from "../spec/cluster.ts";

type Class = abstract new (...args: never[]) => object;

/** Metadata of a class: what its constructor's parameters are declared as, and the tokens given to `@inject`. */
const TYPES = "design:paramtypes";
const TOKENS = "injectionTokens";

/** Makes a class injectable: its constructor's parameters are filled in by type, be they those of a base. */
export function makeInjectable(type: Class): void {
  const owner = constructorOwner(type);
  if (owner !== type) {
    for (const key of [TYPES, TOKENS]) {
      const inherited: unknown = Reflect.getOwnMetadata(key, owner);
      if (inherited !== undefined) Reflect.defineMetadata(key, inherited, type);
    }
  }
  injectable()(type as never);
}

/**
 * Marks a base class whose constructor has parameters: the compiler notes what they are only where there is a decorator.
 * Experiments themselves have one already.
 */
export function Injectable(): (type: Class) => void {
  return makeInjectable;
}

/** A class whose constructor has parameters of unknown types. */
export interface UnknownParameters {
  readonly owner: string;
  readonly count: number;
  /** The compiler noted the types, and these are no classes: an interface, a class imported as a type only, a text. */
  readonly isNoted: boolean;
}

/** What keeps a class, or one that its constructor asks for, from being constructed; `null` if nothing does. */
export function unknownParameters(type: Class, above: readonly Class[] = []): UnknownParameters | null {
  const owner = constructorOwner(type);
  const types = Reflect.getOwnMetadata(TYPES, owner) as readonly unknown[] | undefined;
  if (types === undefined) return owner.length > 0 ? { owner: owner.name, count: owner.length, isNoted: false } : null;
  const tokens = (Reflect.getOwnMetadata(TOKENS, owner) ?? {}) as object;
  const injected = types.filter((asked, index) => !Object.hasOwn(tokens, index) && !isGiven(asked));
  const count = injected.filter(isNoClass).length;
  if (count > 0) return { owner: owner.name, count, isNoted: true };
  for (const asked of injected as readonly Class[]) {
    const unknown = above.includes(asked) ? null : unknownParameters(asked, [...above, asked]);
    if (unknown !== null) return unknown;
  }
  return null;
}

/** True for what nobody has to construct. */
function isGiven(token: unknown): boolean {
  return token === ClusterSpec || allRealms().some(({ bindings }) => bindings.has(token as never));
}

/** True for what the compiler writes where a type is no class: a constructor of the language, such as `Object`. */
function isNoClass(type: unknown): boolean {
  if (typeof type !== "function") return true;
  return type.length > 0 && Function.prototype.toString.call(type).includes("[native code]");
}

/** The class itself, or the base whose constructor it has. */
function constructorOwner(type: Class): Class {
  for (let owner = type; ; owner = Object.getPrototypeOf(owner) as Class) {
    const base: unknown = Object.getPrototypeOf(owner);
    const isLast = typeof base !== "function" || base === Function.prototype;
    if (isLast || Reflect.hasOwnMetadata(TYPES, owner) || writesConstructor(owner)) return owner;
  }
}

/** True for a constructor of the author's; compilers may write out the one that only passes all on. */
function writesConstructor(type: Class): boolean {
  const text = Function.prototype.toString.call(type);
  return /(?:^|[\s;{}])constructor\s*\(/.test(text) && !/\bsuper\(\s*\.\.\./.test(text);
}

/** Marks a constructor parameter as injected by a token: for interfaces, which leave no type behind. */
export { inject } from "tsyringe";

/** What a constructor parameter is declared as: a class, an abstract one, or a name given to `@inject`. */
export type Token<T> = string | symbol | (abstract new (...args: never[]) => T);

/** A value, or a class that is made once for each experiment, its own constructor's parameters injected as well. */
export type Provider<T> = { readonly useValue: T } | { readonly useClass: new (...injected: never[]) => T };

/**
 * Says what experiments get where their constructors ask for `token`. It holds for what is made afterwards; what is made of it
 * ends with the experiment that it was made for.
 */
export function provide<T>(token: Token<T>, provider: Provider<T>): void {
  if ("useClass" in provider) makeInjectable(provider.useClass as never);
  currentRealm().bindings.set(token, provider);
}

/** Makes an instance in a child container of its own, which ends with it: nothing that it registers stays. */
export function construct(type: new (...injected: never[]) => object, cluster: Cluster): object {
  const child: DependencyContainer = container.createChildContainer();
  child.register(ClusterSpec as never, { useValue: cluster });
  for (const [token, provider] of new Map(allRealms().flatMap(({ bindings }) => [...bindings]))) {
    if ("useClass" in (provider as Provider<unknown>)) {
      child.register(token as never, provider as never, { lifecycle: Lifecycle.ContainerScoped });
    } else child.register(token as never, provider as never);
  }
  return child.resolve(type as never);
}

/** Forgets what author code registered in the outermost container. */
export function resetContainer(): void {
  container.reset();
}
