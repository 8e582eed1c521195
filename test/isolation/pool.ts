import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { CONFIG_DEFAULTS } from "../../codegen/config.ts";
import type {
  EvaluateContext,
  EvaluateJob,
  EvaluateLimits,
  EvaluationPool,
  PoolSettings,
} from "../../codegen/evaluate/protocol.ts";
import type { readPlugins } from "../../codegen/plugins.ts";
import { compiledFolder } from "../crash/compiled.ts";

async function compiled<T>(file: string): Promise<T> {
  return (await import(pathToFileURL(join(compiledFolder(), "codegen", file)).href)) as T;
}

async function limitsOf(changed: Partial<EvaluateLimits>): Promise<EvaluateLimits> {
  const { CONFIG_DEFAULTS: defaults } = await compiled<{ readonly CONFIG_DEFAULTS: typeof CONFIG_DEFAULTS }>(
    "config.js",
  );
  return { ...defaults.limits, ...changed };
}

/** A pool of compiled workers over a project; whoever opens it closes it. */
export async function compiledPool(root: string): Promise<EvaluationPool> {
  const { openPool } = await compiled<{ readonly openPool: (settings: PoolSettings) => EvaluationPool }>(
    "evaluate/pool.js",
  );
  const transpile = {
    experimentalDecorators: true,
    emitDecoratorMetadata: true,
    useDefineForClassFields: true,
    paths: {},
  };
  return openPool({ root, transpile, limits: await limitsOf({}) });
}

/** Evaluates the project's config and makes a pool ready for its experiments. */
export async function prepare(
  pool: EvaluationPool,
  root: string,
  {
    limits = {},
    ...changed
  }: Partial<Omit<EvaluateContext, "limits">> & { readonly limits?: Partial<EvaluateLimits> } = {},
): Promise<void> {
  const plugins = await compiled<{ readonly readPlugins: typeof readPlugins }>("plugins.js");
  const { config } = await pool.config("assay.config.ts", null);
  const { facts } = plugins.readPlugins(root, [], () => ({ kind: "class" }));
  const { clusters, cluster: defaultCluster } = config;
  const limited = await limitsOf(limits);
  pool.use({
    clusters,
    defaultCluster,
    models: {},
    cards: {},
    samples: {},
    facts,
    inputs: [],
    limits: limited,
    hooks: [],
    raised: [],
    ...changed,
  });
}

/** The job of an experiment in its preset. */
export function jobOf(name: string): EvaluateJob {
  const builds = [{ preset: "small", optional: false, overrides: [] }];
  return { name, file: `experiments/${name}.ts`, bases: [], schema: [], builds };
}
