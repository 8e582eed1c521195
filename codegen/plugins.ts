import { createHash } from "node:crypto";
import { realpathSync } from "node:fs";
import { isAbsolute, join } from "node:path";
import type { JsonValue } from "type-fest";
import type { Finding, Place } from "../src/diagnostics/finding.ts";
import type { PluginFacts } from "../src/manifest/format.ts";
import { factsOf, PLUGIN_API_VERSION, type PluginDescriptor } from "../src/plugin/descriptor.ts";
import type { OptionSchema } from "../src/realm/option-schema.ts";
import { shapeProblems } from "./plugins/check.ts";
import { packageDiagnostics } from "./plugins/diagnostics.ts";
import { findPlugin, type FoundPlugin, isObject, localModule, type Looked, parsed } from "./plugins/find.ts";
import { ownerFindings, type Placed } from "./plugins/owners.ts";
import { shippedDescriptor } from "./plugins/shipped.ts";
import { descriptorText } from "./plugins/text.ts";

export { DESCRIPTOR_NAME, shippedFacts } from "./plugins/shipped.ts";

/** What the plugins of a project say of themselves. */
export interface PluginsFound {
  readonly facts: PluginFacts;
  /** Assay's own first, then in the order of the config; those with mistakes are left out. */
  readonly descriptors: readonly PluginDescriptor[];
  /** What the config names each of the descriptors by. */
  readonly named: readonly string[];
  /** Options that models carry for backends, by group. */
  readonly backendGroups: Readonly<Record<string, OptionSchema>>;
  /** All files that were read, absolute. */
  readonly files: readonly string[];
  /** Files that were looked for in vain, absolute: what was found would be another if they were there. */
  readonly absent: readonly string[];
  /** What a result depends on: package, version and hash of the descriptor of each. */
  readonly keyed: JsonValue;
  readonly findings: readonly Finding[];
}

/** A descriptor that was derived from a module of the project. */
export interface LocalPlugin {
  /** `null` if its findings are errors. */
  readonly descriptor: PluginDescriptor | null;
  readonly findings: readonly Finding[];
  /** Files that it stands on, absolute or from the project's folder. */
  readonly files: readonly string[];
}

/** A larger file is something else. */
const MOST_BYTES = 8 * 1024 * 1024;

/**
 * Reads the descriptors of Assay's own plugins and of those that a config names: packages, and descriptors in the project
 * (`./...`). Nothing of a package is run.
 * @param root absolute folder of the project.
 * @param places where in the config an entry stands.
 * @param local what was derived from modules of the project, by entry; those that are not there are left out.
 */
export function readPlugins(
  root: string,
  packages: readonly string[],
  places: (index: number) => Place,
  local: ReadonlyMap<string, LocalPlugin> = new Map(),
): PluginsFound {
  const shipped = shippedDescriptor();
  const looked: Looked = { files: new Set([shipped.file]), absent: new Set() };
  const placed: Placed[] = [{ descriptor: shipped.descriptor, at: null }];
  const names = ["assay"];
  const keyed: JsonValue[] = [keyOf(shipped.descriptor, shipped.sha256)];
  const findings: Finding[] = [];
  const known = new Set([realpathSync(shipped.file)]);
  for (const [index, named] of packages.entries()) {
    // Assay's own plugins are always there.
    if (named === "assay") continue;
    const at = places(index);
    const module = localModule(root, named);
    if (module !== null) {
      const derived = known.has(module) ? undefined : local.get(named);
      known.add(module);
      looked.files.add(join(root, module));
      if (derived === undefined) continue;
      for (const file of derived.files) looked.files.add(isAbsolute(file) ? file : join(root, file));
      findings.push(...derived.findings);
      if (derived.descriptor === null) continue;
      placed.push({ descriptor: derived.descriptor, at });
      names.push(named);
      const text = descriptorText(derived.descriptor);
      keyed.push(keyOf(derived.descriptor, createHash("sha256").update(text).digest("hex")));
      continue;
    }
    const found = findPlugin(root, named, looked);
    if ("problem" in found) {
      findings.push(packageDiagnostics[found.code]({ plugin: named, problem: found.problem }, { at }));
      continue;
    }
    // One descriptor that is named twice, by its package or by its path, is still one.
    const real = realpathSync(found.file);
    if (known.has(real)) continue;
    known.add(real);
    const checked = checkDescriptor(found, at);
    findings.push(...checked.findings);
    if (checked.descriptor === null) continue;
    placed.push({ descriptor: checked.descriptor, at });
    names.push(named);
    keyed.push(keyOf(checked.descriptor, createHash("sha256").update(found.bytes).digest("hex")));
  }
  const descriptors = placed.map(({ descriptor }) => descriptor);
  return {
    facts: factsOf(descriptors),
    descriptors,
    named: names,
    backendGroups: groupsOf(descriptors),
    files: [...looked.files],
    absent: [...looked.absent],
    keyed,
    findings: [...findings, ...ownerFindings(placed)],
  };
}

function checkDescriptor(
  { shown: file, bytes, owner }: FoundPlugin,
  at: Place,
): { readonly descriptor: PluginDescriptor | null; readonly findings: readonly Finding[] } {
  const refused = (...findings: readonly Finding[]) => ({ descriptor: null, findings });
  const shape = (pointer: string, problem: string) =>
    packageDiagnostics["descriptor-shape"]({ file, pointer, problem }, { at });
  if (bytes.length > MOST_BYTES) return refused(shape("", `it has more than ${MOST_BYTES / 1024 / 1024} MiB`));
  const value = parsed(bytes);
  if (value === undefined) return refused(shape("", "it is no JSON"));
  const version = isObject(value) && Object.hasOwn(value, "assayPlugin") ? value["assayPlugin"] : undefined;
  // Another version has another shape.
  if (typeof version === "number" && version !== PLUGIN_API_VERSION) {
    return refused(packageDiagnostics["api-version"]({ file, version }, { at }));
  }
  const problems = shapeProblems(value);
  if (problems.length > 0) return refused(...problems.map(({ pointer, problem }) => shape(pointer, problem)));
  const descriptor = value as PluginDescriptor;
  const described = `${descriptor.package}@${descriptor.version}`;
  const own = owner === null ? described : `${owner.name}@${owner.version}`;
  if (described === own) return { descriptor, findings: [] };
  const differs = packageDiagnostics["version-differs"]({ file, described, found: own }, { at });
  return { descriptor, findings: [differs] };
}

function keyOf({ package: name, version }: PluginDescriptor, sha256: string): JsonValue {
  return { package: name, version, sha256 };
}

function groupsOf(descriptors: readonly PluginDescriptor[]): Readonly<Record<string, OptionSchema>> {
  const groups = Object.create(null) as Record<string, OptionSchema>;
  for (const { types } of descriptors) {
    for (const { options } of types) if (options !== undefined) groups[options.group] ??= options.schema;
  }
  return groups;
}
