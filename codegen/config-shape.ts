import { posix } from "node:path";
import type { JsonObject } from "type-fest";
import type { Finding, Place } from "../src/diagnostics/finding.ts";
import { suggestion } from "../src/diagnostics/nearest.ts";
import { projectDiagnostics } from "../src/dsl/diagnostics.ts";
import { type CallSite, originOf } from "../src/origin/call-site.ts";
import type { CodeSetting } from "../src/plugin/hook-use.ts";
import { pairFactsOf, type TypeArgs } from "../src/spec/pair.ts";
import { isPair } from "../src/spec/placed-pairs.ts";
import type { PluginKind } from "../src/spec/plugin-kinds.ts";
import { ownFindings } from "../src/spec/noun.ts";
import { parseTemplate, PLACEHOLDERS, type RuntimeConfig } from "../src/spec/runtime.ts";
import { type ClusterSpec, clusterFindings, clusterSpec } from "../src/spec/cluster.ts";
import { buildDiagnostics, startOf } from "./config-diagnostics.ts";
import { placeInUse } from "./config-uses.ts";
import { plainData } from "./evaluate/plain-data.ts";
import type { EvaluateLimits } from "./evaluate/protocol.ts";
import { parsePointer, toPointer } from "../src/origin/pointer.ts";
import { secretFinding } from "../src/resolve/secrets.ts";
import { secretsIn, withoutSecrets } from "../src/spec/secrets.ts";
import { insidePath } from "./write/inside.ts";

/** A project's configuration with all defaults filled in: plain data. */
export interface ProjectConfig {
  readonly experiments: readonly string[];
  readonly plugins: readonly string[];
  readonly clusters: readonly ClusterSpec[];
  /** Name of the cluster for experiments that name none; `null` if there are no clusters. */
  readonly cluster: string | null;
  readonly models: Readonly<Record<string, string>>;
  /** Sample of each dataset that has one, by the dataset's path. */
  readonly samples: Readonly<Record<string, SampleFile>>;
  /** By name; types and arguments are checked where plugins are known. */
  readonly launchers: Readonly<Record<string, TypeArgs>>;
  /** By name; which command workers run. */
  readonly runtimes: Readonly<Record<string, RuntimeConfig>>;
  /** Project-relative. */
  readonly out: string;
  /** Project-relative. */
  readonly gen: string;
  readonly inputs: readonly string[];
  readonly limits: EvaluateLimits;
  readonly rules: readonly HookEntry[];
  readonly mutators: readonly HookEntry[];
  readonly severities: Readonly<Record<string, CodeSetting>>;
}

/** A declared input with rows of a dataset. */
export interface SampleFile {
  /** Project-relative. */
  readonly file: string;
  /** Whether these are all rows. */
  readonly isWhole: boolean;
}

/** An entry of `rules` or `mutators`. */
export interface HookEntry {
  readonly type: string;
  readonly args: JsonObject;
}

/** What a project has that sets nothing. */
export const CONFIG_DEFAULTS: ProjectConfig = {
  experiments: ["experiments/**/*.ts"],
  plugins: [],
  clusters: [],
  cluster: null,
  models: {},
  samples: {},
  launchers: {},
  runtimes: {},
  out: ".assay",
  gen: "assay.gen.ts",
  inputs: [],
  limits: { timeoutMs: 10_000, heapMiB: 512, buffersMiB: 256, outputKiB: 64 },
  rules: [],
  mutators: [],
  severities: {},
};

type Path = readonly (string | number)[];

/** Where factories made the pairs of a config, by their path in it (`launchers.site`, `rules.0`). */
export type UseFrames = Readonly<Record<string, readonly CallSite[]>>;

/** Where findings go, and how a property's place is found. */
interface Check {
  readonly root: string;
  readonly findings: Finding[];
  readonly uses: Record<string, readonly CallSite[]>;
  readonly placeOf: (path: Path) => Place;
}

/**
 * Checks what a config exports. All mistakes are found at once; a property with one has its default.
 * @param file project-relative path of the config, for values that know no place of their own.
 */
