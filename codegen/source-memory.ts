import type { ProjectExperiment } from "./declare.ts";
import type { ClassSources } from "./option-schema.ts";
import type { DeclaredFile } from "./source-reader.ts";

/** Values of the last two rounds: what a whole round has not asked for is forgotten. */
export class Recent<V> {
  #fresh = new Map<string, V>();
  #old: ReadonlyMap<string, V> = new Map();

  get(key: string): V | undefined {
    const value = this.#fresh.get(key) ?? this.#old.get(key);
    if (value !== undefined) this.#fresh.set(key, value);
    return value;
  }

  set(key: string, value: V): void {
    this.#fresh.set(key, value);
  }

  /** Begins another round. */
  renew(): void {
    this.#old = this.#fresh;
    this.#fresh = new Map();
  }
}

/** An experiment as an earlier build joined it, and what that stands on. The same objects stand for the same content. */
export interface JoinedExperiment {
  readonly experiment: ProjectExperiment;
  readonly library: ClassSources["library"];
  readonly backendGroups: ClassSources["backendGroups"];
  readonly files: readonly (readonly [file: string, declared: DeclaredFile | null])[];
  readonly resolved: readonly (readonly [from: string, specifier: string, target: string | null])[];
}

/** What builds of one project, one after another, know of its sources. */
export class SourceMemory {
  /** What files say, with the SHA-256 (hex) of their bytes. */
  readonly declared = new Recent<{ readonly sha256: string; readonly declared: DeclaredFile }>();
  readonly joined = new Recent<JoinedExperiment>();
  readonly #groups = new Recent<ClassSources["backendGroups"]>();

  /** Options of backends: one object as long as the plugins are the same. */
  backendGroups(pluginsKey: string, groups: ClassSources["backendGroups"]): ClassSources["backendGroups"] {
    const known = this.#groups.get(pluginsKey);
    if (known === undefined) this.#groups.set(pluginsKey, groups);
    return known ?? groups;
  }

  /** Begins another build. */
  renew(): void {
    for (const recent of [this.declared, this.joined, this.#groups]) recent.renew();
  }
}
