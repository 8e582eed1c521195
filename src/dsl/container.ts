import "reflect-metadata";
import { container, type DependencyContainer, injectable } from "tsyringe";
import type { ClusterSpec as Cluster } from "../spec/cluster.ts";
import { ClusterSpec } from "../spec/cluster.ts";

/** Makes a class injectable: its constructor's parameters are filled in by type. */
export function makeInjectable(type: new (...injected: never[]) => object): void {
  injectable()(type as never);
}

/** Makes an instance in a child container of its own, which ends with it: nothing that it registers stays. */
export function construct(type: new (...injected: never[]) => object, cluster: Cluster): object {
  const child: DependencyContainer = container.createChildContainer();
  child.register(ClusterSpec as never, { useValue: cluster });
  return child.resolve(type as never);
}

/** Forgets what author code registered in the outermost container. */
export function resetContainer(): void {
  container.reset();
}