export function checkConfig(
  exported: unknown,
  { root, file }: { readonly root: string; readonly file: string },
): CheckedConfig {
  const findings: Finding[] = [];
  const uses = Object.create(null) as Record<string, readonly CallSite[]>;
  const check: Check = { root, findings, uses, placeOf: placesOf(exported, file) };
  if (!isPlainObject(exported)) {
    wrongType(check, [], "an object", exported);
    return { config: CONFIG_DEFAULTS, uses, findings };
  }
  refuseUnknown(check, exported, [], Object.keys(CONFIG_DEFAULTS));
  const clusters = clustersOf(check, exported["clusters"]);
  const config: ProjectConfig = {
    experiments: patternsOf(check, exported, "experiments"),
    plugins: stringsOf(check, exported, "plugins"),
    clusters,
    cluster: clusterNameOf(check, exported["cluster"], clusters),
    models: modelsOf(check, exported["models"]),
    samples: samplesOf(check, exported["samples"]),
    launchers: launchersOf(check, exported["launchers"]),
    runtimes: runtimesOf(check, exported["runtimes"]),
    out: pathOf(check, exported, "out", ""),
    gen: pathOf(check, exported, "gen", ".gen.ts"),
    inputs: patternsOf(check, exported, "inputs"),
    limits: limitsOf(check, exported["limits"]),
    rules: hooksOf(check, exported, "rules"),
    mutators: hooksOf(check, exported, "mutators"),
    severities: severitiesOf(check, exported["severities"]),
  };
  const secrets = secretsIn(config);
  for (const secret of secrets) {
    findings.push(secretFinding(secret, placeOfSecret(check, exported, clusters, secret.pointer)));
  }
  if (secrets.length === 0) return { config, uses, findings };
  // Messages may quote what is wrong.
  const texts = secrets.map(({ text }) => text);
  return {
    config: withoutSecrets(config, texts),
    uses,
    findings: findings.map((finding) => withoutSecretTexts(finding, texts)),
  };
}

function runtimesOf(check: Check, value: unknown): Readonly<Record<string, RuntimeConfig>> {
  if (value === undefined) return {};
  if (!isPlainObject(value)) {
    wrongType(check, ["runtimes"], "an object", value);
    return {};
  }
  return Object.fromEntries(
    Object.entries(value).flatMap(([name, runtime]) => {
      if (!/^[a-z0-9][a-z0-9-]*$/i.test(name) || name === "realhf" || name === "rehearsal") {
        const expected = "an object with names of letters, digits and `-`, other than `realhf` and `rehearsal`";
        const details = { at: check.placeOf(["runtimes", name, "#key"]) };
        const data = { property: "runtimes", expected, found: shown(name) };
        check.findings.push(buildDiagnostics["config-type"](data, details));
        return [];
      }
      const made = runtimeOf(check, runtime, ["runtimes", name]);
      return made === null ? [] : [[name, made]];
    }),
  );
}

/** One runtime; `null` if something in it is wrong, which is told. */
function runtimeOf(check: Check, value: unknown, path: Path): RuntimeConfig | null {
  const before = check.findings.length;
  if (!isPlainObject(value)) {
    wrongType(check, path, "an object with `command`", value);
    return null;
  }
  refuseUnknown(check, value, path, ["command", "env", "resources"]);
  const { command, env = {}, resources = "manifest" } = value;
  if (!Array.isArray(command) || command.length === 0) {
    wrongType(check, [...path, "command"], "a list of a program and its arguments", command);
  } else {
    for (const [index, argument] of (command as readonly unknown[]).entries()) {
      const at = [...path, "command", index];
      if (typeof argument !== "string" || argument.includes("\0")) {
        wrongType(check, at, "a string", argument);
        continue;
      }
      const parts = parseTemplate(argument);
      if (typeof parts !== "string") continue;
      const expected = `an argument whose placeholders are among ${PLACEHOLDER_TEXT} (${parts})`;
      wrongType(check, at, expected, argument);
    }
  }
  if (!isPlainObject(env)) wrongType(check, [...path, "env"], "an object", env);
  else {
    for (const [name, text] of Object.entries(env)) {
      const isVariable = /^[A-Za-z_][A-Za-z0-9_]*$/.test(name) && typeof text === "string" && !text.includes("\0");
      if (!isVariable) wrongType(check, [...path, "env", name], "a string, by the name of a variable", text);
    }
  }
  if (resources !== "manifest" && resources !== "none") {
    wrongType(check, [...path, "resources"], '"manifest" or "none"', resources);
  }
  return check.findings.length > before
    ? null
    : (JSON.parse(JSON.stringify({ command, env, resources })) as RuntimeConfig);
}

