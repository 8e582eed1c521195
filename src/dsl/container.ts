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

/** What keeps a class from being constructed; `owner` is the class whose constructor asks for what can't be given. */
export type InjectionProblem =
  | {
      readonly kind: "types";
      readonly owner: string;
      /** Parameters of unknown types. */
      readonly count: number;
      /** The compiler noted the types, and these are no classes: an interface, a class imported as a type only, a text. */
      readonly isNoted: boolean;
    }
  | { readonly kind: "token"; readonly owner: string; readonly token: string };

/** What keeps a class, or one that its constructor asks for, from being constructed; `null` if nothing does. */
export function injectionProblem(type: Class, above: readonly Class[] = []): InjectionProblem | null {
  const owner = constructorOwner(type);
  const { name } = owner;
  if (owner.length > 0 && !Reflect.hasOwnMetadata(TYPES, owner)) {
    return { kind: "types", owner: name, count: owner.length, isNoted: false };
  }
  const asked = askedFor(owner).filter((token) => !isGiven(token));
  const missing = asked.find((token) => typeof token === "string" || typeof token === "symbol");
  if (missing !== undefined) return { kind: "token", owner: name, token: String(missing) };
  const count = asked.filter(isNoClass).length;
  if (count > 0) return { kind: "types", owner: name, count, isNoted: true };
  for (const token of asked.filter(isClass)) {
    const problem = above.includes(token) ? null : injectionProblem(token, [...above, token]);
    if (problem !== null) return problem;
  }
  return null;
}

/** What a constructor's parameters are filled in by: what `@inject` names, else their types. Optional ones are left out. */
function askedFor(owner: Class): readonly unknown[] {
  const types = (Reflect.getOwnMetadata(TYPES, owner) ?? []) as readonly unknown[];
  const named = namedTokens(owner);
  return types.flatMap((type, index) => {
    const by = named[index];
    if (by === undefined) return [type];
    return by.isOptional === true ? [] : [by.token];
  });
}

/** What `@inject` and its kin name, by the number of the parameter. */
interface NamedToken {
  readonly token: unknown;
  readonly isOptional?: boolean;
  readonly multiple?: boolean;
}

function namedTokens(owner: Class): Readonly<Record<number, NamedToken>> {
  const named = (Reflect.getOwnMetadata(TOKENS, owner) ?? {}) as Readonly<Record<number, unknown>>;
  return Object.fromEntries(
    Object.entries(named).map(([index, by]) => [
      index,
      typeof by === "object" && by !== null && "token" in by ? (by as NamedToken) : { token: by },
    ]),
  );
}

/** True for what nobody has to construct; author code may also ask the package itself. */
function isGiven(token: unknown): boolean {
  if (token === ClusterSpec || allRealms().some(({ bindings }) => bindings.has(token as never))) return true;
  return token !== undefined && container.isRegistered(token as never);
}

/** True for what the compiler writes where a type is no class: a constructor of the language, such as `Object`. */
function isNoClass(type: unknown): boolean {
  if (!isClass(type)) return type === undefined;
  return type.length > 0 && Function.prototype.toString.call(type).includes("[native code]");
}

function isClass(token: unknown): token is Class {
  return typeof token === "function";
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
  const child = childContainer(cluster);
  try {
    return child.resolve(type as never);
  } catch (error) {
    throw causeOf(error, type, child);
  }
}

/**
 * Makes an instance whose first constructor parameters are given; the further ones are injected.
 * @throws {Error} if one of those can't be: no decorator, no class, nothing provided.
 */
export function constructWith(
  type: new (...parameters: never[]) => object,
  given: readonly unknown[],
  cluster: Cluster,
): object {
  const owner = constructorOwner(type);
  const types = (Reflect.getOwnMetadata(TYPES, owner) ?? []) as readonly unknown[];
  const named = namedTokens(owner);
  const count = Math.max(owner.length, types.length);
  const child = childContainer(cluster);
  const injected = Array.from({ length: Math.max(0, count - given.length) }, (_, offset) => {
    const index = given.length + offset;
    const { token = types[index], isOptional = false, multiple = false } = named[index] ?? {};
    const isAbsent = token === undefined || isNoClass(token);
    if (!isAbsent && isOptional && !child.isRegistered(token as never)) return undefined;
    const problem = isAbsent ? "its type is no class, and no `@inject` names it" : tokenProblem(token);
    if (problem !== null) {
      throw new Error(`parameter ${index + 1} of the constructor of \`${owner.name}\` can't be injected: ${problem}`);
    }
    try {
      return multiple ? child.resolveAll(token as never) : child.resolve(token as never);
    } catch (error) {
      throw causeOf(error, classBehind(token), child);
    }
  });
  return new (type as new (...parameters: unknown[]) => object)(...given, ...injected);
}

/** What keeps a token from being resolved, in words; `null` if nothing does. */
function tokenProblem(token: unknown): string | null {
  if (isGiven(token)) return null;
  if (!isClass(token)) return `nobody provides ${String(token)}`;
  const problem = injectionProblem(token);
  if (problem === null) return null;
  const what = problem.kind === "token" ? `\`${problem.token}\`` : `${problem.count} parameters of unknown types`;
  return `the constructor of \`${problem.owner}\` asks for ${what}`;
}

function childContainer(cluster: Cluster): DependencyContainer {
  const child: DependencyContainer = container.createChildContainer();
  child.register(ClusterSpec as never, { useValue: cluster });
  for (const [token, provider] of new Map(allRealms().flatMap(({ bindings }) => [...bindings]))) {
    if ("useClass" in (provider as Provider<unknown>)) {
      child.register(token as never, provider as never, { lifecycle: Lifecycle.ContainerScoped });
    } else child.register(token as never, provider as never);
  }
  return child;
}

/**
 * What a constructor threw that was called to fill in another one's parameter. The container tells its text only; asked for alone,
 * the same class throws the error itself.
 */
function causeOf(error: unknown, type: Class, child: DependencyContainer): unknown {
  if (!(error instanceof Error) || !error.message.startsWith("Cannot inject the dependency")) return error;
  for (const token of askedFor(constructorOwner(type))) {
    try {
      child.resolve(token as never);
    } catch (inner) {
      return causeOf(inner, classBehind(token), child);
    }
  }
  return error;
}

function classBehind(token: unknown): Class {
  const provider = allRealms()
    .map(({ bindings }) => bindings.get(token as never) as Provider<object> | undefined)
    .find((bound) => bound !== undefined);
  return provider !== undefined && "useClass" in provider ? provider.useClass : (token as Class);
}

/** Forgets what author code registered in the outermost container. */
export function resetContainer(): void {
  container.reset();
}
