/** Symbol on a prototype under which `@Option()` notes the names of its properties. */
const OPTIONS: unique symbol = Symbol.for("assay.options") as never;

/**
 * Makes a property an option: presets, overrides and command lines may set it, lists and help show its doc comment.
 * The initialiser is the default; `name!: T` without one is required. In the doc comment, `@range >= 1` bounds numbers and
 * `@launch` marks what only a launcher reads.
 */
export function Option(): (target: object, key: string) => void {
  return (target, key) => {
    if (!Object.hasOwn(target, OPTIONS)) Object.defineProperty(target, OPTIONS, { value: new Set<string>() });
    (target as { readonly [OPTIONS]: Set<string> })[OPTIONS].add(key);
  };
}

/** Names of an instance's options: a base class's first, in the order of their declaration. */
export function optionKeys(instance: object): readonly string[] {
  const chain: Set<string>[] = [];
  for (
    let proto: object | null = Object.getPrototypeOf(instance);
    proto !== null;
    proto = Object.getPrototypeOf(proto)
  ) {
    if (Object.hasOwn(proto, OPTIONS)) chain.unshift((proto as { readonly [OPTIONS]: Set<string> })[OPTIONS]);
  }
  return [...new Set(chain.flatMap((keys) => [...keys]))];
}