const PLACEHOLDER_TEXT = Object.keys(PLACEHOLDERS)
  .map((name) => `\`{${name}}\``)
  .join(", ");

function launchersOf(check: Check, value: unknown): Readonly<Record<string, TypeArgs>> {
  if (value === undefined) return {};
  if (!isPlainObject(value)) {
    wrongType(check, ["launchers"], "an object", value);
    return {};
  }
  return Object.fromEntries(
    Object.entries(value).flatMap(([name, use]) => {
      const path = ["launchers", name];
      if (!/^[a-z0-9][a-z0-9-]*$/i.test(name)) {
        const data = { property: "launchers", expected: "an object with names of letters, digits and `-`" };
        const details = { at: check.placeOf([...path, "#key"]) };
        check.findings.push(buildDiagnostics["config-type"]({ ...data, found: shown(name) }, details));
        return [];
      }
      const pair = useOf(check, use, path, "launcher");
      return pair === null ? [] : [[name, pair]];
    }),
  );
}

/** A pair that a factory of one kind made, as plain data; `null` for anything else, which is told. */
function useOf(check: Check, value: unknown, path: Path, kind: PluginKind): TypeArgs | null {
  const made = isPair(value) ? pairFactsOf(value)?.kind : undefined;
  if (!isPair(value) || (made !== undefined && made !== kind)) {
    const data = { property: path.join("."), expected: `a ${kind}`, found: made ?? shown(value) };
    check.findings.push(buildDiagnostics["config-type"](data, { at: check.placeOf(path) }));
    return null;
  }
  const frames = originOf(value)?.frames ?? [];
  if (frames.length > 0) check.uses[path.join(".")] = frames;
  const { value: plain, findings } = plainData({ type: value.type, args: value.args });
  check.findings.push(...findings.map((finding) => ({ ...finding, at: check.placeOf(path) })));
  return findings.length > 0 ? null : (plain as unknown as TypeArgs);
}

function placeOfSecret(check: Check, exported: PlainObject, clusters: readonly ClusterSpec[], pointer: string): Place {
  const [key = "", index = "", ...rest] = parsePointer(pointer);
  const name = key === "clusters" ? clusters[Number(index)]?.name : undefined;
  if (name !== undefined) return placeInCluster(check, exported, name, rest);
  const frames = check.uses[`${key}.${index}`];
  return placeInUse({ kind: "pointer", pointer: toPointer(rest) }, [key, index], frames, check.placeOf);
}

function placeInCluster(check: Check, exported: PlainObject, name: string, path: readonly string[]): Place {
  const list = Array.isArray(exported["clusters"]) ? (exported["clusters"] as readonly unknown[]) : [];
  const index = list.findIndex((value) => isPlainObject(value) && value["name"] === name);
  return clusterPlace(check, list[index], index, ...path);
}

/** A finding whose texts hold no secret; its places are left as they are. */
function withoutSecretTexts(finding: Finding, texts: readonly string[]): Finding {
  const { at, related, ...told } = finding;
  return { ...withoutSecrets(told, texts), at, ...(related === undefined ? {} : { related }) };
}

/** A config as it was checked. */
export interface CheckedConfig {
  readonly config: ProjectConfig;
  readonly uses: UseFrames;
  readonly findings: readonly Finding[];
}

