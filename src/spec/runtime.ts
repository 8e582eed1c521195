/** What a runtime of a config says: which command a worker runs. */
export interface RuntimeConfig {
  /**
   * Program and arguments of a worker; no shell reads them. `{manifest}` and the other names of {@link PLACEHOLDERS} are filled in,
   * `{{` and `}}` stand for braces. `{workerIndex}` is an argument of its own.
   */
  readonly command: readonly string[];
  /** Variables of each worker; those of its scheduling come on top. Values may hold references. */
  readonly env?: Readonly<Record<string, string>>;
  /** Whether workers get what the manifest asks for: GPUs, nodes, images, memory. `none`: they need nothing of it. Default `manifest`. */
  readonly resources?: "manifest" | "none";
}

/** What a runtime's command may ask for, and what it gets. */
export const PLACEHOLDERS = {
  manifest: "absolute path of the run's manifest",
  manifestHash: "SHA-256 of that file, in hex",
  workerType: "kind of the worker, such as `modelWorker`",
  workerTypeName: "the same as the reference spells it, such as `model_worker`",
  workerIndex: "number of the worker among those of its kind, from 0",
  workerCount: "number of workers of its kind",
  experiment: "name of the experiment",
  trial: "name of the trial",
  runFolder: "absolute folder of the run",
  project: "absolute folder of the project",
  node: "the program that runs JavaScript here",
} as const;

/** Name of a placeholder. */
export type Placeholder = keyof typeof PLACEHOLDERS;

/** A piece of an argument: text, or what is filled in. */
export type TemplatePart = { readonly text: string } | { readonly placeholder: Placeholder };

const PART = /\{\{|\}\}|\{([^{}]*)\}|[{}]|[^{}]+/g;

/** Takes an argument of a command apart; a text is what is wrong with it. */
export function parseTemplate(argument: string): readonly TemplatePart[] | string {
  const parts: TemplatePart[] = [];
  for (const [whole, name] of argument.matchAll(PART)) {
    if (name !== undefined) {
      if (!Object.hasOwn(PLACEHOLDERS, name)) return `\`{${name}}\` is no placeholder`;
      parts.push({ placeholder: name as Placeholder });
    } else if (whole === "{" || whole === "}") return `\`${whole}\` stands alone`;
    else parts.push({ text: whole === "{{" || whole === "}}" ? whole.charAt(0) : whole });
  }
  const hasIndex = parts.some((part) => "placeholder" in part && part.placeholder === "workerIndex");
  return hasIndex && parts.length > 1 ? "`{workerIndex}` is an argument of its own" : parts;
}
