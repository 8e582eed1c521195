import { join } from "node:path";
import type { Finding, Place } from "../../src/diagnostics/finding.ts";
import type { CallSite } from "../../src/origin/call-site.ts";
import { parsePointer } from "../../src/origin/pointer.ts";
import type { PluginDefinition } from "../../src/plugin/definition.ts";
import { codesOf, describeType, type PluginCode, type PluginTypeDescriptor } from "../../src/plugin/descriptor.ts";
import type { MadeDefinition } from "../../src/realm/realm.ts";
import { type JobContext, type JobHost, openContext, runModule } from "./context.ts";
import { plainData } from "./plain-data.ts";
import type { EvaluateLimits, FoundDefinition, PluginsOutcome } from "./protocol.ts";

/**
 * Runs modules of plugins (project-relative paths) in one fresh context, and tells the definitions that they make: as data,
 * whatever their classes and functions do.
 */
export async function runPlugins(
  modules: readonly string[],
  limits: EvaluateLimits,
  host: JobHost,
): Promise<PluginsOutcome> {
  const scope = host.library.enter();
  const opened = openContext(host, limits, scope);
  const findings: Finding[] = [];
  const definitions: FoundDefinition[] = [];
  try {
    const exported = new Map<unknown, { readonly module: string; readonly name: string }[]>();
    for (const module of modules) {
      const failed = await runModule(opened, join(host.root, module), module);
      findings.push(...failed);
      if (failed.length > 0) continue;
      for (const [name, definition] of await definitionsIn(opened, join(host.root, module))) {
        exported.set(definition, [...(exported.get(definition) ?? []), { module, name }]);
      }
    }
    for (const made of scope.realm.defined) {
      // What the code of another package makes by itself is that package's.
      if (made.frames.length === 0) continue;
      const found = describe(made, exported.get(made.definition) ?? [], opened);
      definitions.push({ ...found.definition, ...placesOf(made, host) });
      findings.push(...found.findings);
    }
    findings.push(...opened.after());
  } finally {
    scope.leave();
  }
  return {
    modules: opened.modules.uses,
    definitions,
    findings: findings.map((finding) => host.positions.finding(finding)),
  };
}

/** Definitions that a module exports, by name. */
async function definitionsIn(opened: JobContext, path: string): Promise<readonly (readonly [string, unknown])[]> {
  const { namespace } = await opened.modules.import(path);
  return Object.entries(namespace).flatMap(([name, value]) => {
    if ((typeof value !== "object" && typeof value !== "function") || value === null) return [];
    const own = Object.getOwnPropertyDescriptor(value, "definition");
    return own === undefined || !("value" in own) ? [] : [[name, own.value as unknown] as const];
  });
}

type Described = Omit<FoundDefinition, "frames" | "typedAt">;

function describe(
  { definition: made, frames }: MadeDefinition,
  exports: Described["exports"],
  opened: JobContext,
): { readonly definition: Described; readonly findings: readonly Finding[] } {
  const definition = made as PluginDefinition;
  const { kind, type } = definition;
  const findings: Finding[] = [];
  const plain = plainData({ ...describeType(definition), codes: codesOf(definition) });
  findings.push(...plain.findings.map((finding) => ({ ...finding, at: inCall(frames, finding.at) })));
  const { codes, ...entry } = plain.value as unknown as PluginTypeDescriptor & {
    readonly codes: readonly PluginCode[];
  };
  let optionsClass: string | null = null;
  try {
    if (definition.kind === "backend" && definition.options !== null) {
      optionsClass = definition.options().constructor.name;
    }
  } catch (error) {
    findings.push(...opened.thrown(error, "loading"));
  }
  return {
    definition: { entry: { ...entry, kind, type }, codes, exports, optionsClass, lacks: lackingMethods(definition) },
    findings,
  };
}

/** A place in what a definition says, in the call that made it. */
function inCall(frames: readonly CallSite[], at: Place): Place {
  const [field, ...path] = at.kind === "pointer" ? parsePointer(at.pointer) : [];
  return { kind: "site", frames, path: field === "args" || field === "codes" ? [0, field, ...path] : [0] };
}

function placesOf({ definition, frames }: MadeDefinition, { positions }: JobHost) {
  const { typedAt } = definition as PluginDefinition;
  return {
    frames: positions.sites(frames),
    typedAt: typedAt === undefined ? null : positions.sites(typedAt),
  };
}

/** Methods that a hook's class must have. */
const METHODS = {
  rule: ["check"],
  mutator: ["mutate"],
  launcher: ["preview", "submit", "status", "logs", "cancel"],
} as const;

function lackingMethods(definition: PluginDefinition): readonly string[] {
  switch (definition.kind) {
    case "rule":
      return lacking(definition.rule, METHODS.rule);
    case "mutator":
      return lacking(definition.mutator, METHODS.mutator);
    case "launcher":
      return lacking(definition.launcher, METHODS.launcher);
    default:
      return [];
  }
}

/** A method is a member of the class or of a base, or a field that holds a function. */
function lacking(owner: unknown, names: readonly string[]): readonly string[] {
  if (typeof owner !== "function") return names;
  return names.filter((name) => {
    const { prototype } = owner as { readonly prototype?: object };
    if (prototype !== undefined && name in prototype) return false;
    const field = new RegExp(String.raw`\b${name}\s*=`);
    for (let next: unknown = owner; typeof next === "function"; next = Object.getPrototypeOf(next)) {
      if (field.test(Function.prototype.toString.call(next))) return false;
    }
    return true;
  });
}