/** Rules or mutators, as plain data. What they mean is known with the plugins only. */
function hooksOf(check: Check, from: PlainObject, key: "rules" | "mutators"): readonly HookEntry[] {
  const value = from[key];
  if (value === undefined) return [];
  if (!Array.isArray(value)) {
    wrongType(check, [key], `a list of ${key}`, value);
    return [];
  }
  return value.flatMap((item: unknown, index) => {
    const wrong = (path: Path, expected: string, found: unknown) => {
      wrongType(check, [key, index, ...path], expected, found);
      return [];
    };
    if (!isPlainObject(item)) return wrong([], `what a factory of ${key} makes, or an object with \`type\``, item);
    refuseUnknown(check, item, [key, index], ["type", "args"]);
    const { type, args = {} } = item;
    if (typeof type !== "string" || type === "") return wrong(["type"], "a string that is not empty", type);
    if (!isPlainObject(args)) return wrong(["args"], "an object", args);
    const frames = originOf(item)?.frames ?? [];
    if (frames.length > 0) check.uses[`${key}.${index}`] = frames;
    const plain = plainData(args);
    for (const finding of plain.findings) {
      const path = finding.at.kind === "pointer" ? parsePointer(finding.at.pointer) : [];
      const at: Place =
        frames.length > 0 ? { kind: "site", frames, path: [0, ...path] } : check.placeOf([key, index, "args", ...path]);
      check.findings.push({ ...finding, at });
    }
    return [{ type, args: plain.value as JsonObject }];
  });
}

const SETTINGS: readonly string[] = ["error", "warning", "off"] satisfies readonly CodeSetting[];

function severitiesOf(check: Check, value: unknown): Readonly<Record<string, CodeSetting>> {
  if (value === undefined) return {};
  if (!isPlainObject(value)) {
    wrongType(check, ["severities"], "an object", value);
    return {};
  }
  return Object.fromEntries(
    Object.entries(value).filter((entry): entry is [string, CodeSetting] => {
      const [code, setting] = entry;
      if (typeof setting === "string" && SETTINGS.includes(setting)) return true;
      const data = { property: `severities.${code}`, expected: SETTINGS_TEXT, found: shown(setting) };
      const near = typeof setting === "string" ? suggestion(setting, SETTINGS) : {};
      check.findings.push(buildDiagnostics["config-type"](data, { at: check.placeOf(["severities", code]), ...near }));
      return false;
    }),
  );
}

const SETTINGS_TEXT = '"error", "warning" or "off"';

function stringsOf(check: Check, from: PlainObject, key: "experiments" | "plugins" | "inputs"): readonly string[] {
  const value = from[key];
  if (value === undefined) return CONFIG_DEFAULTS[key];
  if (!Array.isArray(value)) {
    wrongType(check, [key], "a list of strings", value);
    return CONFIG_DEFAULTS[key];
  }
  return value.filter((item: unknown, index): item is string => {
    if (typeof item === "string" && item !== "") return true;
    wrongType(check, [key, index], "a string that is not empty", item);
    return false;
  });
}

function patternsOf(check: Check, from: PlainObject, key: "experiments" | "inputs"): readonly string[] {
  const all = stringsOf(check, from, key);
  return all.filter((pattern) => {
    const path = pattern.replace(/^!/, "");
    const leaves = path.startsWith("/") || /^[a-z]:/i.test(path) || path.split(/[/\\]/).includes("..");
    if (leaves) {
      const at = check.placeOf([key, (from[key] as unknown[]).indexOf(pattern)]);
      const problem = "leads out of the project's folder";
      check.findings.push(buildDiagnostics["config-path"]({ property: key, path: pattern, problem }, { at }));
    }
    return !leaves;
  });
}

function pathOf(check: Check, from: PlainObject, key: "out" | "gen", ending: string): string {
  const value = from[key];
  if (value === undefined) return CONFIG_DEFAULTS[key];
  if (typeof value !== "string") {
    wrongType(check, [key], "a path", value);
    return CONFIG_DEFAULTS[key];
  }
  const path = value.replace(/^(\.\/+)+/, "").replace(/(.)\/+$/, "$1");
  const inside = insidePath(check.root, path) !== null;
  if (inside && path.endsWith(ending)) return path;
  const problem = inside ? `does not end in \`${ending}\`` : "is not inside of the project's folder";
  const at = check.placeOf([key]);
  check.findings.push(buildDiagnostics["config-path"]({ property: key, path: value, problem }, { at }));
  return CONFIG_DEFAULTS[key];
}

