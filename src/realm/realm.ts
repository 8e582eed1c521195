import type { JsonObject } from "type-fest";
import type { DataSample, ModelCard } from "../manifest/format.ts";
import type { CallSite } from "../origin/call-site.ts";
import type { ClusterSpec } from "../spec/cluster.ts";
import type { TypeArgs } from "../spec/pair.ts";
import type { PluginKind } from "../spec/plugin-kinds.ts";
import type { OptionSchema } from "./option-schema.ts";

/** A class or a factory that was registered under a name. */
export interface Registration {
  readonly name: string;
  readonly target: ExperimentTarget;
  readonly frames: readonly CallSite[];
  readonly tags: readonly string[];
}

/** What can be registered: a class with injected constructor parameters, or a factory without parameters. */
export type ExperimentTarget =
  | { readonly kind: "class"; readonly type: new (...injected: never[]) => object }
  | { readonly kind: "factory"; readonly make: () => object }
  | { readonly kind: "preset"; readonly base: string; readonly settings: JsonObject };

/** One plugin type, as its package defines it. */
export interface AnyPluginDefinition {
  readonly kind: PluginKind;
  readonly type: string;
}

/** A definition, and where the author's code made it. */
export interface MadeDefinition {
  readonly definition: AnyPluginDefinition;
  /** Frames of the call, nearest first; none if the code of a package made it by itself. */
  readonly frames: readonly CallSite[];
}

/** All that registration fills: experiments, clusters, plugin definitions, option schemas, cards. */
export interface Realm {
  readonly parent: Realm | null;
  readonly experiments: Map<string, Registration>;
  /** Further registrations of a taken name; they are reported by whoever asks for the name. */
  readonly twice: Registration[];
  readonly clusters: Map<string, ClusterSpec>;
  readonly plugins: Map<string, AnyPluginDefinition>;
  /** Definitions in the order in which they were made, those that others replaced, too. */
  readonly defined: MadeDefinition[];
  /** Definitions that pairs were made by: each with the call that made its first pair. */
  readonly used: Map<AnyPluginDefinition, readonly CallSite[]>;
  /** Options by experiment, put together when they are asked for. */
  readonly schemas: Map<string, () => OptionSchema>;
  readonly loaders: Map<string, () => Promise<unknown>>;
  /** Cluster for experiments that name none. */
  defaultCluster: string | null;
  /** Checkpoint path -> catalogue id, of the project. */
  readonly models: Map<string, string>;
  readonly cards: Map<string, ModelCard>;
  /** Mutators of the project, for what programs make. */
  readonly mutators: TypeArgs[];
  /** What constructors are given besides the cluster, by token. */
  readonly bindings: Map<unknown, unknown>;
  /** Reads declared inputs; `null` in a program, which reads files itself. */
  inputs: InputReader | null;
  /** Finds samples of datasets; `null` where nothing is known of any. */
  samples: SampleFinder | null;
}

/** What is known of the rows at a path, which these datasets name; `null` if nothing is. */
export type SampleFinder = (path: string, datasets: readonly TypeArgs[]) => DataSample | null;

/** Text of a declared input. @throws {AssayError} placed at `frames`, if it is none. */
export type InputReader = (path: string, frames: readonly CallSite[]) => string;

function emptyRealm(parent: Realm | null): Realm {
  return {
    parent,
    experiments: new Map(),
    twice: [],
    clusters: new Map(),
    plugins: new Map(),
    defined: [],
    used: new Map(),
    schemas: new Map(),
    loaders: new Map(),
    defaultCluster: null,
    models: new Map(),
    cards: new Map(),
    mutators: [],
    bindings: new Map(),
    inputs: null,
    samples: null,
  };
}

const ROOT = emptyRealm(null);
let current: Realm = ROOT;

/** The realm that registration goes to: the program's own, or that of the experiment being evaluated. */
export function currentRealm(): Realm {
  return current;
}

/** Starts a realm of its own: what is registered in it is gone with it. Plugins of the outer one are seen. */
export function enterRealm(): Realm {
  current = emptyRealm(current);
  return current;
}

/** Ends a realm. */
export function leaveRealm(realm: Realm): void {
  current = realm.parent ?? ROOT;
}

/** Runs something in a realm, whichever is the current one before and after it. */
export function withinRealm<T>(realm: Realm, act: () => T): T {
  const before = current;
  current = realm;
  try {
    return act();
  } finally {
    current = before;
  }
}

/** The current realm and those around it, the outermost first. */
export function allRealms(): readonly Realm[] {
  const chain: Realm[] = [];
  for (let realm: Realm | null = current; realm !== null; realm = realm.parent) chain.unshift(realm);
  return chain;
}

/** Looks a key up in a table of the current realm, then in the outer ones. */
export function lookUp<T>(table: (realm: Realm) => ReadonlyMap<string, T>, key: string): T | undefined {
  for (let realm: Realm | null = current; realm !== null; realm = realm.parent) {
    const found = table(realm).get(key);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** How a realm reads inputs: its own way, or that of the nearest one around it. */
export function lookUpInputs(from: Realm): InputReader | null {
  return from.inputs ?? (from.parent === null ? null : lookUpInputs(from.parent));
}

/** All entries of a table, outer realms first, inner ones replacing them. */
export function allOf<T>(table: (realm: Realm) => ReadonlyMap<string, T>): ReadonlyMap<string, T> {
  return new Map(allRealms().flatMap((realm) => [...table(realm)]));
}
