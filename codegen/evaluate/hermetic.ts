/** What a context reports to its host. */
export interface ContextHooks {
  /** Bytes of array buffers that may still be allocated; the context counts down. */
  readonly buffers: { left: number };
  readonly print: (text: string) => void;
  /** Names that are absent. */
  readonly absent: ReadonlySet<string>;
  /** Somebody asked the global object for an absent name, which is `undefined`; with the stack of who did. */
  readonly missed: (name: string, stack: string) => void;
  /** The time for whoever a stack shows; `null` where it is refused. */
  readonly now: (stack: string) => number | null;
  /** Functions of reflect-metadata, which emitted decorators look for. */
  readonly reflect: Readonly<Record<string, unknown>>;
}

/** What a context gives its host. */
export interface ContextTools {
  /** Makes a function that refuses to run. */
  readonly deny: (what: string) => (...args: never[]) => never;
  /** Names of built-in members that are no longer what they were. */
  readonly changed: () => readonly string[];
}

/** Property of errors that a refusal throws: what was refused. */
export const DENIED = "assayDenied";
/** Property of errors that too large an allocation throws. */
export const TOO_LARGE = "assayTooLarge";

/** Globals of Node and of browsers that are absent. Using one is a `ReferenceError`, which is told as a refusal. */
export const ABSENT: ReadonlySet<string> = new Set(
  (
    "process require module exports __dirname __filename global window self navigator document location fetch Request " +
    "Response Headers FormData WebSocket EventSource XMLHttpRequest setTimeout setInterval setImmediate clearTimeout " +
    "clearInterval clearImmediate queueMicrotask performance crypto Crypto Buffer Blob File structuredClone " +
    "MessageChannel MessagePort BroadcastChannel AbortController AbortSignal Event EventTarget TextEncoder TextDecoder " +
    "URL URLSearchParams WebAssembly SharedArrayBuffer atob btoa localStorage sessionStorage"
  ).split(" "),
);

/**
 * Makes a context hermetic. Runs inside of it: the function's text is compiled there, so it uses nothing of this module.
 *
 * Globals of Node are simply absent, so that packages which look whether they are there (`typeof process`) go the way that needs
 * none. What is part of the language and differs between runs or machines (clock, randomness, locale, time zone) is there
 * and refuses when it is called. Built-in objects are not extensible rather than frozen: an object whose prototype is frozen
 * can't get an own property of the same name by assignment, which ordinary packages do.
 */
