import { at, type Finding } from "../diagnostics/finding.ts";
import { didYouMean } from "../diagnostics/nearest.ts";
import { configDiagnostics } from "./diagnostics.ts";
import { noun } from "./noun.ts";

/**
 * A cluster as a placement sees it. The class is the token by which the current cluster is injected into an
 * experiment's constructor; its values are plain data made by {@link clusterSpec}.
 */
export abstract class ClusterSpec {
  abstract readonly name: string;
  /** Kind of scheduler: `slurm`, `ray`, `local`, ... */
  abstract readonly type: string;
  /** Folder that all nodes share. */
  abstract readonly fileroot: string;
  /** Names its memory, too, where it is well known, such as `h100`. */
  abstract readonly gpuType: string;
  /** Memory of one GPU; `null` for that of its type. */
  abstract readonly gpuMemMiB: number | null;
  /** Bind mount of every container, `from:to[,from:to]`. */
  abstract readonly mount: string;
  abstract readonly gpuImage: string;
  abstract readonly cpuImage: string;
  abstract readonly gpuInferImage: string;
  abstract readonly nodeNamePrefix: string;
  /** Number of nodes; its digits are the padding of node names and of ranks in names. */
  abstract readonly nodes: number;
  abstract readonly gpusPerNode: number;
  /** CPUs of a node; `null` if nobody said, and so nothing is said of what fits. */
  abstract readonly cpusPerNode: number | null;
  /** Host memory of a node; `null` if nobody said, and so nothing is said of what fits. */
  abstract readonly memMiBPerNode: number | null;
  /** Checkpoint path on this cluster -> catalogue id of the model it holds. */
  abstract readonly models: Readonly<Record<string, string>>;
}

/** Makes a cluster; without arguments the reference's default: 32 nodes of 8 GPUs named `slurmd-NN`. */
export function clusterSpec(input: Partial<ClusterSpec> = {}): ClusterSpec {
  const cluster: ClusterSpec = { ...CLUSTER_DEFAULTS, ...input };
  return noun(clusterSpec, cluster, { findings: clusterFindings(cluster) });
}

const CLUSTER_DEFAULTS: ClusterSpec = {
  name: "local",
  type: "slurm",
  fileroot: "/storage/assay",
  gpuType: "tesla",
  gpuMemMiB: null,
  mount: "/storage:/storage",
  gpuImage: "",
  cpuImage: "",
  gpuInferImage: "",
  nodeNamePrefix: "slurmd-",
  nodes: 32,
  gpusPerNode: 8,
  cpusPerNode: null,
  memMiBPerNode: null,
  models: {},
};

/** What is wrong with a cluster; pointers are relative to it. */
export function clusterFindings(cluster: ClusterSpec): readonly Finding[] {
  const findings: Finding[] = [];
  const expect = (field: keyof ClusterSpec, fine: boolean, expected: string) => {
    if (!fine) {
      findings.push(
        configDiagnostics["cluster-field"](
          { field, found: JSON.stringify(cluster[field]) ?? "undefined", expected },
          { at: at(`/${field}`), gives: ["found"] },
        ),
      );
    }
  };
  const whole = (value: number, least: number) => Number.isSafeInteger(value) && value >= least;
  expect("name", typeof cluster.name === "string" && cluster.name !== "", "a name");
  expect("nodes", whole(cluster.nodes, 1), "a whole number from 1");
  expect("gpusPerNode", whole(cluster.gpusPerNode, 1), "a whole number from 1");
  const wholeOrNull = (value: number | null) => value === null || whole(value, 1);
  expect("cpusPerNode", wholeOrNull(cluster.cpusPerNode), "a whole number from 1, or null");
  expect("memMiBPerNode", wholeOrNull(cluster.memMiBPerNode), "a whole number of MiB from 1, or null");
  expect("gpuMemMiB", wholeOrNull(cluster.gpuMemMiB), "a whole number of MiB from 1, or null");
  expect(
    "nodeNamePrefix",
    typeof cluster.nodeNamePrefix === "string" && /^[A-Za-z0-9._-]*$/.test(cluster.nodeNamePrefix),
    "letters, digits, `.`, `_` and `-`",
  );
  return findings;
}

/**
 * Makes a cluster from the text of a JSON file whose properties are those of {@link ClusterSpec}, in camelCase or as the
 * reference's cluster files spell them (`n_nodes`, `gpu_image`, ...). What the file leaves out has its default.
 */
export function clusterSpecFromJson(text: string, file: string): ClusterSpec {
  let parsed: unknown;
  let reason: string | null = null;
  try {
    parsed = JSON.parse(text);
    if (typeof parsed !== "object" || parsed === null || Array.isArray(parsed)) reason = "it holds no JSON object";
  } catch (error) {
    reason = `it is no JSON (${(error as Error).message})`;
  }
  if (reason !== null) {
    return noun(
      clusterSpecFromJson,
      { ...CLUSTER_DEFAULTS },
      { findings: [configDiagnostics["cluster-file"]({ file, reason }, { at: at("") })] },
    );
  }
  const known: Record<string, unknown> = {};
  const findings: Finding[] = [];
  for (const [key, value] of Object.entries(parsed as Record<string, unknown>)) {
    const field = REFERENCE_FIELDS[key] ?? key;
    if (!Object.hasOwn(CLUSTER_DEFAULTS, field)) {
      const help = didYouMean(key, [...Object.keys(REFERENCE_FIELDS), ...Object.keys(CLUSTER_DEFAULTS)]);
      findings.push(
        configDiagnostics["cluster-file"](
          { file, reason: `it has an unknown property \`${key}\`` },
          { at: at(""), ...(help === undefined ? {} : { help }) },
        ),
      );
      continue;
    }
    const own = CLUSTER_DEFAULTS[field as keyof ClusterSpec];
    // What may be unknown is a number.
    const expected = own === null ? "number" : typeof own;
    if (typeof value !== expected) {
      findings.push(
        configDiagnostics["cluster-file"](
          { file, reason: `\`${key}\` must be a ${expected}, found ${JSON.stringify(value)}` },
          { at: at("") },
        ),
      );
      continue;
    }
    known[field] = value;
  }
  const cluster = { ...CLUSTER_DEFAULTS, ...known } as ClusterSpec;
  return noun(clusterSpecFromJson, cluster, { findings: [...findings, ...clusterFindings(cluster)] });
}

const REFERENCE_FIELDS: Readonly<Record<string, string>> = {
  cluster_name: "name",
  cluster_type: "type",
  fileroot: "fileroot",
  gpu_type: "gpuType",
  mount: "mount",
  default_mount: "mount",
  gpu_image: "gpuImage",
  cpu_image: "cpuImage",
  gpu_infer_image: "gpuInferImage",
  node_name_prefix: "nodeNamePrefix",
  n_nodes: "nodes",
  n_gpus_per_node: "gpusPerNode",
};
