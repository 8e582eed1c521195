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

/** Everything that is shared between experiments and can be changed. */
const all: Protected[] = [];
const known = new WeakSet<object>();

function protect(target: object, name: string): void {
  if (known.has(target)) return;
  known.add(target);
  preventExtensions(target);
  const keys = ownKeys(target);
  // What can't be deleted or redefined can be put back by writing it.
  for (const key of keys) {
    if (typeof key === "string" && !WATCHED_BY_V8.has(key)) defineProperty(target, key, { configurable: false });
  }
  all.push({ target, name, keys, descriptors: keys.map((key) => getOwnPropertyDescriptor(target, key) ?? {}) });
}

/** A setting of a module, such as how many listeners are too many: a getter and a setter, and the value behind them. */
interface Setting {
  readonly target: object;
  readonly key: PropertyKey;
  readonly name: string;
  readonly value: unknown;
}

const settings: Setting[] = [];

/** Remembers what stands behind the settings of a function. What is an object is changed in place, and watched like others. */
function protectSettings(target: object, name: string): void {
  for (const key of ownKeys(target)) {
    const { get, set } = getOwnPropertyDescriptor(target, key) ?? {};
    if (get === undefined || set === undefined) continue;
    const value: unknown = get.call(target);
    const whole = `${name}.${toText(key)}`;
    if (typeof value === "object" && value !== null) protect(value, whole);
    else settings.push({ target, key, name: whole, value });
  }
}

/**
 * Closes functions of a module of Node, and what they construct, to additions: each exists once a thread. What is changed is put
 * back like built-in objects are.
 * @param name as messages call the module
 */
export function protectMembers(name: string, members: Readonly<Record<string, unknown>>): void {
  for (const [key, member] of Object.entries(members)) {
    if (typeof member === "object" && member !== null) protect(member, `${name}.${key}`);
    if (typeof member !== "function" || known.has(member)) continue;
    protect(member, `${name}.${key}`);
    protectSettings(member, `${name}.${key}`);
    const { prototype } = member as { readonly prototype?: unknown };
    if (typeof prototype === "object" && prototype !== null) protect(prototype, `${name}.${key}.prototype`);
  }
}

/**
 * Closes the built-in objects of the thread itself to additions: objects of the library lead to them.
 * @returns puts back what was changed since, and tells what.
 */
export function protectIntrinsics(): () => readonly string[] {
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
    for (let index = 0; index < settings.length; index += 1) {
      const { target, key, name, value } = settings[index] as Setting;
      if (is((target as Record<PropertyKey, unknown>)[key], value)) continue;
      (target as Record<PropertyKey, unknown>)[key] = value;
      changed[changed.length] = name;
    }
    return changed;
  };
}
