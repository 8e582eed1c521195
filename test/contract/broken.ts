import type { JsonObject } from "type-fest";
import type { PluginDefinition } from "../../src/plugin/definition.ts";
import { describePlugins, type PluginDescriptor } from "../../src/plugin/descriptor.ts";
import type { OptionSchema } from "../../src/realm/option-schema.ts";
import { enterRealm, leaveRealm } from "../../src/realm/realm.ts";
import type { ContractCase } from "../../src/testing/index.ts";

/** Names of the cases that fail, in the order of the suite. */
export async function failing(cases: readonly ContractCase[]): Promise<readonly string[]> {
  const failed: string[] = [];
  for (const { name, run } of cases) {
    try {
      await run();
    } catch (error) {
      if (!(error instanceof Error) || error.name !== "ContractError") throw error;
      failed.push(name);
    }
  }
  return failed;
}

/** Runs with what is defined in it known to nobody else. */
export function apart<T>(act: () => T): T {
  const realm = enterRealm();
  try {
    return act();
  } finally {
    leaveRealm(realm);
  }
}

/** The descriptor of a package with one plugin, with what a case changes of it. */
export function descriptorOf(
  definition: PluginDefinition,
  change: (descriptor: JsonObject) => void = () => undefined,
  schemas: Readonly<Record<string, OptionSchema>> = {},
): PluginDescriptor {
  const owner = { package: "assay-broken", version: "1.0.0" };
  const described = describePlugins([definition], owner, (made) =>
    made.kind === "backend" && made.group !== null
      ? { options: { group: made.group, schema: schemas[made.group] ?? [] } }
      : {},
  );
  const descriptor = JSON.parse(JSON.stringify(described)) as JsonObject;
  change(descriptor);
  return descriptor as unknown as PluginDescriptor;
}
