import { createRequire } from "node:module";
import { posix } from "node:path";
import { protectMembers } from "./thread-intrinsics.ts";
import { pathModule, withoutMachine } from "./working-folder.ts";

const require = createRequire(import.meta.url);

/** Modules of Node whose answers depend on their arguments only. */
const PURE = [
  "url",
  "assert",
  "assert/strict",
  "util",
  "util/types",
  "string_decoder",
  "querystring",
  "punycode",
  "events",
];
/** What `crypto` has for hashing. */
const HASHING = ["createHash", "createHmac", "getHashes", "timingSafeEqual"];

/** What a context's tools give for making built-in modules. */
export interface BuiltinTools {
  readonly deny: (what: string) => (...args: never[]) => never;
  /** Takes bytes from what a job may allocate. */
  readonly take: (bytes: number) => void;
}

/** True for `node:fs` and for `fs`. */
export function isBuiltin(specifier: string): boolean {
  return specifier.startsWith("node:") || require("node:module").builtinModules.includes(specifier);
}

/**
 * A built-in module as author code sees it, by export name. Pure ones are there. Of all others the members are there, so that
 * code which merely imports them runs, and refuse when they are used.
 */
export function builtinModule(specifier: string, { deny, take }: BuiltinTools): Readonly<Record<string, unknown>> {
  const name = specifier.replace(/^node:/, "");
  if (name === "path" || name === "path/posix") {
    protectMembers("node:path", posix as unknown as Readonly<Record<string, unknown>>);
    return pathModule(deny);
  }
  if (PURE.includes(name)) {
    const real = require(`node:${name}`) as Readonly<Record<string, unknown>>;
    protectMembers(`node:${name}`, real);
    const members = withoutMachine(name, real, deny);
    // A module that is a function itself is that function.
    return { ...members, default: typeof real === "function" ? real : { ...members } };
  }
  if (name === "buffer") return buffers(take);
  const real = realModule(name);
  const refused = (key: string): unknown => FIXED[`${name}.${key}`] ?? refusing(`node:${name}`, key, real[key], deny);
  const allowed = name === "crypto" ? HASHING : [];
  if (name === "crypto") {
    const { Hash, Hmac } = real;
    protectMembers("node:crypto", { ...Object.fromEntries(HASHING.map((key) => [key, real[key]])), Hash, Hmac });
  }
  const members = Object.fromEntries(
    Object.keys(real).map((key) => [key, allowed.includes(key) ? real[key] : refused(key)]),
  );
  return { ...members, default: { ...members } };
}

/** Values of other modules that are asked for while packages are loaded, the same on every machine. */
const FIXED: Readonly<Record<string, string>> = { "os.EOL": "\n", "os.devNull": "/dev/null" };

/** A member that may be named and passed on, but not used. */
function refusing(module: string, key: string, real: unknown, deny: BuiltinTools["deny"]): unknown {
  const refuse = deny(`${module}.${key}`);
  if (typeof real === "function") return new Proxy(refuse, { construct: () => refuse() });
  if (real === undefined || real === null) return real;
  return new Proxy({}, { get: () => refuse(), has: () => refuse(), ownKeys: () => refuse() });
}

function realModule(name: string): Readonly<Record<string, unknown>> {
  try {
    return require(`node:${name}`) as Readonly<Record<string, unknown>>;
  } catch {
    return {};
  }
}

/** `buffer`, whose allocations count. */
function buffers(take: (bytes: number) => void): Readonly<Record<string, unknown>> {
  const real = require("node:buffer") as typeof import("node:buffer");
  const sized = (value: unknown): number =>
    typeof value === "number" ? value : Number((value as { readonly length?: number } | null)?.length ?? 0);
  const counted = new Set<PropertyKey>(["alloc", "allocUnsafe", "allocUnsafeSlow", "from", "concat"]);
  protectMembers("node:buffer", { Buffer: real.Buffer });
  const Guarded = new Proxy(real.Buffer, {
    get(target, key) {
      const member: unknown = Reflect.get(target, key);
      if (typeof member !== "function" || !counted.has(key)) return member;
      return (...args: readonly unknown[]): unknown => {
        const [first] = args;
        take(
          key === "concat"
            ? (first as readonly unknown[]).reduce<number>((sum, one) => sum + sized(one), 0)
            : sized(first),
        );
        return Reflect.apply(member, target, args);
      };
    },
    construct(target, args) {
      take(sized(args[0]));
      return Reflect.construct(target, args) as object;
    },
  });
  const { Buffer: _buffer, ...rest } = real;
  const members = { constants: rest.constants, kMaxLength: rest.kMaxLength, Buffer: Guarded };
  return { ...members, default: members };
}
