import type { Bindings } from "../manifest/bindings.ts";

/** Values of a worker's references, as whoever started it has put them into its environment. */
export function bindingsFrom(env: Readonly<Record<string, string | undefined>>): Bindings {
  return {
    trial: env["ASSAY_TRIAL"] ?? "",
    user: env["ASSAY_USER"] ?? "",
    experiment: env["ASSAY_EXPERIMENT"] ?? "",
    env: valuesOf(env, "ASSAY_ENV_"),
    secrets: valuesOf(env, "ASSAY_SECRET_"),
  };
}

function valuesOf(env: Readonly<Record<string, string | undefined>>, prefix: string): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(env).flatMap(([name, value]) =>
      name.startsWith(prefix) && value !== undefined ? [[name.slice(prefix.length), value]] : [],
    ),
  );
}