export function installHermetic(hooks: ContextHooks): ContextTools {
  const { buffers, print, absent, missed, now, reflect } = hooks;
  const Failure = Error;
  const g = globalThis as unknown as Record<string, unknown>;
  const define = (target: object, key: PropertyKey, value: unknown): void => {
    const old = Object.getOwnPropertyDescriptor(target, key);
    Object.defineProperty(target, key, {
      value,
      writable: true,
      configurable: true,
      enumerable: old?.enumerable ?? false,
    });
  };
  const refuse = (what: string, error: Error = new Error(`${what} is denied`)): never => {
    Object.defineProperty(error, "assayDenied", { value: what });
    throw error;
  };
  const deny = (what: string) =>
    function denied(): never {
      return refuse(what);
    };
  const denyMethods = (target: object, names: readonly PropertyKey[], shown: (name: string) => string): void => {
    for (const name of names) {
      if (Object.getOwnPropertyDescriptor(target, name) !== undefined) {
        define(target, name, deny(shown(typeof name === "symbol" ? "[Symbol.toPrimitive]" : String(name))));
      }
    }
  };

  for (const name of ["WebAssembly", "SharedArrayBuffer", "escape", "unescape"]) {
    if (name === "WebAssembly" || name === "SharedArrayBuffer") delete g[name];
  }

  // Clock, time zone and locale.
  const NativeDate = Date;
  const isAbsolute = (text: string): boolean =>
    /^\d{4}(-\d\d(-\d\d)?)?$/.test(text.trim()) || /(Z|GMT|UTC|[+-]\d\d:?\d\d)\s*$/i.test(text);
  const local = NativeDate.prototype;
  denyMethods(
    local,
    (
      "getDate getDay getFullYear getHours getMilliseconds getMinutes getMonth getSeconds getYear getTimezoneOffset setDate " +
      "setFullYear setHours setMilliseconds setMinutes setMonth setSeconds setYear toString toDateString toTimeString " +
      "toLocaleString toLocaleDateString toLocaleTimeString"
    ).split(" "),
    (name) => `Date.prototype.${name}`,
  );
  const parse = NativeDate.parse;
  const GuardedDate: DateConstructor = new Proxy(NativeDate, {
    apply: () => refuse("Date()"),
    construct(target, args, newTarget) {
      if (args.length === 0) refuse("new Date()");
      if (args.length > 1) refuse("new Date(year, month, ...)");
      if (typeof args[0] === "string" && !isAbsolute(args[0])) refuse("new Date(local time)");
      return Reflect.construct(target, args, newTarget === GuardedDate ? target : newTarget) as object;
    },
  });
  define(NativeDate, "now", () => now(new Failure().stack ?? "") ?? refuse("Date.now"));
  define(NativeDate, "parse", (text: unknown) =>
    isAbsolute(String(text)) ? parse(String(text)) : refuse("Date.parse"),
  );
  define(local, "constructor", GuardedDate);
  define(g, "Date", GuardedDate);
  define(Math, "random", deny("Math.random"));
  const intl = Intl as unknown as Record<string, unknown>;
  denyMethods(Intl, Object.getOwnPropertyNames(intl), (name) => `Intl.${name}`);
  denyMethods(
    String.prototype,
    ["localeCompare", "toLocaleLowerCase", "toLocaleUpperCase"],
    (name) => `String.prototype.${name}`,
  );
  for (const [name, target] of [
    ["Number", Number.prototype],
    ["BigInt", BigInt.prototype],
    ["Array", Array.prototype],
    ["TypedArray", Object.getPrototypeOf(Uint8Array.prototype) as object],
  ] as const) {
    denyMethods(target, ["toLocaleString"], () => `${name}.prototype.toLocaleString`);
  }

  // When memory is reclaimed, and when others write to it, is chance.
  for (const name of ["WeakRef", "FinalizationRegistry"]) define(g, name, deny(name));
  denyMethods(Atomics, ["wait", "waitAsync", "notify"], (name) => `Atomics.${name}`);

  // Buffers lie outside of the heap: a worker's limits don't count them.
  const take = (bytes: number): void => {
    if (!(bytes > 0)) return;
    buffers.left -= bytes;
    if (buffers.left >= 0) return;
    const error = new RangeError("too many array buffers");
    Object.defineProperty(error, "assayTooLarge", { value: true });
    throw error;
  };
  const NativeBuffer = ArrayBuffer;
  const guardBuffers = <T extends new (...args: never[]) => object>(
    name: string,
    Native: T,
    bytesOf: (args: readonly unknown[]) => number,
  ): void => {
    const Guarded: T = new Proxy(Native, {
      construct(target, args, newTarget) {
        take(bytesOf(args));
        return Reflect.construct(target, args, newTarget === Guarded ? target : newTarget) as object;
      },
    });
    define(Native.prototype as object, "constructor", Guarded);
    define(g, name, Guarded);
  };
  for (const name of (
    "Int8Array Uint8Array Uint8ClampedArray Int16Array Uint16Array Int32Array Uint32Array Float32Array Float64Array " +
    "BigInt64Array BigUint64Array"
  ).split(" ")) {
    const Native = g[name] as Uint8ArrayConstructor;
    guardBuffers(name, Native, ([first]) => {
      if (typeof first === "number") return first * Native.BYTES_PER_ELEMENT;
      if (first instanceof NativeBuffer || typeof first !== "object" || first === null) return 0;
      return Number((first as { readonly length?: number }).length ?? 0) * Native.BYTES_PER_ELEMENT;
    });
  }
  guardBuffers("ArrayBuffer", NativeBuffer, ([length, options]) =>
    Math.max(
      Number(length) || 0,
      Number((options as { readonly maxByteLength?: number } | undefined)?.maxByteLength) || 0,
    ),
  );
  for (const name of ["resize", "transfer", "transferToFixedLength"]) {
    const native = (NativeBuffer.prototype as unknown as Record<string, unknown>)[name] as
      | ((...args: unknown[]) => unknown)
      | undefined;
    if (native === undefined) continue;
    define(NativeBuffer.prototype, name, function guarded(this: unknown, ...args: unknown[]) {
      take(Number(args[0]) || 0);
      return native.apply(this, args);
    });
  }

  // Stacks show places of the project only, the same in every checkout.
  const isShown = (file: string | null | undefined): boolean =>
    typeof file === "string" && !file.startsWith("node:") && !file.startsWith("/") && !file.startsWith("file:");
  Object.defineProperty(Error, "prepareStackTrace", {
    value: (error: unknown, sites: readonly NodeJS.CallSite[]): string => {
      const lines = sites
        .filter((site) => isShown(site.getFileName()))
        .map((site) => {
          const name = site.getFunctionName();
          const place = `${site.getFileName()}:${site.getLineNumber()}:${site.getColumnNumber()}`;
          return name === null ? `    at ${place}` : `    at ${name} (${place})`;
        });
      let head = "Error";
      try {
        head = String(error);
      } catch {
        // An object whose text can't be made is an error all the same.
      }
      return [head, ...lines].join("\n");
    },
    writable: false,
    configurable: false,
  });

  const text = (value: unknown): string => {
    if (typeof value === "string") return value;
    if (typeof value === "function") return "[function]";
    try {
      return JSON.stringify(value) ?? String(value);
    } catch {
      return "[object]";
    }
  };
  const log = (...values: readonly unknown[]): void => print(`${values.map(text).join(" ")}\n`);
  define(
    g,
    "console",
    Object.fromEntries(
      (
        "log info warn error debug trace dir dirxml table group groupCollapsed groupEnd assert count countReset time timeEnd " +
        "timeLog clear"
      )
        .split(" ")
        .map((name) => [name, log]),
    ),
  );
  for (const [name, value] of Object.entries(reflect)) define(Reflect, name, value);

  // Nothing may be added to what the language brings, and what it brings must stay.
  const names = Object.getOwnPropertyNames(g).filter((name) => name !== "globalThis" && name !== "console");
  const seen = new Map<object, string>();
  const visit = (value: unknown, name: string): void => {
    if ((typeof value !== "object" && typeof value !== "function") || value === null || seen.has(value)) return;
    seen.set(value, name);
  };
  for (const name of names) {
    const value = g[name];
    visit(value, name);
    if (typeof value === "function") {
      const { prototype } = value as { readonly prototype?: unknown };
      visit(prototype, `${name}.prototype`);
      if (typeof prototype === "object" && prototype !== null)
        visit(Object.getPrototypeOf(prototype), `${name}.prototype`);
    }
  }
  for (const [name, value] of [
    ["Iterator.prototype", Object.getPrototypeOf(Object.getPrototypeOf([][Symbol.iterator]()))],
    ["Generator.prototype", Object.getPrototypeOf(function* () {}.prototype)],
    ["AsyncFunction.prototype", Object.getPrototypeOf(async () => {})],
  ] as const) {
    visit(value, name);
  }
  seen.delete(g as object);
  const { getOwnPropertyDescriptor, getPrototypeOf, is, preventExtensions, setPrototypeOf } = Object;
  const { get, ownKeys } = Reflect;
  const toText = String;
  const targets = [...seen.keys(), g as object];
  const shown = [...seen.values(), ""];
  const members = targets.map((target) => {
    if (target === g) return names as PropertyKey[];
    preventExtensions(target);
    return ownKeys(target);
  });
  const values = targets.map((target, index) =>
    (members[index] ?? []).map((key) => {
      const descriptor = getOwnPropertyDescriptor(target, key);
      return descriptor?.get ?? descriptor?.value;
    }),
  );
  // `process` is a `ReferenceError` by itself; `globalThis.process` is `undefined`, as it should be, but it is noted.
  setPrototypeOf(
    g,
    new Proxy(getPrototypeOf(g) as object, {
      get(target, key, receiver) {
        if (typeof key === "string" && absent.has(key)) missed(key, new Failure().stack ?? "");
        return get(target, key, receiver) as unknown;
      },
    }),
  );
  return {
    deny,
    // Nothing is called here that the author could have replaced.
    changed: () => {
      const found: string[] = [];
      for (let index = 0; index < targets.length; index += 1) {
        const target = targets[index] as object;
        const keys = members[index] as PropertyKey[];
        const expected = values[index] as unknown[];
        for (let position = 0; position < keys.length; position += 1) {
          const key = keys[position] as PropertyKey;
          const now = getOwnPropertyDescriptor(target, key);
          if (now !== undefined && is(now.get ?? now.value, expected[position])) continue;
          const owner = shown[index];
          found[found.length] = owner === "" ? toText(key) : `${owner}.${toText(key)}`;
        }
      }
      return found;
    },
  };
}
