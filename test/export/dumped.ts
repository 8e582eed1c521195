import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { exportRealhf } from "../../src/export/realhf.ts";
import type { Export } from "../../src/export/target.ts";
import type { Bindings } from "../../src/manifest/bindings.ts";
import type { Manifest, PluginFacts } from "../../src/manifest/format.ts";
import { resolveWorkerConfig, workerCount } from "../../src/manifest/worker-config.ts";
import { toReference } from "../parity/reference.ts";

const TEMPLATE = readFileSync(new URL("../../src/export/realhf.py", import.meta.url), "utf8");
const STAND_INS = fileURLToPath(new URL("./reference", import.meta.url));

/** What the references of manifests stand for in these tests. */
export const BINDINGS: Bindings = {
  trial: "t1",
  user: "somebody",
  env: { MASTER_PORT: "29500" },
  secrets: { TOKEN: "not to be seen" },
};

/** What an exported module registers and builds. */
export interface Dumped {
  readonly name: string;
  readonly scheduling: unknown;
  readonly setups: readonly Readonly<Record<string, unknown>>[];
}

/** An export of a manifest, as the command makes it. */
export function exported(manifest: Manifest, facts: PluginFacts): Export {
  return exportRealhf(manifest, facts, TEMPLATE);
}

/** Runs exported modules with classes that stand in for those of the reference. */
export function dump(exports: readonly Export[]): readonly Dumped[] {
  const folder = mkdtempSync(join(tmpdir(), "assay-export-"));
  try {
    const modules = exports.map(({ files }, index) => {
      // Two builds of one experiment may lie in one folder; texts of the same name are told apart here.
      const own = mkdtempSync(join(folder, `${index}-`));
      for (const { name, text } of files) writeFileSync(join(own, name), text);
      return join(own, files[0]?.name ?? "");
    });
    const env = {
      ...process.env,
      PYTHONPATH: STAND_INS,
      PYTHONDONTWRITEBYTECODE: "1",
      STAND_IN_TRIAL: BINDINGS.trial,
      LOGNAME: BINDINGS.user,
      ...BINDINGS.env,
      ...Object.fromEntries(
        Object.entries(BINDINGS.secrets ?? {}).map(([name, value]) => [`ASSAY_SECRET_${name}`, value]),
      ),
    };
    const printed = execFileSync("python3", [join(STAND_INS, "dump.py"), ...modules], {
      encoding: "utf8",
      env,
      maxBuffer: 1 << 30,
    });
    return printed
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as Dumped);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const WORKERS = ["modelWorker", "generationServer", "gserverManager", "rolloutWorker"] as const;
/** What the reference fills in, or has as its own default. */
const FILLED_IN = [
  "model_rpcs",
  "model_topos",
  "msid2mwid",
  "data_transfer_pairs",
  "sync_param_pairs",
  "worker_info",
  "dataset_cahce_root",
];

/** What a module must build, worked out worker by worker from the manifest. */
export function expected(manifest: Manifest): Dumped {
  const { authored } = manifest;
  return {
    name: manifest.name,
    scheduling: bound(toReference(authored.scheduling)),
    setups: authored.setups.map((setup, index) => {
      const own = toReference({ ...setup, modelWorker: null, masterWorker: null }) as Record<string, unknown>;
      const workers = WORKERS.map((kind) => {
        const count = workerCount(manifest, kind, { setup: index });
        const all = Array.from({ length: count }, (_, worker) =>
          toReference(resolveWorkerConfig(manifest, kind, worker, BINDINGS, { setup: index })),
        );
        return [toSnake(kind), all.map(withoutFilledIn)] as const;
      });
      const { trackers: _trackers, master_worker: _master, ...rest } = own;
      return { ...(bound(rest) as object), ...Object.fromEntries(workers) };
    }),
  };
}

/** What was built, without what the reference fills in. */
export function comparable({ name, scheduling, setups }: Dumped): Dumped {
  return {
    name,
    scheduling,
    setups: setups.map((setup) => ({
      ...setup,
      ...Object.fromEntries(
        WORKERS.map((kind) => [toSnake(kind), (setup[toSnake(kind)] as readonly unknown[]).map(withoutFilledIn)]),
      ),
    })),
  };
}

function withoutFilledIn(worker: unknown): unknown {
  const fields = Object.entries(worker as object).filter(([name]) => !FILLED_IN.includes(name));
  return Object.fromEntries(
    fields.map(([name, value]) => [name, name === "shards" ? shardsOf(value as never) : value]),
  );
}

/** Shards without what follows from others: the reference works out ranks, and who instantiates. */
function shardsOf(shards: readonly Readonly<Record<string, unknown>>[]): unknown {
  return shards.map(({ should_instantiate: _instantiated, parallelism_rank: _rank, id, ...shard }) => ({
    ...(id as object | undefined),
    ...shard,
  }));
}

function toSnake(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

/** References outside of workers, filled in, and names of models in full: a role alone is replica 0. */
function bound(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value), (field, held: unknown) =>
    field === "model_name" && typeof held === "string" && !held.includes("@")
      ? `${held}@0`
      : typeof held === "string"
        ? held.replaceAll("${trial}", BINDINGS.trial).replaceAll("${user}", BINDINGS.user)
        : held,
  );
}
