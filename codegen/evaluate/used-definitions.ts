import type { JsonObject } from "type-fest";
import type { PluginDefinition } from "../../src/plugin/definition.ts";
import type { Realm } from "../../src/realm/realm.ts";
import type { JobModules } from "./modules.ts";
import { plainData } from "./plain-data.ts";
import type { UsedDefinition } from "./protocol.ts";

/** The definitions that pairs were made by, as data. Those that all jobs share are described by the same build of the library. */
export function usedDefinitions(realm: Realm, modules: JobModules): readonly UsedDefinition[] {
  if (realm.used.size === 0) return [];
  const own = new Set(realm.defined.map(({ definition }) => definition));
  return [...realm.used].flatMap(([any, frames]) => {
    if (!own.has(any)) return [];
    const definition = any as PluginDefinition;
    const { kind, type, args, facts, typedAt } = definition;
    const said = plainData({ args, facts }).value as unknown as Pick<UsedDefinition, "args"> & {
      readonly facts: JsonObject;
    };
    return [{ kind, type, ...said, isTyped: typedAt !== undefined, owner: ownerOf(definition, modules), frames }];
  });
}

/** Who exports a definition; `null` if nobody but the module that uses it could. */
function ownerOf(definition: PluginDefinition, modules: JobModules): string | null {
  const file = modules.exporterOf((exported) => definitionOf(exported) === definition);
  if (file === null) return null;
  return file.name.startsWith("node_modules/") ? (modules.packageOf(file)?.name ?? null) : `./${file.name}`;
}

function definitionOf(exported: unknown): unknown {
  if ((typeof exported !== "object" && typeof exported !== "function") || exported === null) return undefined;
  return Object.getOwnPropertyDescriptor(exported, "definition")?.value;
}
