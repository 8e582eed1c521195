import "reflect-metadata";
import { container, type DependencyContainer, injectable, Lifecycle } from "tsyringe";
import { allRealms, currentRealm } from "../realm/realm.ts";
import type { ClusterSpec as Cluster } from "../spec/cluster.ts";
import { ClusterSpec } from "../spec/cluster.ts";

/** Makes a class injectable: its constructor's parameters are filled in by type. */
export function makeInjectable(type: new (...injected: never[]) => object): void {
  injectable()(type as never);
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
