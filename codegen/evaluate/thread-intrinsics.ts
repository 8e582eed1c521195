const NAMES = [
  "Object",
  "Function",
  "Array",
  "String",
  "Number",
  "Boolean",
  "Symbol",
  "Promise",
  "Map",
  "Set",
  "WeakMap",
  "RegExp",
  "Error",
  "JSON",
  "Math",
  "Reflect",
] as const;

/** V8 gives up faster ways for good once one of these, or a symbol, is touched. */
const WATCHED_BY_V8: ReadonlySet<string> = new Set(["constructor", "then", "resolve", "next", "exec", "flags"]);

// Nothing that an author could have replaced is called later.
const { getOwnPropertyDescriptor, getPrototypeOf, is, preventExtensions } = Object;
const { defineProperty, ownKeys } = Reflect;
const toText = String;

interface Protected {
  readonly target: object;
  readonly name: string;
  readonly keys: readonly PropertyKey[];
  readonly descriptors: readonly PropertyDescriptor[];
}

/**
 * Closes the built-in objects of the thread itself to additions: objects of the library lead to them.
 * @returns puts back what was changed since, and tells what.
 */
export function protectIntrinsics(): () => readonly string[] {
  const all: Protected[] = [];
  const protect = (target: object, name: string): void => {
    preventExtensions(target);
    const keys = ownKeys(target);
    // What can't be deleted or redefined can be put back by writing it.
    for (const key of keys) {
      if (typeof key === "string" && !WATCHED_BY_V8.has(key)) defineProperty(target, key, { configurable: false });
    }
    all.push({ target, name, keys, descriptors: keys.map((key) => getOwnPropertyDescriptor(target, key) ?? {}) });
  };
  for (const name of NAMES) {
    const value = (globalThis as unknown as Readonly<Record<string, object>>)[name] as object;
    // `Error` itself carries how stacks are made, which changes all the time.
    if (name !== "Error") protect(value, name);
    const { prototype } = value as { readonly prototype?: object };
    if (prototype !== undefined) protect(prototype, `${name}.prototype`);
  }
  protect(getPrototypeOf(getPrototypeOf([][Symbol.iterator]())) as object, "Iterator.prototype");
  return () => {
    const changed: string[] = [];
    for (let index = 0; index < all.length; index += 1) {
      const { target, name, keys, descriptors } = all[index] as Protected;
      for (let position = 0; position < keys.length; position += 1) {
        const key = keys[position] as PropertyKey;
        const before = descriptors[position] as PropertyDescriptor;
        const now = getOwnPropertyDescriptor(target, key);
        if (now !== undefined && is(now.value, before.value) && now.get === before.get) continue;
        defineProperty(target, key, before);
        changed[changed.length] = `${name}.${toText(key)}`;
      }
    }
    return changed;
  };
}