function modelsOf(check: Check, value: unknown): Readonly<Record<string, string>> {
  if (value === undefined) return {};
  if (!isPlainObject(value)) {
    wrongType(check, ["models"], "an object", value);
    return {};
  }
  return Object.fromEntries(
    Object.entries(value).filter((entry): entry is [string, string] => {
      if (typeof entry[1] === "string") return true;
      wrongType(check, ["models", entry[0]], "the id of a model", entry[1]);
      return false;
    }),
  );
}

function samplesOf(check: Check, value: unknown): ProjectConfig["samples"] {
  if (value === undefined) return {};
  if (!isPlainObject(value)) {
    wrongType(check, ["samples"], "an object", value);
    return {};
  }
  return Object.fromEntries(
    Object.entries(value).flatMap(([path, entry]): (readonly [string, SampleFile])[] => {
      const sample = sampleOf(check, path, entry);
      return sample === null ? [] : [[path, sample]];
    }),
  );
}

function sampleOf(check: Check, path: string, entry: unknown): SampleFile | null {
  const place = ["samples", path];
  if (typeof entry === "string") return { file: posix.normalize(entry), isWhole: false };
  if (!isPlainObject(entry)) {
    wrongType(check, place, "a path, or an object with a file", entry);
    return null;
  }
  refuseUnknown(check, entry, place, ["file", "whole"]);
  const { file, whole = false } = entry;
  if (typeof file !== "string") wrongType(check, [...place, "file"], "a path", file);
  if (typeof whole !== "boolean") wrongType(check, [...place, "whole"], "true or false", whole);
  return typeof file === "string" && typeof whole === "boolean"
    ? { file: posix.normalize(file), isWhole: whole }
    : null;
}

function limitsOf(check: Check, value: unknown): EvaluateLimits {
  const defaults = CONFIG_DEFAULTS.limits;
  if (value === undefined) return defaults;
  if (!isPlainObject(value)) {
    wrongType(check, ["limits"], "an object", value);
    return defaults;
  }
  refuseUnknown(check, value, ["limits"], Object.keys(defaults));
  const limit = (key: keyof EvaluateLimits): number => {
    const found = value[key];
    if (found === undefined) return defaults[key];
    if (typeof found === "number" && Number.isSafeInteger(found) && found >= 1) return found;
    wrongType(check, ["limits", key], "a whole number from 1", found);
    return defaults[key];
  };
  return {
    timeoutMs: limit("timeoutMs"),
    heapMiB: limit("heapMiB"),
    buffersMiB: limit("buffersMiB"),
    outputKiB: limit("outputKiB"),
  };
}

function clustersOf(check: Check, value: unknown): readonly ClusterSpec[] {
  if (value === undefined) return [];
  if (!Array.isArray(value)) {
    wrongType(check, ["clusters"], "a list of clusters", value);
    return [];
  }
  const known = new Map<string, ClusterSpec>();
  for (const [index, item] of (value as readonly unknown[]).entries()) {
    const cluster = clusterOf(check, item, index);
    if (cluster === null) continue;
    if (known.has(cluster.name)) {
      const at = clusterPlace(check, item, index, "name");
      check.findings.push(buildDiagnostics["config-cluster-twice"]({ name: cluster.name }, { at }));
    } else {
      known.set(cluster.name, cluster);
    }
  }
  return [...known.values()];
}

