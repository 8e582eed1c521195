/**
 * Program of a suite's workers: `node -e TEXT -- MODE ...`. It tells by its output what it was given, and by files in a folder which
 * processes it started.
 */
export const WORKER = `
const { spawn } = require("node:child_process");
const { createHash } = require("node:crypto");
const { existsSync, writeFileSync, writeSync } = require("node:fs");
const { join } = require("node:path");
const [mode, ...rest] = process.argv.slice(1);
const ascii = (value) => JSON.stringify(value).replace(/[^ -~]/g, (c) => "\\\\u" + c.charCodeAt(0).toString(16).padStart(4, "0"));
const mark = (folder, pid) => writeFileSync(join(folder, String(pid)), "");
// When the suite took the folder away, nobody wants the process any more.
const stay = (folder) => setInterval(() => existsSync(folder) || process.exit(), 500);
const MARKER = "const{existsSync,writeFileSync}=require('node:fs');const[,folder]=process.argv;" +
  "writeFileSync(require('node:path').join(folder,String(process.pid)),'');setInterval(()=>existsSync(folder)||process.exit(),500)";
const modes = {
  tell() {
    const hashes = Object.entries(process.env).map(([name, value]) => [name, createHash("sha256").update(value).digest("hex")]);
    console.log(ascii({ argv: rest, env: Object.fromEntries(hashes) }));
  },
  // A process of its group, one of a session of its own, and one whose parent has ended.
  sleep(folder) {
    const quiet = { stdio: "ignore" };
    console.log("up");
    mark(folder, process.pid);
    spawn(process.execPath, ["-e", MARKER, folder], quiet);
    spawn(process.execPath, ["-e", MARKER, folder], { ...quiet, detached: true }).unref();
    const between = "require('node:child_process').spawn(process.execPath,['-e',process.argv[1],process.argv[2]],{detached:true,stdio:'ignore'}).unref()";
    spawn(process.execPath, ["-e", between, MARKER, folder], { ...quiet, detached: true }).unref();
    stay(folder);
  },
  wait(folder) {
    console.log("up");
    mark(folder, process.pid);
    stay(folder);
  },
  exit(code) {
    process.exitCode = Number(code);
  },
  signal(name) {
    process.kill(process.pid, name);
    setInterval(() => undefined, 1e6);
  },
  print(index) {
    const out = (bytes) => {
      for (let at = 0; at < bytes.length; ) at += writeSync(1, bytes, at);
    };
    out(Buffer.from("first of " + index + "\\n\\n"));
    out(Buffer.from("x".repeat(65536) + "\\n"));
    out(Buffer.from("\\u00e4\\u6e2c\\ud83e\\udd89".repeat(30000) + "\\n"));
    out(Buffer.from([0x61, 0xff, 0xfe, 0x62, 0x0a]));
    out(Buffer.from("one\\u2028line\\n"));
    for (let line = 0; line < 1000; line += 1) out(Buffer.from("line " + line + "\\n"));
    out(Buffer.from("without an end"));
  },
  drip(index) {
    let line = 0;
    const timer = setInterval(() => {
      console.log("drop " + line);
      line += 1;
      if (line === 10) clearInterval(timer);
    }, 50);
  },
};
modes[mode](...rest);
`;

/** Lines that `print` prints. */
export function printedLines(index: number): readonly string[] {
  return [
    `first of ${index}`,
    "",
    "x".repeat(65_536),
    "ä測🦉".repeat(30_000),
    "a\uFFFD\uFFFDb",
    "one\u2028line",
    ...Array.from({ length: 1000 }, (_, line) => `line ${line}`),
    "without an end",
  ];
}
