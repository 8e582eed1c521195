import { resetContainer } from "../../src/dsl/container.ts";
import { currentRealm, enterRealm, leaveRealm, type Realm, withinRealm } from "../../src/realm/realm.ts";
import { injectableTypes } from "./injectable-types.ts";

/** Exports of a module that all jobs share. */
export type SharedExports = Readonly<Record<string, unknown>>;

/** What one job has of the library. */
export interface JobScope {
  /** Takes what the job registers. */
  readonly realm: Realm;
  /** A module of the library, or of what it stands on; `null` if it is none. */
  readonly load: (specifier: string) => Promise<SharedExports | null>;
  /** The same, if it is loaded already. */
  readonly loaded: (specifier: string) => SharedExports | null;
  /** Runs something with what was registered in the scope, after it was suspended. */
  readonly within: <T>(act: () => T) => T;
  /** Goes back to what was there before, and keeps what is registered. */
  readonly suspend: () => void;
  /** Forgets all that the job has registered. */
  readonly leave: () => void;
}

/** The library in a worker: one copy, which all jobs share and none can change. */
export interface Library {
  readonly enter: () => JobScope;
}

type Loader = () => Promise<object>;

const LOADERS: Readonly<Record<string, Loader>> = {
  assay: () => import("../../src/index.ts"),
  "assay/plugin": () => import("../../src/plugin/index.ts"),
  "assay/manifest": () => import("../../src/manifest/index.ts"),
  "assay/testing": () => import("../../src/testing/index.ts"),
  // By the package's own name: these stand on it as any package does.
  "assay/plugins": () => import("assay/plugins"),
  "assay/experiments": () => import("assay/experiments"),
  "reflect-metadata": async () => ({}),
  tsyringe: () => import("tsyringe"),
};

/** What every job may use without waiting: packages written as CommonJS ask for it. */
const PRELOADED = ["assay", "assay/plugin", "assay/manifest", "assay/plugins", "reflect-metadata", "tsyringe"];

/** Loads what every job needs. What is registered by it is there for all of them. */
export async function openLibrary(): Promise<Library> {
  const loaded = new Map<string, Promise<Loaded>>();
  const load = (specifier: string): Promise<Loaded> | null => {
    if (!Object.hasOwn(LOADERS, specifier)) return null;
    let module = loaded.get(specifier);
    if (module === undefined) {
      module = loadModule(LOADERS[specifier] as Loader);
      loaded.set(specifier, module);
    }
    return module;
  };
  const ready = new Map<string, SharedExports>();
  for (const specifier of PRELOADED) {
    const module = await load(specifier);
    if (module === null) continue;
    ready.set(specifier, module.exported);
    adopt(currentRealm(), module.realm);
  }
  return {
    enter: () => {
      const known = new Set(injectableTypes.keys());
      // Experiments of the library stand in an outer realm: a job may have one of the same name.
      const outer = enterRealm();
      const realm = enterRealm();
      return {
        realm,
        load: async (specifier) => {
          const module = await load(specifier);
          if (module === null) return null;
          if (specifier === "assay/experiments") adopt(outer, module.realm);
          for (const type of module.types) known.add(type);
          return module.exported;
        },
        loaded: (specifier) => ready.get(specifier) ?? null,
        within: (act) => withinRealm(realm, act),
        suspend: () => leaveRealm(outer),
        leave: () => {
          leaveRealm(realm);
          leaveRealm(outer);
          resetContainer();
          for (const type of injectableTypes.keys()) if (!known.has(type)) injectableTypes.delete(type);
        },
      };
    },
  };
}

interface Loaded {
  readonly exported: SharedExports;
  /** What the module registered. */
  readonly realm: Realm;
  /** Classes that it made injectable. */
  readonly types: readonly unknown[];
}

async function loadModule(loader: Loader): Promise<Loaded> {
  const before = new Set(injectableTypes.keys());
  const realm = enterRealm();
  try {
    const exported = { ...(await loader()) };
    for (const value of Object.values(exported)) protect(value);
    return {
      exported,
      realm: { ...realm, parent: null },
      types: [...injectableTypes.keys()].filter((type) => !before.has(type)),
    };
  } finally {
    leaveRealm(realm);
  }
}

/** Adds what one realm holds to another. */
function adopt(to: Realm, from: Realm | undefined): void {
  if (from === undefined) return;
  for (const key of [
    "experiments",
    "clusters",
    "plugins",
    "schemas",
    "loaders",
    "models",
    "cards",
    "bindings",
  ] as const) {
    const target = to[key] as Map<unknown, unknown>;
    for (const [name, value] of from[key] as ReadonlyMap<unknown, unknown>) target.set(name, value);
  }
  to.defaultCluster ??= from.defaultCluster;
}

/** What a job could change of a shared module: functions, their prototypes, and plain tables. */
function protect(value: unknown): void {
  if ((typeof value !== "object" && typeof value !== "function") || value === null || Object.isFrozen(value)) return;
  Object.freeze(value);
  if (typeof value === "function") protect((value as { readonly prototype?: unknown }).prototype);
  else if (Array.isArray(value) || Object.getPrototypeOf(value) === Object.prototype) {
    for (const member of Object.values(value)) protect(member);
  }
}
