import { join } from "node:path";
import { type BuildCache, openCache, readToolId } from "./cache.ts";
import { openPool } from "./evaluate/pool.ts";
import { Abandoned, type EvaluationPool, type PoolSettings } from "./evaluate/protocol.ts";
import { LIBRARY_ROOT } from "./library-root.ts";
import { SourceMemory } from "./source-memory.ts";
import type { SourceReader } from "./source-reader.ts";
import { loadSourceReader } from "./ts-morph-reader.ts";

/**
 * What is costly to make and serves builds of one project, one after another: the reader of sources, workers, the cache. No
 * build may rely on what another one saw: between two of them comes {@link Workbench.renew}. Whoever makes one closes it.
 */
export class Workbench {
  readonly sources = new SourceMemory();
  readonly #useCache: boolean;
  readonly #caches = new Map<string, BuildCache>();
  #pool: { readonly key: string; readonly pool: EvaluationPool } | null = null;
  #reader: SourceReader | null = null;
  #loading: Promise<SourceReader> | null = null;
  #isDistrusted = false;
  #isClosed = false;

  /** @param useCache `false` neither reads nor writes what builds leave for later ones. */
  constructor({ cache: useCache }: { readonly cache: boolean }) {
    this.#useCache = useCache;
  }

  /** The reader of sources, loaded on first use: it takes a third of a second. */
  reader(): Promise<SourceReader> {
    this.#loading ??= loadSourceReader().then((reader) => {
      this.#reader = reader;
      return reader;
    });
    return this.#loading;
  }

  /** The reader, if it is loaded already. */
  get loadedReader(): SourceReader | null {
    return this.#reader;
  }

  /**
   * The pool; its first worker starts when it is first asked for. Other settings than before get another one. A bench that is put
   * away throws `Abandoned`.
   */
  pool(settings: PoolSettings): EvaluationPool {
    if (this.#isClosed) throw new Abandoned();
    const key = JSON.stringify(settings);
    if (this.#pool?.key === key) return this.#pool.pool;
    void this.#pool?.pool.close();
    this.#pool = { key, pool: openPool(settings) };
    return this.#pool.pool;
  }

  /** The cache of an output folder (project-relative). */
  cache(root: string, out: string): BuildCache {
    const folder = join(root, out);
    let cache = this.#caches.get(folder);
    if (cache === undefined) {
      const opened = openCache(folder, { root, tool: readToolId(LIBRARY_ROOT) });
      cache = !this.#useCache ? withoutMemory(opened) : this.#isDistrusted ? distrusted(opened) : opened;
      this.#caches.set(folder, cache);
    }
    return cache;
  }

  /** Begins another build: it sees every file as it is then. */
  renew(): void {
    if (this.#isDistrusted) {
      this.save();
      this.#caches.clear();
      this.#isDistrusted = false;
    }
    for (const cache of this.#caches.values()) cache.renew();
    this.sources.renew();
    this.#pool?.pool.renew();
  }

  /** Writes what is new in the cache. */
  save(): void {
    for (const cache of this.#caches.values()) cache.save();
  }

  /** Has the next build take nothing from the cache: all that it needs is made anew, and takes the place of what is damaged. */
  distrustCache(): void {
    this.#isDistrusted = true;
    this.#caches.clear();
  }

  /** Ends all workers, whatever they are doing; a build that waits for them fails with `Abandoned`. */
  async abandon(): Promise<void> {
    const pool = this.#pool?.pool;
    this.#pool = null;
    await pool?.close();
  }

  /** Puts all away. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.save();
    await this.abandon();
  }
}

/** A cache that gives nothing, and keeps what it is given. */
function distrusted(cache: BuildCache): BuildCache {
  return {
    ...cache,
    get reads() {
      return cache.reads;
    },
    wholeBuild: () => null,
    declared: () => null,
    experiment: () => null,
  };
}

/** A cache that gives nothing and keeps nothing. */
function withoutMemory(cache: BuildCache): BuildCache {
  return {
    ...distrusted(cache),
    putWholeBuild: () => false,
    putDeclared: () => undefined,
    putExperiment: () => undefined,
    save: () => undefined,
  };
}
