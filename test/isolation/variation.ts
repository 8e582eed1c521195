/** One way in which code asks for what differs between runs or machines. */
export interface Source {
  /** Name of the experiment. */
  readonly name: string;
  /** An expression or statement; `«` and `»` mark where the refusal is told. */
  readonly code: string;
  /** What the finding says was used. */
  readonly what: string;
  readonly imports?: string;
}

/** All that is refused, each in one line. */
export const SOURCES: readonly Source[] = [
  { name: "date-now", code: "«Date.now()»", what: "Date.now" },
  { name: "new-date", code: "«new Date()»", what: "new Date()" },
  { name: "date-call", code: "«Date()»", what: "Date()" },
  { name: "date-local", code: "«new Date(0).getHours()»", what: "Date.prototype.getHours" },
  { name: "performance-now", code: "«performance.now()»", what: "performance" },
  { name: "process-env", code: "«process».env", what: "process" },
  { name: "process-pid", code: "globalThis.process.«pid»", what: "process" },
  { name: "process-argv", code: "const { process } = globalThis; process.«argv»", what: "process" },
  { name: "random-uuid", code: "«crypto.randomUUID()»", what: "crypto" },
  { name: "random-values", code: "«crypto.getRandomValues(new Uint8Array(4))»", what: "crypto" },
  { name: "math-random", code: "«Math.random()»", what: "Math.random" },
  { name: "intl", code: "«new Intl.DateTimeFormat()»", what: "Intl.DateTimeFormat" },
  { name: "intl-call", code: "«Intl.NumberFormat()»", what: "Intl.NumberFormat" },
  { name: "locale-string", code: "«(1234.5).toLocaleString()»", what: "Number.prototype.toLocaleString" },
  { name: "locale-compare", code: `«"a".localeCompare("b")»`, what: "String.prototype.localeCompare" },
  { name: "import-meta", code: "import.meta.«url»", what: "import.meta.url" },
  { name: "require-call", code: `«require("node:fs")»`, what: "require" },
  { name: "computed-import", code: `await import(«["./", "x.ts"].join("")»)`, what: "import(computed)" },
  { name: "fetch-call", code: `void «fetch("http://localhost")»`, what: "fetch" },
  { name: "set-timeout", code: "«setTimeout(() => undefined, 1)»", what: "setTimeout" },
  { name: "set-interval", code: "«setInterval(() => undefined, 1)»", what: "setInterval" },
  { name: "weak-ref", code: "«new WeakRef({})»", what: "WeakRef" },
  { name: "finalization", code: "«new FinalizationRegistry(() => undefined)»", what: "FinalizationRegistry" },
  { name: "atomics-wait", code: "«Atomics.wait(new Int32Array(4), 0, 0, 1)»", what: "Atomics.wait" },
  {
    name: "shared-memory",
    code: "«new SharedArrayBuffer(8)»",
    what: "SharedArrayBuffer",
  },
  {
    name: "path-resolve",
    code: `«path.resolve("data")»`,
    what: "node:path.resolve of relative paths",
    imports: `import path from "node:path";`,
  },
  {
    name: "path-relative",
    code: `«relative("/data", "data")»`,
    what: "node:path.relative to the working folder",
    imports: `import { relative } from "node:path";`,
  },
  {
    name: "file-url",
    code: `«pathToFileURL("data")»`,
    what: "node:url.pathToFileURL",
    imports: `import { pathToFileURL } from "node:url";`,
  },
  {
    name: "parse-args",
    code: `«parseArgs({ strict: false })»`,
    what: "node:util.parseArgs",
    imports: `import { parseArgs } from "node:util";`,
  },
  {
    name: "exec-path",
    code: `«execPath.trim()»`,
    what: "node:process.execPath",
    imports: `import { execPath } from "node:process";`,
  },
  { name: "os-hostname", code: "«os.hostname()»", what: "node:os.hostname", imports: `import os from "node:os";` },
  {
    name: "fs-read",
    code: `«readFileSync("/etc/hostname")»`,
    what: "node:fs.readFileSync",
    imports: `import { readFileSync } from "node:fs";`,
  },
  {
    name: "net-socket",
    code: `«net.connect(80)»`,
    what: "node:net.connect",
    imports: `import net from "node:net";`,
  },
  {
    name: "http-server",
    code: `«http.createServer()»`,
    what: "node:http.createServer",
    imports: `import * as http from "http";`,
  },
  {
    name: "child-process",
    code: `«execSync("id")»`,
    what: "node:child_process.execSync",
    imports: `import { execSync } from "node:child_process";`,
  },
  {
    name: "worker-threads",
    code: `«new Worker("x.js")»`,
    what: "node:worker_threads.Worker",
    imports: `import { Worker } from "node:worker_threads";`,
  },
  {
    name: "node-process",
    code: `env.«HOME»`,
    what: "node:process.env",
    imports: `import { env } from "node:process";`,
  },
  {
    name: "node-crypto",
    code: `«randomUUID()»`,
    what: "node:crypto.randomUUID",
    imports: `import { randomUUID } from "node:crypto";`,
  },
  {
    name: "node-timers",
    code: `«setTimeout(() => undefined, 1)»`,
    what: "node:timers.setTimeout",
    imports: `import { setTimeout } from "node:timers";`,
  },
];