function clusterOf(check: Check, value: unknown, index: number): ClusterSpec | null {
  if (!isPlainObject(value)) {
    wrongType(check, ["clusters", index], "a cluster", value);
    return null;
  }
  const defaults: Readonly<Record<string, unknown>> = { ...clusterSpec() };
  const fields: Record<string, unknown> = {};
  for (const [field, found] of Object.entries(value)) {
    const at = clusterPlace(check, value, index, field);
    const property = `clusters.${index}.${field}`;
    if (!Object.hasOwn(defaults, field)) {
      const key = clusterPlace(check, value, index, field, "#key");
      unknownKey(check, property, field, Object.keys(defaults), key);
    } else if (!isLike(found, defaults[field]) || (field === "models" && !isPlainObject(found))) {
      const expected =
        field === "models" ? "an object" : `a ${defaults[field] === null ? "number" : typeof defaults[field]}`;
      check.findings.push(buildDiagnostics["config-type"]({ property, expected, found: shown(found) }, { at }));
    } else {
      fields[field] = found;
    }
  }
  // What its maker found, such as a wrong property of its file, is known to the value that the config holds only.
  for (const finding of ownFindings(value)) {
    if (finding.code !== "config/cluster-field")
      check.findings.push({ ...finding, at: clusterPlace(check, value, index) });
  }
  const cluster = clusterSpec(fields as Partial<ClusterSpec>);
  for (const finding of clusterFindings(cluster)) {
    const field = finding.at.kind === "pointer" ? finding.at.pointer.slice(1) : "";
    check.findings.push({ ...finding, at: clusterPlace(check, value, index, field) });
  }
  // Plain data: its place is known here only.
  return Object.fromEntries(Object.entries(cluster)) as unknown as ClusterSpec;
}

/** True for a value of the type of a default; one that is `null` stands for a number that nobody has said. */
function isLike(found: unknown, byDefault: unknown): boolean {
  return byDefault === null ? found === null || typeof found === "number" : typeof found === typeof byDefault;
}

/** A cluster that was made by `clusterSpec(...)` knows its own call. */
function clusterPlace(check: Check, value: unknown, index: number, ...path: readonly string[]): Place {
  const frames = originOf(value)?.frames ?? [];
  return frames.length > 0 ? { kind: "site", frames, path: [0, ...path] } : check.placeOf(["clusters", index, ...path]);
}

function clusterNameOf(check: Check, value: unknown, clusters: readonly ClusterSpec[]): string | null {
  const first = clusters[0]?.name ?? null;
  if (value === undefined) return first;
  if (typeof value !== "string") {
    wrongType(check, ["cluster"], "the name of a cluster", value);
    return first;
  }
  const known = clusters.map(({ name }) => name);
  if (known.includes(value)) return value;
  const details = { at: check.placeOf(["cluster"]), ...suggestion(value, known) };
  check.findings.push(projectDiagnostics["unknown-cluster"]({ name: value, known }, details));
  return first;
}

function refuseUnknown(check: Check, value: PlainObject, path: Path, known: readonly string[]): void {
  for (const key of Object.keys(value)) {
    if (known.includes(key)) continue;
    unknownKey(check, [...path, key].join("."), key, known, check.placeOf([...path, key, "#key"]));
  }
}

function unknownKey(check: Check, property: string, key: string, known: readonly string[], at: Place): void {
  const details = { at, ...suggestion(key, known) };
  check.findings.push(buildDiagnostics["config-unknown-key"]({ property }, details));
}

function wrongType(check: Check, path: Path, expected: string, found: unknown): void {
  const data = { property: path.join("."), expected, found: shown(found) };
  check.findings.push(buildDiagnostics["config-type"](data, { at: check.placeOf(path) }));
}

/** Properties lie in the argument of `defineConfig`, if that was called; else the file is all that is known. */
function placesOf(exported: unknown, file: string): Check["placeOf"] {
  const frames = originOf(exported)?.frames ?? [];
  if (frames.length === 0) return () => startOf(file);
  return (path) => ({ kind: "site", frames, path: [0, ...path] });
}

type PlainObject = Readonly<Record<string, unknown>>;

function isPlainObject(value: unknown): value is PlainObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

const MAX_SHOWN = 60;

function shown(value: unknown): string {
  if (Array.isArray(value)) return "a list";
  if (typeof value === "object" && value !== null) return "an object";
  if (typeof value === "function") return "a function";
  const text = typeof value === "string" ? JSON.stringify(value) : String(value);
  return text.length > MAX_SHOWN ? `${text.slice(0, MAX_SHOWN)}...` : text;
}
